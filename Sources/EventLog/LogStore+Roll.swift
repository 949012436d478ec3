extension LogStore {
    /// What to run, here or on another thread, so that the next roll finds its segment ready; nil
    /// if it is ready.
    ///
    /// Hand the outcome to `adopt`.
    public var preparation: SegmentPreparation? {
        guard prepared == nil, failure == nil else { return nil }
        return SegmentPreparation(
            disk: disk, path: paths.preparing, byteCount: configuration.segmentByteCount)
    }

    /// What to run, here or on another thread, so that there is a segment in reserve; nil if there
    /// is one.
    ///
    /// Hand the outcome to `adoptReserve`.
    public var reservation: SegmentPreparation? {
        guard !hasReserve, failure == nil else { return nil }
        return SegmentPreparation(
            disk: disk, path: paths.reserve, byteCount: configuration.segmentByteCount)
    }

    /// Takes a segment that `reservation` made.
    public mutating func adoptReserve(_ segment: SegmentPreparation.Prepared) {
        disk.close(segment.file)
        hasReserve = true
    }

    /// Whether a body of this size may need the next segment, however it compresses.
    func mayRoll(bodyByteCount: Int) -> Bool {
        let bound = BlockCompression.bound(bodyByteCount)
        return offset + LogFormat.batchByteCount(storedByteCount: bound) > header.fileByteCount
    }

    /// Whether so much of the segment is used that the next one should be made: a quarter or 4 MiB,
    /// so that a log that hardly grows never pays for it, and one that grows fast does not wait.
    var isPreparationTimely: Bool { offset > min(header.fileByteCount / 4, 4 << 20) }

    /// Takes a next segment that `preparation` made.
    public mutating func adopt(_ segment: SegmentPreparation.Prepared) {
        precondition(prepared == nil, "there is one next segment at a time")
        prepared = segment
    }

    /// Prepares the next segment now, unless it is ready; where the disk is full, by the reserve.
    ///
    /// Blocks.
    ///
    /// - Throws: `noSpace` where there is no reserve either, `inputOutput`; the store goes on in
    ///   its present segment.
    public mutating func prepareNextSegment() throws(EventLogError) {
        guard let preparation else { return }
        do throws(EventLogError) {
            prepared = try preparation.run()
        } catch {
            guard error.code == .noSpace, hasReserve else { throw error }
            prepared = try takeReserve()
        }
    }

    /// The reserve under the name of the next segment: it is full of zeros, and synced.
    private mutating func takeReserve() throws(EventLogError) -> SegmentPreparation.Prepared {
        hasReserve = false
        do throws(DiskError) {
            try disk.rename(paths.reserve, to: paths.preparing)
            return SegmentPreparation.Prepared(
                file: try disk.open(paths.preparing, .readWrite),
                byteCount: configuration.segmentByteCount)
        } catch {
            throw EventLogError(disk: error)
        }
    }

    /// Whether a reserve of the right size was left by an earlier life.
    func findReserve() throws(DiskError) -> Bool {
        guard try disk.list(paths.log)?.contains(LogFormat.reserveName) == true else {
            return false
        }
        let file = try disk.open(paths.reserve, .read)
        defer { disk.close(file) }
        return try disk.byteCount(of: file) == configuration.segmentByteCount
    }

    /// Ends the present segment, so that it can be sealed, and goes over to a new one; does nothing
    /// where it has no records.
    ///
    /// Blocks; syncs.
    /// - Returns: whether a segment was ended.
    /// - Throws: `noSpace`: the store can go on; `outcomeUnknown`: it is finished.
    @discardableResult
    public mutating func endSegment() throws(EventLogError) -> Bool {
        if let failure { throw failure }
        guard nextSequence > header.firstSequence else { return false }
        try roll()
        // The new segment says at once that all before it is durable.
        try writeMark()
        return true
    }

    /// Goes over to the next segment.
    mutating func roll() throws(EventLogError) {
        try prepareNextSegment()
        guard let next = prepared else { return }
        prepared = nil
        let following = SegmentHeader(
            identity: header.identity, firstSequence: nextSequence,
            creationMicroseconds: sources.nowMicroseconds(), fileByteCount: next.byteCount,
            term: term, frontier: frontier)
        do throws(DiskError) {
            try Self.install(following, next.file, paths: paths, disk: disk)
        } catch {
            disk.close(next.file)
            throw fail(EventLogError(disk: error))
        }
        disk.close(segment)
        segment = next.file
        header = following
        checksumSeed = following.checksumSeed
        chain = frontier.chain
        offset = LogFormat.blockByteCount
    }

    /// Header, sync, final name, sync of the folder: in this order (steps 9 and 10).
    static func install(
        _ header: SegmentHeader, _ file: DiskFile, paths: LogPaths, disk: any Disk
    ) throws(DiskError) {
        var block = ByteBlock(byteCount: LogFormat.blockByteCount)
        var bytes = block.mutableBytes
        header.encode(into: &bytes)
        try disk.write(file, at: 0, block.bytes)
        try disk.sync(file)
        try disk.rename(paths.preparing, to: paths.segment(header.firstSequence))
        try disk.syncFolder(paths.log)
    }
}
