import EventLog

extension Snapshot {
    /// What snapshots say of how far the log in a data folder was durable: the newest valid one,
    /// since a snapshot is only kept once its events are durable.
    ///
    /// Blocks: it reads a file or more.
    /// - Throws: `inputOutput` where the folder cannot be read.
    public static func durabilityClaims(
        dataFolder: String, disk: any Disk
    ) throws(SnapshotError) -> [DurabilityClaim] {
        if try sequences(dataFolder: dataFolder, disk: disk).isEmpty { return [] }
        let identity: LogIdentity
        do throws(EventLogError) {
            identity = try LogReader.open(
                folder: dataFolder, disk: disk, trust: .everything
            ).identity
        } catch {
            return []  // no log can be read: whoever opens it says what is wrong
        }
        let newest = try newestValid(
            after: nil, log: identity, dataFolder: dataFolder, disk: disk)
        guard let newest else { return [] }
        return [
            DurabilityClaim(
                name: path(dataFolder: dataFolder, sequence: newest),
                durableThrough: SequenceNumber(newest))
        ]
    }
}
