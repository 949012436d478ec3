/// Lays out a sealed segment in a file, record by record; at most one frame is in memory.
struct SealedSegmentWriter: ~Copyable {
    private let disk: any Disk
    private let file: DiskFile
    private let header: SegmentHeader
    private let vocabulary: any RecordVocabulary
    private var encoder: LZ4FrameEncoder
    private var raw = ByteBlock(byteCount: LogFormat.frameRawByteCountMax)
    private var rawByteCount = 0
    private var stored = ByteBlock(byteCount: LZ4FrameEncoder.targetByteCount)
    private var offset = 0
    private var unsyncedByteCount = 0
    /// The sequence of the next record.
    private var sequence: UInt64
    private var frames: [SealedFrame] = []
    /// Sequence and time of the first record of the frame that is being filled.
    private var frameFirst: (sequence: UInt64, time: Int64) = (0, LogFormat.noTime)
    private var firstTime = LogFormat.noTime
    private var lastTime = LogFormat.noTime
    private var totalRawByteCount = 0
    private var identityCRC: UInt32 = 0
    private var description = RecordDescription()
    private(set) var index: SegmentIndexBuilder

    /// How much is written between two syncs: little enough that the sync of a batch beside it does
    /// not wait long for it.
    private static let syncByteCount = 1_024 * 1_024

    /// Why a segment cannot be laid out.
    enum Failure: Error {
        case disk(DiskError)
        /// The active form is not what was written.
        case source(SegmentScan.Unreadable)
        case recordMalformed
        case tooManyFrames
        case noMemory
    }

    /// A writer for the segment with this header; nil where there is no memory.
    init?(
        _ header: SegmentHeader, file: DiskFile, disk: any Disk, vocabulary: any RecordVocabulary
    ) {
        guard let encoder = LZ4FrameEncoder() else { return nil }
        self.encoder = encoder
        self.disk = disk
        self.file = file
        self.header = header
        self.vocabulary = vocabulary
        sequence = header.firstSequence.rawValue
        index = SegmentIndexBuilder(firstSequence: header.firstSequence.rawValue)
    }

    /// Writes the identity: the first bytes of the file.
    mutating func begin() throws(Failure) {
        let (bytes, crc) = SealedIdentity.encoded(header)
        identityCRC = crc
        // Safe: the bytes of an array, which lives to the end of the call.
        try write(unsafe bytes.span.bytes)
    }

    /// Adds records, back to back, each with its length.
    mutating func append(_ body: RawSpan) throws(Failure) {
        var splitter = RecordSplitter(body)
        while true {
            let start = splitter.offset
            let place: Range<Int>?
            do throws(RecordSplitter.Problem) { place = try splitter.next(in: body) } catch {
                throw .recordMalformed
            }
            guard let place else { return }
            description.clear()
            vocabulary.describe(body.extracting(place), into: &description)
            try add(body.extracting(start..<place.upperBound))
        }
    }

    /// Writes the last frame and the footer, and syncs.
    ///
    /// - Returns: the footer, as it stands in the file.
    mutating func finish(
        term: UInt64, frontier: TreeFrontier
    ) throws(Failure) -> SealedFooter {
        try flushFrame()
        var footer = SealedFooter(
            identity: header.identity, firstSequence: header.firstSequence.rawValue,
            recordCount: sequence - header.firstSequence.rawValue,
            rawByteCount: UInt64(totalRawByteCount), firstTime: firstTime, lastTime: lastTime,
            term: term, identityCRC: identityCRC, frames: frames, frontier: frontier)
        let bytes = footer.encoded()
        // Safe: the bytes of an array, which lives to the end of the call.
        try write(unsafe bytes.span.bytes)
        try sync()
        return footer
    }

    /// Adds one record with its length, which `description` describes.
    private mutating func add(_ bytes: RawSpan) throws(Failure) {
        if rawByteCount + bytes.byteCount > LogFormat.frameRawByteCountMax { try flushFrame() }
        let time = description.time ?? LogFormat.noTime
        if rawByteCount == 0 { frameFirst = (sequence, time) }
        if sequence == header.firstSequence.rawValue { firstTime = time }
        lastTime = time
        raw.copy(bytes, to: rawByteCount)
        rawByteCount += bytes.byteCount
        index.add(description, sequence: sequence)
        sequence += 1
    }

    private mutating func flushFrame() throws(Failure) {
        guard rawByteCount > 0 else { return }
        guard frames.count < LogFormat.frameCountMax else { throw .tooManyFrames }
        let made = Self.encode(raw, rawByteCount, with: &encoder, into: &stored)
        guard let count = made else { throw .noMemory }
        let crc = Checksum.crc32c(stored.bytes.extracting(0..<count))
        frames.append(
            SealedFrame(
                offset: offset, firstSequence: frameFirst.sequence, time: frameFirst.time,
                byteCount: count, crc: crc))
        do throws(DiskError) {
            try disk.write(file, at: offset, stored.bytes.extracting(0..<count))
        } catch { throw .disk(error) }
        try wrote(count)
        totalRawByteCount += rawByteCount
        rawByteCount = 0
    }

    private static func encode(
        _ raw: borrowing ByteBlock, _ byteCount: Int, with encoder: inout LZ4FrameEncoder,
        into stored: inout ByteBlock
    ) -> Int? {
        var target = stored.mutableBytes
        return encoder.encode(raw.bytes.extracting(0..<byteCount), into: &target)
    }

    private mutating func write(_ bytes: RawSpan) throws(Failure) {
        do throws(DiskError) { try disk.write(file, at: offset, bytes) } catch {
            throw .disk(error)
        }
        try wrote(bytes.byteCount)
    }

    private mutating func wrote(_ byteCount: Int) throws(Failure) {
        offset += byteCount
        unsyncedByteCount += byteCount
        if unsyncedByteCount >= Self.syncByteCount { try sync() }
    }

    private mutating func sync() throws(Failure) {
        guard unsyncedByteCount > 0 else { return }
        do throws(DiskError) { try disk.sync(file) } catch { throw .disk(error) }
        unsyncedByteCount = 0
    }
}
