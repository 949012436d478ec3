// How a reader steps from frame to frame, and from segment to segment.

extension LogReader {
    enum Step {
        case batch(BatchHeader)
        /// Nothing more in this segment.
        case segmentEnd
        /// Nothing more that may be read.
        case end
        /// No batch: this is how the segment ends.
        case tail(SegmentScan.Tail)
    }

    /// The next frame, if it may be read.
    mutating func step() throws(EventLogError) -> Step {
        if let sealed { return try step(in: sealed) }
        let place = cursor.offset
        if trust == .provedDurable, cursor.endSequence.rawValue >= provedEnd {
            let later = try laterSegments()
            try lookAhead(last: later.last)
            if cursor.endSequence.rawValue >= provedEnd {
                // What follows here is a mark at most, or is not proved.
                return later.isEmpty ? .end : .segmentEnd
            }
        }
        do throws(DiskError) {
            var frame = try cursor.next()
            if case .batch(let batch) = frame { return .batch(batch) }
            // The window may be older than the file.
            frame = try cursor.next(isFresh: true)
            switch frame {
            case .batch(let batch): return .batch(batch)
            case .endOfFile: return .tail(.clean)
            case .blank: return .tail(try SegmentTail.judgeBlank(&cursor))
            case .bad(let detail, let extent):
                return .tail(try SegmentTail.judgeBad(&cursor, detail, extent: extent))
            case .foreign(let detail), .unchained(let detail):
                return .tail(.foreign(detail, offset: place))
            }
        } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: place)
        }
    }

    /// The next frame of a sealed segment: all of it was durable before it was sealed.
    private mutating func step(in sealed: SealedSegment) throws(EventLogError) -> Step {
        guard frameNumber < sealed.footer.frames.count else {
            return .segmentEnd
        }
        let frame = sealed.footer.frames[frameNumber]
        let byteCount: Int
        do throws(SegmentScan.Unreadable) {
            byteCount = try block.load(frame, of: file, disk: disk, by: &frames)
        } catch {
            throw EventLogError(error, path: file.path)
        }
        let batch = sealed.batch(ofFrame: frameNumber, rawByteCount: byteCount)
        frameNumber += 1
        return .batch(batch)
    }

    /// The sequence after all that was read of the present segment.
    var endOfRead: SequenceNumber {
        guard let sealed else { return cursor.endSequence }
        let frames = sealed.footer.frames
        return frameNumber < frames.count
            ? SequenceNumber(frames[frameNumber].firstSequence) : sealed.endSequence
    }

    /// Where the next batch or frame stands.
    var nextOffset: Int {
        guard let sealed else { return cursor.offset }
        let frames = sealed.footer.frames
        return frameNumber < frames.count
            ? frames[frameNumber].offset : sealed.byteCount - sealed.footer.byteCount
    }

    /// Notes where the records of a batch end; false unless it holds those that it says it does.
    mutating func take(_ batch: BatchHeader) -> Bool {
        batch.isSealedFrame
            ? block.admit(batch) : block.note(cursor.body(of: batch), of: batch)
    }

    /// What the end of a segment means for a reader: the end of the log, the next segment, an
    /// error.
    mutating func judge(_ tail: SegmentScan.Tail) throws(EventLogError) -> Step {
        let isLast = try laterSegments().isEmpty
        switch tail {
        case .foreign(let detail, let offset):
            throw .foreign(detail, segment: file.path, offset: offset)
        case .damaged(let detail, let offset):
            throw .damaged(detail, segment: file.path, offset: offset)
        case .torn(let detail, let range):
            guard isLast, trust == .everything else {
                throw .damaged(detail, segment: file.path, offset: range.lowerBound)
            }
            return .end
        case .clean:
            guard isLast else { return .segmentEnd }
            guard trust == .everything else {
                throw .damaged(
                    "nothing is there, but the log says that it was durable before sequence "
                        + "\(provedEnd)", segment: file.path, offset: cursor.offset)
            }
            return .end
        }
    }

    /// Raises `provedEnd` as far as the log itself says.
    private mutating func lookAhead(last: SequenceNumber?) throws(EventLogError) {
        if let last {
            // A segment is made only after all before it is durable.
            provedEnd = max(provedEnd, last.rawValue)
            return
        }
        _ = try scoutReachesEnd()
        provedEnd = max(provedEnd, scout.durableEnd)
    }

    /// The segments after the one that is being read; at most one of them where it follows.
    mutating func laterSegments() throws(EventLogError) -> [SequenceNumber] {
        // Where what follows here is no batch, and is not blank, the folder says what that means.
        guard isFollowing, try scoutReachesEnd() else {
            return try Self.segments(paths, disk).filter { $0 > cursor.header.firstSequence }
        }
        let end = sealed?.endSequence ?? max(scout.endSequence, cursor.endSequence)
        // One without a record has the name that the next one would have.
        guard end > cursor.header.firstSequence else { return [] }
        do throws(DiskError) { return try paths.hasSegment(end, on: disk) ? [end] : [] } catch {
            throw EventLogError(disk: error)
        }
    }

    /// Looks ahead as far as there are batches; whether nothing was written behind them.
    private mutating func scoutReachesEnd() throws(EventLogError) -> Bool {
        do throws(DiskError) {
            while true {
                switch try scout.next(.header, isFresh: true) {
                case .batch: continue
                case .blank, .endOfFile: return true
                case .bad, .foreign, .unchained: return false
                }
            }
        } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: scout.offset)
        }
    }

    /// Passes over the rest of a sealed segment.
    mutating func passSealed() {
        if let sealed { frameNumber = sealed.footer.frames.count }
    }

    /// Goes on in the next segment; false if that one was cut off while it was made.
    mutating func enterNext() throws(EventLogError) -> Bool {
        var later = try laterSegments()
        if let next = later.first, next != endOfRead {
            // A folder that changes while it is listed may show neither of a segment's two names
            // (readdir(3)): it is missing only if it is missing twice.
            later = try laterSegments()
        }
        guard let next = later.first else { return false }
        guard next == endOfRead else {
            throw .foreign(
                "the segment before ends before sequence \(endOfRead), so one is missing",
                segment: paths.segment(next), offset: 0)
        }
        return try enter(next, isLast: later.count == 1)
    }

    /// Starts to read a segment; false if it is the last and was cut off while it was made.
    @discardableResult
    mutating func enter(_ name: SequenceNumber, isLast: Bool = false) throws(EventLogError) -> Bool
    {
        let opened = try Self.openSegment(name, paths: paths, disk: disk, mayBeTorn: isLast)
        guard let opened else { return false }
        guard opened.header.identity == cursor.header.identity else {
            disk.close(opened.file)
            throw .foreign(
                "it is of another log, \(opened.header.identity)", segment: opened.file.path,
                offset: 16)
        }
        disk.close(file)
        file = opened.file
        sealed = opened.sealed
        frameNumber = 0
        frames.forget()
        cursor = SegmentCursor(disk: disk, file: opened.file, header: opened.header)
        scout = SegmentCursor(disk: disk, file: opened.file, header: opened.header)
        return true
    }

    static func segments(
        _ paths: LogPaths, _ disk: any Disk
    ) throws(EventLogError) -> [SequenceNumber] {
        do throws(DiskError) {
            return try paths.segments(on: disk) ?? []
        } catch {
            throw EventLogError(disk: error)
        }
    }
}
