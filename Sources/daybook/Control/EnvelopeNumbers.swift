import Engine
import X12

/// Numbers that stand in a file, and the names that their allocator may have.
struct FoundNumbers {
    var names: [String]
    var first: UInt64
    var count: UInt64
    var generation: UInt64 = 0

    /// As the API takes them.
    var body: [String: any Sendable] {
        var item: [String: any Sendable] = [
            "allocator": names[0], "first": first, "count": count,
        ]
        // Else the present one is meant.
        if generation != 0 { item["generation"] = generation }
        return item
    }
}

/// The control numbers of an interchange, read from its envelopes.
struct EnvelopeNumbers {
    /// A functional group.
    struct Group {
        let functionalId: String
        let sender: String
        let receiver: String
        let number: UInt64?
        /// ST02 of its sets, where they are numbers.
        var sets: [UInt64] = []
    }

    /// ISA05 and ISA06 as `QUALIFIER:ID`.
    let sender: String
    /// ISA07 and ISA08.
    let receiver: String
    let number: UInt64?
    var groups: [Group] = []
    /// Whether its trailer is there.
    var isWhole = false

    /// The interchanges of a file.
    static func read(_ path: String) throws -> [EnvelopeNumbers] {
        var parser = X12Parser()
        var sink = EnvelopeSink()
        try X12File.read(path) { parser.consume($0, into: &sink) }
        parser.finish(into: &sink)
        return sink.interchanges
    }

    /// The numbers, with what their allocators may be called: by identifiers with their qualifiers,
    /// or without; and groups by GS02 and GS03, too.
    func numbers(partner: String, type: String) -> [FoundNumbers] {
        let pairs = [[sender, receiver], [Self.bare(sender), Self.bare(receiver)]]
        var found: [FoundNumbers] = []
        if let number {
            found.append(
                FoundNumbers(
                    names: pairs.map { NumberRequest.name(.interchange, $0) }, first: number,
                    count: 1))
        }
        for group in groups {
            if let number = group.number {
                let names = (pairs + [[group.sender, group.receiver]]).map {
                    NumberRequest.name(.group, $0 + [group.functionalId])
                }
                found.append(FoundNumbers(names: names, first: number, count: 1))
            }
            guard !partner.isEmpty, !type.isEmpty else { continue }
            for set in group.sets {
                if let last = found.indices.last, found[last].names[0].hasPrefix("ST/"),
                    found[last].first + found[last].count == set
                {
                    found[last].count += 1
                } else {
                    found.append(
                        FoundNumbers(
                            names: [NumberRequest.name(.set, [partner, type])], first: set,
                            count: 1))
                }
            }
        }
        return found
    }

    private static func bare(_ name: String) -> String {
        String(name.drop { $0 != ":" }.dropFirst())
    }
}

/// Gathers the envelopes.
private struct EnvelopeSink: X12Sink {
    private(set) var interchanges: [EnvelopeNumbers] = []

    mutating func begin(_ header: InterchangeHeader) {
        interchanges.append(
            EnvelopeNumbers(
                sender: "\(header.trimmed(5)):\(header.trimmed(6))",
                receiver: "\(header.trimmed(7)):\(header.trimmed(8))",
                number: UInt64(header.controlNumber)))
    }

    mutating func segment(_ segment: borrowing X12Segment) {
        let last = interchanges.count - 1
        switch segment.text(0) {
        case "GS":
            interchanges[last].groups.append(
                EnvelopeNumbers.Group(
                    functionalId: segment.text(1), sender: segment.text(2),
                    receiver: segment.text(3), number: UInt64(segment.text(6))))
        case "ST":
            guard let number = UInt64(segment.text(2)),
                let group = interchanges[last].groups.indices.last
            else { return }
            interchanges[last].groups[group].sets.append(number)
        default: break
        }
    }

    mutating func end(_ end: InterchangeEnd) {
        interchanges[interchanges.count - 1].isWhole = end == .trailer
    }

    mutating func unreadable(offset: Int) {}
}
