extension LogRepair {
    /// Puts damaged or missing segments back from a copy: `daybook log repair --from COPY`.
    ///
    /// Every segment is read. One is taken only if it is good whole, of this log, starts with the
    /// tree that the segment before ends with, and ends with the tree that the next one starts
    /// with; at the end of the log, if it holds what the good beginning of the local segment holds,
    /// leads to the root of every signed checkpoint here, and reaches as far as anything says. What
    /// it replaces is copied to `quarantine/` before. Of several places that are damaged those are
    /// mended for which the copy has what is needed.
    ///
    /// Blocks; syncs. The steps for one segment: the copy's file under a temporary name (`open`,
    /// `pwrite`, `fdatasync`), read back and checked; the local file copied to `quarantine/`
    /// (likewise, `rename`, `fsync` of that folder); `rename` over the segment's name, `fsync` of
    /// the folder; `unlink` of its other form. The newest segments come first, so that the log is
    /// refused by an opening until all are there.
    /// - Parameter copy: a data folder, or a folder with segments.
    /// - Parameter evidence: what else says how much was durable: snapshots.
    /// - Returns: what was done; no steps where nothing was wrong.
    /// - Throws: `locked`; `foreignOrMissing` with the reasons where the copy does not help:
    ///   nothing was changed; `noLog`, `inputOutput`, `noSpace`: it can be run again.
    public static func repair(
        folder: String, from copy: String, disk: any Disk, sources: LogSources = .system,
        evidence: [DurabilityClaim] = []
    ) throws(EventLogError) -> RepairReport {
        let paths = LogPaths(data: folder)
        return try locked(paths, disk, holder: sources.holder) { () throws(EventLogError) in
            if let path = try unfinished(folder: folder, disk: disk) {
                throw .lossUnfinished(path: path)
            }
            let claims = try claims(paths, disk, evidence)
            var copying = CopyRepair(
                paths: paths, disk: disk, copy: try copyFolder(copy, disk), claims: claims)
            return try copying.run()
        }
    }

    private static func copyFolder(
        _ copy: String, _ disk: any Disk
    ) throws(EventLogError) -> String {
        do throws(DiskError) {
            if try disk.list(copy + "/log") != nil { return copy + "/log" }
            if try disk.list(copy) != nil { return copy }
        } catch { throw EventLogError(disk: error) }
        throw .noLog(folder: copy)
    }
}

extension EventLogError {
    static func lossUnfinished(path: String) -> EventLogError {
        EventLogError(
            .damaged,
            "\(path) says that a cut of this log was begun and not finished. Run the same command "
                + "again: it goes on where it stopped.", segment: path)
    }
}
