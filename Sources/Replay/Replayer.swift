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

    /// What a replay starts from.
    public enum Start: Sendable {
        /// The state of an empty log: the proof, for it needs nothing but the records.
        case nothing
        /// The newest good snapshot within the bounds, where there is one: quicker, and no more
        /// than what the snapshot is worth.
        case snapshot
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
        /// What to start from.
        ///
        /// With `snapshot`, only digests recorded after it are compared.
        public var start = Start.nothing
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
        let reader = try folder.reader()
        var run = Run(identity: reader.identity)
        let snapshot =
            options.start == .snapshot ? try run.start(within: bound(wanted), folder) : nil
        let interval = max(options.progressRecordCount, 1)
        var nextTold = interval
        // The snapshot's own record is read, though not applied: the log must hold it.
        var isHeld = snapshot == nil
        let isAtEnd = try LogScan.runAhead(reader, from: snapshot ?? 0) {
            (sequence, bytes, noted) throws(ReplayError) in
            if sequence == snapshot {
                isHeld = true
                return .more
            }
            if try isBeyond(sequence, bytes) { return .stop }
            if try isCompared(sequence, bytes, wanted) { try run.check(sequence, bytes, folder) }
            try run.apply(bytes, noted)
            if run.count == nextTold {
                nextTold += interval
                tell(run.count, run.state.lastTime, (clock.now - start).seconds)
            }
            return .more
        }
        if isAtEnd && folder.trust == .everything {
            try run.refuseShorter(than: folder, by: isHeld ? nil : snapshot)
        }
        let digest = run.state.digest()
        return ReplayResult(
            run, digest: digest, isAtEnd: isAtEnd, trust: folder.trust,
            comparison: options.comparison, seconds: (clock.now - start).seconds)
    }

    /// Up to where a snapshot may reach: not past the bounds, nor the digest that is compared.
    private func bound(_ wanted: UInt64?) -> Snapshot.Bound {
        var bound = Snapshot.Bound()
        if let last = options.untilSequence { bound.sequence = last }
        if let last = options.untilTime { bound.time = last }
        // A digest speaks of the state just before its own record.
        if let wanted { bound.sequence = min(bound.sequence, wanted > 0 ? wanted - 1 : 0) }
        return bound
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
        /// The sequence of the snapshot that it went on from.
        var snapshot: UInt64?
        /// What was wrong with snapshots that were passed over.
        var unusable: [SnapshotError] = []

        init(identity: LogIdentity) { self.identity = identity }

        /// Takes the newest good snapshot's state.
        ///
        /// - Returns: its sequence; nil where there is none.
        mutating func start(
            within bound: Snapshot.Bound, _ folder: DataFolder
        ) throws(ReplayError) -> UInt64? {
            do throws(SnapshotError) {
                let found = try Snapshot.newest(
                    log: identity, within: bound, dataFolder: folder.path, disk: folder.disk)
                state = found.state
                snapshot = found.sequence
                unusable = found.unusable
                return found.sequence
            } catch {
                throw ReplayError(.log, "\(error)")
            }
        }

        mutating func apply(
            _ bytes: RawSpan, _ noted: Span<UInt64>
        ) throws(ReplayError) {
            do throws(ProjectionError) { try state.apply(bytes, noted: noted) } catch {
                throw ReplayError(error)
            }
            count += 1
        }

        mutating func check(
            _ sequence: UInt64, _ bytes: RawSpan, _ folder: DataFolder
        ) throws(ReplayError) {
            checks.append(try DigestCheck(sequence, bytes, &state, identity, folder))
        }

        /// A snapshot that is valid was written after its sequence was durable.
        ///
        /// - Parameter missing: a snapshot whose own record the log does not hold.
        func refuseShorter(
            than folder: DataFolder, by missing: UInt64?
        ) throws(ReplayError) {
            let later: UInt64?
            do throws(SnapshotError) {
                later = try Snapshot.newestValid(
                    after: state.lastSequence, log: identity, dataFolder: folder.path,
                    disk: folder.disk)
            } catch {
                throw ReplayError(.log, "\(error)")
            }
            guard let evidence = later ?? missing else { return }
            throw ReplayError(
                .logTooShort, sequence: evidence,
                "\(Snapshot.path(dataFolder: folder.path, sequence: evidence)) says that the log "
                    + "was durable through sequence \(evidence), and it ends before "
                    + "\(missing ?? state.nextSequence). Restore the missing segments from a copy.")
        }
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
