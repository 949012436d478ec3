import EventLog
import Events
import Projections

/// Makes run records from a log without an engine: the lines that its keeper wrote, or would have.
public struct RunRecords: Sendable {
    /// Which lines to make.
    public struct Range: Sendable {
        /// The first sequence of a terminal event; nil for the first record of the log.
        public var firstSequence: UInt64?
        /// The last sequence, inclusive; nil for the end of the log.
        public var lastSequence: UInt64?
        /// The first time of a terminal event, µs, inclusive; nil for no such bound.
        public var from: Int64?
        /// The last time, µs, inclusive; nil for no such bound.
        public var to: Int64?

        /// The whole log.
        public init() {}
    }

    /// What was made.
    public struct Result: Sendable, Equatable {
        /// Lines.
        public internal(set) var lineCount = 0
        /// Whether an engine was running, so that only what was proved durable was read.
        public internal(set) var isEngineRunning = false
    }

    /// Makes the lines of a range, in the order of the log.
    ///
    /// Reads the log from its oldest record, or, where the range begins at a sequence, from the
    /// oldest run that ended in it: reads that range twice. Blocks.
    ///
    /// - Parameter emit: takes a line without its end; false ends it.
    /// - Throws: `log`; `notApplicable` where a record is not well formed.
    /// - Complexity: O(bytes that are read); memory for the runs that are open at once.
    public static func run(
        _ folder: DataFolder, _ range: Range, _ emit: (String) -> Bool
    ) throws(ReplayError) -> Result {
        var result = Result()
        result.isEngineRunning = folder.isEngineRunning
        let reader = try folder.reader()
        let (identity, oldest) = (reader.identity, reader.position.rawValue)
        _ = consume reader
        var lines = RunRecordLines(
            log: identity, folder: folder.path, disk: folder.disk, trust: folder.trust)
        let start = max(oldest, try start(folder, range, oldest))
        _ = try LogScan.run(folder, from: start) { (sequence, bytes) throws(ReplayError) in
            if let last = range.lastSequence, sequence > last { return .stop }
            let time = try RecordPeek(bytes, sequence).time
            if let to = range.to, time > to { return .stop }
            let isWanted =
                sequence >= range.firstSequence ?? 0 && time >= range.from ?? Int64.min
            guard let line = try take(bytes, sequence, isWanted, &lines) else { return .more }
            result.lineCount += 1
            return emit(line.json) ? .more : .stop
        }
        return result
    }

    private static func take(
        _ bytes: RawSpan, _ sequence: UInt64, _ isWanted: Bool, _ lines: inout RunRecordLines
    ) throws(ReplayError) -> RunRecordLine? {
        do {
            return try lines.take(bytes, sequence: sequence, isWanted: isWanted)
        } catch let error as ProjectionError {
            throw ReplayError(error)
        } catch let error as EventLogError {
            throw ReplayError(error)
        } catch {
            throw ReplayError(.notApplicable, sequence: sequence, "sequence \(sequence): \(error)")
        }
    }

    /// Where to begin reading: at the first event of the oldest run that ended in the range.
    private static func start(
        _ folder: DataFolder, _ range: Range, _ oldestHeld: UInt64
    ) throws(ReplayError) -> UInt64 {
        guard let first = range.firstSequence, first > oldestHeld else { return 0 }
        var oldest = first
        _ = try LogScan.run(folder, from: first) { (sequence, bytes) throws(ReplayError) in
            if let last = range.lastSequence, sequence > last { return .stop }
            do throws(WireError) {
                let fields = try EventFields(bytes)
                let view = fields.view
                switch view.type {
                case .runSucceeded, .runDead, .runCancelled, .runSkipped, .runMissed:
                    let number = view.uint(1)
                    if number != 0 { oldest = min(oldest, number) }
                default: break  // it ends no run
                }
            } catch { throw .malformed(error, sequence) }
            return .more
        }
        return oldest
    }
}
