/// Steps through the batches of one segment and checks everything about each.
///
/// Recovery, readers and statistics all go through here, so they cannot disagree on what a good
/// batch is. It never changes anything.
struct SegmentCursor: ~Copyable {
    let header: SegmentHeader
    let path: String
    private(set) var window: SegmentWindow
    private var unpacked = ByteBlock(byteCount: 0)
    private let checksumSeed: UInt32

    /// The offset of the frame that `next` looks at next.
    private(set) var offset = LogFormat.blockByteCount
    /// The sequence that the next batch must start with.
    private(set) var endSequence: SequenceNumber
    /// The header checksum that the next batch must name.
    private(set) var chain: UInt32
    /// The highest term so far.
    private(set) var term: UInt64
    /// The number of records of this log that a valid batch here says are durable.
    private(set) var durableEnd: UInt64 = 0
    private var bodyOffset = 0

    /// What stands at a place where a batch may start.
    enum Frame {
        /// A batch, good in every respect; the cursor has moved behind it.
        case batch(BatchHeader)
        /// The file ends here.
        case endOfFile
        /// A sector of zeros: nothing was written here, or its first sector is lost.
        case blank
        /// A frame that is not as it was written; the range is its extent, if its header is good.
        case bad(String, extent: Range<Int>?)
        /// A frame that is as it was written, but not by this log's writer at this place.
        case foreign(String)
        /// A frame of this place that does not name the batch before it: one of the two is not as
        /// it was written.
        case unchained(String)
    }

    /// How much of a batch is checked.
    enum Check: Equatable {
        /// Everything.
        case whole
        /// The header only: to skip over batches quickly.
        case header
        /// The header only, and the cursor stays where it is if the batch ends after a sequence.
        case headerBefore(SequenceNumber)
    }

    /// A cursor at the first batch of a segment.
    ///
    /// - Parameter byteCount: what its first reads fetch.
    init(
        disk: any Disk, file: DiskFile, header: SegmentHeader,
        reading byteCount: Int = 16 * LogFormat.blockByteCount
    ) {
        self.header = header
        path = file.path
        window = SegmentWindow(disk: disk, file: file, byteCount: byteCount)
        checksumSeed = header.checksumSeed
        endSequence = header.firstSequence
        chain = header.frontier.chain
        term = header.term
    }

    /// Where a batch stands, and what it must follow: enough to read it again.
    struct Place: Sendable {
        let offset: Int
        let first: SequenceNumber
        let chain: UInt32
        let term: UInt64
    }

    /// Goes to a place that a cursor of this segment was at.
    mutating func move(to place: Place) {
        offset = place.offset
        endSequence = place.first
        chain = place.chain
        term = place.term
    }

    /// Looks at the frame at `offset`.
    mutating func next(_ check: Check = .whole, isFresh: Bool = false) throws(DiskError) -> Frame {
        guard offset + LogFormat.blockByteCount <= header.fileByteCount else { return .endOfFile }
        let there = try window.load(
            at: offset, byteCount: LogFormat.blockByteCount, isFresh: isFresh)
        guard there == LogFormat.blockByteCount else { return .bad("it is cut short", extent: nil) }
        let batch: BatchHeader
        switch headerHere() {
        case .batch(let found): batch = found
        case let other: return other
        }
        if let detail = misplacement(of: batch) { return .foreign(detail) }
        if batch.chain != chain {
            return .unchained("the batch does not chain to the one before it")
        }
        guard batch.isConsistent else {
            return .bad("the batch's header contradicts itself", extent: nil)
        }
        let extent = offset..<(offset + LogFormat.batchHeaderByteCount + batch.storedByteCount)
        guard offset + batch.batchByteCount <= header.fileByteCount else {
            return .bad("the batch is longer than the segment", extent: nil)
        }
        if check == .whole {
            if let detail = try problemInBody(of: batch) { return .bad(detail, extent: extent) }
            guard unpackBody(of: batch) else {
                // Its checksum holds, so no crash cut it off.
                return .bad("the batch's records cannot be decompressed", extent: nil)
            }
        }
        if case .headerBefore(let sequence) = check, batch.endSequence > sequence {
            return .endOfFile
        }
        step(over: batch)
        return .batch(batch)
    }

    /// The records of the batch that `next(.whole)` just gave, back to back.
    @_lifetime(borrow self)
    func body(of batch: BatchHeader) -> RawSpan {
        switch batch.codec {
        case .plain: window.bytes(at: bodyOffset, byteCount: batch.storedByteCount)
        case .lz4: unpacked.bytes.extracting(0..<batch.rawByteCount)
        }
    }

    /// Whether bytes at `offset` start with a header that this segment's writer made, for a batch
    /// that belongs after what the cursor has seen.
    ///
    /// A record may hold a copy of an older part of this log: that is no sign of a later batch.
    mutating func laterBatch(at offset: Int) throws(DiskError) -> BatchHeader? {
        let count = LogFormat.batchHeaderByteCount
        guard try window.load(at: offset, byteCount: count) == count else { return nil }
        let bytes = window.bytes(at: offset, byteCount: count)
        guard BatchHeader.isPresent(bytes, seed: checksumSeed) else { return nil }
        guard let batch = try? BatchHeader.decode(bytes, seed: checksumSeed),
            batch.isConsistent, batch.firstSequence >= endSequence, batch.term >= term
        else { return nil }
        return batch
    }

    /// Runs `body` over the segment's bytes in `range`, piece by piece, until it returns false.
    mutating func scan(
        _ range: Range<Int>, _ body: (Int, RawSpan) -> Bool
    ) throws(DiskError) {
        var place = range.lowerBound
        while place < range.upperBound {
            let wanted = min(range.upperBound - place, 16 * LogFormat.blockByteCount)
            let count = try window.load(at: place, byteCount: wanted)
            guard count > 0, body(place, window.bytes(at: place, byteCount: count)) else { return }
            place += count
        }
    }

    /// The header at `offset`, which is loaded.
    private func headerHere() -> Frame {
        let bytes = window.bytes(at: offset, byteCount: LogFormat.sectorByteCount)
        if bytes.load(0, as: UInt32.self) == 0, bytes.isAllZero() { return .blank }
        do throws(BatchHeader.Problem) {
            return .batch(try BatchHeader.decode(bytes, seed: checksumSeed))
        } catch {
            switch error {
            case .bad(let detail): return .bad(detail, extent: nil)
            case .unknownVersion(let detail): return .foreign(detail)
            }
        }
    }

    private mutating func step(over batch: BatchHeader) {
        bodyOffset = offset + LogFormat.batchHeaderByteCount
        offset += batch.batchByteCount
        endSequence = batch.endSequence
        chain = batch.headerCRC
        term = batch.term
        if let durable = batch.durableThrough { durableEnd = max(durableEnd, durable.rawValue + 1) }
    }

    /// Why a batch does not follow the one before it, or nil.
    private func misplacement(of batch: BatchHeader) -> String? {
        if batch.firstSequence != endSequence {
            return "a batch starts with sequence \(batch.firstSequence) where "
                + "\(endSequence) must follow"
        }
        // Terms count from 1; 0 stands in the header of a log's first segment alone.
        if batch.term < max(term, 1) {
            return "the term steps back from \(term) to \(batch.term)"
        }
        return nil
    }

    /// Why the body is not what was written, or nil.
    private mutating func problemInBody(of batch: BatchHeader) throws(DiskError) -> String? {
        let whole = batch.batchByteCount
        guard try window.load(at: offset, byteCount: whole) == whole else {
            return "the batch is cut short"
        }
        return Self.problemInBytes(window.bytes(at: offset, byteCount: whole), of: batch)
    }

    /// Makes the records of a body that is as it was written readable.
    private mutating func unpackBody(of batch: BatchHeader) -> Bool {
        guard batch.codec == .lz4 else { return true }
        if unpacked.byteCount < batch.rawByteCount {
            unpacked = ByteBlock(byteCount: LogFormat.roundUp(batch.rawByteCount))
        }
        let start = offset + LogFormat.batchHeaderByteCount
        return Self.unpack(window, at: start, batch, into: &unpacked)
    }

    private static func problemInBytes(_ bytes: RawSpan, of batch: BatchHeader) -> String? {
        let extent = LogFormat.batchHeaderByteCount + batch.storedByteCount
        let stored = bytes.extracting(LogFormat.batchHeaderByteCount..<extent)
        guard Checksum.crc32c(stored) == batch.bodyCRC else {
            return "the batch's records do not match their checksum"
        }
        return bytes.extracting(extent..<bytes.byteCount).isAllZero()
            ? nil : "the space behind a batch is not zero"
    }

    private static func unpack(
        _ window: borrowing SegmentWindow, at offset: Int, _ batch: BatchHeader,
        into unpacked: inout ByteBlock
    ) -> Bool {
        let stored = window.bytes(at: offset, byteCount: batch.storedByteCount)
        var target = unpacked.mutableBytes
        return BlockCompression.decompress(
            stored, into: &target, byteCount: batch.rawByteCount)
    }
}
