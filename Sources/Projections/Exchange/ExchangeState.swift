import Events

/// What is exchanged with trading partners: who they are, what came and is not answered yet, what
/// is to be told, and the files that are being made.
///
/// A file that was received and answered, or written and acknowledged, leaves memory; of both the
/// log's index finds every event (`file:NUMBER`). What must not be taken twice stays as a key until
/// its moment.
public struct ExchangeState: Sendable {
    /// Trading partners.
    public internal(set) var partners = BucketedMap<PartnerState>(bucketCount: 16)
    /// What is not taken twice.
    public internal(set) var keys = BucketedMap<ExchangeKey>(bucketCount: 64, leafCount: 64)
    /// Received files that are not answered yet.
    public internal(set) var received = BucketedMap<ReceivedFileState>(
        bucketCount: 64, leafCount: 16)
    /// Duplicates that nobody settled yet.
    public internal(set) var duplicates = BucketedMap<DuplicateState>(bucketCount: 16)
    /// Outcomes that stand in no written file yet.
    public internal(set) var outcomes = BucketedMap<OutcomeState>(bucketCount: 64, leafCount: 64)
    /// Files of ours that are being made, or not acknowledged yet.
    public internal(set) var files = BucketedMap<OutboundFileState>(
        bucketCount: 64, leafCount: 16)
    /// Legal holds.
    public internal(set) var holds = BucketedMap<LegalHoldState>(bucketCount: 16)
    var wheel = ExpiryWheel()

    /// How long a received file without an answer, or a file without an acknowledgment, is kept in
    /// memory, µs.
    static let age: Int64 = 93 * 86_400_000_000

    /// Nothing.
    init() {}

    /// How many entries there are together.
    var entryCount: Int {
        partners.count + keys.count + received.count + duplicates.count + outcomes.count
            + files.count + holds.count
    }

    /// The digests of what is not empty, or of all of it.
    mutating func digests(withEmptyOnes isWhole: Bool) -> [ProjectionDigest] {
        var digests: [ProjectionDigest] = []
        func add<Entry>(_ name: String, _ map: inout BucketedMap<Entry>) {
            guard isWhole || map.count > 0 else { return }
            digests.append(StateDigest.projection(name, 1, map.bucketDigests()))
        }
        add("duplicates", &duplicates)
        add("exchange-keys", &keys)
        add("legal-holds", &holds)
        add("outbound-files", &files)
        add("outcomes", &outcomes)
        add("partners", &partners)
        add("received-files", &received)
        return digests
    }

    /// A received file's, or a file's, time in memory begins.
    mutating func keep(_ file: OutboundFileState) {
        wheel.add(.outbound(file.file), at: Self.end(of: file))
    }

    static func end(of file: OutboundFileState) -> Int64 {
        end(max(file.publishedAt, file.acquiredAt))
    }

    static func end(of file: ReceivedFileState) -> Int64 { end(file.receivedAt) }

    /// Until when a duplicate is not found once more: sweeps look back a day.
    static func end(ofDuplicateFoundAt time: Int64) -> Int64 { end(time, after: 7 * day) }

    private static let day: Int64 = 86_400_000_000

    /// The end of what began at a time; a time of a log may be any.
    private static func end(_ time: Int64, after age: Int64 = age) -> Int64 {
        let (end, isOver) = time.addingReportingOverflow(age)
        return isOver ? .max : end
    }

    /// Notes that something is not taken again before a moment.
    mutating func note(_ key: ScheduleKey, _ sequence: UInt64, until: Int64) {
        keys.insert(ExchangeKey(key, sequence, until: until))
        wheel.add(.key(key), at: until)
    }

    /// Drops what is over.
    mutating func dropOld(at now: Int64) {
        for item in wheel.take(at: now) {
            switch item {
            case .key(let key):
                if let known = keys[key], known.until < now { _ = keys.remove(key) }
            case .received(let number):
                if let known = received[number], Self.end(of: known) < now {
                    _ = received.remove(number)
                }
            case .outbound(let number):
                if let known = files[number], Self.isOver(known), Self.end(of: known) < now {
                    remove(known)
                }
            }
        }
    }

    /// Whether nothing more is done with a file, but for its acknowledgment.
    private static func isOver(_ file: OutboundFileState) -> Bool {
        switch file.status {
        case .acquired, .assembled: false
        case .published, .quarantined, .failed: true
        }
    }

    /// A file leaves memory, with the outcomes that went nowhere else.
    mutating func remove(_ file: OutboundFileState) {
        _ = files.remove(file.file)
        for number in file.outcomes {
            if outcomes[number]?.file == file.file { _ = outcomes.remove(number) }
        }
    }

    /// What follows from maps that were loaded from a snapshot.
    ///
    /// - Complexity: O(n).
    mutating func rebuildWheel() {
        var wheel = ExpiryWheel()
        keys.forEach { wheel.add(.key($0.key), at: $0.until) }
        received.forEach { wheel.add(.received($0.ingestion), at: Self.end(of: $0)) }
        files.forEach { file in
            if Self.isOver(file) { wheel.add(.outbound(file.file), at: Self.end(of: file)) }
        }
        self.wheel = wheel
    }

    // MARK: questions

    /// What had a key, at a moment; nil where it may be taken.
    ///
    /// - Complexity: O(1).
    public func owner(tenant: String, _ text: String, at now: Int64) -> UInt64? {
        guard let known = keys[ScheduleKey(tenant, text)], known.until >= now else { return nil }
        return known.sequence
    }
}
