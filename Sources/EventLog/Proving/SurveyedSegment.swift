/// What a look at every byte of one form of a segment found: how far it is good, and why not on.
struct SurveyedSegment: Sendable {
    let path: String
    let isSealed: Bool
    let header: SegmentHeader
    /// Behind the last good record: the sequence, the tree, the term.
    var endSequence: SequenceNumber
    var frontier: TreeFrontier
    var term: UInt64
    /// In an active segment: where the last good batch ends.
    var endOffset = 0
    /// Why it is not good to its end.
    var problem: String?
    /// A write that was cut off by a crash: no problem where the log ends here.
    var torn: String?
    /// The number of records of the log that this file itself says there were.
    var claimedEnd: UInt64

    /// A segment's form of which not even the beginning can be read, and why.
    struct Unreadable: Error {
        var detail: String

        /// Whether it is the disk that failed, and not the bytes.
        var isOfReading: Bool { detail.hasPrefix("it cannot be read") }
    }

    /// Reads one form of a segment whole.
    ///
    /// What is bad is read a second time: a read that failed once may not fail again.
    /// - Parameter visit: given the records of each good batch or frame, back to back.
    static func read(
        _ name: SequenceNumber, path: String, isSealed: Bool, disk: any Disk
    ) throws(DiskError) -> Result<SurveyedSegment, Unreadable> {
        let first = try attempt(name, path: path, isSealed: isSealed, disk: disk)
        if case .success(let finding) = first, finding.problem == nil { return first }
        let second = try attempt(name, path: path, isSealed: isSealed, disk: disk)
        switch (first, second) {
        case (.success(let one), .success(let two)):
            return .success(two.saysMore(than: one) ? two : one)
        case (.success, .failure): return first
        case (.failure, .success): return second
        case (.failure(let one), .failure): return one.isOfReading ? second : first
        }
    }

    private func saysMore(than other: SurveyedSegment) -> Bool {
        if problem == nil || other.problem == nil { return problem == nil }
        if endSequence != other.endSequence { return endSequence > other.endSequence }
        if (claimedEnd, term) != (other.claimedEnd, other.term) {
            return (claimedEnd, term) > (other.claimedEnd, other.term)
        }
        return Unreadable(detail: other.problem ?? "").isOfReading
    }

    private static func attempt(
        _ name: SequenceNumber, path: String, isSealed: Bool, disk: any Disk
    ) throws(DiskError) -> Result<SurveyedSegment, Unreadable> {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        return Result { () throws(Unreadable) in
            do throws(SegmentScan.Unreadable) {
                return try read(name, file: file, isSealed: isSealed, disk: disk, isVisiting: false)
                {
                    _ in
                }
            } catch {
                switch error {
                case .tornRoll(let detail), .damaged(let detail, _), .foreign(let detail, _):
                    throw Unreadable(detail: detail)
                }
            }
        }
    }

    /// Reads one form of a segment whose file is open.
    static func read(
        _ name: SequenceNumber, file: DiskFile, isSealed: Bool, disk: any Disk,
        isVisiting: Bool = true, _ visit: (RawSpan) -> Void
    ) throws(SegmentScan.Unreadable) -> SurveyedSegment {
        if isSealed { return try read(sealed: name, file, disk, isVisiting, visit) }
        let scan = try SegmentScan.scan(name, path: file.path, file: file, disk: disk) { body in
            visit(body)
            return true
        }
        var finding = SurveyedSegment(
            path: file.path, isSealed: false, header: scan.header, endSequence: scan.endSequence,
            frontier: scan.frontier, term: scan.term, endOffset: scan.end,
            claimedEnd: max(scan.durableEnd, scan.endSequence.rawValue))
        switch scan.tail {
        case .clean: break
        case .torn(let detail, _): finding.torn = detail
        case .damaged(let detail, _), .foreign(let detail, _):
            finding.problem = detail
            finding.claimedEnd = max(finding.claimedEnd, laterEnd(scan, file, disk))
        }
        return finding
    }

    /// The end of the last batch behind the damage of which the header is good.
    private static func laterEnd(
        _ scan: SegmentScan, _ file: DiskFile, _ disk: any Disk
    ) -> UInt64 {
        var end: UInt64 = 0
        var cursor = SegmentCursor(disk: disk, file: file, header: scan.header)
        do throws(DiskError) {
            while case .batch = try cursor.next(.headerBefore(scan.endSequence)) {}
            for place in stride(
                from: scan.end, to: scan.header.fileByteCount, by: LogFormat.blockByteCount)
            {
                if let batch = try cursor.laterBatch(at: place) {
                    end = max(end, batch.endSequence.rawValue)
                }
            }
        } catch {
            // What cannot be read says nothing.
        }
        return end
    }

    // MARK: sealed

    private static func read(
        sealed name: SequenceNumber, _ file: DiskFile, _ disk: any Disk, _ isVisiting: Bool,
        _ visit: (RawSpan) -> Void
    ) throws(SegmentScan.Unreadable) -> SurveyedSegment {
        var problem: String?
        var footer: SealedFooter?
        do throws(SegmentScan.Unreadable) {
            footer = try SealedSegment.open(name, file: file, disk: disk).footer
            let verified = try SealedSegment.verify(name, file: file, disk: disk)
            let segment = verified.segment
            if !isVisiting {
                return SurveyedSegment(
                    path: file.path, isSealed: true, header: segment.header,
                    endSequence: segment.endSequence, frontier: verified.frontier,
                    term: segment.footer.term, claimedEnd: segment.endSequence.rawValue)
            }
        } catch {
            switch error {
            case .tornRoll(let detail), .damaged(let detail, _), .foreign(let detail, _):
                problem = detail
            }
        }
        let walk = try SealedWalk.walk(name, file: file, disk: disk, visit)
        if problem == nil, walk.frontier != footer?.frontier {
            problem = "it cannot be read a second time as it was the first"
        }
        return SurveyedSegment(
            path: file.path, isSealed: true, header: walk.header,
            endSequence: SequenceNumber(walk.frontier.size), frontier: walk.frontier,
            // Where the footer is gone: no record's term is below that of its segment, or below 1.
            term: max(footer?.term ?? 1, walk.header.term), problem: problem,
            claimedEnd: max(footer?.endSequence ?? 0, walk.frontier.size))
    }
}

/// Steps through the frames of a sealed segment without its footer, as far as they are good.
///
/// Each frame carries checksums of its own (LZ4 Frame Format), so what is read is what was written.
struct SealedWalk {
    let header: SegmentHeader
    private(set) var frontier: TreeFrontier

    static func walk(
        _ name: SequenceNumber, file: DiskFile, disk: any Disk, _ visit: (RawSpan) -> Void
    ) throws(SegmentScan.Unreadable) -> SealedWalk {
        var block = ByteBlock(byteCount: LogFormat.frameByteCountMax)
        var count = try read(file, at: 0, disk, into: &block)
        let identity: (SegmentHeader, UInt32, Int)
        do throws(SegmentHeader.Problem) {
            identity = try SealedIdentity.decode(block.bytes.extracting(0..<count))
        } catch { throw .init(error, offset: LogFormat.skippableHeaderByteCount) }
        guard identity.0.firstSequence == name else {
            throw .foreign(
                "it says that it starts with sequence \(identity.0.firstSequence)", offset: 32)
        }
        var walk = SealedWalk(header: identity.0, frontier: identity.0.frontier)
        var raw = ByteBlock(byteCount: LogFormat.frameRawByteCountMax)
        guard var decoder = LZ4FrameDecoder() else { return walk }
        var offset = identity.2
        while true {
            // What cannot be read ends what is good.
            do throws(SegmentScan.Unreadable) {
                count = try read(file, at: offset, disk, into: &block)
            } catch { return walk }
            guard let frame = frameByteCount(block.bytes.extracting(0..<count)),
                let rawCount = decode(block, frame, &decoder, into: &raw),
                walk.add(raw.bytes.extracting(0..<rawCount))
            else { return walk }
            visit(raw.bytes.extracting(0..<rawCount))
            offset += frame
        }
    }

    /// Adds a frame's records; false where they cannot be told apart.
    private mutating func add(_ records: RawSpan) -> Bool {
        var grown = frontier
        var splitter = RecordSplitter(records)
        do throws(RecordSplitter.Problem) {
            while let place = try splitter.next(in: records) {
                grown.append(leaf: TreeHash.leaf(records.extracting(place)))
            }
        } catch { return false }
        guard grown.size > frontier.size, grown.size < LogFormat.noSequence else { return false }
        frontier = grown
        return true
    }

    /// The length of the frame at the start of `bytes`; nil where none stands there.
    private static func frameByteCount(_ bytes: RawSpan) -> Int? {
        let header = LogFormat.frameHeaderByteCount
        guard bytes.byteCount > LogFormat.frameOverheadByteCount,
            bytes.load(0, as: UInt32.self) == LogFormat.dataFrameMagic,
            bytes.load(4, as: UInt8.self) == LogFormat.frameFlags,
            bytes.load(5, as: UInt8.self) == LogFormat.frameBlockDescriptor
        else { return nil }
        let stored = Int(bytes.load(header, as: UInt32.self) & 0x7FFF_FFFF)
        let count = LogFormat.frameOverheadByteCount + stored
        return count <= bytes.byteCount ? count : nil
    }

    private static func decode(
        _ block: borrowing ByteBlock, _ count: Int, _ decoder: inout LZ4FrameDecoder,
        into raw: inout ByteBlock
    ) -> Int? {
        var target = raw.mutableBytes
        return decoder.decode(block.bytes.extracting(0..<count), into: &target)
    }

    private static func read(
        _ file: DiskFile, at offset: Int, _ disk: any Disk, into block: inout ByteBlock
    ) throws(SegmentScan.Unreadable) -> Int {
        var target = block.mutableBytes
        do throws(DiskError) { return try disk.read(file, at: offset, into: &target) } catch {
            throw .damaged("it cannot be read: \(error)", offset: offset)
        }
    }
}
