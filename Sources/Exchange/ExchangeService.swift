import Crypto
import Engine
import Events
import NIOCore
import Projections
import Synchronization
import X12

/// The exchange of files with partners while the program is in service: what is dropped is taken
/// in, what the API brings too, and runs of kind `exchange` are carried out.
public final class ExchangeService: Sendable {
    /// How the exchange works.
    public struct Settings: Sendable {
        /// How long a dropped file must be unchanged before it is taken.
        public var settle = Duration.seconds(2)
        /// When old files are moved and deleted.
        public var lifecycle: LifecycleSettings
        /// The most bytes of a file that comes by the API.
        public var uploadByteCountMax = 1 << 30

        /// Settings; those not stated are the defaults.
        public init(lifecycle: LifecycleSettings) { self.lifecycle = lifecycle }
    }

    /// Carries out runs of kind `exchange`.
    public let tasks: ExchangeTasks
    private let settings: Settings
    private let store: ExchangeStore
    private let ingestion: Ingestion
    private let intake: OutcomeIntake
    private let immediate: ImmediateAssembly
    private let watch: InboundWatch
    private let watching = Mutex<Task<Void, Never>?>(nil)

    /// The exchange of an engine, on a folder that only it writes.
    ///
    /// What writes that were killed left behind is removed; it blocks meanwhile.
    /// - Parameters:
    ///   - now: the time, µs.
    ///   - warn: is told one line for people: no content, no sender's names.
    /// - Throws: `ExchangeError`; `X12Error` where the tables of X12 cannot be read.
    public convenience init(
        engine: any ExchangeEngine, store: ExchangeStore, assembly: AssemblyTarget,
        settings: Settings, clock: any Clock<Duration>, now: @escaping @Sendable () -> Int64,
        warn: @escaping @Sendable (String) -> Void
    ) throws {
        try self.init(
            engine: engine, store: store, assembly: assembly, settings: settings, clock: clock,
            now: now, warn: warn, fault: nil)
    }

    /// As above, with what tests set.
    package init(
        engine: any ExchangeEngine, store: ExchangeStore, assembly: AssemblyTarget,
        settings: Settings, clock: any Clock<Duration>, now: @escaping @Sendable () -> Int64,
        warn: @escaping @Sendable (String) -> Void,
        fault: (@Sendable (Ingestion.Step) throws -> Void)?
    ) throws {
        try store.clearLeftovers()
        self.store = store
        self.settings = settings
        ingestion = Ingestion(
            engine: engine, store: store, library: try GrammarLibrary.standard(), now: now,
            warn: warn, fault: fault)
        intake = OutcomeIntake(engine: engine, store: store, now: now)
        immediate = ImmediateAssembly(engine: engine)
        watch = InboundWatch(
            ingestion: ingestion, intake: intake, assembly: immediate, settle: settings.settle,
            clock: clock)
        tasks = ExchangeTasks(
            assembly: assembly, engine: engine, store: store, intake: intake,
            lifecycle: settings.lifecycle, clock: clock, now: now)
    }

    /// Takes the schedules of the configuration in force: those that assemble are started at once
    /// for what is not to wait.
    public func use(_ definitions: [ScheduleDefinition]) { immediate.use(definitions) }

    /// Begins to look for dropped files.
    public func start() {
        let task = Task { await watch.run() }
        watching.withLock { $0 = task }
    }

    /// Ends that; returns when what was begun is done.
    ///
    /// Call it before the engine stops.
    public func stop() async {
        let task = watching.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
    }

    /// One look at the folders, and everything that it found done: for tests.
    package func pass() async { await watch.pass() }

    // MARK: by the API

    /// Receives a partner's file that comes in pieces.
    ///
    /// - Parameter key: the name that its caller gave to the request: the same name is the same
    ///   file, received once; empty for none.
    /// - Throws: `ExchangeError` (code `tooLarge`, `busy`, `keyTaken` where another file was
    ///   received under the key, or of storage), `Rejection`, or what reading the body throws;
    ///   nothing was received then, unless the engine is gone.
    public func receive<Body: AsyncSequence>(
        partner: String, key: String, _ body: Body, _ who: Authority
    ) async throws -> Ingestion.Report where Body.Element == ByteBuffer {
        _ = try await ingestion.partner(partner)
        let taken = TakenFile(
            partner: partner,
            key: key.isEmpty ? TakenFile.randomKey() : TakenFile.key(of: key, partner: partner),
            source: .api, originalName: "")
        let report = try await withKey(taken, ingestion.inHand) {
            try await self.write(body, to: try taken.path())
            do {
                return try await self.ingestion.receive(taken, who)
            } catch {
                try await self.forget(try taken.path(), after: error)
                throw error
            }
        }
        await assemble(
            Set(report.file.outcomes.map { OutcomeScope(partner: $0.partner, type: $0.type) }))
        return report
    }

    /// Takes in a file of outcomes that comes in pieces.
    ///
    /// - Throws: as `receive`; `outcome` where a line is bad: nothing was taken then.
    public func takeOutcomes<Body: AsyncSequence>(
        _ body: Body, _ who: Authority
    ) async throws -> OutcomeIntake.Report where Body.Element == ByteBuffer {
        let taken = TakenFile(
            partner: TakenFile.spool, key: TakenFile.randomKey(), source: .api, originalName: "")
        let path = try taken.path(in: OutcomeIntake.takenFolder)
        let report = try await withKey(taken, intake.inHand) {
            try await self.write(body, to: path)
            do {
                return try await self.intake.receive(taken, who)
            } catch {
                try await self.forget(path, after: error)
                throw error
            }
        }
        await assemble(report.scopes)
        return report
    }

    private func withKey<Answer: Sendable>(
        _ taken: TakenFile, _ keys: KeysInHand, _ work: () async throws -> Answer
    ) async throws -> Answer {
        guard keys.take(taken.key) else {
            throw ExchangeError(
                "busy", "a file with this Idempotency-Key is being received; ask again later")
        }
        defer { keys.giveBack(taken.key) }
        return try await work()
    }

    /// Writes a body to a file; one that is there already, from a request before, stays.
    ///
    /// - Throws: `keyTaken` where that is another one.
    private func write<Body: AsyncSequence>(
        _ body: Body, to path: ExchangePath
    ) async throws where Body.Element == ByteBuffer {
        let file = try await Blocking.run { [store] in
            Incoming(try IncomingFile(store, to: path))
        }
        var byteCount = 0
        var hash = SHA256()
        var piece: [UInt8] = []
        for try await buffer in body {
            byteCount += buffer.readableBytes
            guard byteCount <= settings.uploadByteCountMax else {
                throw ExchangeError(
                    "tooLarge",
                    "the body is longer than \(settings.uploadByteCountMax) bytes; split it, "
                        + "drop the file into its folder, or raise uploadMegabytesMax")
            }
            piece += buffer.readableBytesView
            if piece.count < Self.pieceByteCount { continue }
            let full = piece
            piece = []
            hash.update(data: full)
            try await Blocking.run { try file.value.write(full) }
        }
        let rest = piece
        hash.update(data: rest)
        let sha256 = Digest.text(hash.finalize())
        try await Blocking.run { [store] in
            try file.value.write(rest)
            if try file.value.finish() { return }
            guard try store.sha256(path).sha256 == sha256 else { throw ExchangeError.keyTaken }
        }
    }

    private static let pieceByteCount = 1 << 20

    /// Carries a file that is written from one thread to the next.
    private struct Incoming: @unchecked Sendable {
        // Safe: one task uses it, and waits for each use before the next.
        let value: IncomingFile
        init(_ value: IncomingFile) { self.value = value }
    }

    /// A caller that was refused asks again; where the engine is gone, the next start receives it.
    private func forget(_ path: ExchangePath, after error: any Error) async throws {
        guard error is Rejection || error is ExchangeError else { return }
        try await Blocking.run { [store] in _ = try store.remove(path) }
    }

    private func assemble(_ scopes: Set<OutcomeScope>) async {
        do {
            try await immediate.start(for: scopes)
        } catch {
            // The engine is stopping, or the schedule is gone: the next run takes them.
        }
    }
}
