import Events
import Projections
import Timetable

/// A blackout made ready: its times parsed, its zone loaded.
struct CompiledBlackout: Sendable {
    let key: ScheduleKey
    let definition: BlackoutDefinition
    /// The sequence of its declaration.
    let sequence: UInt64
    let window: BlackoutWindow
    let zone: Zone

    /// Compiles a blackout.
    ///
    /// - Throws: a rejection that names the field which is wrong, and what to do.
    init(
        _ key: ScheduleKey, _ sequence: UInt64, _ definition: BlackoutDefinition,
        _ zones: ZoneCatalog
    ) throws(Rejection) {
        self.key = key
        self.sequence = sequence
        self.definition = definition
        do {
            zone = definition.zone.isEmpty ? .utc : try zones.zone(definition.zone)
            if let trigger = definition.trigger {
                let set = TriggerSet([
                    try TriggerSource(trigger).trigger(in: zone, calendar: nil)
                ])
                window = .recurring(
                    set, microseconds: Int64(clamping: definition.durationSeconds) * 1_000_000)
            } else {
                window = .once(
                    from: Instant(microseconds: definition.from),
                    until: definition.until == 0 ? nil : Instant(microseconds: definition.until))
            }
        } catch {
            throw Rejection(.invalid, "blackout '\(definition.name)': \(error)")
        }
        try check()
    }

    private func check() throws(Rejection) {
        let name = definition.name
        if name.isEmpty { throw Rejection(.invalid, "a blackout needs a name") }
        guard Self.actions.contains(definition.action) else {
            throw Rejection(
                .invalid,
                "blackout '\(name)': its action is one of "
                    + Self.actions.joined(separator: ", "))
        }
        if definition.trigger != nil {
            guard (1...Self.durationSecondsMax).contains(definition.durationSeconds) else {
                throw Rejection(
                    .invalid, "blackout '\(name)': its windows need a duration, at most 31 days")
            }
        } else if definition.until != 0 && definition.until <= definition.from {
            throw Rejection(.invalid, "blackout '\(name)': it ends before it begins")
        }
    }

    /// What a blackout may do with runs.
    static let actions = ["skip", "defer", "deferCoalesced"]
    private static let durationSecondsMax: UInt64 = 31 * 86_400

    /// Whether it holds for a schedule.
    func concerns(_ schedule: CompiledSchedule) -> Bool {
        guard key.tenant == schedule.key.tenant else { return false }
        let (jobs, tags, targets) = (definition.jobs, definition.tags, definition.targets)
        if jobs.isEmpty && tags.isEmpty && targets.isEmpty { return true }
        return jobs.contains { ElementId.matches(schedule.key.jobId, job: $0) }
            || targets.contains(schedule.definition.target?.name ?? "")
            || !Set(tags).isDisjoint(with: schedule.definition.tags)
    }
}

/// A blackout that covers a moment for a schedule, and when it ends.
struct BlackoutInForce {
    let definition: BlackoutDefinition
    let end: BlackoutWindow.End
    let zone: Zone

    /// What it is, for events and people.
    var sentence: String {
        let until =
            switch end {
            case .at(let instant): "until \(zone.string(instant))"
            case .open: "until it is lifted"
            }
        let reason = definition.reason.isEmpty ? "" : " (\(definition.reason))"
        return "blackout '\(definition.name)'\(reason) \(until)"
    }
}
