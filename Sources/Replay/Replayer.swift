import EventLog
import Projections

/// Rebuilds the state from a log, without an engine and without changing anything.
public struct Replayer: Sendable {
    /// Which recorded digests are compared with the rebuilt state.
    public enum Comparison: Sendable {
        /// None.
        case none
        /// The last one: a digest costs what changed since the one before.
        case last
        /// Every one.
        case every
    }

    /// How far a replay has come.
    public struct Progress: Sendable {
        /// Records applied.
        public let records: UInt64
        /// Records a second since the start.
        public let recordsPerSecond: Double
        /// The time of the last one, µs since 1970 UTC.
        public let time: Int64
    }

    /// What to do.
    public struct Options: Sendable {
        /// The last sequence to apply; nil for no such bound.
        public var untilSequence: UInt64?
        /// The last event time to apply, µs, inclusive; nil for no such bound.
        public var untilTime: Int64?
        /// Which recorded digests to compare.
        public var comparison = Comparison.none
        /// Called about every `progressRecordCount` records.
        public var progress: (@Sendable (Progress) -> Void)?
        /// How often progress is told, in records.
        public var progressRecordCount: UInt64 = 1 << 18

        /// The whole log, nothing compared.
        public init() {}
    }

    /// The log to read.
    public let folder: DataFolder
    /// What to do.
    public let options: Options

    /// A replay of a folder.
    public init(_ folder: DataFolder, _ options: Options = Options()) {
        self.folder = folder
        self.options = options
    }

    /// Rebuilds the state.
    ///
    /// - Throws: `log` with the log's own error, `unknownEventType` and `notApplicable` with the
    ///   sequence, `logTooShort`.
    /// - Complexity: O(bytes of the log); memory for the state and a window of the log.
    public func run() throws(ReplayError) -> ReplayResult {
        let clock = ContinuousClock()
        let start = clock.now
        let wanted = options.comparison == .last ? try DigestFinder.last(folder, options) : nil
        var reader = try folder.reader()
        var run = Run(identity: reader.identity)
        let isAtEnd = try LogScan.run(&reader, from: 0) { (sequence, bytes) throws(ReplayError) in
            if try isBeyond(sequence, bytes) { return .stop }
            if try isCompared(sequence, bytes, wanted) { try run.check(sequence, bytes, folder) }
            try run.apply(bytes)
            if run.count % max(options.progressRecordCount, 1) == 0 {
                tell(run.count, run.state.lastTime, (clock.now - start).seconds)
            }
            return .more
        }
        if isAtEnd && folder.trust == .everything { try run.refuseShorter(than: folder) }
        let digest = run.state.digest()
        return ReplayResult(
            run, digest: digest, isAtEnd: isAtEnd, trust: folder.trust,
            comparison: options.comparison, seconds: (clock.now - start).seconds)
    }

    private func isBeyond(_ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) -> Bool {
        if let last = options.untilSequence, sequence > last { return true }
        guard let last = options.untilTime else { return false }
        return try RecordPeek(bytes, sequence).time > last
    }

    private func isCompared(
        _ sequence: UInt64, _ bytes: RawSpan, _ wanted: UInt64?
    ) throws(ReplayError) -> Bool {
        switch options.comparison {
        case .none: false
        case .last: sequence == wanted
        case .every: try RecordPeek(bytes, sequence).isOf(.digestRecorded)
        }
    }

    private func tell(_ count: UInt64, _ time: Int64, _ seconds: Double) {
        options.progress?(
            Progress(
                records: count, recordsPerSecond: Double(count) / max(seconds, 1e-9), time: time))
    }

    /// A replay under way.
    struct Run {
        let identity: LogIdentity
        var state = ProjectedState()
        var count: UInt64 = 0
        var checks: [DigestCheck] = []

        init(identity: LogIdentity) { self.identity = identity }

        mutating func apply(_ bytes: RawSpan) throws(ReplayError) {
            do throws(ProjectionError) { try state.apply(bytes) } catch {
                throw ReplayError(error)
            }
            count += 1
        }

        mutating func check(
            _ sequence: UInt64, _ bytes: RawSpan, _ folder: DataFolder
        ) throws(ReplayError) {
            checks.append(try DigestCheck(sequence, bytes, &state, identity, folder))
        }

        /// A state file that is valid was written after its sequence was durable.
        func refuseShorter(than folder: DataFolder) throws(ReplayError) {
            let evidence: UInt64?
            do throws(StateFileError) {
                evidence = try StateFile.newestValid(
                    after: state.lastSequence, log: identity, dataFolder: folder.path,
                    disk: folder.disk)
            } catch {
                throw ReplayError(.log, "\(error)")
            }
            guard let evidence else { return }
            throw ReplayError(
                .logTooShort, sequence: evidence,
                "\(StateFile.path(dataFolder: folder.path, sequence: evidence)) says that the log "
                    + "was durable through sequence \(evidence), and it ends before "
                    + "\(state.nextSequence). Restore the missing segments from a copy.")
        }
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
