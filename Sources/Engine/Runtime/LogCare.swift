import EventLog
import Events
import Projections
import Synchronization

/// What is done beside the log while the engine runs: checkpoints, snapshots, sealing, scrubs, run
/// records; and what comes of it, as commands for the engine.
final class LogCare: Sendable {
    private struct State {
        var keeper: CheckpointKeeper?
        var housekeeper: LogHousekeeper?
        var snapshots: SnapshotKeeper?
        var records: RecordKeeper?
        /// How many records the log held when it was taken over.
        var end: UInt64 = 0
    }

    private let state = Mutex(State())
    private let report: @Sendable (Command) -> Void

    init(report: @escaping @Sendable (Command) -> Void) { self.report = report }

    /// Takes over an open log; nothing begins yet.
    ///
    /// - Throws: `EngineSetupError` where the key is of another origin than the log's checkpoints.
    func prepare(_ parts: EngineRuntime.Parts, _ log: LogWriter, ordinal: UInt64) throws {
        let snapshots = try SnapshotKeeper(
            log: log.identity, folder: parts.folder, disk: parts.disk, report: report)
        let end = log.nextSequence.rawValue
        state.withLock { state in
            state.snapshots = snapshots
            state.end = end
        }
        guard let signer = parts.checkpointSigner else { return }
        let keeper = CheckpointKeeper(
            log: log, store: CheckpointStore(folder: parts.folder, disk: parts.disk),
            signer: try CheckpointKeeper.signer(signer, ordinal: ordinal),
            interval: parts.checkpointInterval, report: report)
        try keeper.prepare()
        state.withLock { $0.keeper = keeper }
    }

    /// Begins to work; the first thing is what an earlier life left undone.
    ///
    /// - Parameter scrubAge: how long ago the last scrub was completed; nil for never.
    func start(_ parts: EngineRuntime.Parts, _ log: LogWriter, scrubAge: Duration?) throws {
        var settings = LogHousekeeper.Settings(
            folder: parts.folder, disk: parts.disk, vocabulary: EventVocabulary())
        settings.scrubInterval = parts.scrubInterval
        settings.scrubAge = scrubAge
        settings.scrubBytesPerSecond = parts.scrubBytesPerSecond
        let housekeeper = try LogHousekeeper(settings) { [weak self] in self?.take($0) }
        let keeper = state.withLock { state in
            state.housekeeper = housekeeper
            return state.keeper
        }
        try keeper?.start()
        try startRecords(parts, log)
    }

    private func startRecords(_ parts: EngineRuntime.Parts, _ log: LogWriter) throws {
        guard let settings = parts.runRecords else {
            // An earlier life may have had them, and an alert.
            report(
                .logTroubleOver(kind: RecordKeeper.alertKind, reason: "run records are off"))
            return
        }
        let source = RecordPump.Source(
            log: log.identity, folder: parts.folder, disk: parts.disk, trust: .provedDurable,
            end: state.withLock { $0.end })
        let records = try RecordKeeper(settings, source, report: report)
        state.withLock { $0.records = records }
        // What became durable before it was there to hear of it.
        if let durable = log.durableThrough { records.durable(through: durable) }
    }

    /// The log is durable so far; passes the news on.
    func durable(through sequence: SequenceNumber) {
        state.withLock { $0.records }?.durable(through: sequence)
    }

    /// Has a snapshot written of a state that is durable.
    func save(_ projected: ProjectedState) {
        state.withLock { $0.snapshots }?.save(projected)
    }

    /// A segment became full.
    func segmentIsFull() { state.withLock { $0.housekeeper }?.wake() }

    /// The log was closed: ends all, and signs the last checkpoint.
    ///
    /// Blocks.
    func finish(_ head: TreeHead) {
        let (housekeeper, keeper, snapshots, records) = state.withLock {
            ($0.housekeeper, $0.keeper, $0.snapshots, $0.records)
        }
        housekeeper?.close()
        snapshots?.finish()
        keeper?.finish(head)
        records?.finish(end: head.size)
    }

    private func take(_ found: LogHousekeeper.Report) {
        switch found {
        case .sealed(let outcome):
            if let failure = outcome.indexFailure { trouble(outcome.segment, failure) }
            guard let keeper = state.withLock({ $0.keeper }) else { return }
            Task { await keeper.sign(reason: "sealed") }
        case .failed(let segment, let error):
            trouble(segment, error.message)
        case .scrubbed(let scrub):
            var completed = ScrubCompleted()
            completed.segmentCount = UInt64(scrub.segmentCount)
            completed.byteCount = UInt64(scrub.byteCount)
            completed.recordCount = scrub.recordCount
            completed.milliseconds = UInt64(scrub.seconds * 1_000)
            completed.problems = scrub.problems.prefix(20).map { String($0.prefix(1_000)) }
            completed.problemCount = UInt64(scrub.problems.count)
            report(.scrubCompleted(completed))
        }
    }

    private func trouble(_ segment: SequenceNumber, _ message: String) {
        report(
            .logTrouble(
                kind: "seal", message: "segment \(segment) could not be sealed: \(message)"))
    }
}
