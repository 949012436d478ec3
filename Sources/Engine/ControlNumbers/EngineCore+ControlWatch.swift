import Events
import Projections

/// Gaps in control numbers are found, told and cleared; the inventory is checked each hour.
extension EngineCore {
    static let gapKind = "controlNumberGap"
    static let syncKind = "controlNumberSync"
    /// How often gaps are looked for, µs: an alert follows within this and `persistWithin`.
    private static let gapInterval: Int64 = 60_000_000
    /// How often the inventory is checked, µs.
    private static let syncInterval: Int64 = 3_600_000_000
    /// More alerts of gaps are not open at once: what they tell of is all in the gap view.
    private static let gapAlertsMax = 100

    /// Sets the timers; not in a forecast, in which nobody asks for numbers.
    mutating func watchControlNumbers() {
        guard settings.tellsOfRuns else { return }
        timers.add(.controlGaps, at: now + Self.gapInterval)
        timers.add(.controlSync, at: (now / Self.syncInterval + 1) * Self.syncInterval)
    }

    mutating func controlGapsDue() throws {
        timers.add(.controlGaps, at: now + Self.gapInterval)
        try tellOfGaps()
    }

    mutating func controlSyncDue() throws {
        timers.add(.controlSync, at: now + Self.syncInterval)
        try checkInventory()
        try tellOfGaps()
    }

    /// Raises an alert for each moderate and critical gap that nobody explained, and clears those
    /// of gaps that are closed, explained or of another severity by now.
    private mutating func tellOfGaps() throws {
        var query = ControlGapQuery(
            now: now, persistWithin: settings.controlNumbers.persistWithin)
        query.includesExplained = false
        var gaps: [ScheduleKey: ControlGap] = [:]
        let found = query.gaps(in: state.control).filter { $0.severity > .minor }
        for gap in found { gaps[ScheduleKey(gap.tenant, Self.subject(gap))] = gap }
        var told = 0
        for alert in state.alerts.sorted() where alert.kind == Self.gapKind {
            let key = ScheduleKey(alert.tenant, alert.subject)
            if let gap = gaps[key], Self.severity(gap) == alert.severity {
                gaps[key] = nil
                told += 1
                continue
            }
            tenant = alert.tenant
            try clear(
                alert,
                gaps[key] == nil
                    ? "the numbers are written or explained" : "the gap has another size")
        }
        for gap in found where gaps[ScheduleKey(gap.tenant, Self.subject(gap))] != nil {
            guard told < Self.gapAlertsMax else { break }
            told += 1
            tenant = gap.tenant
            try raise(
                about: Self.subject(gap), kind: Self.gapKind, severity: Self.severity(gap),
                Self.message(gap))
        }
        tenant = "default"
    }

    private static func subject(_ gap: ControlGap) -> String {
        "\(gap.name) #\(gap.generation) from \(gap.first)"
    }

    private static func severity(_ gap: ControlGap) -> String {
        gap.severity == .critical ? "critical" : "medium"
    }

    private static func message(_ gap: ControlGap) -> String {
        let what =
            switch gap.status {
            case .failed: "failed"
            case .mixed: "failed or were not persisted"
            default: "were not persisted"
            }
        let cause = gap.reasons.isEmpty ? "" : " (\(gap.reasons.joined(separator: "; ")))"
        return
            "\(gap.name): \(counted(gap.count, "number")), \(gap.first) to \(gap.end - 1) of "
            + "generation \(gap.generation), \(what)\(cause): a \(gap.severity) gap. "
            + "Find the files or explain it: daybook control gaps"
    }

    /// Counts what the allocators have open and missing, and compares it with what they say.
    ///
    /// A difference would be a defect of this program, which nobody else would see.
    private mutating func checkInventory() throws {
        var counted: [UInt64: (open: UInt64, missing: UInt64)] = [:]
        state.control.pages.forEach { page in
            for range in page.ranges {
                if range.isOpen {
                    counted[page.allocator, default: (0, 0)].open += range.count
                } else {
                    counted[page.allocator, default: (0, 0)].missing += range.count
                }
            }
        }
        let alerts = state.alerts.sorted().filter { $0.kind == Self.syncKind }
        for allocator in state.control.allocators.sorted() {
            let (open, missing) = counted[allocator.allocator] ?? (0, 0)
            let isRight =
                open == allocator.open && missing == allocator.missing
                && allocator.issued == allocator.persisted + open + missing
            let known = alerts.first {
                $0.subject == allocator.name && $0.tenant == allocator.tenant
            }
            tenant = allocator.tenant
            if isRight, let known { try clear(known, "the inventory is right again") }
            if !isRight, known == nil {
                try raise(
                    about: allocator.name, kind: Self.syncKind, severity: "critical",
                    "\(allocator.name): \(allocator.issued) numbers were given out, but "
                        + "\(allocator.persisted) persisted, \(open) open and \(missing) missing "
                        + "do not add up; keep the log, and report this defect")
            }
        }
        tenant = "default"
    }
}
