/// What a manifest says, and a summary repeats.
struct ExportedDay: Hashable {
    var day: UTCDay
    var isComplete: Bool
    var logIdentity: [UInt8]
    var firstSequence: Int128?
    var lastSequence: Int128?
    var previousLastSequence: Int128?

    /// Why a file does not say what it must, in words.
    struct Problem: Error {
        var description: String
    }

    /// The members that both files have.
    init(_ members: [[UInt8]: JSONScan.Value]) throws(Problem) {
        func wrong(_ name: String) -> Problem {
            Problem(description: "\(name) is missing or of a wrong kind")
        }
        func sequence(_ name: String) throws(Problem) -> Int128? {
            switch members[Array(name.utf8)] {
            case .integer(let value): return value
            case .null: return nil
            default: throw wrong(name)
            }
        }
        guard case .integer(let format) = members[Array("format".utf8)] else {
            throw wrong("format")
        }
        guard format == Int128(Exporter.formatNumber) else {
            throw Problem(description: "format \(format) is unknown")
        }
        guard case .text(let dayText) = members[Array("day".utf8)] else { throw wrong("day") }
        guard case .bool(let complete) = members[Array("complete".utf8)] else {
            throw wrong("complete")
        }
        guard case .text(let identity) = members[Array("logIdentity".utf8)] else {
            throw wrong("logIdentity")
        }
        guard let day = try? UTCDay(parsing: String(decoding: dayText, as: UTF8.self)) else {
            throw Problem(description: "day is not a day, written YYYY-MM-DD")
        }
        self.day = day
        isComplete = complete
        logIdentity = identity
        firstSequence = try sequence("firstSequence")
        lastSequence = try sequence("lastSequence")
        previousLastSequence = try sequence("previousLastSequence")
    }

    /// The number of its records; nil where its sequences contradict each other.
    var eventCount: Int128? {
        guard let firstSequence, let lastSequence else {
            return firstSequence == nil && lastSequence == nil ? 0 : nil
        }
        let (before, isBeyond) = (previousLastSequence ?? -1).addingReportingOverflow(1)
        guard !isBeyond, before == firstSequence, firstSequence <= lastSequence else { return nil }
        let (span, isTooLarge) = lastSequence.subtractingReportingOverflow(firstSequence)
        let (count, overflow) = span.addingReportingOverflow(1)
        if isTooLarge { return nil }
        return overflow ? nil : count
    }

    /// Whether a folder of this path is one of its own; one whose name is of no day may be any.
    func mayStand(in path: String) -> Bool {
        let parts = path.split(separator: "/").suffix(3).map { Array($0.utf8) }
        guard parts.count == 3, parts[0].count >= 4, parts[1].count == 2, parts[2].count >= 2
        else { return true }
        let digits = Array(parts[0].suffix(4)) + parts[1] + Array(parts[2].prefix(2))
        guard digits.allSatisfy(Self.isDigit) else { return true }
        let suffix = Array(parts[2].dropFirst(2))
        let mark = Array(".incomplete-".utf8)
        let end = Array(suffix.dropFirst(mark.count))
        let isIncomplete =
            suffix.starts(with: mark) && end.count == 20 && end.allSatisfy(Self.isDigit)
        guard suffix.isEmpty || isIncomplete else { return true }
        guard digits == day.description.utf8.filter({ $0 != UInt8(ascii: "-") }) else {
            return false
        }
        if isIncomplete, let lastSequence,
            Int128(String(decoding: end, as: UTF8.self)) != lastSequence
        {
            return false
        }
        return isComplete == !isIncomplete
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Why it does not continue an earlier, whole day; nil where it does.
    func problem(after before: ExportedDay) -> String? {
        guard logIdentity == before.logIdentity else {
            return "it is of another log than \(before.day)"
        }
        let end = before.lastSequence ?? before.previousLastSequence ?? -1
        let start = previousLastSequence ?? -1
        let isNext = day.number - before.day.number <= 1
        guard start < end || (isNext && start != end) else { return nil }
        return "it follows on \(start), but \(before.day) ends at \(end)"
    }
}
