import Events
import Projections

/// Answers questions about the past from a log, with or without a running engine.
///
/// It reads the indexes of the log's segments, and of the records those that they name.
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
        /// The schedule's id, or that of a job that was fanned out, for all of its elements; nil
        /// for all.
        public var jobId: String?
        /// Only this element of the job, or of every job.
        public var element: String?
        /// The tenant.
        public var tenant = "default"
        /// The first moment, µs, inclusive; nil for no such bound.
        public var from: Int64?
        /// The last moment, µs, inclusive; nil for no such bound.
        public var to: Int64?
        /// Which time of a run `from` and `to` speak of, and the order goes by.
        public var clock = Clock.scheduled
        /// Only runs of this customer's reference; nil for all.
        public var reference: String?
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
        /// How many of the events that were read had a type that this build does not know, and
        /// were passed over.
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
    let index: HistoryIndex

    /// A history of a folder.
    ///
    /// - Parameter index: what is kept between questions, by who asks often.
    public init(_ folder: DataFolder, index: HistoryIndex = HistoryIndex()) {
        self.folder = folder
        self.index = index
    }

    /// Finds runs, newest first.
    ///
    /// Ranges of occurrences that ended together (missed while the engine was down, skipped in a
    /// pause) are given as one entry without a run number.
    ///
    /// - Throws: `log`, `notApplicable`, `invalid` for a cursor that was not given by a page.
    /// - Complexity: O(frames that hold the records of the page, or of the schedule's runs that
    ///   it passes over); before the first question, the bytes that are not sealed yet. Memory for
    ///   the page, and for the runs that are open where it looks. With a reference and by event
    ///   time: O(all of its runs).
    public func runs(_ query: Query) throws(ReplayError) -> Page {
        let before = try RunPlace(cursor: query.cursor)
        return try index.ask(folder) { (source) throws(ReplayError) in
            var walk = RunWalk(query, before: before)
            try walk.run(&source)
            return walk.page(isEngineRunning: source.folder.isEngineRunning)
        }
    }
}

/// The order of runs: by the time asked for, then by the first event.
struct RunPlace: Comparable {
    let time: Int64
    let sequence: UInt64

    init(time: Int64, sequence: UInt64) {
        self.time = time
        self.sequence = sequence
    }

    /// Reads what a page gave; nil for the first page.
    init?(cursor: String?) throws(ReplayError) {
        guard let cursor else { return nil }
        let parts = cursor.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let sequence = UInt64(parts[1]) else {
            throw History.unknownCursor(cursor)
        }
        self.init(time: time, sequence: sequence)
    }

    /// What finds the page that follows this place.
    var cursor: String { "\(time):\(sequence)" }

    static func < (a: RunPlace, b: RunPlace) -> Bool {
        a.time != b.time ? a.time < b.time : a.sequence < b.sequence
    }
}
