import Events

/// How the runs of a stretch of time started, by their events.
public struct Punctuality: Sendable, Equatable {
    /// Runs that became due, by schedule or to catch up.
    public internal(set) var due: UInt64 = 0
    /// Of these, skipped or cancelled before they started: nobody waits for them.
    public internal(set) var withdrawn: UInt64 = 0
    /// Of these, started in time.
    public internal(set) var onTime: UInt64 = 0
    /// Of these, reported as late or started after their start delay.
    public internal(set) var late: UInt64 = 0
    /// Of these, ended without a start, and not reported as late.
    public internal(set) var notStarted: UInt64 = 0
    /// Of these, neither started nor late, as far as the log goes.
    public internal(set) var waiting: UInt64 = 0
    /// Occurrences that were missed: without a run, because the engine was down.
    public internal(set) var missed: UInt64 = 0
    /// Occurrences for which one run that caught up stands.
    public internal(set) var coalesced: UInt64 = 0
    /// Runs whose `finishBy` clock ran out.
    public internal(set) var slaMissed: UInt64 = 0

    /// How many of them should have started in time, and it is known whether they did.
    public var expected: UInt64 { onTime + late + notStarted + missed + coalesced }
}

/// Counts runs as their events come.
struct PunctualityFold {
    private struct Open {
        /// A start after this is late, µs; 0 for no such clock.
        let startBy: Int64
        var isStarted = false
        var isLate = false
        var hasMissedSLA = false
    }

    private let start: Int64
    private let end: Int64
    private let job: String?
    private let tenant: String
    private var open: [UInt64: Open] = [:]
    private var counts = Punctuality()

    init(from start: Int64, before end: Int64, job: String?, tenant: String) {
        self.start = start
        self.end = end
        self.job = job
        self.tenant = tenant
    }

    /// Whether some run of the stretch is not over.
    var hasOpen: Bool { !open.isEmpty }

    /// Which events it needs.
    static let types: Set<Int> = Set(
        [
            EventType.runDue, .runDispatched, .runLate, .runSlaMissed, .runSkipped, .runMissed,
            .runCancelled, .runSucceeded, .runDead,
        ].map(\.rawValue))

    mutating func take(_ view: borrowing EventView) throws(WireError) {
        guard let type = view.type else { return }
        let isWithin = (start..<end).contains(view.time)
        let run = view.uint(1)
        switch type {
        case .runDue:
            let trigger = try view.text(10)
            guard isWithin, trigger == "schedule" || trigger == "catchUp", try isWanted(view)
            else { return }
            open[run] = Open(startBy: view.int(15))
            counts.due += 1
        case .runDispatched:
            guard let known = open[run], !known.isStarted else { return }
            open[run]?.isStarted = true
            // One that catches up may start too late at once, without a report.
            if known.startBy != 0, view.time > known.startBy { open[run]?.isLate = true }
        case .runLate:
            // A run is late once, whether it starts afterwards or not.
            open[run]?.isLate = true
        case .runSlaMissed:
            if try view.text(3) == "finishBy" { open[run]?.hasMissedSLA = true }
        case .runSkipped, .runMissed:
            guard run == 0 else { return close(run, isWithdrawn: type == .runSkipped) }
            guard isWithin, try isWanted(view) else { return }
            let count = max(view.uint(11), 1)
            if type == .runMissed {
                counts.missed += count
            } else if try view.text(3) == "coalesced" {
                counts.coalesced += count
            }
        case .runCancelled: close(run, isWithdrawn: true)
        case .runSucceeded, .runDead: close(run, isWithdrawn: false)
        default: break  // it says nothing of starts
        }
    }

    private func isWanted(_ view: borrowing EventView) throws(WireError) -> Bool {
        guard let job else { return true }
        // By bytes: two texts can be equal and have different ones.
        let (own, ownTenant) = (try view.text(2), try view.tenant)
        return own.utf8.elementsEqual(job.utf8) && ownTenant.utf8.elementsEqual(tenant.utf8)
    }

    private mutating func close(_ run: UInt64, isWithdrawn: Bool) {
        guard let known = open.removeValue(forKey: run) else { return }
        count(known, isOver: true, isWithdrawn: isWithdrawn)
    }

    private mutating func count(_ run: Open, isOver: Bool, isWithdrawn: Bool) {
        if run.hasMissedSLA { counts.slaMissed += 1 }
        if run.isLate {
            counts.late += 1
        } else if run.isStarted {
            counts.onTime += 1
        } else if isWithdrawn {
            counts.withdrawn += 1
        } else if isOver {
            counts.notStarted += 1
        } else {
            counts.waiting += 1
        }
    }

    /// What came of it; runs that are not over count as far as they have come.
    mutating func finish() -> Punctuality {
        for run in open.values { count(run, isOver: false, isWithdrawn: false) }
        open = [:]
        return counts
    }
}
