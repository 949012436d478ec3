extension LogStore {
    /// Opens the log in a data folder for writing, and recovers it; makes one where there is none.
    ///
    /// Blocks: it reads the last segment, and syncs.
    /// - Parameter evidence: what says how much was durable beside the log's own checkpoints,
    ///   footers and indexes: snapshots.
    /// - Throws: `locked`, `networkFileSystem`, `configurationInvalid`; `damaged` and
    /// `foreignOrMissing` with the report's words, having changed nothing; `inputOutput`,
    /// `noSpace`.
    public static func open(
        folder: String, disk: any Disk, configuration: LogConfiguration = LogConfiguration(),
        sources: LogSources = .system, evidence: [DurabilityClaim] = []
    ) throws(EventLogError) -> LogStore {
        try configuration.check()
        let paths = LogPaths(data: folder)
        let lock = try acquireFolders(paths, disk: disk, holder: sources.holder)
        let opening = LogOpening(
            paths: paths, disk: disk, configuration: configuration, sources: sources)
        let opened: LogOpening.Opened
        do throws(EventLogError) {
            if let path = try LogRepair.unfinished(folder: folder, disk: disk) {
                throw EventLogError.lossUnfinished(path: path)
            }
            let own = [
                try CheckpointStore(folder: folder, disk: disk).claim(),
                try TreeTiles(folder: folder, disk: disk).claim(),
            ]
            opened = try opening.run(evidence: evidence + own.compactMap(\.self))
        } catch {
            disk.close(lock)
            throw error
        }
        var store = LogStore(opened, opening, lock: lock)
        do throws(DiskError) { store.hasReserve = try store.findReserve() } catch {
            throw EventLogError(disk: error)
        }
        // Step 4: from here on the log says itself that what was recovered is durable, and the new
        // term is on disk before anyone acts in its name.
        try store.writeMark()
        return store
    }

    private init(_ opened: LogOpening.Opened, _ opening: LogOpening, lock: DiskFile) {
        disk = opening.disk
        paths = opening.paths
        sources = opening.sources
        configuration = opening.configuration
        self.lock = lock
        recovery = opened.report
        term = opened.scan.term + 1
        segment = opened.file
        header = opened.scan.header
        checksumSeed = opened.scan.header.checksumSeed
        offset = opened.scan.end
        chain = opened.scan.chain
        frontier = opened.scan.frontier
        nextSequence = opened.scan.endSequence
    }

    /// The folders, durable up to the one above the data folder, and the lock.
    static func acquireFolders(
        _ paths: LogPaths, disk: any Disk, holder: String
    ) throws(EventLogError) -> DiskFile {
        do throws(DiskError) {
            _ = try disk.createFolder(paths.data)
            try disk.syncFolder(LogPaths.parent(of: paths.data))
        } catch {
            throw EventLogError(disk: error)
        }
        try disk.requireLocal(paths.data)
        let answer: DiskLock
        do throws(DiskError) {
            answer = try disk.lock(paths.lock, holder: holder)
        } catch {
            throw EventLogError(disk: error)
        }
        switch answer {
        case .acquired(let lock): return lock
        case .held(let other): throw .locked(path: paths.lock, holder: other)
        }
    }
}
