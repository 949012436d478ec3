import Events
import Projections
import Timetable

/// What is reported of dependencies from outside, for a business date.
extension EngineCore {
    /// So many names are kept for a tenant.
    static let reportedNamesMax = 10_000
    /// A business date is at most so many days ahead.
    static let reportedDaysAheadMax = 366

    /// Under what a run waits for a report: no schedule has such an id, which holds no `/`.
    static func reportKey(_ dependency: ScheduleKey) -> ScheduleKey {
        ScheduleKey(dependency.tenant, "/reported/\(dependency.jobId)")
    }

    /// Whether a dependency was reported ready for a run's business date: one that is asked may be
    /// reported as well.
    func reported(_ run: RunState, _ dependency: Dependency) -> Readiness {
        if dependency.kind == "pushed" && settings.assumedStatus == "READY" {
            return .ready("assumed")
        }
        let key = ScheduleKey(run.tenant, dependency.name)
        guard let report = state.dependencies[key]?.report(for: run.businessDate),
            report.status == "READY"
        else { return .waiting }
        return .ready("\(report.actor) reported READY for \(report.businessDate)")
    }

    /// Takes a report, where it says something else than the one before; runs that waited for it
    /// go on.
    ///
    /// What was satisfied stays so: a later `WAIT` holds for runs that come after it.
    mutating func report(
        _ key: ScheduleKey, _ date: String, _ status: String, _ who: Authority
    ) throws {
        try checkRoom()
        guard Dependency.isReportedName(key.jobId) else {
            throw Rejection(
                .invalid,
                "the name of a dependency that is reported has letters, digits, '-', '_' and '.' "
                    + "only, \(Dependency.reportedNameByteCountMax) of them at the most")
        }
        guard status == "READY" || status == "WAIT" else {
            throw Rejection(.invalid, "field 'status' must be READY or WAIT")
        }
        try checkReported(date)
        let known = state.dependencies[key]
        if let before = known?.report(for: date), before.status == status {
            return reply("'\(key.jobId)' is \(status) for \(date) already")
        }
        try checkReportRoom(key, known, date)
        authority = who
        tenant = key.tenant
        var event = DependencyReported()
        event.name = key.jobId
        event.businessDate = date
        event.status = status
        try emit(event)
        authority = .engine
        reply("'\(key.jobId)' is \(status) for \(date)")
        guard status == "READY" else { return }
        for run in (waitingForJob.removeValue(forKey: Self.reportKey(key)) ?? []).sorted() {
            try passGates(run)
        }
        reply("'\(key.jobId)' is \(status) for \(date)")
    }

    private func checkReported(_ date: String) throws(Rejection) {
        guard let day = try? CivilDate(parsing: date), "\(day)" == date else {
            throw Rejection(
                .invalid, "field 'businessDate' must be a date, as in 2026-11-20")
        }
        let today = now / 86_400_000_000
        guard Int64(day.daysSinceEpoch) <= today + Int64(Self.reportedDaysAheadMax) else {
            throw Rejection(
                .invalid,
                "field 'businessDate': \(date) is more than \(Self.reportedDaysAheadMax) days "
                    + "ahead; check the year")
        }
    }

    /// Refuses what could not be kept: a name too many, or a date before those that are kept.
    private func checkReportRoom(
        _ key: ScheduleKey, _ known: DependencyState?, _ date: String
    ) throws(Rejection) {
        guard let known else {
            guard state.dependencies.count >= Self.reportedNamesMax else { return }
            var count = 0
            state.dependencies.forEach { if $0.tenant == key.tenant { count += 1 } }
            guard count >= Self.reportedNamesMax else { return }
            throw Rejection(
                .conflict,
                "\(Self.reportedNamesMax) dependencies are reported already, and no more are "
                    + "kept; use one of their names")
        }
        guard known.dates.count >= DependencyState.datesMax, let oldest = known.dates.first,
            date.utf8.lexicographicallyPrecedes(oldest.businessDate.utf8)
        else { return }
        throw Rejection(
            .conflict,
            "the newest \(DependencyState.datesMax) business dates of '\(key.jobId)' are kept, "
                + "and \(date) is before \(oldest.businessDate)")
    }
}
