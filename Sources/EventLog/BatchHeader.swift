/// The 68 bytes before the records of a batch.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 4 | magic |
/// | 4 | 4 | CRC-32C of the rest, seeded with the log identity and the segment's first sequence |
/// | 8 | 4 | stored length of the body |
/// | 12 | 4 | raw length of the body |
/// | 16 | 4 | CRC-32C of the body as stored |
/// | 20 | 4 | number of records |
/// | 24 | 8 | sequence of the first record |
/// | 32 | 8 | durable through |
/// | 40 | 8 | term |
/// | 48 | 4 | header CRC of the batch before |
/// | 52 | 1 | codec |
/// | 53 | 3 | flags |
/// | 56 | 12 | key id and nonce |
public struct BatchHeader: Hashable, Sendable {
    /// The checksum of this header: what the next batch chains to.
    public internal(set) var headerCRC: UInt32 = 0
    /// The length of the body as it is stored.
    public var storedByteCount: Int
    /// The length of the body before compression.
    public var rawByteCount: Int
    /// The checksum of the body as it is stored.
    public var bodyCRC: UInt32
    /// The number of records.
    public var recordCount: Int
    /// The sequence of the first record; of the next one, where there are none.
    public var firstSequence: SequenceNumber
    /// The last sequence that was known to be on disk when this was written.
    public var durableThrough: SequenceNumber?
    /// The term of the writer: how many times this log was opened for writing.
    public var term: UInt64
    /// The header checksum of the batch before; in a segment's first batch, of the tree before it.
    public var chain: UInt32
    /// How the body is stored.
    public var codec: Codec
    /// Whether this only says what is durable, and holds no records.
    public var isCommitMark: Bool
    /// Whether this stands for a frame of a sealed segment, which has no header of its own.
    public internal(set) var isSealedFrame = false

    /// How a body is stored.
    public enum Codec: UInt8, Sendable {
        /// As it is.
        case plain = 0
        /// As one LZ4 block.
        case lz4 = 1
    }

    /// The sequence of the record after this batch's last.
    public var endSequence: SequenceNumber {
        SequenceNumber(firstSequence.rawValue &+ UInt64(recordCount))
    }

    /// The bytes that the batch takes in the file, to the end of its last block; those of the whole
    /// frame, in a sealed segment.
    public var batchByteCount: Int {
        isSealedFrame
            ? storedByteCount : LogFormat.batchByteCount(storedByteCount: storedByteCount)
    }

    /// Why bytes are not the header of a batch that this build reads.
    enum Problem: Error, Equatable {
        case bad(String)
        case unknownVersion(String)
    }

    /// Writes the header over the first 68 bytes, and keeps its checksum.
    mutating func encode(into target: inout MutableRawSpan, seed: UInt32) {
        target.store(LogFormat.batchMagic, at: 0)
        target.store(UInt32(storedByteCount), at: 8)
        target.store(UInt32(rawByteCount), at: 12)
        target.store(bodyCRC, at: 16)
        target.store(UInt32(recordCount), at: 20)
        target.store(firstSequence.rawValue, at: 24)
        target.store(durableThrough?.rawValue ?? LogFormat.noSequence, at: 32)
        target.store(term, at: 40)
        target.store(chain, at: 48)
        target.store(UInt32(codec.rawValue) | (isCommitMark ? 1 << 8 : 0), at: 52)
        target.store(UInt64(0), at: 56)
        target.store(UInt32(0), at: 64)
        headerCRC = Checksum.crc32c(
            target.bytes.extracting(8..<LogFormat.batchHeaderByteCount), seed: seed)
        target.store(headerCRC, at: 4)
    }

    /// Whether bytes carry a header that this log's writer wrote, whatever follows it.
    static func isPresent(_ bytes: RawSpan, seed: UInt32) -> Bool {
        bytes.byteCount >= LogFormat.batchHeaderByteCount
            && bytes.load(0, as: UInt32.self) == LogFormat.batchMagic
            && bytes.load(4, as: UInt32.self)
                == Checksum.crc32c(
                    bytes.extracting(8..<LogFormat.batchHeaderByteCount), seed: seed)
    }

    /// Reads the header from the first 68 bytes; whether it is possible is for `isConsistent`.
    static func decode(_ bytes: RawSpan, seed: UInt32) throws(Problem) -> BatchHeader {
        guard isPresent(bytes, seed: seed) else {
            throw .bad("the batch's header does not match its checksum")
        }
        let codecAndFlags = bytes.load(52, as: UInt32.self)
        let flags = codecAndFlags >> 8
        guard let codec = Codec(rawValue: UInt8(truncatingIfNeeded: codecAndFlags)) else {
            throw .unknownVersion("codec \(codecAndFlags & 255) is not known to this version")
        }
        guard flags & ~1 == 0 else {
            throw .unknownVersion("flags \(flags) are not known to this version")
        }
        guard bytes.extracting(56..<68).isAllZero() else {
            throw .unknownVersion("the batch is encrypted, which this version does not read")
        }
        let durable = bytes.load(32, as: UInt64.self)
        return BatchHeader(
            headerCRC: bytes.load(4, as: UInt32.self),
            storedByteCount: Int(bytes.load(8, as: UInt32.self)),
            rawByteCount: Int(bytes.load(12, as: UInt32.self)),
            bodyCRC: bytes.load(16, as: UInt32.self),
            recordCount: Int(bytes.load(20, as: UInt32.self)),
            firstSequence: SequenceNumber(bytes.load(24, as: UInt64.self)),
            durableThrough: durable == LogFormat.noSequence ? nil : SequenceNumber(durable),
            term: bytes.load(40, as: UInt64.self),
            chain: bytes.load(48, as: UInt32.self),
            codec: codec,
            isCommitMark: flags & 1 == 1)
    }

    /// Lengths within a write, an empty body exactly for a commit mark, nothing durable that is
    /// not before this batch, no sequence beyond 64 bits.
    var isConsistent: Bool {
        let end = firstSequence.rawValue.addingReportingOverflow(UInt64(recordCount))
        let durableEnd = durableThrough.map { $0.rawValue + 1 } ?? 0
        return batchByteCount <= LogFormat.writeByteCountMax
            && rawByteCount <= LogFormat.writeByteCountMax
            && (recordCount == 0) == isCommitMark
            && (recordCount == 0) == (storedByteCount == 0)
            && (recordCount == 0) == (rawByteCount == 0)
            && recordCount <= rawByteCount
            && (codec == .lz4 ? !isCommitMark : storedByteCount == rawByteCount)
            && !end.overflow && end.partialValue != LogFormat.noSequence
            // The next opening counts one further.
            && term < UInt64.max
            && durableEnd <= firstSequence.rawValue
    }
}
