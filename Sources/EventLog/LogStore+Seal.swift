extension LogStore {
    /// Seals every segment of a log that nobody is writing, the present one too where it has
    /// records, and leaves it ready to go on in a new one.
    ///
    /// A segment of which a good sealed form stands beside a damaged active one keeps the former:
    /// that is done first, since the log cannot be opened before.
    ///
    /// Blocks for as long as it takes to read, compress and read back all of them; syncs.
    /// - Throws: as `open` and `SegmentSealing.run` do.
    public static func sealAll(
        folder: String, disk: any Disk, configuration: LogConfiguration = LogConfiguration(),
        sources: LogSources = .system, vocabulary: any RecordVocabulary = NoVocabulary()
    ) throws(EventLogError) -> [SegmentSealing.Outcome] {
        var outcomes: [SegmentSealing.Outcome] = []
        let lock = try acquireFolders(
            LogPaths(data: folder), disk: disk, holder: sources.holder)
        do throws(EventLogError) {
            outcomes += try sealPending(folder, disk, vocabulary)
        } catch {
            disk.close(lock)
            throw error
        }
        disk.close(lock)
        var store = try open(
            folder: folder, disk: disk, configuration: configuration, sources: sources)
        try store.endSegment()
        outcomes += try sealPending(folder, disk, vocabulary)
        try store.close()
        return outcomes
    }

    /// The caller holds the lock.
    private static func sealPending(
        _ folder: String, _ disk: any Disk, _ vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> [SegmentSealing.Outcome] {
        var outcomes: [SegmentSealing.Outcome] = []
        for segment in try SegmentSealing.pending(folder: folder, disk: disk) {
            let sealing = SegmentSealing(
                segment: segment, folder: folder, disk: disk, vocabulary: vocabulary)
            outcomes.append(try sealing.run())
        }
        return outcomes
    }
}
