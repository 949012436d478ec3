import Events
import Projections

/// The schedules as they stood at a moment of the past.
public struct PastSchedules: Sendable {
    /// One of them.
    public struct Entry: Sendable {
        /// How it stood: its counts, its last run, whether it was paused.
        public let schedule: ScheduleState
        /// What it said; nil where this build cannot read that.
        public let definition: ScheduleDefinition?

        /// `paused`, `enabled` or `disabled`.
        public var status: String {
            if schedule.isPaused { return "paused" }
            return definition?.isEnabled == true ? "enabled" : "disabled"
        }
    }

    /// The schedules that there were, by tenant and id.
    public let entries: [Entry]
    /// The last sequence up to the moment; nil where the log begins after it.
    public let lastSequence: UInt64?
    /// The time of that event, µs since 1970 UTC.
    public let lastTime: Int64
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool

    /// Rebuilds the state of a moment, and takes its schedules.
    ///
    /// - Parameters:
    ///   - moment: events up to it count, µs since 1970 UTC, inclusive.
    ///   - options: where the replay starts, and what it tells on the way; its bounds are replaced.
    /// - Throws: as `Replayer.run` does.
    /// - Complexity: that of the replay.
    public static func at(
        _ moment: Int64, in folder: DataFolder, options: Replayer.Options = Replayer.Options()
    ) throws(ReplayError) -> PastSchedules {
        var options = options
        options.untilSequence = nil
        options.untilTime = moment
        options.comparison = .none
        let result = try Replayer(folder, options).run()
        let entries = result.state.schedules.sorted().filter { !$0.isRemoved }.map { schedule in
            let bytes = result.state.definitions[schedule.definitionSequence]?.definition
            return Entry(
                schedule: schedule,
                definition: bytes.flatMap { try? ScheduleDefinition(decoding: $0) }
            )
        }
        return PastSchedules(
            entries: entries, lastSequence: result.lastSequence, lastTime: result.lastTime,
            isEngineRunning: folder.isEngineRunning)
    }

    /// One JSON object: the schedules in the form of the API's, and the event that they are as of.
    public var json: String {
        var text = JSONText()
        let items = entries.map { entry in
            var item = JSONText()
            item.member("status", text: entry.status)
            var rest = entry.schedule
            rest.decided = []
            item.append(rest)
            item.member("definition", json: entry.definition.map { JSONText.of($0) } ?? "null")
            return item.object
        }
        text.member("schedules", json: "[" + items.joined(separator: ",") + "]")
        text.member("lastSequence", json: lastSequence.map { String($0) } ?? "null")
        text.member(
            "lastTime",
            json: lastSequence == nil
                ? "null" : JSONText.quoted(UTCText.of(microseconds: lastTime)))
        text.member("engineRunning", json: "\(isEngineRunning)")
        return text.object
    }
}
