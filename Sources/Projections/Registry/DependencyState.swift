import Events

/// What was reported of a dependency for one business date, last.
public struct ReportedStatus: WireMessage {
    /// The business date, `YYYY-MM-DD`.
    public var businessDate = ""
    /// `READY` or `WAIT`.
    public var status = ""
    /// When it was reported so, µs.
    public var reportedAt: Int64 = 0
    /// By whom.
    public var actor = ""
    /// The sequence of the event that brought it.
    public var sequence: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty report.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "businessDate", &businessDate)
        try v.text(2, "status", &status)
        try v.instant(3, "reportedAt", &reportedAt)
        try v.text(4, "actor", &actor)
        try v.uint(5, "sequence", &sequence)
    }
}

/// What was reported of a dependency from outside: its newest business dates.
public struct DependencyState: ProjectionEntry {
    /// So many business dates are kept.
    public static let datesMax = 62

    /// The tenant.
    public var tenant = ""
    /// The dependency's name.
    public var name = ""
    /// The newest business dates that were reported, oldest first.
    public var dates: [ReportedStatus] = []
    public var unknownFields: [UInt8] = []

    /// An empty state.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "tenant", &tenant)
        try v.text(2, "name", &name)
        try v.messages(3, "dates", &dates)
    }

    /// What was reported for a business date; nil where nothing is known.
    public func report(for businessDate: String) -> ReportedStatus? {
        dates.last { $0.businessDate == businessDate }
    }

    /// Takes a report in the place of the one before for its business date; the oldest goes where
    /// there are too many.
    mutating func take(_ report: ReportedStatus) {
        let place = dates.firstIndex {
            !$0.businessDate.utf8.lexicographicallyPrecedes(report.businessDate.utf8)
        }
        if let place, dates[place].businessDate == report.businessDate {
            dates[place] = report
        } else {
            dates.insert(report, at: place ?? dates.count)
        }
        if dates.count > Self.datesMax { dates.removeFirst(dates.count - Self.datesMax) }
    }

    public var key: ScheduleKey { ScheduleKey(tenant, name) }

    public static func keyBytes(_ key: ScheduleKey) -> [UInt8] { ScheduleState.keyBytes(key) }

    public static func keyText(_ key: ScheduleKey) -> String { ScheduleState.keyText(key) }

    public static func keyHash(_ key: ScheduleKey) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: ScheduleKey) -> UInt64 { PlaceHash.of(key) }
}

extension ProjectedState {
    mutating func applyReport(_ view: borrowing EventView) throws {
        let key = ScheduleKey(try view.tenant, try view.text(1))
        var state = dependencies[key] ?? DependencyState()
        state.tenant = key.tenant
        state.name = key.jobId
        var report = ReportedStatus()
        report.businessDate = try view.text(2)
        report.status = try view.text(3)
        report.reportedAt = view.time
        report.actor = try view.actor
        report.sequence = view.sequence
        state.take(report)
        dependencies.insert(state)
    }
}
