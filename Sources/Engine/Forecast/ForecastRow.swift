import Events
import Projections

/// One run that will happen, or one occurrence that will not, and why.
public struct ForecastRow: Sendable, Equatable {
    /// What becomes of it.
    public enum Outcome: String, Sendable, CaseIterable {
        /// It runs when it is due; or, overdue, at once.
        case runs
        /// It waits at a gate, and then runs where the gate lets it.
        case held
        /// It is put off to another time, or rolled to another day.
        case moved
        /// It is left out on purpose.
        case skipped
        /// It is left out because no engine was there.
        case missed
        /// It ends in the dead-letter queue: what it waits for fails, or comes too late.
        case fails
        /// It ends because its schedule is removed.
        case cancelled
    }

    /// A clock of the run that runs out.
    public enum Alert: String, Sendable, CaseIterable {
        /// It starts later than its schedule allows.
        case late
        /// It ends after its SLA.
        case sla
        /// It runs longer than its schedule allows.
        case duration
    }

    /// How a change of the clocks touches an occurrence.
    public enum ClockChange: String, Sendable {
        /// It stands at the end of a gap: the times just before do not exist that day.
        case gapEnd
        /// Its time of day comes twice, and this is the first one.
        case firstPass
        /// This is the second one.
        case secondPass
    }

    /// The tenant.
    public var tenant = ""
    /// The schedule's id.
    public var jobId = ""
    /// The scheduled time, µs since 1970 UTC; of a range, the last one.
    public var scheduled: Int64 = 0
    /// The same in the zone, ISO 8601 with its offset.
    public var scheduledLocal = ""
    /// The schedule's zone.
    public var zone = ""
    /// The element of a fan-out; empty for none.
    public var fanOutKey = ""
    /// The first local time that was rolled onto this business day; empty where none was.
    public var rolledFrom = ""
    /// The business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// Why there is a run: `schedule`, `catchUp`, `manual`, `requeue`; empty where there is none.
    public var trigger = ""
    /// The number of a run that is open already; nil for one that is to come.
    public var openRun: UInt64?
    /// How many occurrences the row speaks of: more than 1 for those that end together.
    public var occurrences: UInt64 = 1
    /// The scheduled time of the first of them, µs since 1970 UTC.
    public var firstScheduled: Int64 = 0
    /// What becomes of it.
    public var outcome = Outcome.runs
    /// Until when it waits or is put off, µs since 1970 UTC; nil where it does not, or has no
    /// bound.
    public var until: Int64?
    /// When its first attempt starts, µs since 1970 UTC; nil where none does.
    public var expectedStart: Int64?
    /// When it ends, µs since 1970 UTC; nil where it does not run, or is not over in time.
    public var expectedEnd: Int64?
    /// Why, in a sentence.
    public var reason = ""
    /// The alerts that it raises, in the order of `Alert`.
    public var alerts: [Alert] = []
    /// How a change of the clocks touches it; nil where none does.
    public var clockChange: ClockChange?

    /// An empty row.
    public init() {}

    /// The schedule's key.
    public var schedule: ScheduleKey { ScheduleKey(tenant, jobId) }

    mutating func add(_ alert: Alert) {
        if alerts.contains(alert) { return }
        alerts = Alert.allCases.filter { $0 == alert || alerts.contains($0) }
    }

    /// The order of a forecast: by scheduled time, then by id.
    static func isBefore(_ a: ForecastRow, _ b: ForecastRow) -> Bool {
        if a.scheduled != b.scheduled { return a.scheduled < b.scheduled }
        if a.jobId != b.jobId { return a.jobId.utf8.lexicographicallyPrecedes(b.jobId.utf8) }
        if a.fanOutKey != b.fanOutKey {
            return a.fanOutKey.utf8.lexicographicallyPrecedes(b.fanOutKey.utf8)
        }
        return (a.openRun ?? .max) < (b.openRun ?? .max)
    }

    /// The row as one JSON object; what does not apply is null.
    public var json: String {
        var text = JSONText()
        text.member("jobId", text: jobId)
        text.member("tenant", text: tenant)
        text.member("scheduled", text: UTCText.of(microseconds: scheduled))
        text.member("scheduledLocal", text: scheduledLocal)
        text.member("timeZone", text: zone)
        text.member("fanOutKey", json: fanOutKey.isEmpty ? "null" : JSONText.quoted(fanOutKey))
        text.member("rolledFrom", json: rolledFrom.isEmpty ? "null" : JSONText.quoted(rolledFrom))
        text.member("businessDate", text: businessDate)
        text.member("trigger", json: trigger.isEmpty ? "null" : JSONText.quoted(trigger))
        text.member("openRun", json: openRun.map { String($0) } ?? "null")
        text.member("occurrences", json: String(occurrences))
        text.member("firstScheduled", text: UTCText.of(microseconds: firstScheduled))
        text.member("outcome", text: outcome.rawValue)
        text.member("until", json: Self.moment(until))
        text.member("expectedStart", json: Self.moment(expectedStart))
        text.member("expectedEnd", json: Self.moment(expectedEnd))
        text.member("reason", text: reason)
        let names = alerts.map { JSONText.quoted($0.rawValue) }.joined(separator: ",")
        text.member("alerts", json: "[\(names)]")
        text.member(
            "clockChange", json: clockChange.map { JSONText.quoted($0.rawValue) } ?? "null")
        return text.object
    }

    private static func moment(_ value: Int64?) -> String {
        value.map { JSONText.quoted(UTCText.of(microseconds: $0)) } ?? "null"
    }
}
