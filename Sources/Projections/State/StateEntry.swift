import Events

/// One entry of one projection, as state files and comparisons hold it.
public struct StateEntry: WireMessage {
    /// The projection's name.
    public var projection = ""
    /// The key's canonical bytes; entries of a projection are ordered by them.
    public var key: [UInt8] = []
    /// The key for people.
    public var keyText = ""
    /// The entry's canonical bytes.
    public var entry: [UInt8] = []
    public var unknownFields: [UInt8] = []

    /// An empty entry.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "projection", &projection)
        try v.bytes(2, "key", &key)
        try v.text(3, "keyText", &keyText)
        try v.bytes(4, "entry", &entry)
    }

    /// Whether it comes before another: by projection, then by key, as bytes.
    public func precedes(_ other: StateEntry) -> Bool {
        if projection != other.projection {
            return projection.utf8.lexicographicallyPrecedes(other.projection.utf8)
        }
        return key.lexicographicallyPrecedes(other.key)
    }

    /// What the entry says, as one JSON object.
    ///
    /// - Throws: `WireError` where its bytes are not an entry of its projection.
    public func json() throws(WireError) -> String {
        switch projection {
        case "alerts": JSONText.of(try AlertState(decoding: entry))
        case "calendars": JSONText.of(try CalendarState(decoding: entry))
        case "definitions": JSONText.of(try DefinitionState(decoding: entry))
        case "engine": JSONText.of(try EngineStatus(decoding: entry))
        case "schedules": JSONText.of(try ScheduleState(decoding: entry))
        default: JSONText.of(try RunState(decoding: entry))
        }
    }
}

extension ProjectedState {
    /// How many entries all projections have together.
    public var entryCount: Int {
        schedules.count + definitions.count + calendars.count + openRuns.count + deadRuns.count
            + finishedRuns.count + alerts.count + engine.count
    }

    /// Every entry of every projection, in the order of `StateEntry.precedes`.
    ///
    /// - Complexity: O(n log n), and memory for one projection's entries.
    public func forEachStateEntry<Failure: Error>(
        _ body: (StateEntry) throws(Failure) -> Void
    ) throws(Failure) {
        try alerts.forEachStateEntry("alerts", body)
        try calendars.forEachStateEntry("calendars", body)
        try deadRuns.forEachStateEntry("dead-letters", body)
        try definitions.forEachStateEntry("definitions", body)
        try engine.forEachStateEntry("engine", body)
        try finishedRuns.forEachStateEntry("finished-runs", body)
        try openRuns.forEachStateEntry("open-runs", body)
        try schedules.forEachStateEntry("schedules", body)
    }
}

extension BucketedMap {
    fileprivate func forEachStateEntry<Failure: Error>(
        _ projection: String, _ body: (StateEntry) throws(Failure) -> Void
    ) throws(Failure) {
        for entry in sorted() {
            var item = StateEntry()
            item.projection = projection
            item.key = Entry.keyBytes(entry.key)
            item.keyText = Entry.keyText(entry.key)
            item.entry = entry.encoded()
            try body(item)
        }
    }
}
