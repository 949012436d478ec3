/// Reads runs of records, in any order; a run that follows the one before costs no search.
struct LeafReader: ~Copyable {
    private var reader: LogReader
    private var batch: BatchHeader?
    /// The sequence of the record that comes next in `batch`, and where in it that one stands.
    private var next: UInt64 = 0
    private var offset = 0

    /// Opens the log in a data folder: all that recovery would trust.
    init(folder: String, disk: any Disk) throws(EventLogError) {
        reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
    }

    /// Runs `body` over `count` records from `start` on, in order.
    ///
    /// - Returns: how many there were; fewer than `count` where the log ends before.
    /// - Throws: as `LogReader` does.
    mutating func read(
        from start: UInt64, count: Int, _ body: (RawSpan) -> Void
    ) throws(EventLogError) -> Int {
        go(to: start)
        if batch == nil {
            reader.frames.isReadingAhead = false
            try reader.seek(to: SequenceNumber(start))
        }
        var done = 0
        while done < count {
            guard let here = batch, next < here.endSequence.rawValue else {
                reader.frames.isReadingAhead = batch != nil
                batch = try reader.nextBatch()
                guard let batch else { return done }
                next = batch.firstSequence.rawValue
                offset = 0
                continue
            }
            done += step(start, count: count - done, body)
        }
        return done
    }

    /// Makes ready to go on at `start`, if it is in the present batch or soon behind it; else
    /// forgets that one.
    private mutating func go(to start: UInt64) {
        guard let here = batch else { return }
        if start < next, start >= here.firstSequence.rawValue {
            next = here.firstSequence.rawValue
            offset = 0
        }
        let isNear = start >= next && start <= here.endSequence.rawValue + 256
        if !isNear { batch = nil }
    }

    /// Runs `body` over what the present batch has of the run; how many records those were.
    private mutating func step(
        _ start: UInt64, count: Int, _ body: (RawSpan) -> Void
    ) -> Int {
        guard let batch else { return 0 }
        let (place, sequence, done) = Self.step(
            reader.records(of: batch), from: offset, next, start, count: count, body)
        offset = place
        next = sequence
        return done
    }

    private static func step(
        _ records: RawSpan, from offset: Int, _ first: UInt64, _ start: UInt64, count: Int,
        _ body: (RawSpan) -> Void
    ) -> (offset: Int, next: UInt64, done: Int) {
        let rest = records.extracting(offset..<records.byteCount)
        var splitter = RecordSplitter(rest)
        var sequence = first
        var done = 0
        // The reader has checked that the records can be told apart.
        while done < count, let place = splitter.nextChecked(in: rest) {
            if sequence >= start {
                body(rest.extracting(place))
                done += 1
            }
            sequence += 1
        }
        return (offset + splitter.offset, sequence, done)
    }
}

extension LogReader {
    /// The records of the batch that `nextBatch` gave last, back to back.
    @_lifetime(borrow self)
    func records(of batch: BatchHeader) -> RawSpan {
        if batch.isSealedFrame { return frames.records }
        return cursor.body(of: batch)
    }
}
