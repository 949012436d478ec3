import EventLog
import Events
import Projections

/// How much of a month an engine worked, and how many runs started in time, by the log alone.
///
/// `docs/availability.md` has the rules.
public struct Availability: Sendable {
    /// A share of the covered time that is to be reached.
    public struct Goal: Sendable, Equatable {
        /// The share in hundredths of a percent.
        public let basisPoints: Int64
        /// What it is called, such as `99.5`.
        public let name: String
    }

    /// What is required, and what we want.
    public static let goals = [
        Goal(basisPoints: 9_950, name: "99.5"), Goal(basisPoints: 9_999, name: "99.99"),
    ]
    /// A running engine writes at least each minute; without an event for longer than this, µs, it
    /// counts as down since the last one.
    public static let silenceMax: Int64 = 120_000_000
    /// How long after the month what becomes of its runs is looked at, µs.
    static let runsReach: Int64 = 86_400_000_000

    /// The month.
    public let month: UTCMonth
    /// The first moment of the month that the log covers, µs; nil where it covers none of it.
    public let from: Int64?
    /// The first moment after what it covers, µs.
    public let to: Int64
    /// The stretches without a working engine, the first 1,000, in order.
    public let outages: [Outage]
    /// How many there are.
    public let outageCount: Int
    /// How long they lasted together, µs.
    public let downMicroseconds: Int64
    /// How long those lasted that were meant, µs.
    public let plannedMicroseconds: Int64
    /// The schedule whose runs are counted; nil for all.
    public let job: String?
    /// The runs.
    public let runs: Punctuality
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool

    /// How much of the month the log covers, µs.
    public var coveredMicroseconds: Int64 { from.map { max(to - $0, 0) } ?? 0 }
    /// How much of it an engine worked, µs.
    public var upMicroseconds: Int64 { coveredMicroseconds - downMicroseconds }

    /// Whether a goal is met; nil where the log covers nothing of the month.
    public func meets(_ goal: Goal) -> Bool? {
        let covered = coveredMicroseconds
        if covered == 0 { return nil }
        // A month has less than 2^42 µs.
        return upMicroseconds * 10_000 >= covered * goal.basisPoints
    }

    /// The share of the covered time with a working engine, in percent; nil for no such time.
    public var percent: String? {
        Self.percent(UInt64(max(upMicroseconds, 0)), of: UInt64(coveredMicroseconds))
    }

    /// The share of the runs that were expected and started in time, in percent; nil for none.
    public var onTimePercent: String? { Self.percent(runs.onTime, of: runs.expected) }

    /// A share in percent with four decimals, rounded down: 100.0000 means all of it.
    private static func percent(_ part: UInt64, of whole: UInt64) -> String? {
        if whole == 0 { return nil }
        let product = part.multipliedFullWidth(by: 1_000_000)
        let (share, _) = whole.dividingFullWidth(product)
        let decimals = String(share % 10_000)
        return "\(share / 10_000)." + String(repeating: "0", count: 4 - decimals.count) + decimals
    }
}

extension History {
    /// The months of which the log has something, in order; none for an empty log.
    ///
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(1) reads, and the bytes that are not sealed yet.
    public func months() throws(ReplayError) -> [UTCMonth] {
        guard let last = try engine().lastTime else { return [] }
        let first = try index.ask(folder) { (source) throws(ReplayError) in
            var time = last
            _ = try LogScan.run(source.folder) { (sequence, bytes) throws(ReplayError) in
                time = try RecordPeek(bytes, sequence).time
                return .stop
            }
            return time
        }
        var months = [UTCMonth(holding: first)]
        while let latest = months.last, latest < UTCMonth(holding: last) {
            months.append(latest.next)
        }
        return months
    }

    /// How much of a month an engine worked, and how its runs started.
    ///
    /// Blocks while it reads.
    ///
    /// - Parameter job: the schedule whose runs are counted; nil for all.
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(bytes of the month's events, and of a day after it); memory for the runs
    ///   that are open at once.
    public func availability(
        of month: UTCMonth, job: String? = nil, tenant: String = "default"
    ) throws(ReplayError) -> Availability {
        let trace = try engine(at: month.start - 1)
        var uptime = Uptime(from: month.start, before: month.end, trace)
        var runs = PunctualityFold(
            from: month.start, before: month.end, job: job, tenant: tenant)
        let first = try index.ask(folder) { (source) throws(ReplayError) in
            try source.first(atOrAfter: month.start)
        }
        if let first {
            _ = try LogScan.run(folder, from: first) { (sequence, bytes) throws(ReplayError) in
                let peek = try RecordPeek(bytes, sequence)
                if peek.time >= month.end, uptime.isOver,
                    !runs.hasOpen || peek.time >= month.end + Availability.runsReach
                {
                    return .stop
                }
                try uptime.take(peek, sequence, bytes)
                if PunctualityFold.types.contains(peek.payloadNumber) {
                    do throws(WireError) {
                        let fields = try EventFields(bytes)
                        try runs.take(fields.view)
                    } catch { throw .malformed(error, sequence) }
                }
                return .more
            }
        }
        let isCovered = uptime.from.map { uptime.to > $0 } ?? false
        return Availability(
            month: month, from: isCovered ? uptime.from : nil, to: uptime.to,
            outages: uptime.outages, outageCount: uptime.outageCount,
            downMicroseconds: uptime.downMicroseconds,
            plannedMicroseconds: uptime.plannedMicroseconds, job: job, runs: runs.finish(),
            isEngineRunning: folder.isEngineRunning)
    }
}

extension Uptime {
    /// Takes the next record.
    mutating func take(
        _ peek: RecordPeek, _ sequence: UInt64, _ bytes: RawSpan
    ) throws(ReplayError) {
        let types: [EventType] = [.engineStarted, .engineStopped, .lossAccepted]
        let type = types.first { peek.isOf($0) }
        let payload = type == nil ? nil : try Event(bytes, sequence).payload
        take(
            type, peek.time, sequence, verdict: (payload as? EngineStarted)?.verdict,
            stopReason: (payload as? EngineStopped)?.reason)
    }
}
