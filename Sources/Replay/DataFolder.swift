import EventLog

/// A data folder to read evidence from: nothing in it is changed, and no engine is needed.
public struct DataFolder: Sendable {
    /// The folder.
    public let path: String
    /// What it lies on.
    public let disk: any Disk
    /// How much of the log is read.
    public let trust: LogReader.Trust

    /// A folder on any disk, read as told.
    public init(path: String, disk: any Disk, trust: LogReader.Trust) {
        self.path = path
        self.disk = disk
        self.trust = trust
    }

    /// A folder of this machine.
    ///
    /// While an engine holds the lock, only what the log itself says is durable is read; otherwise
    /// all that recovery would trust. An engine that starts while the folder is being read is not
    /// noticed: what was read of the log's end may then be newer than what is durable.
    ///
    /// - Throws: `log` where the lock file cannot be looked at.
    public static func onThisMachine(_ path: String) throws(ReplayError) -> DataFolder {
        let isHeld = try LockProbe.isHeld(path + "/LOCK")
        return DataFolder(
            path: path, disk: RealDisk(), trust: isHeld ? .provedDurable : .everything)
    }

    /// Whether an engine was running when the folder was opened.
    public var isEngineRunning: Bool { trust == .provedDurable }

    /// Opens the log at its oldest record.
    func reader() throws(ReplayError) -> LogReader {
        do throws(EventLogError) {
            return try LogReader.open(folder: path, disk: disk, trust: trust)
        } catch {
            throw ReplayError(error)
        }
    }
}
