/// The ISA segment of an interchange.
///
/// It is 106 bytes long, with its separators at fixed places. Where an element is longer or shorter
/// than it must be, but sixteen separators and a terminator are found all the same, it is read by
/// the separators and `irregular` names the first such element, so that it can be answered.
public struct InterchangeHeader: Equatable, Sendable {
    /// The widths of ISA01 to ISA16.
    static let widths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]
    /// How long a segment is: `ISA`, a separator and an element sixteen times, the terminator.
    public static let byteCount = 106
    /// How far separators are looked for where they are not in their places.
    static let byteCountMax = 256

    /// ISA01 to ISA16 as they stand, padding and all.
    public let elements: [String]
    /// What the segment declares.
    public let delimiters: X12Delimiters
    /// Where it starts in what was read, in bytes.
    public let offset: Int
    /// The first element whose width is wrong.
    public let irregular: Int?
    /// How long it is, its terminator included.
    let headerByteCount: Int

    /// Element `ISA` + `number`, without the spaces around it.
    public func trimmed(_ number: Int) -> String {
        let text = elements[number - 1].utf8
        var slice = text[...]
        while slice.last == 0x20 { slice.removeLast() }
        while slice.first == 0x20 { slice.removeFirst() }
        return String(decoding: Array(slice), as: UTF8.self)
    }

    /// ISA13; one that is too short has zeros before it, since a TA1 must repeat nine digits.
    public var controlNumber: String {
        let digits = elements[12].utf8
        guard digits.count < 9, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return elements[12]
        }
        return String(repeating: "0", count: 9 - digits.count) + elements[12]
    }

    /// Whether a TA1 can answer it: in one with a damaged separator the elements are shifted, and
    /// at most one of date, time and number looks as it should.
    var isAnswerable: Bool {
        if irregular == nil { return true }
        let widths = [(elements[8], 6), (elements[9], 4), (controlNumber, 9)]
        let odd = widths.filter { text, width in
            text.utf8.count != width || !text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                || text.utf8.allSatisfy { $0 == 0x30 } && width == 9
        }
        return odd.count < 2
    }

    enum Outcome {
        case header(InterchangeHeader)
        /// More bytes may make it one.
        case tooShort
        /// No ISA segment stands here.
        case none
    }

    /// Reads a header at the start of `bytes`.
    static func read(_ bytes: Span<UInt8>, offset: Int) -> Outcome {
        for (index, letter) in [UInt8(ascii: "I"), UInt8(ascii: "S"), UInt8(ascii: "A")]
            .enumerated()
        {
            guard index < bytes.count else { return .tooShort }
            guard bytes[index] == letter else { return .none }
        }
        guard bytes.count >= byteCount else { return .tooShort }
        let separator = bytes[3]
        var places: [Int] = []
        var place = 3
        for width in widths where bytes[place] == separator {
            places.append(place)
            place += width + 1
        }
        if places.count == widths.count { return header(bytes, places, offset, irregular: nil) }
        places = []
        for index in 3..<min(bytes.count, byteCountMax) where places.count < widths.count {
            if bytes[index] == separator { places.append(index) }
        }
        let end = (places.last ?? 0) + 3
        guard places.count == widths.count, end <= byteCountMax, X12Delimiters.isUsable(separator)
        else { return bytes.count < byteCountMax ? .tooShort : .none }
        guard end <= bytes.count else { return .tooShort }
        let wrong = zip(places.indices.dropLast(), widths).first {
            places[$0 + 1] - places[$0] - 1 != $1
        }
        return header(bytes, places, offset, irregular: wrong.map { $0.0 + 1 })
    }

    private static func header(
        _ bytes: Span<UInt8>, _ places: [Int], _ offset: Int, irregular: Int?
    ) -> Outcome {
        let last = places[widths.count - 1]
        let elements = places.indices.map { index in
            let end = index + 1 < places.count ? places[index + 1] : last + 2
            var text: [UInt8] = []
            for place in (places[index] + 1)..<end { text.append(bytes[place]) }
            return String(decoding: text, as: UTF8.self)
        }
        let repetition = places[11] - places[10] > 1 ? bytes[places[10] + 1] : 0
        return .header(
            InterchangeHeader(
                elements: elements,
                delimiters: X12Delimiters(
                    element: bytes[3], repetition: repetition, component: bytes[last + 1],
                    terminator: bytes[last + 2]),
                offset: offset, irregular: irregular, headerByteCount: last + 3))
    }
}
