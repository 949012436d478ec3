import EventLog
import Events
import Projections

/// What a replay came to.
public struct ReplayResult: Sendable {
    /// Whether what was compared agrees.
    public enum Outcome: String, Sendable {
        /// Nothing was to be compared.
        case notAsked
        /// The log holds no recorded digest in the range that was replayed.
        case nothingRecorded
        /// Every comparison agrees.
        case agrees
        /// At least one differs.
        case differs
        /// None differs, and at least one could not be compared in full.
        case notComparable
    }

    /// Events applied.
    public let events: UInt64
    /// How long it took.
    public let seconds: Double
    /// Events applied a second.
    public let eventsPerSecond: Double
    /// The snapshot that it went on from; nil where it started from nothing.
    public let snapshot: UInt64?
    /// What was wrong with snapshots that were passed over.
    public let unusableSnapshots: [SnapshotError]
    /// The last sequence applied; nil for an empty log.
    public let lastSequence: UInt64?
    /// Its time, µs since 1970 UTC.
    public let lastTime: Int64
    /// The digest of the rebuilt state.
    public let digest: StateDigest
    /// The rebuilt state.
    public let state: ProjectedState
    /// The log's identity.
    public let identity: LogIdentity
    /// How much of the log was read: all that recovery would trust, or, beside a running engine,
    /// only what is proved durable.
    public let trust: LogReader.Trust
    /// Whether the log was read to its end, and not to a bound that was given.
    public let isWholeLog: Bool
    /// The comparisons, oldest first.
    public let checks: [DigestCheck]
    /// What they come to.
    public let outcome: Outcome

    init(
        _ run: Replayer.Run, digest: StateDigest, isAtEnd: Bool, trust: LogReader.Trust,
        comparison: Replayer.Comparison, seconds: Double
    ) {
        events = run.count
        self.seconds = seconds
        eventsPerSecond = Double(run.count) / max(seconds, 1e-9)
        snapshot = run.snapshot
        unusableSnapshots = run.unusable
        lastSequence = run.state.lastSequence
        lastTime = run.state.lastTime
        self.digest = digest
        state = run.state
        identity = run.identity
        self.trust = trust
        isWholeLog = isAtEnd
        checks = run.checks
        outcome = Self.outcome(run.checks, comparison)
    }

    private static func outcome(
        _ checks: [DigestCheck], _ comparison: Replayer.Comparison
    ) -> Outcome {
        if comparison == .none { return .notAsked }
        if checks.isEmpty { return .nothingRecorded }
        if checks.contains(where: { $0.verdict == .differs }) { return .differs }
        return checks.allSatisfy { $0.verdict == .agrees } ? .agrees : .notComparable
    }

    /// The result as one JSON object, without the state.
    public var json: String {
        var text = JSONText()
        text.member("events", json: String(events))
        text.member("seconds", json: Decimal3.of(seconds))
        text.member("eventsPerSecond", json: String(Int(eventsPerSecond)))
        text.member("snapshot", json: snapshot.map { String($0) } ?? "null")
        text.member("lastSequence", json: lastSequence.map { String($0) } ?? "null")
        text.member(
            "lastTime",
            json: lastSequence == nil
                ? "null" : JSONText.quoted(UTCText.of(microseconds: lastTime)))
        text.member("digest", text: digest.hex)
        text.member("logIdentity", text: identity.description)
        text.member("engineRunning", json: trust == .provedDurable ? "true" : "false")
        text.member("wholeLog", json: isWholeLog ? "true" : "false")
        text.member("comparison", text: outcome.rawValue)
        text.member("checks", json: "[" + checks.map(\.json).joined(separator: ",") + "]")
        return text.object
    }
}

/// A number with three decimals, without a locale.
enum Decimal3 {
    static func of(_ value: Double) -> String {
        let thousandths = Int((value * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
}
