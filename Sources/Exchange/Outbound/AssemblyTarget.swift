import Engine
import Events
import Projections

/// Carries out runs of the task `assemble`: files are made of outcomes, checked, written and
/// published, step by step with the engine.
///
/// The engine hands out orders of at most 256 files, numbers and all. While some are written, the
/// next are made. A kill at any step leaves an order open, and the next run gets it again under its
/// numbers: the same outcomes give the same bytes under the same name, and what stands already is
/// taken as it is.
public final class AssemblyTarget: Sendable {
    /// Gives a command to the engine; returns when what it wrote is durable.
    public typealias Submit = @Sendable (Command) async throws -> Reply

    let submit: Submit
    let store: ExchangeStore
    let publisher: Publisher
    let clock: any Clock<Duration>
    private let filesMax: Int

    /// The most files of one order.
    public static let filesMax = 256
    /// As many tasks make files at once.
    private static let makersMax = 4
    /// As many orders are written and published at once.
    private static let writersMax = 2

    /// A target.
    ///
    /// - Parameters:
    ///   - submit: `EngineRuntime.submit`.
    ///   - clock: measures pauses between attempts.
    public convenience init(
        submit: @escaping Submit, store: ExchangeStore, publisher: Publisher,
        clock: any Clock<Duration>
    ) {
        self.init(
            submit: submit, store: store, publisher: publisher, clock: clock,
            filesMax: Self.filesMax)
    }

    /// As above, with what tests set.
    package init(
        submit: @escaping Submit, store: ExchangeStore, publisher: Publisher,
        clock: any Clock<Duration>, filesMax: Int
    ) {
        self.submit = submit
        self.store = store
        self.publisher = publisher
        self.clock = clock
        self.filesMax = filesMax
    }

    /// Assembles everything whose time has come, and says how that went.
    ///
    /// The settings `types` and `partners` of the binding, each with commas between, say of what;
    /// without one it is all.
    public func deliver(_ delivery: Delivery) async -> TargetOutcome {
        let watch = Stopwatch(clock)
        let report: AssemblyReport
        do {
            report = try await assemble(delivery, watch)
        } catch {
            // Not of this program's own making: the engine's log failed, or it is gone.
            return .failed(
                TargetFailure(
                    failureClass: "FAILED", message: "the engine did not answer: \(error)",
                    isDefinite: false, duration: watch.elapsed()))
        }
        guard let failureClass = report.failureClass else {
            return .succeeded(
                Completion(
                    exitCode: nil, httpStatus: nil, output: nil, resultJSON: report.json, note: "",
                    duration: watch.elapsed()))
        }
        return .failed(
            TargetFailure(
                failureClass: failureClass, message: report.message,
                isDefinite: failureClass == report.status, duration: watch.elapsed()))
    }

    /// Does the work.
    ///
    /// - Throws: what `submit` throws, but for refusals.
    private func assemble(
        _ delivery: Delivery, _ watch: Stopwatch
    ) async throws -> AssemblyReport {
        try await withTaskExecutorPreference(Blocking.threads) {
            try await self.work(AssemblyScope(delivery, watch))
        }
    }

    private func work(_ scope: AssemblyScope) async throws -> AssemblyReport {
        let source = OutcomeSource(store)
        let progress = AssemblyProgress()
        return try await withThrowingTaskGroup(of: AssemblyReport.self) { group in
            var report = AssemblyReport()
            var writers = 0
            var hasMore = true
            while hasMore && !progress.isStorageFailing {
                guard let reply = try await self.collect(scope, &report) else { break }
                hasMore = reply.hasMore
                report.exhausted.formUnion(reply.exhausted)
                // What failed a moment ago is handed out once more, but left for a later run.
                let orders = reply.orders.filter { !progress.isLeft($0.file.file) }
                for part in Self.parts(of: orders) {
                    let batch = await self.prepare(part, source)
                    if writers == Self.writersMax, let done = try await group.next() {
                        report.add(done)
                        writers -= 1
                    }
                    group.addTask { try await self.finish(batch, scope, progress) }
                    writers += 1
                }
            }
            for try await done in group { report.add(done) }
            return report
        }
    }

    /// The next order; nil where the run ends, for the reason that the report has then.
    private func collect(
        _ scope: AssemblyScope, _ report: inout AssemblyReport
    ) async throws -> ExchangeReply? {
        if Task.isCancelled {
            report.ending = .cancelled
            return nil
        }
        if scope.isOverTime {
            report.ending = .timeout
            return nil
        }
        do {
            return try await exchange(
                .collect(
                    run: scope.run, types: scope.types, partners: scope.partners,
                    filesMax: filesMax), scope)
        } catch let rejection as Rejection {
            report.ending =
                rejection.code == .stopping ? .cancelled : .refused(rejection.message)
            return nil
        }
    }

    func exchange(
        _ command: ExchangeCommand, _ scope: AssemblyScope
    ) async throws -> ExchangeReply? {
        let reply = try await submit(.exchange(command, tenant: scope.tenant))
        return reply.exchange
    }

    // MARK: making

    /// Outcomes of so many bytes are in memory at once for each part of an order, or one file's.
    private static let partByteCountMax = 32 << 20

    /// Files that are made and written together.
    private static func parts(of orders: [AssemblyOrder]) -> [[AssemblyOrder]] {
        var parts: [[AssemblyOrder]] = []
        var room = 0
        for order in orders {
            let byteCount = order.outcomes.reduce(0) { $0 + Int(min($1.byteCount, 1 << 32)) }
            if parts.isEmpty || byteCount > room {
                parts.append([])
                room = partByteCountMax
            }
            parts[parts.count - 1].append(order)
            room = max(0, room - byteCount)
        }
        return parts
    }

    /// Reads outcomes, makes the files and checks them, several at once.
    private func prepare(_ orders: [AssemblyOrder], _ source: OutcomeSource) async -> AssemblyBatch
    {
        var batch = AssemblyBatch()
        var toMake: [OutboundFileState] = []
        for order in orders {
            if order.file.status == .assembled {
                batch.written.append(order.file)
            } else {
                toMake.append(order.file)
            }
        }
        let lines = await read(orders.flatMap(\.outcomes), source)
        let files = toMake
        let share = max(1, (files.count + Self.makersMax - 1) / Self.makersMax)
        await withTaskGroup(of: [PreparedFile].self) { group in
            for start in stride(from: 0, to: files.count, by: share) {
                let part = files[start..<min(start + share, files.count)]
                group.addTask { part.map { AssemblyWork.prepare($0, lines) } }
            }
            for await prepared in group { batch.prepared += prepared }
        }
        return batch
    }

    /// Reads outcomes; those that storage does not give are asked for again.
    private func read(
        _ outcomes: [OutcomeState], _ source: OutcomeSource
    ) async -> [UInt64: Result<ArraySlice<UInt8>, ExchangeError>] {
        var lines = source.lines(of: outcomes)
        var pause = RetryPauses.storage.first
        for _ in 1..<RetryPauses.storage.attempts {
            let missing = outcomes.filter {
                if case .failure(let error)? = lines[$0.outcome] { return error.isTransient }
                return false
            }
            if missing.isEmpty { break }
            guard (try? await clock.sleep(for: pause)) != nil else { break }
            pause *= 2
            lines.merge(source.lines(of: missing)) { _, new in new }
        }
        return lines
    }
}

/// What a run assembles.
struct AssemblyScope: Sendable {
    let tenant: String
    let run: UInt64
    let types: [String]
    let partners: [String]
    private let watch: Stopwatch
    /// How long an attempt may take; nil for ever.
    private let limit: Duration?

    /// Whether no more files are begun: what is begun is finished, for it is not much.
    var isOverTime: Bool { limit.map { watch.elapsed() >= $0 } ?? false }

    init(_ delivery: Delivery, _ watch: Stopwatch) {
        self.watch = watch
        let seconds = delivery.binding.timeoutSeconds
        limit = seconds == 0 ? nil : .seconds(Int64(min(seconds, 315_360_000)))
        tenant = delivery.tenant
        run = delivery.run
        func words(_ name: String) -> [String] {
            let text = delivery.binding.settings.first { $0.name == name }?.value ?? ""
            return text.split(separator: ",").map(String.init)
        }
        types = words("types")
        partners = words("partners")
    }
}

/// Files of one order.
struct AssemblyBatch: Sendable {
    /// Those that are written already, and only have to be published.
    var written: [OutboundFileState] = []
    /// The others.
    var prepared: [PreparedFile] = []
}
