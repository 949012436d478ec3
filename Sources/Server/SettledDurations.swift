import Projections
import Synchronization

/// Durations that are asked for once each: what was answered stays, though the log goes on.
public final class SettledDurations: Sendable {
    private let read: @Sendable (ScheduleKey) throws -> Int64?
    private let known = Mutex<[ScheduleKey: Int64?]>([:])

    /// Asks `read`, once for each schedule.
    public init(_ read: @escaping @Sendable (ScheduleKey) throws -> Int64?) { self.read = read }

    /// How long a schedule's attempt takes, µs; nil where nothing is known.
    ///
    /// Blocks while `read` does.
    /// - Throws: what `read` throws; then it is asked again.
    public func duration(of key: ScheduleKey) throws -> Int64? {
        try known.withLock { known in
            if let duration = known[key] { return duration }
            let duration = try read(key)
            known[key] = .some(duration)
            return duration
        }
    }
}
