import Events

/// Every event of one run, in order: its own, its alerts', and those that link it to other runs.
public struct RunLife: Sendable {
    /// The run's number.
    public let run: UInt64
    /// What it came to.
    public let summary: RunSummary
    /// Its events, decoded.
    public let events: [Event]
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool

    /// The life as one JSON object: the summary and the events.
    public var json: String {
        var text = JSONText()
        text.member("run", json: summary.json)
        text.member("events", json: "[" + events.map(\.json).joined(separator: ",") + "]")
        text.member("engineRunning", json: "\(isEngineRunning)")
        return text.object
    }
}

extension History {
    /// The whole life of a run.
    ///
    /// - Throws: `notFound` where the number is not that of a run; `log`, `notApplicable`.
    /// - Complexity: O(bytes of the log from the run on); memory for the run's events.
    public func life(of run: UInt64) throws(ReplayError) -> RunLife {
        var finder = LifeFinder(run)
        _ = try LogScan.run(folder, from: run) { (sequence, bytes) throws(ReplayError) in
            do throws(WireError) {
                guard try finder.isWanted(bytes) else {
                    return sequence == run ? .stop : .more
                }
            } catch {
                throw .malformed(error, sequence)
            }
            finder.events.append(try Event(bytes, sequence))
            return .more
        }
        guard let summary = finder.summary else {
            throw ReplayError(
                .notFound, sequence: run,
                "sequence \(run) is not that of a run; `daybook history` lists the runs")
        }
        return RunLife(
            run: run, summary: summary, events: finder.events,
            isEngineRunning: folder.isEngineRunning)
    }
}

/// Picks the events of one run.
private struct LifeFinder {
    let run: UInt64
    var summary: RunSummary?
    var events: [Event] = []
    private var alerts: Set<UInt64> = []

    init(_ run: UInt64) { self.run = run }

    mutating func isWanted(_ bytes: RawSpan) throws(WireError) -> Bool {
        let view = try EventView(bytes)
        guard let type = view.type else { return false }
        if view.sequence == run && type == .runDue {
            summary = try RunSummary(type, view)
            return true
        }
        let number = view.uint(1)
        switch type {
        case .alertRaised:
            guard view.uint(3) == run else { return false }
            alerts.insert(number)
            return true
        case .alertCleared, .notificationSent:
            return alerts.contains(number)
        case .runDue:
            return view.uint(17) == run
        default:
            guard type.isOfRun, number == run else { return false }
            try summary?.apply(type, view)
            return true
        }
    }
}
