/// What opening a log, or inspecting it, found.
public struct RecoveryReport: Sendable, Codable, Hashable {
    /// What the log is fit for.
    public enum Verdict: String, Sendable, Codable, Hashable {
        /// Every frame is good.
        case clean
        /// The last write was cut off by a crash; it was never acknowledged.
        case torn
        /// A new segment was cut off while it was made; it held nothing.
        case tornRoll
        /// Bytes that may have been acknowledged are bad or gone.
        case damaged
        /// A segment is of another log, or an unknown version, or one is missing.
        case foreignOrMissing
    }

    /// Bytes that were set aside, since they are no part of the log.
    public struct Quarantined: Sendable, Codable, Hashable {
        /// The segment that they stood in.
        public var segment: String
        /// Where they stood.
        public var offset: Int
        /// How many.
        public var byteCount: Int
        /// Where they are now; nil where nothing was changed.
        public var path: String?
    }

    /// The verdict; clean once what was torn is set aside is still reported as torn.
    public var verdict: Verdict
    /// Whether the log was made by this opening.
    public var isNew = false
    /// What was found, in a sentence, where it is not clean.
    public var detail: String?
    /// What to do next, where an opening is refused.
    public var remedy: String?
    /// The segment that the verdict is about.
    public var segment: String?
    /// The offset in it.
    public var offset: Int?
    /// The first sequence that is at risk, where an opening is refused.
    public var firstSequenceAtRisk: SequenceNumber?
    /// The last sequence at risk, as far as anything says.
    public var lastSequenceAtRisk: SequenceNumber?

    /// The log's identity, in hexadecimal.
    public var identity: String?
    /// The number of segments.
    public var segmentCount = 0
    /// The sequence that the next record gets.
    public var nextSequence: SequenceNumber?
    /// The last sequence that the log itself says is durable.
    public var durableThrough: SequenceNumber?
    /// The term of the last writer.
    public var term: UInt64?
    /// How many bytes were written again, and synced, before they were trusted.
    public var rewrittenByteCount = 0
    /// What was, or would be, set aside.
    public var quarantined: [Quarantined] = []

    init(verdict: Verdict) { self.verdict = verdict }

    /// Whether a log with this verdict can be opened for writing.
    public var isUsable: Bool {
        switch verdict {
        case .clean, .torn, .tornRoll: true
        case .damaged, .foreignOrMissing: false
        }
    }
}

extension RecoveryReport: CustomStringConvertible {
    /// The report for people: a few lines.
    public var description: String {
        var lines = ["verdict: \(verdict.rawValue)" + (isNew ? " (a new log)" : "")]
        if let detail { lines.append("found: \(detail)") }
        if let segment { lines.append("segment: \(segment)") }
        if let offset { lines.append("offset: \(offset)") }
        if let first = firstSequenceAtRisk {
            let last = lastSequenceAtRisk.map { "to at least \($0)" } ?? "on"
            lines.append("sequences at risk: from \(first) \(last)")
        }
        if let remedy { lines.append("what to do: \(remedy)") }
        if let identity { lines.append("log: \(identity), \(segmentCount) segments") }
        if let nextSequence { lines.append("next sequence: \(nextSequence)") }
        if let term { lines.append("term of the last writer: \(term)") }
        for piece in quarantined {
            let place = piece.path.map { "copied to \($0)" } ?? "to be set aside"
            lines.append(
                "\(piece.byteCount) bytes at offset \(piece.offset) of \(piece.segment): \(place)")
        }
        if rewrittenByteCount > 0 {
            lines.append("written again before it was trusted: \(rewrittenByteCount) bytes")
        }
        return lines.joined(separator: "\n")
    }
}

/// Something outside the segments that says how much of the log was durable: a checkpoint, a
/// snapshot, an index.
public struct DurabilityClaim: Sendable, Hashable {
    /// What says so, as a person would look for it.
    public var name: String
    /// The last sequence that it says was durable.
    public var durableThrough: SequenceNumber

    /// The claim of `name` that the log was durable through `durableThrough`.
    public init(name: String, durableThrough: SequenceNumber) {
        self.name = name
        self.durableThrough = durableThrough
    }
}
