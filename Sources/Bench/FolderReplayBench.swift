import EventLog
import Replay

/// What the replay of a log that was there came to.
public struct FolderReplayResult: Codable, Sendable {
    /// Events in the log.
    public var events: Int
    /// Bytes of their records.
    public var bytes: Int
    /// How long the replay took, opening included.
    public var seconds: Double
    /// Events a second through all projections.
    public var eventsPerSecond: Int
    /// How long checksums and iteration alone took, in the same process, after the replay.
    public var iterateSeconds: Double
    /// Records a second of that.
    public var iterateEventsPerSecond: Int
    /// The rate of the replay over that of iterating.
    public var ratio: Double
    /// The most memory that the process had by the end of the replay (`VmHWM`), in bytes.
    public var memoryBytesMax: Int
    /// The digest of the rebuilt state, hex.
    public var digest: String
    /// The kernel, the processor, how many of them.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case events, bytes, seconds
        case eventsPerSecond = "events_per_second"
        case iterateSeconds = "iterate_seconds"
        case iterateEventsPerSecond = "iterate_events_per_second"
        case ratio
        case memoryBytesMax = "memory_bytes_max"
        case digest, machine
    }
}

/// Replays a log that is there, once, through all projections; then iterates it alone.
///
/// Nothing is written, and nothing is done about the page cache: what of the log is in it when the
/// replay begins is the caller's to say. The iteration comes second, so it has the better start.
public func benchReplay(
    of folder: DataFolder, progress: (@Sendable (Replayer.Progress) -> Void)? = nil
) throws -> FolderReplayResult {
    var options = Replayer.Options()
    options.progress = progress
    options.progressRecordCount = 1 << 20
    let result = try Replayer(folder, options).run()
    let memory = MachineFacts.memoryByteCountMax()
    let (iterateSeconds, bytes) = try iterate(folder)
    let events = Int(result.events)
    return FolderReplayResult(
        events: events, bytes: bytes, seconds: result.seconds,
        eventsPerSecond: Int(result.eventsPerSecond), iterateSeconds: iterateSeconds,
        iterateEventsPerSecond: Int(Double(events) / max(iterateSeconds, 1e-9)),
        ratio: (iterateSeconds / max(result.seconds, 1e-9) * 1_000).rounded() / 1_000,
        memoryBytesMax: memory, digest: result.digest.hex, machine: MachineFacts.read())
}
