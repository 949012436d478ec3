import EventLog
import Events

/// What the log's indexes know of events: their time, and by which keys they are found.
///
/// | key | the events |
/// |---|---|
/// | `run:NUMBER` | of one run: its own, its alerts being raised, the requeue that stands for it |
/// | `alert:NUMBER` | of one alert: raised, acknowledged, escalated, cleared, notified |
/// | `job:TENANT/JOB` | of one schedule, its runs included |
/// | `reference:TENANT/REFERENCE` | that begin a run, or tell of a schedule or a range of occurrences, of one customer's reference |
/// | `ended:TENANT/JOB/STATUS` | that ended a run other than well, or skipped or missed a range |
/// | `control:TENANT/ALLOCATOR` | of one allocator of control numbers |
/// | `file:NUMBER` | of one exchanged file, received or ours, of an outcome, or of a duplicate: its own, those of what it is made of, its alerts being raised |
/// | `actor:ACTOR` | that somebody other than the engine caused |
/// | `ticket:TICKET` | under one change ticket |
/// | `past:TENANT/JOB`, `past:` | that make a run, or end a range, of a time over a day ago |
/// | `ahead:TENANT/JOB`, `ahead:` | that make a run of a time that is still to come |
///
/// `run:`, `alert:` and `file:` say with which sequence they began, so all their records are found
/// however far apart they are. `past:` and `ahead:` are the runs whose place in the log is not near
/// their scheduled time: whoever looks by scheduled time asks for them besides.
public struct EventVocabulary: RecordVocabulary {
    /// The vocabulary of this build.
    public init() {}

    /// Raised when a record would be given other keys than before.
    public var version: UInt64 { 2 }

    /// How long after its scheduled time a run is made at the most, µs, unless it is among the
    /// `past:` ones.
    public static let pastMicroseconds: Int64 = 86_400_000_000

    /// The key of a run.
    public static func key(run: UInt64) -> String { "run:\(run)" }

    /// The key of an alert.
    public static func key(alert: UInt64) -> String { "alert:\(alert)" }

    /// The key of a schedule.
    public static func key(tenant: String, jobId: String) -> String { "job:\(tenant)/\(jobId)" }

    /// The key of a schedule's runs that ended so: `dead`, `cancelled`, `skipped`, `missed`; nil
    /// for another status, by which nothing is found.
    public static func key(tenant: String, jobId: String, ended: String) -> String? {
        let known: [EventType] = [.runDead, .runCancelled, .runSkipped, .runMissed]
        guard known.contains(where: { status(ofEnd: $0) == ended }) else { return nil }
        return "ended:\(tenant)/\(jobId)/\(ended)"
    }

    /// The key of a customer's reference.
    public static func key(tenant: String, reference: String) -> String {
        "reference:\(tenant)/\(reference)"
    }

    /// The key of an allocator of control numbers.
    public static func key(tenant: String, allocator: String) -> String {
        "control:\(tenant)/\(allocator)"
    }

    /// The key of an exchanged file, an outcome or a duplicate.
    public static func key(file: UInt64) -> String { "file:\(file)" }

    /// The key of somebody.
    public static func key(actor: String) -> String { "actor:\(actor)" }

    /// The key of a change ticket.
    public static func key(ticket: String) -> String { "ticket:\(ticket)" }

    /// The key of runs that were made over a day after their scheduled time; of all schedules, or
    /// of one.
    public static func pastKey(_ job: (tenant: String, jobId: String)?) -> String {
        "past:" + (job.map { "\($0.tenant)/\($0.jobId)" } ?? "")
    }

    /// The key of runs that were made before their scheduled time.
    public static func aheadKey(_ job: (tenant: String, jobId: String)?) -> String {
        "ahead:" + (job.map { "\($0.tenant)/\($0.jobId)" } ?? "")
    }

    /// Reads the record in place; of one that is not well formed it says nothing.
    public func describe(_ record: RawSpan, into description: inout RecordDescription) {
        guard let fields = try? EventFields(record) else { return }
        let view = fields.view
        description.time = view.time
        Self.forEachKey(of: view) { key, since in
            if let since {
                description.add(key: key, since: since)
            } else {
                description.add(key: key)
            }
        }
    }

    /// Whether an event has a key: what tells it from others with the same hash.
    public static func hasKey(_ key: String, _ view: borrowing EventView) -> Bool {
        let wanted = Array(key.utf8)
        var isFound = false
        // By bytes: two texts can be equal and have different ones.
        forEachKey(of: view) { other, _ in
            if other.utf8.elementsEqual(wanted) { isFound = true }
        }
        return isFound
    }

    /// Gives each key of an event, and the sequence with which it began where it has one.
    static func forEachKey(
        of view: borrowing EventView, _ body: (_ key: String, _ since: UInt64?) -> Void
    ) {
        let actor = (try? view.actor) ?? ""
        if !actor.isEmpty && actor != "engine" { body(key(actor: actor), nil) }
        let ticket = (try? view.ticket) ?? ""
        if !ticket.isEmpty { body(key(ticket: ticket), nil) }
        guard let type = view.type else { return }
        if let alert = Self.alert(of: type, view) { body(key(alert: alert), alert) }
        forEachFile(of: type, view) { body(key(file: $0), $0) }
        if type.isOfControlNumbers {
            let (tenant, name) = ((try? view.tenant) ?? "", (try? view.text(2)) ?? "")
            return body(key(tenant: tenant, allocator: name), nil)
        }
        guard let fields = Self.fields(of: type) else { return }
        if let number = fields.run {
            let run = type == .runDue ? view.sequence : view.uint(number)
            if run != 0 || type == .runDue { body(key(run: run), run) }
        }
        let origin = type == .runDue ? view.uint(17) : 0
        if origin != 0 { body(key(run: origin), origin) }
        let tenant = (try? view.tenant) ?? ""
        let jobId = (try? view.text(fields.job)) ?? ""
        guard !jobId.isEmpty else { return }
        giveJob(type, view, (tenant, jobId), body)
        // Of an element's schedule, those of the job that was fanned out as well.
        if let whole = ElementId(jobId)?.job { giveJob(type, view, (tenant, whole), body) }
    }

    /// The keys of a schedule.
    private static func giveJob(
        _ type: EventType, _ view: borrowing EventView, _ job: (tenant: String, jobId: String),
        _ body: (_ key: String, _ since: UInt64?) -> Void
    ) {
        let (tenant, jobId) = job
        body(key(tenant: tenant, jobId: jobId), nil)
        let reference = Self.reference(of: type, view)
        if !reference.isEmpty { body(key(tenant: tenant, reference: reference), nil) }
        if let ended = status(ofEnd: type),
            let key = Self.key(tenant: tenant, jobId: jobId, ended: ended)
        {
            body(key, nil)
        }
        giveOffTime(type, view, (tenant, jobId), body)
    }

    /// The keys of a run, or a range, whose place in the log is not near its scheduled time.
    private static func giveOffTime(
        _ type: EventType, _ view: borrowing EventView, _ job: (tenant: String, jobId: String),
        _ body: (_ key: String, _ since: UInt64?) -> Void
    ) {
        let isRange =
            (type == .runSkipped || type == .runMissed) && view.uint(1) == 0
        guard type == .runDue || isRange else { return }
        let first = view.int(isRange ? 12 : 4)
        let last = isRange ? view.int(13) : first
        let (age, overflow) = view.time.subtractingReportingOverflow(first)
        if overflow || age > pastMicroseconds {
            for key in [pastKey(job), pastKey(nil)] { body(key, 0) }
        }
        if last > view.time {
            for key in [aheadKey(job), aheadKey(nil)] { body(key, 0) }
        }
    }

    /// The customer's reference that an event names; empty for none.
    private static func reference(of type: EventType, _ view: borrowing EventView) -> String {
        switch type {
        case .runDue, .runSkipped, .runMissed, .scheduleRemoved: (try? view.text(28)) ?? ""
        case .scheduleCreated, .scheduleUpdated:
            (try? DefinitionFacts(view.bytes, view.range(2)).reference) ?? ""
        default: ""
        }
    }

    private static func alert(of type: EventType, _ view: borrowing EventView) -> UInt64? {
        switch type {
        case .alertRaised: view.sequence
        case .alertCleared, .alertAcknowledged, .alertEscalated: view.uint(1)
        // 0 for a notification that is of no alert.
        case .notificationSent, .notificationFailed: view.uint(1) == 0 ? nil : view.uint(1)
        default: nil
        }
    }

    private static func status(ofEnd type: EventType) -> String? {
        switch type {
        case .runDead: RunStatus.dead.rawValue
        case .runCancelled: RunStatus.cancelled.rawValue
        case .runSkipped: RunStatus.skipped.rawValue
        case .runMissed: RunStatus.missed.rawValue
        default: nil
        }
    }

    /// In which fields of a payload its run and its job stand.
    private static func fields(of type: EventType) -> (run: Int?, job: Int)? {
        switch type.rawValue {
        case 40...44: (nil, 1)
        case 96...99: (3, 2)
        case 107: nil
        case 72...111, 162, 163: (1, 2)
        case 176...179, 182: (3, 2)
        case 180, 181: (5, 4)
        default: nil
        }
    }
}
