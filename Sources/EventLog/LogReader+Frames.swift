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
            case .foreign(let detail): return .tail(.foreign(detail, offset: place))
            }
        } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: place)
        }
    }

    /// What the end of a segment means for a reader: the end of the log, the next segment, an
    /// error.
    func judge(_ tail: SegmentScan.Tail) throws(EventLogError) -> Step {
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
        do throws(DiskError) {
            while case .batch = try scout.next(.header, isFresh: true) {}
        } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: scout.offset)
        }
        provedEnd = max(provedEnd, scout.durableEnd)
    }

    /// The segments after the one that is being read.
    func laterSegments() throws(EventLogError) -> [SequenceNumber] {
        try Self.segments(paths, disk).filter { $0 > cursor.header.firstSequence }
    }

    /// Goes on in the next segment; false if that one was cut off while it was made.
    mutating func enterNext() throws(EventLogError) -> Bool {
        let later = try laterSegments()
        guard let next = later.first else { return false }
        guard next == cursor.endSequence else {
            throw .foreign(
                "the segment before ends before sequence \(cursor.endSequence), so one is missing",
                segment: paths.segment(next), offset: 0)
        }
        return try enter(next, isLast: later.count == 1)
    }

    /// Starts to read a segment; false if it is the last and was cut off while it was made.
    @discardableResult
    mutating func enter(_ name: SequenceNumber, isLast: Bool = false) throws(EventLogError) -> Bool
    {
        let opened = try Self.openSegment(name, paths: paths, disk: disk, mayBeTorn: isLast)
        guard let (newFile, header) = opened else { return false }
        guard header.identity == cursor.header.identity else {
            disk.close(newFile)
            throw .foreign(
                "it is of another log, \(header.identity)", segment: newFile.path, offset: 16)
        }
        disk.close(file)
        file = newFile
        cursor = SegmentCursor(disk: disk, file: newFile, header: header)
        scout = SegmentCursor(disk: disk, file: newFile, header: header)
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

    static func openSegment(
        _ name: SequenceNumber, paths: LogPaths, disk: any Disk, mayBeTorn: Bool
    ) throws(EventLogError) -> (DiskFile, SegmentHeader)? {
        let path = paths.segment(name)
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(path, .read) } catch {
            throw EventLogError(disk: error)
        }
        do throws(SegmentScan.Unreadable) {
            return (file, try SegmentHeader.read(name, file: file, disk: disk))
        } catch {
            disk.close(file)
            switch error {
            case .tornRoll(let detail):
                if mayBeTorn { return nil }
                throw .damaged(detail, segment: path, offset: 0)
            case .damaged(let detail, let offset):
                throw .damaged(detail, segment: path, offset: offset)
            case .foreign(let detail, let offset):
                throw .foreign(detail, segment: path, offset: offset)
            }
        }
    }
}
