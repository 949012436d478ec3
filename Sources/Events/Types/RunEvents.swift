// Events of a run before it is dispatched: in each, field 1 is the run and field 2 the schedule.

/// An occurrence became a run.
public struct RunDue: EventPayload {
    public static let type = EventType.runDue
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// The scheduled time.
    public var scheduled: Int64 = 0
    /// The same in the zone, with its offset.
    public var scheduledLocal = ""
    /// The IANA zone.
    public var zone = ""
    /// 1 in the second pass of a repeated hour.
    public var fold: UInt64 = 0
    /// The element of a fan-out.
    public var fanOutKey = ""
    /// The occurrence's business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// `schedule`, `catchUp`, `manual`, `requeue`, `backfill` or `reminder`.
    public var trigger = ""
    /// The sequence of the definition that it follows.
    public var definition: UInt64 = 0
    /// How many occurrences a catch-up run stands for; 0 means one.
    public var standsFor: UInt64 = 0
    /// The first of them.
    public var standsForFirst: Int64 = 0
    /// The parameters, rendered.
    public var parameters: [KeyValue] = []
    /// A start after this is late; 0 for no such clock.
    public var startBy: Int64 = 0
    /// An end after this misses the SLA; 0 for no such clock.
    public var finishBy: Int64 = 0
    /// The run that this one stands for, for a requeue.
    public var originRun: UInt64 = 0
    /// Why, for a manual run.
    public var reason = ""
    /// A run longer than this is reported; 0 for no clock.
    public var durationMicrosecondsMax: UInt64 = 0
    /// The first local time that was rolled onto this business day; empty where none was.
    public var rolledFrom = ""
    /// Whether a person had it pass blackouts.
    public var passesBlackouts = false
    /// The backfill that it belongs to: the number of that one's first run; 0 for none.
    public var backfill: UInt64 = 0
    /// How many runs of that backfill may be at their target at once.
    public var backfillLanes: UInt64 = 0
    /// The customer's reference; empty for none.
    public var reference = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.instant(4, "scheduled", &scheduled)
        try v.text(5, "scheduledLocal", &scheduledLocal)
        try v.text(6, "zone", &zone)
        try v.uint(7, "fold", &fold)
        try v.text(8, "fanOutKey", &fanOutKey)
        try v.text(9, "businessDate", &businessDate)
        try v.text(10, "trigger", &trigger)
        try v.uint(11, "definition", &definition)
        try v.uint(12, "standsFor", &standsFor)
        try v.instant(13, "standsForFirst", &standsForFirst)
        try v.messages(14, "parameters", &parameters)
        try v.instant(15, "startBy", &startBy)
        try v.instant(16, "finishBy", &finishBy)
        try v.uint(17, "originRun", &originRun)
        try v.text(18, "reason", &reason)
        try v.uint(19, "maxDurationUs", &durationMicrosecondsMax)
        try v.text(20, "rolledFrom", &rolledFrom)
        try v.bool(21, "passesBlackouts", &passesBlackouts)
        try v.uint(22, "backfill", &backfill)
        try v.uint(23, "backfillLanes", &backfillLanes)
        try v.text(28, "reference", &reference)
    }
}

/// The run waits.
public struct RunHeld: EventPayload {
    public static let type = EventType.runHeld
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// What holds it: `paused`, `dependency`, `overlap`, `concurrency` or `rate`.
    public var gate = ""
    /// On what.
    public var detail = ""
    /// How long at the most; 0 for no bound.
    public var until: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "gate", &gate)
        try v.text(4, "detail", &detail)
        try v.instant(5, "until", &until)
    }
}

/// The run was put off.
public struct RunDeferred: EventPayload {
    public static let type = EventType.runDeferred
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// Until when, µs; 0 where somebody must end what holds it.
    public var until: Int64 = 0
    /// Why.
    public var reason = ""
    /// What put it off: `blackout`, `spread` where it waits its turn, `moved` where a person moved
    /// it, or `retry` where a person had it tried again at once.
    ///
    /// Its turn comes after a blackout or an outage. Empty in records of before 2026-11-28.
    public var gate = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.instant(3, "until", &until)
        try v.text(4, "reason", &reason)
        try v.text(5, "gate", &gate)
    }
}

/// Occurrences ended without running, on purpose.
public struct RunSkipped: EventPayload {
    public static let type = EventType.runSkipped
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// `paused`, `calendar`, `calendarExpired`, `blackout`, `overlap`, `dependency`, `removed`,
    /// `coalesced`, `noInput`, `unique`, `asked` where a person had it skipped, or of a reminder
    /// `occurrence`, where what it speaks of was decided or began before.
    public var reason = ""
    /// The scheduled time.
    public var scheduled: Int64 = 0
    /// The same in the zone, with its offset.
    public var scheduledLocal = ""
    /// The IANA zone.
    public var zone = ""
    /// 1 in the second pass of a repeated hour.
    public var fold: UInt64 = 0
    /// The element of a fan-out.
    public var fanOutKey = ""
    /// The occurrence's business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// More of the reason.
    public var detail = ""
    /// How many occurrences this speaks of; 0 means one.
    public var count: UInt64 = 0
    /// The first of them.
    public var first: Int64 = 0
    /// The last of them.
    public var last: Int64 = 0
    /// The customer's reference; empty for none.
    public var reference = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "reason", &reason)
        try v.instant(4, "scheduled", &scheduled)
        try v.text(5, "scheduledLocal", &scheduledLocal)
        try v.text(6, "zone", &zone)
        try v.uint(7, "fold", &fold)
        try v.text(8, "fanOutKey", &fanOutKey)
        try v.text(9, "businessDate", &businessDate)
        try v.text(10, "detail", &detail)
        try v.uint(11, "count", &count)
        try v.instant(12, "first", &first)
        try v.instant(13, "last", &last)
        try v.text(28, "reference", &reference)
    }
}

/// Occurrences ended because the engine was not there to run them.
public struct RunMissed: EventPayload {
    public static let type = EventType.runMissed
    /// The run's number: the sequence of its `run due` event.
    public var run: UInt64 = 0
    /// The schedule's id.
    public var jobId = ""
    /// `engineDown`.
    public var reason = ""
    /// The scheduled time.
    public var scheduled: Int64 = 0
    /// The same in the zone, with its offset.
    public var scheduledLocal = ""
    /// The IANA zone.
    public var zone = ""
    /// 1 in the second pass of a repeated hour.
    public var fold: UInt64 = 0
    /// The element of a fan-out.
    public var fanOutKey = ""
    /// The occurrence's business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// More of the reason.
    public var detail = ""
    /// How many occurrences this speaks of; 0 means one.
    public var count: UInt64 = 0
    /// The first of them.
    public var first: Int64 = 0
    /// The last of them.
    public var last: Int64 = 0
    /// The customer's reference; empty for none.
    public var reference = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "run", &run)
        try v.text(2, "jobId", &jobId)
        try v.text(3, "reason", &reason)
        try v.instant(4, "scheduled", &scheduled)
        try v.text(5, "scheduledLocal", &scheduledLocal)
        try v.text(6, "zone", &zone)
        try v.uint(7, "fold", &fold)
        try v.text(8, "fanOutKey", &fanOutKey)
        try v.text(9, "businessDate", &businessDate)
        try v.text(10, "detail", &detail)
        try v.uint(11, "count", &count)
        try v.instant(12, "first", &first)
        try v.instant(13, "last", &last)
        try v.text(28, "reference", &reference)
    }
}
