import EventLog
import Events
import Projections

extension History {
    /// Which events to find: those that have a key of the log's vocabulary.
    public struct EventQuery: Sendable {
        /// The key, such as `EventVocabulary.key(actor:)` gives.
        public var key: String
        /// The first moment, µs, inclusive; nil for no such bound.
        public var from: Int64?
        /// The last moment, µs, inclusive; nil for no such bound.
        public var to: Int64?
        /// How many to give at the most.
        public var limit = 100
        /// Where the page before ended; nil for the first page.
        public var cursor: String?

        /// The newest 100 events of a key.
        public init(key: String) { self.key = key }
    }

    /// Some of the events that were found, newest first.
    public struct EventPage: Sendable {
        /// The events.
        public let events: [Event]
        /// What finds the next page; nil where there are no more.
        public let nextCursor: String?
        /// Whether an engine was running, so that only what was proved durable was read.
        public let isEngineRunning: Bool

        /// The page as one JSON object.
        public var json: String {
            var text = JSONText()
            text.member("events", json: "[" + events.map(\.json).joined(separator: ",") + "]")
            text.member("nextCursor", json: nextCursor.map(JSONText.quoted) ?? "null")
            text.member("engineRunning", json: "\(isEngineRunning)")
            return text.object
        }
    }

    /// Finds the events that have a key, newest first: everything that one actor did, or that was
    /// done under one ticket, or of one schedule.
    ///
    /// - Throws: `log`, `notApplicable`, `invalid` for a cursor that was not given by a page.
    /// - Complexity: O(frames that hold the page's events); before the first question, the bytes
    ///   that are not sealed yet.
    public func events(_ query: EventQuery) throws(ReplayError) -> EventPage {
        let before = try Self.sequence(query.cursor)
        return try index.ask(folder) { (source) throws(ReplayError) in
            var search = EventSearch(query, before: before)
            try search.run(&source)
            return search.page(isEngineRunning: source.folder.isEngineRunning)
        }
    }

    private static func sequence(_ cursor: String?) throws(ReplayError) -> UInt64? {
        guard let cursor else { return nil }
        guard let sequence = UInt64(cursor) else { throw unknownCursor(cursor) }
        return sequence
    }

    static func unknownCursor(_ cursor: String) -> ReplayError {
        ReplayError(
            .invalid, "the cursor '\(cursor)' is none that a page gave; leave it out to begin")
    }
}

/// A search for events under way.
private struct EventSearch {
    private let query: History.EventQuery
    private let before: UInt64
    /// Newest first, at most one more than the page holds.
    private var found: [Event] = []

    init(_ query: History.EventQuery, before: UInt64?) {
        self.query = query
        self.before = before ?? .max
    }

    /// One more than the page holds, which tells whether there is another page.
    private var wanted: Int { min(max(query.limit, 0), 1 << 30) + 1 }

    mutating func run(_ source: inout HistorySource) throws(ReplayError) {
        var end = min(before, source.end)
        if let to = query.to { end = min(end, try source.upperBound(of: to)) }
        while found.count < wanted {
            let rest = min(max(wanted - found.count, 16), 4_096)
            let sequences = try source.newest(query.key, below: end, limit: rest)
            guard let oldest = sequences.last else { return }
            end = oldest
            var isBefore = false
            var more: [Event] = []
            try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
                if isBefore { return }
                let time = try take(sequence, bytes) { more.append($0) }
                if let from = query.from, time < from { isBefore = true }
            }
            found += more.prefix(wanted - found.count)
            if isBefore { return }
        }
    }

    /// Gives an event to `body` if it is one of those wanted; its time.
    private func take(
        _ sequence: UInt64, _ bytes: RawSpan, _ body: (Event) -> Void
    ) throws(ReplayError) -> Int64 {
        var time: Int64 = 0
        do throws(WireError) {
            let fields = try EventFields(bytes)
            let view = fields.view
            time = view.time
            // An index names records by a hash: the record itself says whether it has the key.
            guard view.type != nil, EventVocabulary.hasKey(query.key, view),
                query.from.map({ time >= $0 }) ?? true, query.to.map({ time <= $0 }) ?? true
            else { return time }
        } catch { throw .malformed(error, sequence) }
        body(try Event(bytes, sequence))
        return time
    }

    func page(isEngineRunning: Bool) -> History.EventPage {
        let page = Array(found.prefix(max(query.limit, 0)))
        let last = found.count > query.limit ? page.last.map { String($0.envelope.sequence) } : nil
        return History.EventPage(
            events: page, nextCursor: last, isEngineRunning: isEngineRunning)
    }
}
