/// The constants of the log on disk, shared by everything that writes or reads it.
///
/// docs/format/log.md specifies the same to the byte. Neither writer nor reader has its own.
public enum LogFormat {
    /// Every header and batch starts at a multiple of this many bytes.
    public static let blockByteCount = 4_096
    /// The unit in which a device tears a write.
    public static let sectorByteCount = 512
    /// The version that this build writes, and the only one that it reads.
    public static let version: UInt32 = 1

    /// The largest record: the limit of an entry in a transparency log (C2SP tlog-tiles).
    public static let recordByteCountMax = 65_535
    /// The largest write, padding included: it bounds what one crash can leave unknown.
    public static let writeByteCountMax = 4 * 1_024 * 1_024
    /// The smallest segment: its header and room for one small batch.
    public static let segmentByteCountMin = 2 * blockByteCount
    /// The largest segment: it bounds what an opening reads, and what is not indexed yet.
    public static let segmentByteCountMax = 1 << 30

    /// The bytes of a batch header.
    public static let batchHeaderByteCount = 68
    /// What a batch header starts with: the bytes `DBat`, as a little-endian integer.
    static let batchMagic: UInt32 = 0x7461_4244
    /// What a segment starts with: the bytes `DAYBKLOG`, as a little-endian integer.
    static let segmentMagic: UInt64 = 0x474F_4C4B_4259_4144
    /// In place of a sequence where there is none yet.
    static let noSequence = UInt64.max
    /// The most peaks that a tree of less than 2^64 leaves has.
    static let frontierPeakCountMax = 64

    /// The suffix of an active segment's name.
    static let activeSuffix = ".log"
    /// The name under which the next segment is filled with zeros.
    static let preparingName = "next.preparing"

    /// The largest body of one batch, such that header, body and what LZ4 may add to a body that
    /// it cannot shrink (n/255 + 16, from lz4.h) stay within a write of `writeByteCount`.
    static func bodyByteCountMax(writeByteCount: Int) -> Int {
        (writeByteCount - batchHeaderByteCount - 16) / 256 * 255
    }

    /// The bytes that a batch with a body of `storedByteCount` takes, to the end of its last block.
    static func batchByteCount(storedByteCount: Int) -> Int {
        roundUp(batchHeaderByteCount + storedByteCount)
    }

    /// The next multiple of a block.
    static func roundUp(_ byteCount: Int) -> Int {
        (byteCount + blockByteCount - 1) / blockByteCount * blockByteCount
    }

    /// The name of the segment whose first record is `sequence`: 20 digits, so that names sort by
    /// age.
    static func segmentName(
        _ sequence: SequenceNumber, suffix: String = activeSuffix
    ) -> String {
        let digits = String(sequence.rawValue)
        return String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    /// The first sequence that a segment's name states, or nil if this is no such name.
    static func firstSequence(
        ofSegmentNamed name: String, suffix: String = activeSuffix
    ) -> SequenceNumber? {
        guard name.utf8.count == 20 + suffix.utf8.count, name.hasSuffix(suffix) else {
            return nil
        }
        let digits = name.utf8.prefix(20)
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt64(name.prefix(20)).map { SequenceNumber($0) }
    }
}
