import Events

/// One entry of one projection, as comparisons hold it.
public struct StateEntry: Sendable, Equatable {
    /// The projection's name.
    public let projection: String
    /// The key's canonical bytes; entries of a projection are ordered by them.
    public let key: [UInt8]
    /// The key for people.
    public let keyText: String
    /// The entry's canonical bytes.
    public let entry: [UInt8]

    init<Entry: ProjectionEntry>(_ projection: String, _ entry: Entry) {
        self.projection = projection
        key = Entry.keyBytes(entry.key)
        keyText = Entry.keyText(entry.key)
        self.entry = entry.encoded()
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
        case "approvals": JSONText.of(try ApprovalState(decoding: entry))
        case "blackouts": JSONText.of(try BlackoutState(decoding: entry))
        case "control-numbers": JSONText.of(try ControlAllocatorState(decoding: entry))
        case "control-ranges": JSONText.of(try NumberPage(decoding: entry))
        case "control-requests": JSONText.of(try ControlRequest(decoding: entry))
        case "calendars": JSONText.of(try CalendarState(decoding: entry))
        case "definitions": JSONText.of(try DefinitionState(decoding: entry))
        case "dependencies": JSONText.of(try DependencyState(decoding: entry))
        case "duplicates": JSONText.of(try DuplicateState(decoding: entry))
        case "engine": JSONText.of(try EngineStatus(decoding: entry))
        case "exchange-keys": JSONText.of(try ExchangeKey(decoding: entry))
        case "job-types": JSONText.of(try JobTypeState(decoding: entry))
        case "legal-holds": JSONText.of(try LegalHoldState(decoding: entry))
        case "outbound-files": JSONText.of(try OutboundFileState(decoding: entry))
        case "outcomes": JSONText.of(try OutcomeState(decoding: entry))
        case "partners": JSONText.of(try PartnerState(decoding: entry))
        case "received-files": JSONText.of(try ReceivedFileState(decoding: entry))
        case "schedules": JSONText.of(try ScheduleState(decoding: entry))
        case "workers": JSONText.of(try WorkerState(decoding: entry))
        case "zones": JSONText.of(try ZoneState(decoding: entry))
        default: JSONText.of(try RunState(decoding: entry))
        }
    }
}

extension ProjectedState {
    /// How many entries all projections have together.
    public var entryCount: Int {
        schedules.count + definitions.count + blackouts.count + calendars.count + zones.count
            + jobTypes.count + openRuns.count + deadRuns.count + workers.count
            + dependencies.count + approvals.count
            + finishedRuns.count + alerts.count + engine.count + control.entryCount
            + exchange.entryCount
    }

    /// Every entry of every projection, in the order of `StateEntry.precedes`.
    ///
    /// - Complexity: O(n log n), and memory for one projection's entries.
    public func forEachStateEntry(_ body: (StateEntry) -> Void) {
        withoutActuallyEscaping(body) { body in
            var visitor = EntryVisitor(body: body)
            visitProjections(&visitor)
        }
    }

    /// The entries of one bucket of a projection, in the order of their keys; none where there is
    /// no such bucket.
    ///
    /// - Complexity: O(n log n) in the bucket's entries.
    public func entries(projection: String, bucket: Int) -> [StateEntry] {
        var visitor = BucketVisitor(projection: projection, bucket: bucket)
        visitProjections(&visitor)
        return visitor.found
    }
}

private struct EntryVisitor: ProjectionVisitor {
    let body: (StateEntry) -> Void

    func visit<Entry: ProjectionEntry>(_ name: String, _ map: BucketedMap<Entry>) {
        for entry in map.sorted() { body(StateEntry(name, entry)) }
    }
}

private struct BucketVisitor: ProjectionVisitor {
    let projection: String
    let bucket: Int
    var found: [StateEntry] = []

    mutating func visit<Entry: ProjectionEntry>(_ name: String, _ map: BucketedMap<Entry>) {
        guard name == projection, 0 <= bucket, bucket < map.bucketCount else { return }
        found = map.sorted(map.slotsByBucket()[bucket]).map { StateEntry(name, $0) }
    }
}
