/// Reads runs of records, in any order; a run that follows the one before costs no search.
struct LeafReader: ~Copyable {
    private var reader: LogReader
    private var batch: BatchHeader?
    /// The sequence of the record that comes next in `batch`.
    private var next: UInt64 = 0

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
        if start < next, start >= here.firstSequence.rawValue { next = start }
        let isNear = start >= next && start <= here.endSequence.rawValue + 256
        if !isNear { batch = nil }
    }

    /// Runs `body` over what the present batch has of the run; how many records those were.
    private mutating func step(
        _ start: UInt64, count: Int, _ body: (RawSpan) -> Void
    ) -> Int {
        var done = 0
        reader.records.part(from: max(next, start), count: count).forEach { _, record in
            body(record)
            done += 1
        }
        next = max(next, start) + UInt64(done)
        return done
    }
}
