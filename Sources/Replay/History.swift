import Events
import Projections

/// Searches the past runs of a log.
///
/// It reads the log from its start each time.
public struct History: Sendable {
    /// Which time of a run a range speaks of.
    public enum Clock: String, Sendable, CaseIterable {
        /// The scheduled time.
        case scheduled
        /// The time of the run's last event: when it ended, where it is over.
        case event
    }

    /// Which runs to find.
    public struct Query: Sendable {
        /// The schedule's id; nil for all.
        public var jobId: String?
        /// The tenant.
        public var tenant = "default"
        /// The first moment, µs, inclusive; nil for no such bound.
        public var from: Int64?
        /// The last moment, µs, inclusive; nil for no such bound.
        public var to: Int64?
        /// Which time of a run `from` and `to` speak of, and the order goes by.
        public var clock = Clock.scheduled
        /// Only runs that stand so; empty for all.
        public var statuses: Set<RunStatus> = []
        /// How many to give at the most.
        public var limit = 100
        /// Where the page before ended; nil for the first page.
        public var cursor: String?

        /// The newest 100 runs of the default tenant.
        public init() {}
    }

    /// Some of the runs that were found, newest first.
    public struct Page: Sendable {
        /// The runs.
        public let runs: [RunSummary]
        /// What finds the next page; nil where there are no more.
        public let nextCursor: String?
        /// Whether an engine was running, so that only what was proved durable was read.
        public let isEngineRunning: Bool
        /// How many events had a type that this build does not know, and were passed over.
        public let unknownEvents: Int

        /// The page as one JSON object.
        public var json: String {
            var text = JSONText()
            text.member("runs", json: "[" + runs.map(\.json).joined(separator: ",") + "]")
            text.member("nextCursor", json: nextCursor.map(JSONText.quoted) ?? "null")
            text.member("engineRunning", json: "\(isEngineRunning)")
            text.member("unknownEvents", json: String(unknownEvents))
            return text.object
        }
    }

    /// The log to search.
    public let folder: DataFolder

    /// A history of a folder.
    public init(_ folder: DataFolder) { self.folder = folder }

    /// Finds runs, newest first.
    ///
    /// Ranges of occurrences that ended together (missed while the engine was down, skipped in a
    /// pause) are given as one entry without a run number.
    ///
    /// - Throws: `log`, `notApplicable`, `invalid` for a cursor that was not given by a page.
    /// - Complexity: O(bytes of the log); memory for the schedule's open runs and the page.
    public func runs(_ query: Query) throws(ReplayError) -> Page {
        var search = try Search(query)
        _ = try LogScan.run(folder) { (sequence, bytes) throws(ReplayError) in
            do throws(WireError) { try search.take(bytes) } catch {
                throw .malformed(error, sequence)
            }
            return .more
        }
        return search.page(isEngineRunning: folder.isEngineRunning)
    }
}

/// A search under way.
private struct Search {
    /// The order: by the time asked for, then by the first event.
    private struct Place: Comparable {
        let time: Int64
        let sequence: UInt64

        static func < (a: Place, b: Place) -> Bool {
            a.time != b.time ? a.time < b.time : a.sequence < b.sequence
        }
    }

    private let query: History.Query
    private let before: Place?
    private var tracker = RunTracker()
    private var unknownEvents = 0
    /// Found so far, oldest first, at most one more than the page holds.
    private var found: [(place: Place, run: RunSummary)] = []

    init(_ query: History.Query) throws(ReplayError) {
        self.query = query
        guard let cursor = query.cursor else {
            before = nil
            return
        }
        let parts = cursor.split(separator: ":")
        guard parts.count == 2, let time = Int64(parts[0]), let sequence = UInt64(parts[1]) else {
            throw ReplayError(
                .invalid, "the cursor '\(cursor)' is none that a page gave; leave it out to begin")
        }
        before = Place(time: time, sequence: sequence)
    }

    mutating func take(_ bytes: RawSpan) throws(WireError) {
        let view = try EventView(bytes)
        guard let type = view.type else {
            unknownEvents += 1
            return
        }
        guard type.isOfRun else { return }
        if let jobId = query.jobId, try view.text(2) != jobId { return }
        guard try view.tenant == query.tenant else { return }
        if let ended = try tracker.take(type, view) { offer(ended) }
        if type == .runRequeued { noteRequeued(view) }
    }

    /// A dead run that was found before was put in again.
    private mutating func noteRequeued(_ view: borrowing EventView) {
        let number = view.uint(1)
        for index in found.indices where found[index].run.run == number {
            found[index].run.requeuedAs = view.uint(3)
        }
    }

    private mutating func offer(_ run: RunSummary) {
        if !query.statuses.isEmpty && !query.statuses.contains(run.status) { return }
        let time = query.clock == .scheduled ? run.scheduled : run.lastTime
        // A range of occurrences matches where any of it lies in the range of time.
        let first = query.clock == .scheduled ? run.firstScheduled : time
        if let from = query.from, time < from { return }
        if let to = query.to, (run.run == nil ? first : time) > to { return }
        let place = Place(time: time, sequence: run.firstSequence)
        if let before, place >= before { return }
        let index = insertionIndex(place)
        if found.count > query.limit && index == 0 { return }
        found.insert((place, run), at: index)
        if found.count > query.limit + 1 { found.removeFirst() }
    }

    private func insertionIndex(_ place: Place) -> Int {
        var low = 0
        var high = found.count
        while low < high {
            let middle = (low + high) / 2
            if found[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func page(isEngineRunning: Bool) -> History.Page {
        for run in tracker.sorted { offer(run) }
        let page = found.suffix(max(query.limit, 0)).reversed()
        let last = page.last.map { "\($0.place.time):\($0.place.sequence)" }
        return History.Page(
            runs: page.map(\.run), nextCursor: found.count > query.limit ? last : nil,
            isEngineRunning: isEngineRunning, unknownEvents: unknownEvents)
    }
}
