import EventLog
import Events

/// The last that a log has of its engine, up to a moment.
public struct EngineTrace: Sendable {
    /// A start, a stop, or a sign of life.
    public struct Sign: Sendable {
        /// The event's sequence.
        public let sequence: UInt64
        /// Its time, µs since 1970 UTC.
        public let time: Int64
        /// `engine started`, `stopped` or `alive`.
        public let type: EventType
        /// Why it stopped; empty otherwise.
        public let reason: String
        /// Whether occurrences were decided; of a start.
        public let isSchedulingOn: Bool
    }

    /// The time of the last event of any kind, µs; nil where there is none.
    public internal(set) var lastTime: Int64?
    /// Its sequence.
    public internal(set) var lastSequence: UInt64 = 0
    /// The last start, stop or sign of life; nil where none is near.
    public internal(set) var sign: Sign?
    /// The last start; nil where none is near.
    public internal(set) var start: Sign?
}

extension History {
    /// So many frames are read at the most: some days of a busy engine.
    private static let traceFramesMax = 1_024

    /// What a log has of its engine up to a moment: its last sign of life, and, where `needsStart`
    /// is set, its last start.
    ///
    /// - Parameter moment: µs since 1970 UTC, inclusive.
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(records back to what is looked for), at most 1,024 frames; before the first
    ///   question, the bytes that are not sealed yet.
    public func engine(
        at moment: Int64 = .max, needsStart: Bool = false
    ) throws(ReplayError) -> EngineTrace {
        try index.ask(folder) { (source) throws(ReplayError) in
            var trace = EngineTrace()
            var end = min(source.end, try source.upperBound(of: moment))
            for _ in 0..<Self.traceFramesMax {
                if trace.sign != nil && (trace.start != nil || !needsStart) { break }
                let sequences = try source.frame(below: end)
                guard let oldest = sequences.last else { break }
                end = oldest
                try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
                    let peek = try RecordPeek(bytes, sequence)
                    guard peek.time <= moment else { return }
                    if trace.lastTime == nil {
                        trace.lastTime = peek.time
                        trace.lastSequence = sequence
                    }
                    guard let sign = try EngineTrace.Sign(peek, sequence, bytes) else { return }
                    if trace.sign == nil { trace.sign = sign }
                    if trace.start == nil, sign.type == .engineStarted { trace.start = sign }
                }
            }
            return trace
        }
    }
}

extension EngineTrace.Sign {
    /// The sign that a record is; nil where it is none.
    init?(_ peek: RecordPeek, _ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) {
        let types: [EventType] = [.engineStarted, .engineStopped, .engineAlive]
        guard let type = types.first(where: { peek.isOf($0) }) else { return nil }
        let payload = try Event(bytes, sequence).payload
        self.init(
            sequence: sequence, time: peek.time, type: type,
            reason: (payload as? EngineStopped)?.reason ?? "",
            isSchedulingOn: (payload as? EngineStarted)?.isSchedulingOn ?? true)
    }
}
