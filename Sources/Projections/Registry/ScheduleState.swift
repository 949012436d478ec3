import Events

/// A schedule's name in the whole system.
public struct ScheduleKey: Hashable, Sendable {
    /// The tenant.
    public let tenant: String
    /// The schedule's id in it.
    public let jobId: String

    /// A key.
    public init(_ tenant: String, _ jobId: String) {
        self.tenant = tenant
        self.jobId = jobId
    }
}

/// The last occurrence that was decided, for one element of a fan-out.
public struct DecidedTime: WireMessage {
    /// The element; empty where the schedule has no fan-out.
    public var fanOutKey = ""
    /// The scheduled time, µs.
    public var scheduled: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty one.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "fanOutKey", &fanOutKey)
        try v.instant(2, "scheduled", &scheduled)
    }
}

/// What is known of one schedule, removed ones too: what was decided survives a removal, so that
/// a schedule that comes back repeats nothing. (Those of the API go: see `isForgettable`.)
///
/// A million of them are in memory: what few have stands apart.
public struct ScheduleState: ProjectionEntry {
    /// The tenant.
    public var tenant = ""
    /// The schedule's id.
    public var jobId = ""
    /// The sequence of the event that brought its definition (`DefinitionState`).
    public var definitionSequence: UInt64 = 0
    /// The time of that event, µs: only occurrences after it are decided.
    public var definedAt: Int64 = 0
    /// Whether it was removed.
    public var isRemoved = false
    /// Whether its definition came by the API.
    public var isFromAPI = false
    /// How the last run ended; nil where none did.
    private var lastOutcome: RunStatus?
    private var hasOwnDecided = false
    /// The last occurrence decided of a schedule without a fan-out, µs.
    private var ownDecided: Int64 = 0
    /// Reminders of moments through this one are decided, µs; 0 where none was.
    public var remindedThrough: Int64 = 0
    /// What few schedules have: one where there is any of it, else none.
    private var rare: [Rare] = []
    /// Runs that ended well.
    public var succeeded: UInt64 = 0
    /// Runs that ended in the dead-letter queue.
    public var dead: UInt64 = 0
    /// Occurrences skipped.
    public var skipped: UInt64 = 0
    /// Occurrences missed.
    public var missed: UInt64 = 0
    /// Runs cancelled.
    public var cancelled: UInt64 = 0
    /// Runs that are open.
    public var open: UInt64 = 0
    /// The last run that ended, and how.
    public var lastRun: UInt64 = 0
    /// When it ended, µs.
    public var lastEndedAt: Int64 = 0
    /// The business date of that run.
    public var lastBusinessDate = ""
    /// The business date of the last run that succeeded.
    public var lastSuccessDate = ""

    private struct Rare: Sendable, Equatable {
        /// Who paused it, when and why.
        var isPaused = false
        var pauseReason = ""
        var pausedBy = ""
        var pausedAt: Int64 = 0
        var pausedUntil: Int64 = 0
        /// Runs in a row that failed for good, where its definition asks.
        var failuresInRow: UInt64 = 0
        var usual = UsualDuration()
        var recentFailures: [UInt64] = []
        /// The last occurrence decided for each element of a fan-out, sorted by element.
        var decided: [DecidedTime] = []
        var unknownFields: [UInt8] = []
    }

    /// An empty state.
    public init() {}

    /// All of it; to read one fact, `rare.first` makes nothing where there is none.
    private var rareFacts: Rare {
        get { rare.first ?? Rare() }
        set { rare = newValue == Rare() ? [] : [newValue] }
    }

    /// Whether a person paused it.
    public var isPaused: Bool {
        get { rare.first?.isPaused ?? false }
        set { if newValue != isPaused { rareFacts.isPaused = newValue } }
    }

    /// Why.
    public var pauseReason: String {
        get { rare.first?.pauseReason ?? "" }
        set { if newValue != pauseReason { rareFacts.pauseReason = newValue } }
    }

    /// Who.
    public var pausedBy: String {
        get { rare.first?.pausedBy ?? "" }
        set { if newValue != pausedBy { rareFacts.pausedBy = newValue } }
    }

    /// When, µs.
    public var pausedAt: Int64 {
        get { rare.first?.pausedAt ?? 0 }
        set { if newValue != pausedAt { rareFacts.pausedAt = newValue } }
    }

    /// When it is resumed by itself, µs; 0 where a person must do it.
    public var pausedUntil: Int64 {
        get { rare.first?.pausedUntil ?? 0 }
        set { if newValue != pausedUntil { rareFacts.pausedUntil = newValue } }
    }

    /// How many runs failed for good since one succeeded or it was resumed; 0 where its definition
    /// does not ask.
    public var failuresInRow: UInt64 {
        get { rare.first?.failuresInRow ?? 0 }
        set { if newValue != failuresInRow { rareFacts.failuresInRow = newValue } }
    }

    /// How long its runs usually take; of none where they have no SLA.
    public var usual: UsualDuration {
        get { rare.first?.usual ?? UsualDuration() }
        set { if newValue != usual { rareFacts.usual = newValue } }
    }

    /// When the last attempts failed, µs, at most `recentFailuresMax`: where its definition asks,
    /// and since the last alert for so many.
    public var recentFailures: [UInt64] {
        get { rare.first?.recentFailures ?? [] }
        set { if newValue != recentFailures { rareFacts.recentFailures = newValue } }
    }

    /// More failures than these are not counted.
    public static let recentFailuresMax = 100

    /// An attempt failed that counts.
    mutating func noteFailure(at time: Int64) {
        recentFailures =
            recentFailures.suffix(Self.recentFailuresMax - 1) + [UInt64(max(time, 0))]
    }

    public var unknownFields: [UInt8] {
        get { rare.first?.unknownFields ?? [] }
        set { if newValue != unknownFields { rareFacts.unknownFields = newValue } }
    }

    private var decidedElements: [DecidedTime] {
        get { rare.first?.decided ?? [] }
        set { if newValue != decidedElements { rareFacts.decided = newValue } }
    }

    /// How the last run ended; empty where none did.
    public var lastStatus: String {
        get { lastOutcome?.rawValue ?? "" }
        set { lastOutcome = newValue.isEmpty ? nil : RunStatus(rawValue: newValue) }
    }

    /// The last occurrence decided, for each element of a fan-out, sorted by element; a schedule
    /// without one has the empty element.
    public var decided: [DecidedTime] {
        get {
            guard hasOwnDecided else { return decidedElements }
            var own = DecidedTime()
            own.scheduled = ownDecided
            return [own] + decidedElements
        }
        set {
            let own = newValue.first { $0.fanOutKey.isEmpty && $0.unknownFields.isEmpty }
            hasOwnDecided = own != nil
            ownDecided = own?.scheduled ?? 0
            decidedElements = own == nil ? newValue : Array(newValue.dropFirst())
        }
    }

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.text(2, "jobId", &jobId)
        try v.uint(3, "definitionSequence", &definitionSequence)
        try v.instant(4, "definedAt", &definedAt)
        try v.bool(5, "removed", &isRemoved)
        try v.bool(6, "paused", &isPaused)
        try v.text(7, "pauseReason", &pauseReason)
        try v.text(8, "pausedBy", &pausedBy)
        try v.instant(9, "pausedAt", &pausedAt)
        try v.messages(10, "decided", &decided)
        try v.uint(11, "succeeded", &succeeded)
        try v.uint(12, "dead", &dead)
        try v.uint(13, "skipped", &skipped)
        try v.uint(14, "missed", &missed)
        try v.uint(15, "cancelled", &cancelled)
        try v.uint(16, "open", &open)
        try v.uint(17, "lastRun", &lastRun)
        try v.text(18, "lastStatus", &lastStatus)
        try v.instant(19, "lastEndedAt", &lastEndedAt)
        try v.text(20, "lastSuccessDate", &lastSuccessDate)
        try v.text(21, "lastBusinessDate", &lastBusinessDate)
        try v.uint(22, "failuresInRow", &failuresInRow)
        try v.instant(23, "pausedUntil", &pausedUntil)
        try v.uint(24, "usualUs", &usual.microseconds)
        try v.uint(25, "usualDeviationUs", &usual.deviation)
        try v.uint(26, "usualCount", &usual.count)
        try v.uints(27, "recentFailures", &recentFailures)
        try v.bool(30, "api", &isFromAPI)
        try v.instant(31, "remindedThrough", &remindedThrough)
    }

    public var key: ScheduleKey { ScheduleKey(tenant, jobId) }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] {
        Array(key.tenant.utf8) + [0] + Array(key.jobId.utf8)
    }

    public static func keyText(_ key: ScheduleKey) -> String { "\(key.tenant)/\(key.jobId)" }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }

    /// The scheduled time that was last decided for an element, or nil.
    public func lastDecided(_ fanOutKey: String) -> Int64? {
        if fanOutKey.isEmpty && hasOwnDecided { return ownDecided }
        return decidedElements.first { $0.fanOutKey == fanOutKey }?.scheduled
    }

    /// Whether nothing of it need be remembered at a moment, µs.
    ///
    /// It came by the API and was removed, none of its runs is open, and no later occurrence was
    /// decided ahead of its time: one of its name that comes later repeats nothing.
    func isForgettable(at time: Int64) -> Bool {
        isRemoved && isFromAPI && open == 0 && (!hasOwnDecided || ownDecided <= time)
            && decidedElements.allSatisfy { $0.scheduled <= time }
    }

    /// The scheduled time that was last decided, whatever it was decided for, or nil.
    public var lastDecided: Int64? {
        let elements = decidedElements.lazy.map(\.scheduled).max()
        return hasOwnDecided ? max(ownDecided, elements ?? .min) : elements
    }

    /// Notes that an element's occurrences through a scheduled time are decided.
    ///
    /// - Returns: false where that time was decided before.
    mutating func decide(_ fanOutKey: String, through scheduled: Int64) -> Bool {
        if let last = lastDecided(fanOutKey), scheduled <= last { return false }
        if fanOutKey.isEmpty && (hasOwnDecided || decidedElements.first?.fanOutKey != "") {
            hasOwnDecided = true
            ownDecided = scheduled
            return true
        }
        if let index = decidedElements.firstIndex(where: { $0.fanOutKey == fanOutKey }) {
            decidedElements[index].scheduled = scheduled
            return true
        }
        var time = DecidedTime()
        time.fanOutKey = fanOutKey
        time.scheduled = scheduled
        let place =
            decidedElements.firstIndex {
                fanOutKey.utf8.lexicographicallyPrecedes($0.fanOutKey.utf8)
            } ?? decidedElements.endIndex
        decidedElements.insert(time, at: place)
        return true
    }

    /// A run of it is over.
    ///
    /// - Parameter failures: what the event of its death says of those in a row.
    mutating func noteEnd(_ run: borrowing RunState, failures: UInt64) {
        open -= 1
        lastRun = run.run
        lastOutcome = run.status
        lastEndedAt = run.endedAt
        if !run.isText(.businessDate, lastBusinessDate) { lastBusinessDate = run.businessDate }
        switch run.status {
        case .succeeded:
            succeeded += 1
            failuresInRow = 0
            if lastBusinessDate != lastSuccessDate,
                !lastBusinessDate.utf8.lexicographicallyPrecedes(lastSuccessDate.utf8)
            {
                lastSuccessDate = lastBusinessDate
            }
        case .dead:
            dead += 1
            failuresInRow = failures
        case .skipped: skipped += 1
        case .missed: missed += 1
        default: cancelled += 1
        }
    }

    /// Counts occurrences that ended without a run of their own.
    ///
    /// - Returns: false where so many cannot be.
    mutating func count(_ count: UInt64, skipped isSkip: Bool) -> Bool {
        let (sum, overflows) = (isSkip ? skipped : missed).addingReportingOverflow(count)
        if overflows { return false }
        if isSkip { skipped = sum } else { missed = sum }
        return true
    }
}
