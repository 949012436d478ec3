import Events

/// A stretch of time in which no engine worked.
public struct Outage: Sendable, Equatable {
    /// Why.
    public enum Cause: String, Sendable {
        /// The engine was stopped, on purpose.
        case stopped
        /// The engine ended without a stop: killed, crashed, or the machine went down.
        case killed
        /// The engine ran, and wrote nothing for longer than `Availability.silenceMax`.
        case silent
    }

    /// Its first moment, µs since 1970 UTC: the stop, or the last sign of life.
    public internal(set) var from: Int64
    /// The first moment after it: the next start, or the next sign of life.
    public internal(set) var to: Int64
    /// Why.
    public let cause: Cause
    /// Why it was stopped, where it was.
    public let reason: String
    /// The sequence of the last event before it.
    public let lastSequence: UInt64
    /// The sequence of the event that ended it.
    public let nextSequence: UInt64
    /// What recovery found at the start that ended it: `clean`, `torn`, `torn roll`; empty where
    /// nothing was started.
    public let verdict: String

    /// Whether it was meant.
    public var isPlanned: Bool { cause == .stopped }
    /// How long it lasted, µs.
    public var microseconds: Int64 { to - from }
}

/// When an engine worked, by its events.
struct Uptime {
    private let start: Int64
    private let end: Int64
    /// The first moment of which the log tells, and the last.
    private(set) var from: Int64?
    private(set) var to: Int64 = 0
    private(set) var outages: [Outage] = []
    /// How long the outages lasted together, µs, and those that were meant.
    private(set) var downMicroseconds: Int64 = 0
    private(set) var plannedMicroseconds: Int64 = 0
    private(set) var outageCount = 0

    /// The last event of a living engine, or the stop.
    private var last: (time: Int64, sequence: UInt64)?
    private var isUp = false
    private var reason = ""

    /// So many outages are kept; all of them count.
    private static let outagesMax = 1_000

    /// Begins a stretch of time, with what the log has from before it.
    init(from start: Int64, before end: Int64, _ trace: EngineTrace) {
        self.start = start
        self.end = end
        guard let time = trace.lastTime else { return }
        from = start
        let sign = trace.sign
        isUp = sign?.type != .engineStopped
        reason = sign?.reason ?? ""
        if let sign, !isUp || sign.time >= time {
            last = (sign.time, sign.sequence)
        } else {
            last = (time, trace.lastSequence)
        }
    }

    /// Whether every moment of the stretch is known.
    private(set) var isOver = false

    /// Takes the next event.
    ///
    /// - Parameter verdict: what recovery found, for a start; nil for any other event.
    mutating func take(
        _ type: EventType?, _ time: Int64, _ sequence: UInt64, verdict: String?,
        stopReason: String?
    ) {
        guard !isOver, type != .lossAccepted else { return }
        if from == nil {
            // The log begins after the stretch: it tells nothing of it.
            if time >= end { return isOver = true }
            from = time
        }
        to = min(time, end)
        if let last {
            let isGap = time - last.time > Availability.silenceMax
            if let verdict {
                add(isUp ? .killed : .stopped, last, time, sequence, verdict)
            } else if isUp && isGap {
                add(.silent, last, time, sequence, "")
            }
        }
        if time >= end { isOver = true }
        if verdict != nil { isUp = true }
        if isUp { last = (time, sequence) }
        if let stopReason {
            isUp = false
            reason = stopReason
        }
    }

    private mutating func add(
        _ cause: Outage.Cause, _ last: (time: Int64, sequence: UInt64), _ time: Int64,
        _ sequence: UInt64, _ verdict: String
    ) {
        let outage = Outage(
            from: max(last.time, start), to: min(time, end), cause: cause,
            reason: cause == .stopped ? reason : "", lastSequence: last.sequence,
            nextSequence: sequence, verdict: verdict)
        guard outage.to > outage.from else { return }
        outageCount += 1
        downMicroseconds += outage.microseconds
        if outage.isPlanned { plannedMicroseconds += outage.microseconds }
        if outages.count < Self.outagesMax { outages.append(outage) }
    }
}
