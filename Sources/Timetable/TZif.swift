/// A reader for the TZif format, RFC 8536, versions 1 to 4.
///
/// It trusts nothing: every count is tested against the bytes that are there before anything is
/// allocated, and the result is bounded by the size of the input.
struct TZif {
    private let name: String
    private let bytes: [UInt8]

    /// Instants fit `Int64` microseconds within this many seconds of 1970; changes outside do
    /// not matter to anyone (some files begin with one at the Big Bang, -2^59).
    private static let secondsMax: Int64 = 9_000_000_000_000

    private struct Header {
        var version: UInt8
        var utcCount: Int
        var standardCount: Int
        var leapCount: Int
        var timeCount: Int
        var typeCount: Int
        var characterCount: Int

        func bodyByteCount(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + characterCount
                + leapCount * (timeSize + 4) + standardCount + utcCount
        }
    }

    private static let headerByteCount = 44

    /// Reads the bytes of a zone file into a table.
    static func parse(_ bytes: [UInt8], name: String) throws(TimetableError) -> ZoneTable {
        try TZif(name: name, bytes: bytes).table()
    }

    private func fault(_ what: String, at offset: Int) -> TimetableError {
        TimetableError(
            .invalidZoneData,
            "the data of zone \(quoted(name)) break RFC 8536 at byte \(offset): \(what). "
                + "Install the tzdata package again.",
            field: "zone")
    }

    private func table() throws(TimetableError) -> ZoneTable {
        let first = try header(at: 0)
        guard first.version != 0 else {
            return try table(first, body: TZif.headerByteCount, timeSize: 4)
        }
        // From version 2 on, a second block with 64-bit times follows the 32-bit one.
        let second = TZif.headerByteCount + first.bodyByteCount(timeSize: 4)
        let header = try header(at: second)
        return try table(header, body: second + TZif.headerByteCount, timeSize: 8)
    }

    private func header(at offset: Int) throws(TimetableError) -> Header {
        guard bytes.count - offset >= TZif.headerByteCount else {
            throw fault("the file ends within a header", at: bytes.count)
        }
        guard bytes[offset..<offset + 4].elementsEqual("TZif".utf8) else {
            throw fault("the letters TZif are missing, so this is no zone file", at: offset)
        }
        let version = bytes[offset + 4]
        guard version == 0 || version >= UInt8(ascii: "2") else {
            throw fault("version \(version) is unknown", at: offset + 4)
        }
        func count(_ index: Int) -> Int { Int(integer(at: offset + 20 + index * 4, size: 4)) }
        // Counts are unsigned; `integer` sign-extends, so that a huge one becomes negative.
        let counts = (0..<6).map(count)
        guard counts.allSatisfy({ $0 >= 0 && $0 <= bytes.count }) else {
            throw fault("a count is greater than the file", at: offset + 20)
        }
        guard counts[4] >= 1, counts[4] <= 256 else {
            throw fault("there must be 1 to 256 local time types", at: offset + 36)
        }
        return Header(
            version: version, utcCount: counts[0], standardCount: counts[1],
            leapCount: counts[2], timeCount: counts[3], typeCount: counts[4],
            characterCount: counts[5])
    }

    /// A big-endian two's complement number; the caller has tested the bounds.
    private func integer(at offset: Int, size: Int) -> Int64 {
        var value: UInt64 = 0
        for index in offset..<offset + size { value = value << 8 | UInt64(bytes[index]) }
        let shift = UInt64(64 - size * 8)
        return Int64(bitPattern: value << shift) >> shift
    }

    private func table(
        _ header: Header, body: Int, timeSize: Int
    ) throws(TimetableError) -> ZoneTable {
        let end = body + header.bodyByteCount(timeSize: timeSize)
        guard end <= bytes.count else {
            throw fault("the file ends within its data", at: bytes.count)
        }
        guard header.leapCount == 0 else {
            throw TimetableError(
                .invalidZoneData,
                "zone \(quoted(name)) counts leap seconds, which Daybook does not. "
                    + "Use the name without 'right/'.",
                field: "zone")
        }
        let indices = body + header.timeCount * timeSize
        let types = indices + header.timeCount
        var offsets: [Int] = []
        for type in 0..<header.typeCount {
            let offset = Int(integer(at: types + type * 6, size: 4))
            guard (-93_599...93_599).contains(offset) else {
                throw fault("an offset of \(offset) s is out of range", at: types + type * 6)
            }
            offsets.append(offset)
        }
        var initialOffset = offsets[0]
        var changes: [(start: Int64, offset: Int)] = []
        var previous = Int64.min
        for index in 0..<header.timeCount {
            let start = integer(at: body + index * timeSize, size: timeSize)
            guard start > previous || index == 0 else {
                throw fault("changes are not in order", at: body + index * timeSize)
            }
            previous = start
            let type = Int(bytes[indices + index])
            guard type < offsets.count else {
                throw fault("local time type \(type) does not exist", at: indices + index)
            }
            if start < -TZif.secondsMax {
                initialOffset = offsets[type]
            } else if start <= TZif.secondsMax {
                changes.append((start, offsets[type]))
            }
        }
        let rule = timeSize == 8 ? try footer(at: end) : nil
        return TZif.table(initialOffset: initialOffset, changes: changes, rule: rule)
    }

    private func footer(at offset: Int) throws(TimetableError) -> PosixRule? {
        let newline = UInt8(ascii: "\n")
        guard offset < bytes.count, bytes[offset] == newline,
            let end = bytes[(offset + 1)...].firstIndex(of: newline)
        else { throw fault("the footer is missing", at: offset) }
        let text = bytes[(offset + 1)..<end]
        guard !text.isEmpty else { return nil }  // RFC 8536: no rule is known.
        guard let rule = PosixRule(parsing: text) else {
            throw fault("the footer is not a POSIX TZ string", at: offset + 1)
        }
        return rule
    }

    /// Joins the changes of the file with those of its rule, over 400 years and a margin.
    private static func table(
        initialOffset: Int, changes: [(start: Int64, offset: Int)], rule: PosixRule?
    ) -> ZoneTable {
        guard let rule, rule.daylight != nil else {
            let fixed = changes.isEmpty ? rule?.standardOffset : nil
            return ZoneTable(
                initialOffset: fixed ?? initialOffset, changes: changes, cycleEnd: nil)
        }
        let last = changes.last?.start ?? -2_208_988_800  // 1900-01-01, before any rule.
        let year = CivilDate(daysSinceEpoch: Int(floorDivide(last, 86_400))).year
        // Two years' margin: by then, nothing of the explicit changes is felt any more.
        let cycleStart = Int64(CivilDate.daysSinceEpoch(year: year + 2, month: 1, day: 1)) * 86_400
        let cycleEnd = cycleStart + ZoneTable.cycleSeconds
        var later: [(start: Int64, offset: Int)] = []
        for year in (year - 1)...(year + 403) { later += rule.changes(inYear: year) }
        // Times of up to a week may carry a change over the end of its year. Where two fall
        // together, the order of `changes(inYear:)` stands, and the one listed later wins.
        let order = later.indices.sorted { left, right in
            later[left].start != later[right].start
                ? later[left].start < later[right].start : left < right
        }
        var all = changes
        for index in order {
            let change = later[index]
            guard change.start > last, change.start < cycleEnd else { continue }
            if let end = all.last, end.start == change.start { all.removeLast() }
            all.append(change)
        }
        return ZoneTable(initialOffset: initialOffset, changes: all, cycleEnd: cycleEnd)
    }
}
