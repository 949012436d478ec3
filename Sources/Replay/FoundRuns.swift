import Events
import Projections

/// The newest of the runs that were offered, and only as many as a page needs.
struct FoundRuns {
    private let query: History.Query
    private let before: RunPlace?
    private var runs: [(place: RunPlace, run: RunSummary)] = []

    init(_ query: History.Query, before: RunPlace?) {
        self.query = query
        self.before = before
    }

    /// How many there are, at most twice what a page needs.
    var count: Int { runs.count }

    /// One more than the page holds, which tells whether there is another page.
    private var wanted: Int { min(max(query.limit, 0), 1 << 30) + 1 }

    /// Takes a run that the query asks for.
    mutating func offer(_ run: RunSummary) {
        if let reference = query.reference, !run.reference.utf8.elementsEqual(reference.utf8) {
            return
        }
        if !query.statuses.isEmpty && !query.statuses.contains(run.status) { return }
        let time = query.clock == .scheduled ? run.scheduled : run.lastTime
        // A range of occurrences matches where any of it lies in the range of time.
        let first = query.clock == .scheduled ? run.firstScheduled : time
        if let from = query.from, time < from { return }
        if let to = query.to, (run.run == nil ? first : time) > to { return }
        let place = RunPlace(time: time, sequence: run.firstSequence)
        if let before, place >= before { return }
        runs.append((place, run))
        if runs.count >= 2 * wanted + 64 { keepNewest() }
    }

    /// Whether no run matters any more that comes after `time`, going back.
    ///
    /// - Parameter time: no run that was not offered yet has a later one.
    mutating func isFull(before time: Int64) -> Bool {
        guard runs.count >= wanted else { return false }
        keepNewest()
        return runs.last.map { $0.place.time >= time } ?? false
    }

    private mutating func keepNewest() {
        runs.sort { $0.place > $1.place }
        if runs.count > wanted { runs.removeLast(runs.count - wanted) }
    }

    /// The page: the newest, newest first.
    mutating func page(isEngineRunning: Bool, unknownEvents: Int) -> History.Page {
        keepNewest()
        let page = Array(runs.prefix(max(query.limit, 0)))
        return History.Page(
            runs: page.map(\.run),
            nextCursor: runs.count > query.limit ? page.last?.place.cursor : nil,
            isEngineRunning: isEngineRunning, unknownEvents: unknownEvents)
    }
}

/// What was read so far of one run: its records, by sequence.
struct RunPieces {
    private(set) var records: [UInt64: [UInt8]] = [:]

    mutating func add(_ sequence: UInt64, _ bytes: [UInt8]) { records[sequence] = bytes }

    /// What the run came to, as far as these records tell; nil without its first one.
    ///
    /// After its end only one thing is of interest: that it was put in again.
    func summary(of run: UInt64) throws(ReplayError) -> RunSummary? {
        var summary: RunSummary?
        for (sequence, bytes) in records.sorted(by: { $0.key < $1.key }) {
            do throws(WireError) {
                let fields = try EventFields(bytes.span.bytes)
                let view = fields.view
                guard let type = view.type else { continue }
                if type == .runDue {
                    if sequence == run { summary = try RunSummary(type, view) }
                } else if summary?.status.isTerminal == false {
                    try summary?.apply(type, view)
                } else if type == .runRequeued {
                    summary?.requeuedAs = view.uint(3)
                }
            } catch { throw .malformed(error, sequence) }
        }
        return summary
    }
}
