/// How much room the log has to grow.
public enum LogSpace: String, Sendable, Hashable, Codable {
    /// As much as it should have.
    case ample
    /// Less than `LogConfiguration.lowSpaceByteCount` is free: somebody should make room.
    case low
    /// Less than `LogConfiguration.fullSpaceByteCount` is free, or the next segment could not be
    /// made: only what ends work that was begun should be appended, into what is set aside.
    case full

    /// The state that follows from what is free.
    ///
    /// For the better it changes only an eighth above a threshold, so that it does not waver.
    package func next(
        freeByteCount: Int, isOutOfSegments: Bool, _ configuration: LogConfiguration
    ) -> LogSpace {
        let low = configuration.lowSpaceByteCount
        let full = configuration.fullSpaceByteCount
        let lowEnd = self == .ample ? low : low + low / 8
        let fullEnd = self == .full ? full + full / 8 : full
        if isOutOfSegments || freeByteCount < fullEnd { return .full }
        return freeByteCount < lowEnd ? .low : .ample
    }
}

/// A change of the room that the log has.
public struct LogSpaceReport: Sendable, Hashable {
    /// The state from now on.
    public var space: LogSpace
    /// What is free on the log's file system, in bytes.
    public var freeByteCount: Int
    /// What must be free for the state to be `ample`, in bytes.
    public var wantedByteCount: Int
}

extension LogPaths {
    /// The segment in reserve.
    var reserve: String { log + "/" + LogFormat.reserveName }
}

extension LogFormat {
    /// The name of a segment's worth of zeros that becomes the next segment when the disk is full.
    static let reserveName = "reserve.preparing"
}
