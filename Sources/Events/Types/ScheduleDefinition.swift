/// What a schedule says: when, what and for whom.
///
/// It is a whole: whatever deciding and dispatching need stands in it, the target's binding
/// included, so that a record can be read alone and a run can pin its definition by sequence.
public struct ScheduleDefinition: WireMessage {
    /// The schedule's id in its tenant (`jobId` in files).
    ///
    /// NFC, compared as UTF-8 bytes.
    public var jobId = ""
    /// What it is for, in words.
    public var description = ""
    /// Whether configuration has it switched on.
    public var isEnabled = false
    /// A five-field cron expression, or empty where `every` stands.
    public var cadence = ""
    /// A fixed interval (`5s`, `PT5S`), or empty where `cadence` stands.
    public var every = ""
    /// The IANA zone that governs cadence, calendar and templates.
    public var zone = ""
    /// The business calendar's name, or empty for none.
    public var calendar = ""
    /// What must be ready before a run is dispatched.
    public var dependencies: [Dependency] = []
    /// What runs.
    public var target: TargetBinding?
    /// Parameters by name, sorted by name as UTF-8 bytes; values are templates.
    public var parameters: [KeyValue] = []
    /// How many times a failed run is tried again; 0 for never.
    public var retriesMax: UInt64 = 0
    /// The delays before each retry in seconds; the last repeats.
    public var retryDelaysSeconds: [UInt64] = []
    /// Finish by this many minutes after the scheduled time; 0 for no such clock.
    public var slaMinutes: UInt64 = 0
    /// A start later than this many minutes after the scheduled time is reported; 0 for no clock.
    public var startDelayMinutes: UInt64 = 0
    /// A run longer than this many minutes is reported; 0 for no clock.
    public var durationMinutesMax: UInt64 = 0
    /// What follows an engine that was down: `latest`, `all` or `none`.
    public var catchUp = ""
    /// What follows an occurrence that is due while a run is open: `skip`, `bufferOne`,
    /// `bufferAll`, `cancelOther`, `terminateOther` or `allowAll`.
    public var overlap = ""
    /// Who hears of what.
    public var alerts: [AlertRoute] = []
    /// Free labels, sorted.
    public var tags: [String] = []
    /// Where it comes from: `config` or `api`.
    public var source = ""
    /// The environment whose overlay was applied (`${environment}`).
    public var environment = ""
    /// What makes it fire beside `cadence` and `every`, where those do not say it.
    public var triggers: [TriggerDefinition] = []
    /// What is left out.
    public var exclusions: [ExclusionDefinition] = []
    /// The first moment at which an occurrence may be, µs; 0 for no bound.
    public var startsAt: Int64 = 0
    /// The last moment at which an occurrence may be, µs; 0 for no bound.
    public var endsAt: Int64 = 0
    /// After so many runs there is no next one; 0 for no bound.
    public var runsMax: UInt64 = 0
    /// Runs start up to so many seconds after their scheduled time, the same for every run of it.
    public var jitterSeconds: UInt64 = 0
    /// Where occurrences go whose date is no business day (`RollConvention`); empty for nowhere:
    /// they are skipped.
    public var roll = ""
    /// More of what follows an engine that was down, where something of it is not the default.
    public var misfire: MisfireRules?
    /// Whether parameters may reckon with dates.
    public var allowsDateArithmetic = false
    /// How its runs are put in order, bounded and tried again, where something of it is not the
    /// default.
    public var rules: RunRules?
    public var unknownFields: [UInt8] = []

    /// A definition with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobId", &jobId)
        try v.text(2, "description", &description)
        try v.bool(3, "enabled", &isEnabled)
        try v.text(4, "cadence", &cadence)
        try v.text(5, "every", &every)
        try v.text(6, "timeZone", &zone)
        try v.text(7, "calendar", &calendar)
        try v.messages(8, "dependencies", &dependencies)
        try v.message(9, "target", &target)
        try v.messages(10, "parameters", &parameters)
        try v.uint(11, "maxRetries", &retriesMax)
        try v.uints(12, "retryDelaysSeconds", &retryDelaysSeconds)
        try v.uint(13, "slaMinutes", &slaMinutes)
        try v.uint(14, "startDelayMinutes", &startDelayMinutes)
        try v.uint(15, "maxDurationMinutes", &durationMinutesMax)
        try v.text(16, "catchUp", &catchUp)
        try v.text(17, "overlap", &overlap)
        try v.messages(18, "alerts", &alerts)
        try v.texts(19, "tags", &tags)
        try v.text(20, "source", &source)
        try v.text(21, "environment", &environment)
        try v.messages(22, "triggers", &triggers)
        try v.messages(23, "exclusions", &exclusions)
        try v.instant(24, "startsAt", &startsAt)
        try v.instant(25, "endsAt", &endsAt)
        try v.uint(26, "maxRuns", &runsMax)
        try v.uint(27, "jitterSeconds", &jitterSeconds)
        try v.text(28, "roll", &roll)
        try v.message(29, "misfire", &misfire)
        try v.bool(30, "dateArithmetic", &allowsDateArithmetic)
        try v.message(31, "rules", &rules)
    }
}

/// What becomes of occurrences whose time passed without a decision.
public struct MisfireRules: WireMessage {
    /// An occurrence that is decided so many seconds late still runs as usual; 0 for the smaller of
    /// one hour and half the period.
    public var graceSeconds: UInt64 = 0
    /// With `catchUp` `all`: at most so many runs are made up for, the newest; 0 for a hundred.
    public var runsMax: UInt64 = 0
    /// With `catchUp` `all`: the seconds from one such run's start to the next; 0 where each
    /// follows the end of the one before.
    public var spreadSeconds: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// Rules with everything at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "graceSeconds", &graceSeconds)
        try v.uint(2, "maxRuns", &runsMax)
        try v.uint(3, "spreadSeconds", &spreadSeconds)
    }
}

/// A name and a value.
public struct KeyValue: WireMessage {
    /// The name.
    public var name = ""
    /// The value; a template where the context says so.
    public var value = ""
    public var unknownFields: [UInt8] = []

    /// An empty pair.
    public init() {}

    /// A pair.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "value", &value)
    }
}

/// Something that must be ready before a run is dispatched.
public struct Dependency: WireMessage {
    /// `job` (another schedule's run of the same business date), `external` (asked for a status),
    /// `pushed` (reported from outside) or `approval` (a person's).
    public var kind = ""
    /// The name in the schedule: a `jobId`, or a pipeline name that `targets.yaml` binds.
    public var name = ""
    /// Counted from the scheduled time; when it is over, the run fails.
    public var delayMinutesMax: UInt64 = 0
    /// Whom to ask, for `external`: its answer is `READY` or `WAIT`.
    public var probe: TargetBinding?
    /// How often to ask, in seconds, for `external`.
    public var pollSeconds: UInt64 = 0
    /// For `job`, which end of the other run lets this one go on: `success` (also empty),
    /// `failure` or `end`.
    public var condition = ""
    /// What becomes of the run when the wait is over: `fail` (also empty), `skip` or `run`.
    public var expiry = ""
    /// For `approval`: until this local time of the business date, `HH:MM`; empty for
    /// `maxDelayMinutes`.
    public var by = ""
    /// For `approval`: who hears that it is waited for.
    public var recipients: [String] = []
    public var unknownFields: [UInt8] = []

    /// The longest name under which a status can be reported, in bytes.
    public static let reportedNameByteCountMax = 128

    /// Whether a status can be reported under a name: letters, digits, `-`, `_` and `.` only.
    public static func isReportedName(_ name: String) -> Bool {
        (1...reportedNameByteCountMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// An empty dependency.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "type", &kind)
        try v.text(2, "name", &name)
        try v.uint(3, "maxDelayMinutes", &delayMinutesMax)
        try v.message(4, "probe", &probe)
        try v.uint(5, "pollSeconds", &pollSeconds)
        try v.text(6, "on", &condition)
        try v.text(7, "onExpiry", &expiry)
        try v.text(8, "by", &by)
        try v.texts(9, "recipients", &recipients)
    }
}

/// What a pipeline name means here: a program, or an HTTP endpoint.
public struct TargetBinding: WireMessage {
    /// The pipeline's name in the schedule.
    public var name = ""
    /// `process`, `http`, `worker` or `exchange`.
    public var kind = ""
    /// The program and its arguments, for `process` and `worker`; the task, for `exchange`.
    public var command: [String] = []
    /// The folder it runs in, for `process`; empty for the configuration's folder.
    public var workingFolder = ""
    /// Variables added to its environment, headers added to the request, or what a task needs.
    ///
    /// Values may be secret references (`${secret:NAME}`), never secrets.
    public var settings: [KeyValue] = []
    /// The address to POST to (or to ask, for a probe), for `http`.
    public var url = ""
    /// After this many seconds an attempt is ended (`process`) or given up (`http`).
    public var timeoutSeconds: UInt64 = 0
    /// For `http`: after a 202, how long to wait for the completion, in seconds.
    public var callbackTimeoutSeconds: UInt64 = 0
    /// Between SIGTERM and SIGKILL, in seconds, for `process`.
    public var graceSeconds: UInt64 = 0
    /// The secret that signs requests (Standard Webhooks), as a reference; empty for none.
    public var signingSecret = ""
    /// What a worker must be able to do, sorted, for `worker`.
    public var capabilities: [String] = []
    /// For `worker`: how long to wait for one that leases the run, in seconds.
    public var leaseWaitSeconds: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty binding.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "kind", &kind)
        try v.texts(3, "command", &command)
        try v.text(4, "workingFolder", &workingFolder)
        try v.messages(5, "settings", &settings)
        try v.text(6, "url", &url)
        try v.uint(7, "timeoutSeconds", &timeoutSeconds)
        try v.uint(8, "callbackTimeoutSeconds", &callbackTimeoutSeconds)
        try v.uint(9, "graceSeconds", &graceSeconds)
        try v.text(10, "signingSecret", &signingSecret)
        try v.texts(11, "capabilities", &capabilities)
        try v.uint(12, "leaseWaitSeconds", &leaseWaitSeconds)
    }
}

/// Who hears of one kind of event.
public struct AlertRoute: WireMessage {
    /// `onFailure`, `onMissedSla` or `onMissed`.
    public var event = ""
    /// Names that `contacts.yaml` resolves.
    public var recipients: [String] = []
    public var unknownFields: [UInt8] = []

    /// An empty route.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "event", &event)
        try v.texts(2, "recipients", &recipients)
    }
}

/// One field of a definition that changed.
public struct FieldChange: WireMessage {
    /// The field's name.
    public var field = ""
    /// Its value before, as JSON; empty where it was at its default.
    public var before = ""
    /// Its value after, as JSON; empty where it is at its default.
    public var after = ""
    public var unknownFields: [UInt8] = []

    /// An empty change.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "field", &field)
        try v.text(2, "before", &before)
        try v.text(3, "after", &after)
    }
}

/// A business calendar: which days are not worked.
public struct CalendarDefinition: WireMessage {
    /// The calendar's name in its tenant.
    public var name = ""
    /// Days of the week that are not worked: `MON` … `SUN`.
    public var weekend: [String] = []
    /// Dates that are not worked, `YYYY-MM-DD`, sorted.
    public var holidays: [String] = []
    /// The last date that it speaks of, `YYYY-MM-DD`; empty where it does not end.
    public var validThrough = ""
    /// What holidays are called, sorted by date; only those that have a name.
    public var names: [KeyValue] = []
    /// What holds after the last date: `open`, as if there were no calendar, or empty for closed.
    public var afterEnd = ""
    public var unknownFields: [UInt8] = []

    /// An empty calendar.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.texts(2, "weekend", &weekend)
        try v.texts(3, "holidays", &holidays)
        try v.text(4, "validThrough", &validThrough)
        try v.messages(5, "names", &names)
        try v.text(6, "afterEnd", &afterEnd)
    }
}
