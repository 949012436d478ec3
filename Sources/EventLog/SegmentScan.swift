/// What a segment holds, and how it ends: all that recovery needs to judge it.
struct SegmentScan {
    let name: SequenceNumber
    let path: String
    let header: SegmentHeader
    /// The place of the last good batch, if there is one.
    var lastBatch: Range<Int>?
    /// The batches that no later batch says are durable: in a log of this writer, the last.
    private var unprovedBatches: [(range: Range<Int>, endSequence: SequenceNumber)] = []
    var endSequence: SequenceNumber
    var chain: UInt32
    var term: UInt64
    /// How many records of the log are said to be durable.
    var durableEnd: UInt64
    /// The tree behind the last good batch.
    var frontier: TreeFrontier
    var batchCount = 0
    var tail = Tail.clean

    /// How the segment ends.
    enum Tail: Equatable {
        /// Zeros to the end of the file.
        case clean
        /// What one write leaves that was cut off by a crash, in this range.
        case torn(String, Range<Int>)
        /// Bytes that are not what was written, or cannot be read.
        case damaged(String, offset: Int)
        /// Bytes of another log, of an unknown version, or out of order.
        case foreign(String, offset: Int)

        /// Whether it is one that a log in use may have.
        var isUsable: Bool {
            switch self {
            case .clean, .torn: true
            case .damaged, .foreign: false
            }
        }
    }

    /// Why a segment cannot be scanned at all.
    enum Unreadable: Error, Equatable {
        /// The header is bad, and nothing but zeros follows: a roll that was cut off.
        case tornRoll(String)
        case damaged(String, offset: Int)
        case foreign(String, offset: Int)
    }

    init(name: SequenceNumber, path: String, header: SegmentHeader) {
        self.name = name
        self.path = path
        self.header = header
        endSequence = header.firstSequence
        chain = header.frontier.chain
        term = header.term
        durableEnd = 0
        frontier = header.frontier
    }

    /// Scans a segment from its first byte to its last.
    ///
    /// Changes nothing.
    /// - Parameter visit: given the records of each good batch, back to back; the scan ends early,
    ///   with what it has found so far, once it returns false.
    static func scan(
        _ name: SequenceNumber, path: String, file: DiskFile, disk: any Disk,
        visit: (RawSpan) -> Bool = { _ in true }
    ) throws(Unreadable) -> SegmentScan {
        let header = try SegmentHeader.read(name, file: file, disk: disk)
        var scan = SegmentScan(name: name, path: path, header: header)
        var cursor = SegmentCursor(disk: disk, file: file, header: header)
        do throws(DiskError) {
            let byteCount = try disk.byteCount(of: file)
            try scan.readBatches(&cursor, visit)
            // The file had its size, durably, before its header: no crash changes it.
            if scan.tail.isUsable, byteCount != header.fileByteCount {
                scan.tail = .damaged(
                    "the file has \(byteCount) bytes where its header says "
                        + "\(header.fileByteCount)", offset: min(byteCount, header.fileByteCount))
            }
        } catch {
            scan.tail = .damaged("it cannot be read: \(error)", offset: cursor.offset)
        }
        return scan
    }

    /// The end of the last good batch.
    var end: Int { lastBatch?.upperBound ?? LogFormat.blockByteCount }

    /// What is to be written again before it is trusted: the header, where there is no batch.
    var unproved: Range<Int> {
        (unprovedBatches.first?.range.lowerBound ?? 0)..<end
    }

    private mutating func readBatches(
        _ cursor: inout SegmentCursor, _ visit: (RawSpan) -> Bool
    ) throws(DiskError) {
        while true {
            let offset = cursor.offset
            switch try cursor.next() {
            case .batch(let batch):
                let body = cursor.body(of: batch)
                guard frontier.append(recordsOf: body, count: batch.recordCount) else {
                    tail = .damaged("its records cannot be told apart", offset: offset)
                    return
                }
                guard visit(body) else { return }
                take(batch, in: offset..<cursor.offset, durableEnd: cursor.durableEnd)
            case .endOfFile:
                return
            case .blank:
                tail = try SegmentTail.judgeBlank(&cursor)
                return
            case .bad(let detail, let extent):
                tail = try SegmentTail.judgeBad(&cursor, detail, extent: extent)
                return
            case .foreign(let detail), .unchained(let detail):
                tail = .foreign(detail, offset: offset)
                return
            }
        }
    }

    private mutating func take(_ batch: BatchHeader, in range: Range<Int>, durableEnd: UInt64) {
        unprovedBatches.removeAll { $0.endSequence.rawValue <= durableEnd }
        unprovedBatches.append((range, batch.endSequence))
        lastBatch = range
        endSequence = batch.endSequence
        chain = batch.headerCRC
        term = batch.term
        self.durableEnd = durableEnd
        batchCount += 1
    }
}
