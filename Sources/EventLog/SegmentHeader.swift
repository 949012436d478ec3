/// What the first block of a segment states.
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | magic |
/// | 8 | 4 | format version |
/// | 12 | 4 | zero |
/// | 16 | 16 | log identity |
/// | 32 | 8 | first sequence |
/// | 40 | 8 | time of creation, µs since 1970, UTC |
/// | 48 | 8 | size of the file |
/// | 56 | 8 | term of the writer that made it |
/// | 64 | 8 | tree size at its start, which is the first sequence |
/// | 72 | 2,048 | the tree's peaks at its start, then zeros |
/// | 4,092 | 4 | CRC-32C of all before |
struct SegmentHeader: Equatable, Sendable {
    var identity: LogIdentity
    var firstSequence: SequenceNumber
    var creationMicroseconds: Int64
    var fileByteCount: Int
    var term: UInt64
    var frontier: TreeFrontier

    /// Why a block is not the header of a segment that this build reads.
    enum Problem: Error, Equatable, Sendable {
        /// The bytes are not what was written.
        case bad(String)
        /// The bytes are good, but of another version.
        case unknownVersion(UInt32)
        /// The bytes match their checksum, and what they say cannot be: no crash leaves this.
        case contradiction(String)
    }

    private static let crcOffset = LogFormat.blockByteCount - 4
    private static let frontierOffset = 72

    /// What batch header checksums are seeded with: the identity and the first sequence.
    var checksumSeed: UInt32 {
        Self.checksumSeed(identity: identity, firstSequence: firstSequence)
    }

    static func checksumSeed(identity: LogIdentity, firstSequence: SequenceNumber) -> UInt32 {
        let words: [UInt64] = [
            identity.low.littleEndian, identity.high.littleEndian,
            firstSequence.rawValue.littleEndian,
        ]
        // Safe: the bytes of an array of integers, which lives to the end of the call.
        return Checksum.crc32c(unsafe words.span.bytes)
    }

    /// Writes the header over `block`, which is one block.
    func encode(into block: inout MutableRawSpan) {
        for offset in stride(from: 0, to: LogFormat.blockByteCount, by: 8) {
            block.store(UInt64(0), at: offset)
        }
        block.store(LogFormat.segmentMagic, at: 0)
        block.store(LogFormat.version, at: 8)
        block.store(identity.low, at: 16)
        block.store(identity.high, at: 24)
        block.store(firstSequence.rawValue, at: 32)
        block.store(creationMicroseconds, at: 40)
        block.store(UInt64(fileByteCount), at: 48)
        block.store(term, at: 56)
        block.store(frontier.size, at: 64)
        for (index, peak) in frontier.peaks.enumerated() {
            let offset = Self.frontierOffset + 32 * index
            block.storeBytes(of: peak.words.0, toByteOffset: offset, as: UInt64.self)
            block.storeBytes(of: peak.words.1, toByteOffset: offset + 8, as: UInt64.self)
            block.storeBytes(of: peak.words.2, toByteOffset: offset + 16, as: UInt64.self)
            block.storeBytes(of: peak.words.3, toByteOffset: offset + 24, as: UInt64.self)
        }
        block.store(Checksum.crc32c(block.bytes.extracting(0..<Self.crcOffset)), at: Self.crcOffset)
    }

    /// Reads the header from one block.
    static func decode(_ block: RawSpan) throws(Problem) -> SegmentHeader {
        guard block.byteCount >= LogFormat.blockByteCount else { throw .bad("it is cut short") }
        guard block.load(0, as: UInt64.self) == LogFormat.segmentMagic else {
            throw .bad("it does not start with the mark of a segment")
        }
        let crc = Checksum.crc32c(block.extracting(0..<crcOffset))
        guard block.load(crcOffset, as: UInt32.self) == crc else {
            throw .bad("its header does not match its checksum")
        }
        let version = block.load(8, as: UInt32.self)
        guard version == LogFormat.version else { throw .unknownVersion(version) }
        let treeSize = block.load(64, as: UInt64.self)
        let peaks = (0..<treeSize.nonzeroBitCount).map {
            TreeHash(block, at: frontierOffset + 32 * $0)
        }
        let fileByteCount = block.load(48, as: UInt64.self)
        let unused = frontierOffset + 32 * treeSize.nonzeroBitCount
        guard let frontier = TreeFrontier(size: treeSize, peaks: peaks),
            treeSize == block.load(32, as: UInt64.self), block.load(12, as: UInt32.self) == 0,
            block.extracting(unused..<crcOffset).isAllZero(),
            fileByteCount >= UInt64(LogFormat.segmentByteCountMin),
            fileByteCount <= UInt64(LogFormat.segmentByteCountMax),
            fileByteCount % UInt64(LogFormat.blockByteCount) == 0,
            block.load(56, as: UInt64.self) < UInt64.max
        else { throw .contradiction("its header contradicts itself") }
        return SegmentHeader(
            identity: LogIdentity(
                low: block.load(16, as: UInt64.self), high: block.load(24, as: UInt64.self)),
            firstSequence: SequenceNumber(treeSize),
            creationMicroseconds: block.load(40, as: Int64.self),
            fileByteCount: Int(fileByteCount),
            term: block.load(56, as: UInt64.self),
            frontier: frontier)
    }
}
