/// What a repair, a cut or an accepted loss did, file by file.
public struct RepairReport: Sendable, Codable, Hashable {
    /// One thing that was done.
    public struct Step: Sendable, Codable, Hashable {
        /// What.
        public enum Kind: String, Sendable, Codable, Hashable {
            /// A segment was put in its place, from a copy.
            case installed
            /// A file was copied or moved to `quarantine/`.
            case setAside
            /// A checkpoint was moved to `checkpoints/superseded/`.
            case superseded
            /// A segment was cut behind its last good record.
            case cut
            /// The segment in which the log goes on was made, with the record of the loss in it.
            case continued
        }

        /// What was done.
        public var kind: Kind
        /// The path that it was done to.
        public var path: String
        /// Where it came from, or where it is now.
        public var other: String?
    }

    /// What was done, in order; empty where nothing had to be.
    public var steps: [Step] = []
    /// What is wrong still, a line each, and why the copy did not help.
    public var remaining: [String] = []
    /// What was lost, where a loss was accepted.
    public var loss: LossFacts?
    /// What an opening would find now.
    public var after: RecoveryReport?

    init() {}
}

/// What is known of records that were lost: what the record that says so is made from.
public struct LossFacts: Sendable, Codable, Hashable {
    /// The first sequence that was lost; it is given again.
    public var firstLost: SequenceNumber
    /// The last sequence that anything says was there; nil where nothing says how many there were.
    public var lastLost: SequenceNumber?
    /// The tree size of the newest signed checkpoint that is void now.
    public var checkpointSize: UInt64?
    /// Its root.
    public var checkpointRoot: [UInt8]?
    /// What was found, in words.
    public var found: String
    /// The files in quarantine that hold what was a part of the log, relative to the data folder.
    public var setAside: [String]
    /// The sequence that the record of the loss gets: the first after the cut.
    public var recordSequence: SequenceNumber
}

/// The commands that mend a log.
///
/// Each takes the log's lock, and refuses while an engine holds it.
///
/// No byte is destroyed: what is taken out of the log stands in `quarantine/` before, durably. Each
/// can be run again after a crash at any step, and ends the same.
public enum LogRepair {
    /// What a cut or an accepted loss that was begun, and not finished, leaves: its path.
    ///
    /// Where it is not nil, the log must not be opened: the same command finishes it. Blocks: it
    /// lists a folder.
    public static func unfinished(
        folder: String, disk: any Disk
    ) throws(EventLogError) -> String? {
        let paths = LogPaths(data: folder)
        do throws(DiskError) {
            return try disk.list(paths.quarantine)?.contains(LossPlan.name) == true
                ? paths.lossPlan : nil
        } catch { throw EventLogError(disk: error) }
    }

    /// Runs `body` under the log's lock.
    static func locked<Answer>(
        _ paths: LogPaths, _ disk: any Disk, holder: String,
        _ body: () throws(EventLogError) -> Answer
    ) throws(EventLogError) -> Answer {
        let answer: DiskLock
        let isThere: Bool
        do throws(DiskError) { isThere = try disk.list(paths.data) != nil } catch {
            throw EventLogError(disk: error)
        }
        guard isThere else { throw .noLog(folder: paths.data) }
        do throws(DiskError) { answer = try disk.lock(paths.lock, holder: holder) } catch {
            throw EventLogError(disk: error)
        }
        switch answer {
        case .held(let other): throw .locked(path: paths.lock, holder: other)
        case .acquired(let lock):
            defer { disk.close(lock) }
            try disk.requireLocal(paths.data)
            do throws(DiskError) {
                for folder in [paths.log, paths.quarantine] { _ = try disk.createFolder(folder) }
                try disk.syncFolder(paths.data)
            } catch { throw EventLogError(disk: error) }
            return try body()
        }
    }

    /// What says how much was durable: what the caller knows, checkpoints, tiles.
    static func claims(
        _ paths: LogPaths, _ disk: any Disk, _ evidence: [DurabilityClaim]
    ) throws(EventLogError) -> [DurabilityClaim] {
        let checkpoint = try CheckpointStore(folder: paths.data, disk: disk).claim()
        let tile = try TreeTiles(folder: paths.data, disk: disk).claim()
        return evidence + [checkpoint, tile].compactMap(\.self)
    }
}

extension LogPaths {
    var lossPlan: String { quarantine + "/" + LossPlan.name }
    var superseded: String { checkpoints + "/superseded" }
    func repairing(_ name: SequenceNumber) -> String {
        log + "/" + LogFormat.segmentName(name, suffix: ".repairing")
    }
}
