import EventLog
import Events
import Logging
import Projections
import Synchronization

/// Carries out the engine's effects with real processes and real HTTP.
public final class TargetPort: EffectPort {
    /// What the port needs from its surroundings.
    public struct Parts: Sendable {
        /// Runs programs.
        public var process: ProcessTarget
        /// Posts to endpoints.
        public var http: HTTPTarget
        /// Makes the tokens of completions.
        public var token: CallbackToken
        /// The log's identity.
        public var log: LogIdentity
        /// Where completions are posted, without a slash at its end.
        public var publicURL: String
        /// The folders that runs work in.
        public var folders: WorkFolders
        /// Tells people.
        public var notifications: NotificationPort
        /// Wakes workers that wait for a run.
        public var bell: LeaseBell
        /// Carries out runs of the exchange with partners.
        public var exchange: ExchangeSlot
        /// Faults go here; never an output's text.
        public var logger: Logger

        /// Parts.
        public init(
            process: ProcessTarget, http: HTTPTarget, token: CallbackToken, log: LogIdentity,
            publicURL: String, folders: WorkFolders, notifications: NotificationPort,
            bell: LeaseBell, exchange: ExchangeSlot, logger: Logger
        ) {
            self.exchange = exchange
            self.bell = bell
            self.process = process
            self.http = http
            self.token = token
            self.log = log
            self.publicURL = publicURL
            self.folders = folders
            self.notifications = notifications
            self.logger = logger
        }
    }

    private struct Key: Hashable {
        let run: UInt64
        let attempt: UInt64
    }

    private struct State {
        var processes: [Key: LaunchedProcess] = [:]
        /// Requests under way, so that they can be broken off.
        var requests: [Key: Task<Void, Never>] = [:]
        /// Requests that were answered before they were kept.
        var answered: Set<Key> = []
        /// Attempts that are to end, whose process is not known here yet.
        var doomed: Set<Key> = []
    }

    private let parts: Parts
    private var logIdentity: String { "\(parts.log)" }
    private let state = Mutex(State())

    /// A port.
    public init(_ parts: Parts) { self.parts = parts }

    public func carryOut(_ effect: Effect, report: @escaping @Sendable (Command) -> Void) {
        switch effect {
        case .deliver(let request) where request.binding.kind == EngineCore.workerKind,
            .reconcile(let request, _, _, _, _) where request.binding.kind == EngineCore.workerKind:
            parts.bell.ring()  // a worker fetches it
        case .deliver(let request):
            let task = Task { await self.deliver(request, report) }
            if request.binding.kind != "process" {
                keep(task, Key(run: request.run, attempt: request.attempt))
            }
        case .proceed(let run, let attempt):
            proceed(Key(run: run, attempt: attempt))
        case .terminate(let run, let attempt, let isForced):
            terminate(Key(run: run, attempt: attempt), isForced: isForced)
        case .reconcile(let request, _, let pid, let startTicks, let bootId):
            let identity =
                pid == 0
                ? nil
                : ProcessIdentity(
                    pid: Int32(truncatingIfNeeded: pid), startTicks: startTicks, bootId: bootId)
            Task { await self.reconcile(request, identity, report) }
        case .probe(let request, let name, let binding):
            Task { await self.probe(request, name, binding, report) }
        case .notify(let request):
            parts.notifications.take(request) { report(.notified($0)) }
        case .withdraw(let alert):
            parts.notifications.withdraw(alert: alert)
        case .discard(let run, let attempt):
            Task { await self.discard(run, attempt) }
        case .saveState:
            break  // the runtime writes snapshots itself: they belong to the log, not to targets
        }
    }

    private func delivery(_ request: AttemptRequest) -> Delivery {
        var delivery = Delivery(
            tenant: request.tenant, jobId: request.jobId, run: request.run,
            attempt: request.attempt, execution: request.execution, runKey: request.runKey,
            scheduled: request.scheduled, businessDate: request.businessDate,
            environmentName: request.environmentName, binding: request.binding,
            parameters: request.parameters,
            callbackToken: parts.token.token(
                logIdentity: logIdentity, run: request.run, attempt: request.attempt),
            callbackURL: "\(parts.publicURL)/v1/runs/\(request.run)/complete",
            logIdentity: logIdentity)
        delivery.element = request.element
        delivery.wanted = (request.folders, request.files)
        return delivery
    }

    private func deliver(
        _ request: AttemptRequest, _ report: @escaping @Sendable (Command) -> Void
    ) async {
        var delivery = delivery(request)
        do throws(TargetFailure) {
            try await parts.folders.prepare(&delivery)
        } catch {
            if request.binding.kind != "process" {
                forget(Key(run: request.run, attempt: request.attempt))
            }
            return report(command(request, .failed(error)))
        }
        guard request.binding.kind == "process" else {
            let outcome =
                request.binding.kind == EngineCore.exchangeKind
                ? await parts.exchange.deliver(delivery) : await parts.http.deliver(delivery)
            forget(Key(run: request.run, attempt: request.attempt))
            return report(command(request, outcome))
        }
        do throws(TargetFailure) {
            let process = try await parts.process.launch(delivery)
            watch(process, request, report)
            report(
                .processReady(
                    run: request.run, attempt: request.attempt,
                    pid: UInt64(truncatingIfNeeded: process.identity.pid),
                    startTicks: process.identity.startTicks, bootId: process.identity.bootId))
        } catch {
            report(command(request, .failed(error)))
        }
    }

    /// Keeps a process until it ended, and reports how.
    private func watch(
        _ process: LaunchedProcess, _ request: AttemptRequest,
        _ report: @escaping @Sendable (Command) -> Void
    ) {
        let key = Key(run: request.run, attempt: request.attempt)
        let isDoomed = state.withLock { state in
            state.processes[key] = process
            return state.doomed.remove(key) != nil
        }
        Task {
            let outcome = await process.outcome()
            self.state.withLock { state in
                state.processes[key] = nil
                state.doomed.remove(key)
            }
            report(self.command(request, outcome))
        }
        if isDoomed { Task { await process.terminate() } }
    }

    private func proceed(_ key: Key) {
        let process = state.withLock { $0.processes[key] }
        do throws(TargetFailure) {
            // Where it is gone already, its outcome says so.
            try process?.proceed()
        } catch {
            parts.logger.warning("run \(key.run), attempt \(key.attempt): \(error.message)")
        }
    }

    private func keep(_ task: Task<Void, Never>, _ key: Key) {
        let isDoomed = state.withLock { state -> Bool in
            if state.answered.remove(key) != nil { return false }
            state.requests[key] = task
            return state.doomed.remove(key) != nil
        }
        if isDoomed { task.cancel() }
    }

    /// A request was answered, perhaps before it was kept.
    private func forget(_ key: Key) {
        state.withLock { state in
            if state.requests.removeValue(forKey: key) == nil { state.answered.insert(key) }
        }
    }

    private func terminate(_ key: Key, isForced: Bool) {
        if let request = state.withLock({ $0.requests[key] }) { return request.cancel() }
        let process = state.withLock { state -> LaunchedProcess? in
            if state.processes[key] == nil { state.doomed.insert(key) }
            return state.processes[key]
        }
        if let process { Task { await process.terminate(grace: isForced ? .zero : nil) } }
    }

    /// Finds out what became of an attempt of an engine before this one.
    private func reconcile(
        _ request: AttemptRequest, _ identity: ProcessIdentity?,
        _ report: @escaping @Sendable (Command) -> Void
    ) async {
        guard request.binding.kind == "process" else {
            var failure = AttemptResult()
            failure.failureClass = "lost"
            failure.message = "the engine stopped before it heard the target's answer"
            return report(
                .ended(run: request.run, attempt: request.attempt, failure))
        }
        let found = await parts.process.reconcile(
            run: request.run, attempt: request.attempt, identity: identity,
            binding: request.binding, logIdentity: logIdentity)
        switch found {
        case .adopted(let process):
            parts.logger.info(
                "run \(request.run), attempt \(request.attempt): its process is alive; adopted")
            watch(process, request, report)
        case .ended(let outcome):
            report(command(request, outcome))
        case .gone(let failure, let neverBegan):
            var result = Self.result(failure)
            result.failureClass = "lost"
            result.isDefinite = neverBegan
            report(.ended(run: request.run, attempt: request.attempt, result))
        }
    }

    private func probe(
        _ request: AttemptRequest, _ name: String, _ binding: TargetBinding,
        _ report: @escaping @Sendable (Command) -> Void
    ) async {
        let question = ProbeRequest(
            tenant: request.tenant, jobId: request.jobId, dependency: name,
            scheduled: request.scheduled, businessDate: request.businessDate,
            environmentName: request.environmentName, binding: binding,
            logIdentity: logIdentity)
        let answer =
            binding.kind == "process"
            ? await parts.process.probe(question) : await parts.http.probe(question)
        let (status, detail) =
            switch answer {
            case .ready: ("READY", "")
            case .wait: ("WAIT", "")
            case .failed(let message): ("ERROR", message)
            }
        report(
            .dependencyAnswer(run: request.run, name: name, status: status, detail: detail))
    }

    private func discard(_ run: UInt64, _ attempt: UInt64) async {
        if let why = await parts.process.discard(run: run, attempt: attempt) {
            parts.logger.warning("\(why)")
        }
    }

    // MARK: Words of targets, in the engine's

    private func command(_ request: AttemptRequest, _ outcome: TargetOutcome) -> Command {
        switch outcome {
        case .accepted:
            return .accepted(run: request.run, attempt: request.attempt)
        case .failed(let failure):
            var result = Self.result(failure)
            // `lost` is the engine's word for an attempt that was lost with an engine: only that
            // is repeated without counting.
            if result.failureClass == "lost" { result.failureClass = "killed" }
            return .ended(run: request.run, attempt: request.attempt, result)
        case .succeeded(let completion):
            var result = AttemptResult()
            result.isSuccess = true
            result.exitCode = completion.exitCode
            result.httpStatus = completion.httpStatus
            result.output = completion.output.map(Self.reference)
            result.result = completion.resultJSON
            result.note = completion.note
            result.durationMicroseconds = Self.microseconds(completion.duration)
            return .ended(run: request.run, attempt: request.attempt, result)
        }
    }

    private static func result(_ failure: TargetFailure) -> AttemptResult {
        var result = AttemptResult()
        result.failureClass =
            failure.statedClass.isEmpty ? failure.failureClass : failure.statedClass
        result.message = failure.message
        result.isDefinite = failure.isDefinite
        if failure.failureClass == TargetFailureClass.httpStatus {
            result.httpStatus = failure.code
        } else {
            result.exitCode = failure.code
        }
        result.output = failure.output.map(reference)
        result.note = failure.note
        result.durationMicroseconds = microseconds(failure.duration)
        return result
    }

    private static func reference(_ file: OutputFile) -> OutputReference {
        var reference = OutputReference()
        reference.path = file.path
        reference.byteCount = file.byteCount
        reference.sha256 = file.sha256
        reference.isTruncated = file.isTruncated
        return reference
    }

    private static func microseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        let total = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        return UInt64(max(total, 0))
    }
}
