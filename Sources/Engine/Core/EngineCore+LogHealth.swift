import Events
import Projections

/// What the log says of itself: the room on its disk, its checkpoints, its scrubs.
extension EngineCore {
    /// Whether only what was begun may be ended: what is set aside on the disk is for that.
    var isDiskFull: Bool { state.space == "full" }

    /// Refuses new work while the disk is full.
    func checkRoom() throws(Rejection) {
        guard isDiskFull else { return }
        throw Rejection(
            .diskFull,
            "the disk of the log is full, so no new work is taken; free some space: "
                + "it is taken again by itself")
    }

    /// Records the new state, tells people, and takes up what waited.
    mutating func spaceChanged(_ space: String, _ free: UInt64, _ wanted: UInt64) throws {
        let before = state.status.space
        // The first look of a start may say what is known already.
        guard space != before, space != "ample" || !before.isEmpty else { return }
        var changed = SpaceChanged()
        changed.space = space
        changed.freeByteCount = free
        changed.wantedByteCount = wanted
        let cause = try emit(changed)
        try clearLogAlerts("space", reason: "the disk has \(free >> 20) MiB free", cause: cause)
        if space != "ample" {
            let what =
                space == "full"
                ? "is full: no new work is taken until there is room; what runs is ended and logged"
                : "is nearly full"
            try raiseOfLog(
                kind: "space", severity: space == "full" ? "critical" : "high", cause: cause,
                "the disk of the log \(what): \(free >> 20) MiB are free, "
                    + "\(wanted >> 20) MiB should be. Make room")
        }
        if before == "full" { try takeUpAfterFull() }
    }

    /// What fell due, or waited, while the disk was full.
    private mutating func takeUpAfterFull() throws {
        for (definition, tenant) in heldBack {
            timers.add(
                .occurrence(definition: definition, tenant: tenant), at: now,
                lane: lanes.lane(tenant, limit: try limit(ofDefinition: definition)))
        }
        heldBack = []
        for run in state.openRuns.sorted() {
            switch run.status {
            case .due, .held: addTimer(.takeUp(run: run.run), of: run, at: now)
            case .retryScheduled: addTimer(.retry(run: run.run), of: run, at: max(run.retryAt, now))
            default: break
            }
        }
    }

    /// Another key signs from now on; the first one is recorded too.
    mutating func checkpointKeyChanged(_ key: String) throws {
        guard key != state.status.checkpointKey else { return }
        var changed = CheckpointKeyChanged()
        changed.before = state.status.checkpointKey
        changed.after = key
        try emit(changed)
    }

    /// A scrub's result; damage is an alert until a scrub finds none.
    mutating func scrubCompleted(_ scrub: ScrubCompleted) throws {
        let cause = try emit(scrub)
        try clearLogAlerts("scrub", reason: "the log was read again", cause: cause)
        guard let first = scrub.problems.first else { return }
        try raiseOfLog(
            kind: "scrub", severity: "critical", cause: cause,
            "\(scrub.problemCount) things are wrong in \(scrub.segmentCount) sealed segments; "
                + "first: \(first). Repair it from a copy: "
                + "daybook log repair --data DIR --from COPY")
    }

    /// A checkpoint was signed: what kept the one before from it is over.
    mutating func checkpointSigned(_ signed: CheckpointSigned) throws {
        let cause = try emit(signed)
        try clearLogAlerts("checkpoint", reason: "a checkpoint was signed", cause: cause)
    }

    /// Something that the log does beside appending failed; it is tried again.
    ///
    /// Reported once, until it is over.
    mutating func logTrouble(_ kind: String, _ message: String) throws {
        let isOpen = state.alerts.sorted().contains { $0.kind == kind && $0.jobId.isEmpty }
        if isOpen { return }
        // Run records can be made from the log at any time; the others concern the log itself.
        let severity = kind == "records" ? "medium" : "critical"
        try raiseOfLog(kind: kind, severity: severity, cause: 0, message)
    }

    /// What had failed was done; nothing is written where nothing was wrong.
    mutating func logTroubleOver(_ kind: String, _ reason: String) throws {
        try clearLogAlerts(kind, reason: reason, cause: 0)
    }

    private mutating func raiseOfLog(
        kind: String, severity: String, cause: UInt64, _ message: String
    ) throws {
        var raised = AlertRaised()
        raised.kind = kind
        raised.severity = severity
        raised.message = message
        try raise(raised, cause: cause)
    }

    private mutating func clearLogAlerts(_ kind: String, reason: String, cause: UInt64) throws {
        for alert in state.alerts.sorted() where alert.kind == kind && alert.jobId.isEmpty {
            try clear(alert, reason, cause: cause)
        }
    }
}
