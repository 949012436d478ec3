import Foundation
import Logging

/// A worker: it registers with an engine, leases runs, and runs their programs on this machine.
///
/// The rule that all of it serves: **a program lives only while its lease is sure.** A lease counts
/// from when its last renewal was *sent*, and the engine counts from when it was taken, which is
/// later; at three quarters of its length the program is killed. So nothing is left when the engine
/// gives the run to another. A worker that is stopped (SIGSTOP, a frozen machine) cannot keep the
/// rule; then the fencing token does: what it says afterwards is refused.
///
/// All that is reported is reported until the engine answers; what it answers is the truth.
public actor WorkerAgent {
    /// What a worker is.
    public struct Settings: Sendable {
        /// Its name, unique among the engine's workers.
        public var name: String
        /// What it can do.
        public var capabilities: [String]
        /// So many runs at once.
        public var slots: Int
        /// The version of this program.
        public var version: String
        /// This machine.
        public var host: String
        /// How long a stop waits for what runs.
        public var grace: Duration

        /// Settings.
        public init(
            name: String, capabilities: [String], slots: Int, version: String, host: String,
            grace: Duration
        ) {
            self.name = name
            self.capabilities = capabilities
            self.slots = slots
            self.version = version
            self.host = host
            self.grace = grace
        }
    }

    /// A lease that this worker works on.
    struct Held {
        let order: WorkerOrder
        var process: LaunchedProcess?
        /// When the last renewal that was taken was sent.
        var renewedAt: ContinuousClock.Instant
        /// The engine, or this worker's clock, says that the lease is over.
        var isLost = false
        /// The engine asks for its end.
        var ending: (isForced: Bool, Void)?
        var progress: WorkerProgressReport?
        var fence: Task<Void, Never>?
    }

    let settings: Settings
    let link: WorkerLink
    let target: ProcessTarget
    let folder: WorkerFolder
    let logger: Logger
    let clock = ContinuousClock()
    var held: [UInt64: Held] = [:]
    /// The leases of a worker before this one whose programs ended: their ends to be reported.
    private var ended: [(WorkerOrder, TargetOutcome)] = []
    var session: UInt64 = 0
    var heartbeat = Duration.seconds(5)
    private(set) var isStopping = false
    /// Programs that still run are ended, and their ends not reported: they are given back.
    private(set) var isGivingBack = false
    private var isSilent = false
    private var changed: [CheckedContinuation<Void, Never>] = []

    /// A worker on its folder.
    public init(
        _ settings: Settings, link: WorkerLink, target: ProcessTarget, folder: WorkerFolder,
        logger: Logger
    ) {
        self.settings = settings
        self.link = link
        self.target = target
        self.folder = folder
        self.logger = logger
    }

    /// Works until `stop`; returns when nothing that it started is alive.
    ///
    /// - Throws: `WorkerRefusal` where the engine does not want this worker: another has its name,
    ///   or the token is wrong.
    public func run() async throws {
        await takeUp()
        while !isStopping {
            guard try await register() else { break }
            for (order, outcome) in ended { report(order, outcome) }
            ended = []
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.beat() }
                group.addTask { await self.poll() }
                // Whoever ends first ends the session: it is lost, or this worker stops.
                await group.next()
                group.cancelAll()
            }
            if isStopping { break }
            for token in held.keys { await lose(token) }
            await untilNothingIsHeld()
        }
        await endAll()
    }

    /// Asks for the end: no more runs are taken; those that run have time to end.
    public func stop() {
        isStopping = true
        signal()
    }

    // MARK: Registration

    /// What a worker before this one left: its programs ended with it; what ended before is told.
    private func takeUp() async {
        for order in folder.left() {
            let found = await target.reconcile(
                run: order.run, attempt: order.attempt, identity: nil, binding: order.binding,
                logIdentity: order.log)
            switch found {
            case .ended(let outcome): ended.append((order, outcome))
            case .adopted(let process): await process.terminate(grace: .zero)
            case .gone: folder.remove(order)
            }
        }
        let kept = ended.map { (run: $0.0.run, attempt: $0.0.attempt) }
        for why in await target.discardAll(except: kept) { logger.warning("\(why)") }
    }

    /// - Returns: false where this worker is to stop.
    private func register() async throws -> Bool {
        while !isStopping {
            let hello = WorkerHello(
                name: settings.name, capabilities: settings.capabilities,
                version: settings.version, host: settings.host, slots: settings.slots,
                instance: folder.instance, held: ended.map(\.0.held))
            do {
                let answer = try await link.post("/v1/workers", hello, within: .seconds(10))
                switch answer.status {
                case 200:
                    let known = try JSONDecoder().decode(
                        WorkerSessionAnswer.self, from: answer.data)
                    session = known.session
                    heartbeat = .milliseconds(Int64(clamping: known.heartbeatMilliseconds))
                    isSilent = false
                    logger.info(
                        "registered as '\(settings.name)' at \(link.address), session \(session)")
                    return true
                case 400..<500:
                    throw WorkerRefusal(message: answer.message)
                default: note("the engine cannot take this worker now: \(answer.message)")
                }
            } catch let refusal as WorkerRefusal {
                throw refusal
            } catch {
                note("the engine at \(link.address) does not answer: \(error)")
            }
            await pause(.seconds(1))
        }
        return false
    }

    /// Says what is wrong, once until it is right again.
    func note(_ message: String) {
        if !isSilent { logger.warning("\(message)") }
        isSilent = true
    }

    func noteAnswer() {
        if isSilent { logger.info("the engine answers again") }
        isSilent = false
    }

    // MARK: The end

    private func endAll() async {
        let timer = Task {
            await pause(settings.grace, evenStopping: true)
            if !Task.isCancelled { await giveBack() }
        }
        let beats = Task { await beat() }
        await untilNothingIsHeld()
        timer.cancel()
        beats.cancel()
        guard session != 0 else { return }
        // Without an answer the engine hears of it by the silence.
        _ = try? await link.post(
            "/v1/workers/\(settings.name)/leave", WorkerWord(session: session),
            within: .seconds(5))
        logger.info("stopped")
    }

    private func giveBack() async {
        isGivingBack = true
        signal()
        for one in held.values { await one.process?.terminate() }
    }

    // MARK: Waiting

    /// Something changed that somebody may wait for.
    func signal() {
        let waiting = changed
        changed = []
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for the next `signal`.
    func untilChanged() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { changed.append(continuation) }
            }
        } onCancel: {
            Task { await self.signal() }
        }
    }

    private func untilNothingIsHeld() async {
        while !held.isEmpty { await untilChanged() }
    }

    /// Waits for a time; ends early where the task is cancelled, or this worker is to stop.
    func pause(_ time: Duration, evenStopping: Bool = false) async {
        if evenStopping {
            try? await Task.sleep(for: time)
            return
        }
        let sleep = Task {
            try? await Task.sleep(for: time)
            signal()
        }
        defer { sleep.cancel() }
        let end = clock.now + time
        while !isStopping && !Task.isCancelled && clock.now < end { await untilChanged() }
    }
}

/// The engine does not want this worker.
public struct WorkerRefusal: Error, Sendable, CustomStringConvertible {
    /// What the engine said.
    public let message: String
    /// The message.
    public var description: String { message }
}
