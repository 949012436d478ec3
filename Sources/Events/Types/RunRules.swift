// What a definition says of the order, the number and the retries of its runs.

/// How the runs of a schedule are put in order, bounded and tried again.
public struct RunRules: WireMessage {
    /// The job type whose defaults it took; empty for none.
    public var jobType = ""
    /// Which waiting run goes first: 1 (last) to 9; 0 for 5.
    public var priority: UInt64 = 0
    /// What bounds how many of its attempts run, and how fast.
    public var limits: [RunLimit] = []
    /// The delays before retries, where they grow by themselves.
    public var backoff: RetryBackoff?
    /// The classes of failure that are tried again; empty for all.
    public var retriedClasses: [String] = []
    /// The classes of failure that are not tried again.
    public var finalClasses: [String] = []
    /// After so many runs in a row that failed for good, the schedule is paused; 0 for never.
    public var pauseAfterFailures: UInt64 = 0
    /// How many of the dependencies must be ready: `all` (also empty) or `any`.
    public var dependencyMode = ""
    /// No two open runs of the job, or of its job type, have the same values of these parameters;
    /// empty for no such rule.
    public var uniqueBy: [String] = []
    /// How many failed attempts in what time raise an alert.
    public var failureAlert: FailureThreshold?
    /// Whether nobody is warned before an SLA is missed.
    public var isWarningOff = false
    /// Whose it is, for the customer's system: opaque, no personal data; empty for none.
    public var reference = ""
    /// What a customer can do about a failure, by its class.
    public var failureAdvice: [KeyValue] = []
    /// What is sent before each occurrence.
    public var reminders: [ReminderRule] = []
    /// The job that was fanned out, of which this is the schedule of one element; empty where none
    /// was.
    public var fanOutOf = ""
    /// That element.
    public var element = ""
    /// The folders that its runs work in.
    public var folders: [FolderTemplate] = []
    /// The files that its runs take in.
    public var files: FileDiscovery?
    public var unknownFields: [UInt8] = []

    /// Rules with everything at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "jobType", &jobType)
        try v.uint(2, "priority", &priority)
        try v.messages(3, "limits", &limits)
        try v.message(4, "backoff", &backoff)
        try v.texts(5, "retryOn", &retriedClasses)
        try v.texts(6, "noRetryOn", &finalClasses)
        try v.uint(7, "pauseAfterFailures", &pauseAfterFailures)
        try v.text(8, "dependencyMode", &dependencyMode)
        try v.texts(9, "uniqueBy", &uniqueBy)
        try v.message(10, "failureAlert", &failureAlert)
        try v.bool(11, "slaWarningOff", &isWarningOff)
        try v.text(12, "fanOutOf", &fanOutOf)
        try v.text(13, "element", &element)
        try v.messages(14, "folders", &folders)
        try v.message(15, "files", &files)
        try v.text(16, "reference", &reference)
        try v.messages(17, "failureAdvice", &failureAdvice)
        try v.messages(18, "reminders", &reminders)
    }
}

/// A bound that attempts of several schedules share.
public struct RunLimit: WireMessage {
    /// What `by` says where each job is counted by itself.
    public static let byJob = "job"
    /// Its name in the configuration.
    public var name = ""
    /// A parameter, each of whose values is counted by itself, or `job`; empty for one count of
    /// all.
    public var by = ""
    /// So many attempts run at once at most; 0 for no bound.
    public var concurrentMax: UInt64 = 0
    /// So many attempts begin in a window at most; 0 for no bound.
    public var rateMax: UInt64 = 0
    /// The window, in seconds.
    public var windowSeconds: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// A limit without a bound.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "by", &by)
        try v.uint(3, "concurrent", &concurrentMax)
        try v.uint(4, "rate", &rateMax)
        try v.uint(5, "windowSeconds", &windowSeconds)
    }
}

/// How many failed attempts in what time raise an alert.
public struct FailureThreshold: WireMessage {
    /// So many.
    public var count: UInt64 = 0
    /// In this time, in seconds.
    public var windowSeconds: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// A threshold with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "count", &count)
        try v.uint(2, "windowSeconds", &windowSeconds)
    }
}

/// Delays before retries that grow by a factor.
public struct RetryBackoff: WireMessage {
    /// The delay before the first retry, in seconds.
    public var firstSeconds: UInt64 = 0
    /// What each delay is of the one before, in percent; 0 for 200.
    public var factorPercent: UInt64 = 0
    /// No delay is longer, in seconds; 0 for a day.
    public var longestSeconds: UInt64 = 0
    /// So much of a delay is taken off at random at most, in percent.
    public var jitterPercent: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// A back-off with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "firstSeconds", &firstSeconds)
        try v.uint(2, "factorPercent", &factorPercent)
        try v.uint(3, "maxSeconds", &longestSeconds)
        try v.uint(4, "jitterPercent", &jitterPercent)
    }
}

/// What follows an occurrence that is due while a run of its schedule is open.
public enum OverlapPolicy: String, Sendable, CaseIterable {
    /// It is skipped.
    case skip
    /// It waits for the end of the other; one waits at most, the next is skipped.
    case bufferOne
    /// It waits for the end of the others, however many there are.
    case bufferAll
    /// The others are ended, with time to end well, and it follows them.
    case cancelOther
    /// The others are ended at once, and it follows them.
    case terminateOther
    /// It does not mind.
    case allowAll
}
