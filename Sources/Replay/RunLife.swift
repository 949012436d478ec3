import Events
import Projections

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
    /// A run's number is the sequence of its first event. Two look-ups give the rest, however long
    /// it lasted: its key in the index of that segment, and among the keys that later indexes name
    /// as begun before. The same for each of its alerts.
    ///
    /// - Throws: `notFound` where the number is not that of a run; `log`, `notApplicable`.
    /// - Complexity: O(the run's events); before the first question, the bytes that are not sealed
    ///   yet. Memory for the run's events.
    public func life(of run: UInt64) throws(ReplayError) -> RunLife {
        try index.ask(folder) { (source) throws(ReplayError) in
            try Self.life(of: run, &source)
        }
    }

    private static func life(
        of run: UInt64, _ source: inout HistorySource
    ) throws(ReplayError) -> RunLife {
        var finder = LifeFinder(run)
        if run < source.end { try finder.find(&source) }
        guard let summary = finder.summary else { throw notARun(run) }
        return RunLife(
            run: run, summary: summary, events: finder.events,
            isEngineRunning: source.folder.isEngineRunning)
    }

    private static func notARun(_ run: UInt64) -> ReplayError {
        ReplayError(
            .notFound, sequence: run,
            "sequence \(run) is not that of a run; `daybook history` lists the runs")
    }
}

/// Picks the events of one run.
private struct LifeFinder {
    let run: UInt64
    var summary: RunSummary?
    var events: [Event] = []
    private var alerts: Set<UInt64> = []

    init(_ run: UInt64) { self.run = run }

    /// Takes what the log has of the run.
    mutating func find(_ source: inout HistorySource) throws(ReplayError) {
        let own = try source.story(EventVocabulary.key(run: run), since: run)
        // The alerts are in the run's own records.
        var seen = self
        try source.forEachRecord(at: own) { (sequence, bytes) throws(ReplayError) in
            try seen.take(sequence, bytes)
        }
        guard !seen.alerts.isEmpty else {
            self = seen
            return
        }
        var all = Set(own)
        for alert in seen.alerts {
            all.formUnion(try source.story(EventVocabulary.key(alert: alert), since: alert))
        }
        var found = self
        try source.forEachRecord(at: all.sorted()) { (sequence, bytes) throws(ReplayError) in
            try found.take(sequence, bytes)
        }
        self = found
    }

    /// Takes a record, if it is of the run: records come in the order of the log.
    mutating func take(_ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) {
        do throws(WireError) { guard try isWanted(bytes) else { return } } catch {
            throw .malformed(error, sequence)
        }
        events.append(try Event(bytes, sequence))
    }

    private mutating func isWanted(_ bytes: RawSpan) throws(WireError) -> Bool {
        let fields = try EventFields(bytes)
        let view = fields.view
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
        case .alertCleared, .alertAcknowledged, .alertEscalated:
            return alerts.contains(number)
        case .notificationSent, .notificationFailed:
            if view.uint(5) == run { return true }
            return alerts.contains(number)
        case .notificationRequested, .approvalRequested, .approvalGranted, .approvalRefused,
            .approvalExpired:
            return view.uint(3) == run
        case .runDue:
            return view.uint(17) == run
        default:
            guard type.isOfRun, number == run else { return false }
            try summary?.apply(type, view)
            return true
        }
    }
}
