import Events
import Projections

/// How long the attempts of schedules usually take: the median of their last successes.
public struct TypicalDurations: Sendable {
    /// How many successes count.
    public static let countMax = 20
    /// So many of a schedule's records are looked at, at the most.
    private static let recordsMax = 1_024

    private let history: History

    /// Nothing is read before it is asked.
    public init(_ history: History) { self.history = history }

    /// The lower median of a schedule's last `countMax` successes, µs; nil where it had none that
    /// is found.
    ///
    /// Blocks while it reads.
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(frames that hold the schedule's newest records, 1,024 at the most).
    public func duration(of key: ScheduleKey) throws(ReplayError) -> Int64? {
        let last = try successes(key).prefix(Self.countMax).sorted()
        return last.isEmpty ? nil : last[(last.count - 1) / 2]
    }

    /// The last successes, newest first.
    private func successes(_ key: ScheduleKey) throws(ReplayError) -> [Int64] {
        try history.index.ask(history.folder) { (source) throws(ReplayError) in
            let name = EventVocabulary.key(tenant: key.tenant, jobId: key.jobId)
            var found: [Int64] = []
            var end = source.end
            var rest = Self.recordsMax
            while found.count < Self.countMax, rest > 0 {
                let sequences = try source.newest(name, below: end, limit: 128)
                guard let oldest = sequences.last else { break }
                end = oldest
                rest -= sequences.count
                try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
                    // An index names records by a hash: the record itself says whose it is.
                    if let (other, duration) = try Self.success(sequence, bytes), other == key {
                        found.append(duration)
                    }
                }
            }
            return found
        }
    }

    /// The schedule and the duration of a success; nil for any other event.
    private static func success(
        _ sequence: UInt64, _ bytes: RawSpan
    ) throws(ReplayError) -> (ScheduleKey, Int64)? {
        do throws(WireError) {
            let fields = try EventFields(bytes)
            let view = fields.view
            guard view.type == .runSucceeded else { return nil }
            let key = ScheduleKey(try view.tenant, try view.text(2))
            return (key, Int64(clamping: view.uint(12)))
        } catch { throw .malformed(error, sequence) }
    }
}
