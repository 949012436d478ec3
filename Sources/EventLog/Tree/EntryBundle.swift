/// Up to 256 records as other programs read them (C2SP tlog-tiles): each with its length before
/// it, two bytes, **big-endian**.
public struct EntryBundle: Hashable, Sendable {
    /// The most bytes that a bundle has: 256 of the largest records with their lengths.
    public static let byteCountMax = TilePath.fullWidth * (2 + LogFormat.recordByteCountMax)

    /// The file's bytes.
    public private(set) var bytes: [UInt8] = []
    /// Where in `bytes` each record stands.
    public private(set) var recordRanges: [Range<Int>] = []

    /// A bundle without records, to which some are appended.
    public init() {}

    /// A bundle of these records.
    ///
    /// Throws as `append` does.
    public init(records: [[UInt8]]) throws(NoteError) {
        for record in records {
            // Safe: the bytes of an array, which lives to the end of the call.
            try append(unsafe record.span.bytes)
        }
    }

    /// The records.
    public var records: [[UInt8]] { recordRanges.map { Array(bytes[$0]) } }

    /// Adds a record.
    ///
    /// Throws `bundleMalformed` where it has more than 65,535 bytes, or is the 257th.
    public mutating func append(_ record: RawSpan) throws(NoteError) {
        guard recordRanges.count < TilePath.fullWidth else {
            throw NoteError(
                .bundleMalformed, "an entry bundle holds 256 records; begin the next one")
        }
        guard let length = UInt16(exactly: record.byteCount) else {
            throw NoteError(
                .bundleMalformed,
                "record \(recordRanges.count) of the bundle has \(record.byteCount) bytes; "
                    + "a record has at most 65,535")
        }
        bytes.append(UInt8(length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length))
        let start = bytes.count
        // Safe: the record's bytes are copied within the closure.
        unsafe record.withUnsafeBytes { buffer in unsafe bytes.append(contentsOf: buffer) }
        recordRanges.append(start..<bytes.count)
    }

    /// Takes the records out, and keeps the memory for the next bundle.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        recordRanges.removeAll(keepingCapacity: true)
    }

    /// Reads a bundle of exactly `width` records, 1 to 256, and nothing behind them.
    ///
    /// Throws `bundleMalformed`, with the offset at which the bytes end too early or go on.
    public static func parse(_ bytes: [UInt8], width: Int) throws(NoteError) -> EntryBundle {
        guard width >= 1, width <= TilePath.fullWidth else {
            throw NoteError(.bundleMalformed, "an entry bundle has 1 to 256 records, not \(width)")
        }
        var bundle = EntryBundle()
        var offset = 0
        for number in 0..<width {
            guard bytes.count - offset >= 2 else { throw endsEarly(record: number, offset) }
            let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            guard bytes.count - offset - 2 >= length else {
                throw endsEarly(record: number, offset)
            }
            bundle.recordRanges.append((offset + 2)..<(offset + 2 + length))
            offset += 2 + length
        }
        guard offset == bytes.count else {
            throw NoteError(
                .bundleMalformed,
                "the entry bundle goes on at offset \(offset), behind its \(width) records; "
                    + "fetch it again, or check its path")
        }
        bundle.bytes = bytes
        return bundle
    }

    private static func endsEarly(record: Int, _ offset: Int) -> NoteError {
        NoteError(
            .bundleMalformed,
            "the entry bundle ends within its record \(record), at offset \(offset); "
                + "fetch it again, or check its path")
    }
}
