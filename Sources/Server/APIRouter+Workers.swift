import Engine
import Events
import Hummingbird
import Projections

/// What workers tell the engine and ask it for; docs/workers.md has it to the byte.
extension APIRouter {
    /// The longest time that a poll for a lease waits.
    private static let pollSecondsMax: UInt64 = 30
    private static let slotsMax: UInt64 = 100
    private static let capabilitiesMax = 64
    private static let messageByteCountMax = 256

    func addWorkers(_ group: RouterGroup<BasicRequestContext>) {
        group.get("workers") { _, _ in try await workers() }
        group.post("workers") { request, _ in try await register(ActBody(open: request)) }
        group.post("workers/{worker}/heartbeat") { request, context in
            let body = try await ActBody(open: request)
            let command = WorkerCommand.heartbeat(
                worker: try workerName(context), session: try session(body), try held(body))
            return Response.json(Self.json(try await ask(command).0))
        }
        group.post("workers/{worker}/lease") { request, context in
            try await lease(ActBody(open: request), try workerName(context))
        }
        group.post("workers/{worker}/leave") { request, context in
            let body = try await ActBody(open: request)
            return try await act(
                .worker(.leave(worker: try workerName(context), session: try session(body))))
        }
        group.post("workers/{worker}/runs/{run}/started") { request, context in
            let body = try await ActBody(open: request)
            return try await act(
                .worker(
                    .started(
                        worker: try workerName(context), try lease(body, runNumber(context)),
                        pid: try body.number("pid") ?? 0,
                        startTicks: try body.number("startTicks") ?? 0,
                        bootId: try body.text("bootId", byteCountMax: 64))))
        }
        group.post("workers/{worker}/runs/{run}/progress") { request, context in
            try await note(ActBody(open: request), try workerName(context), runNumber(context))
        }
        group.post("workers/{worker}/runs/{run}/completed") { request, context in
            try await completed(ActBody(open: request), try workerName(context), runNumber(context))
        }
    }

    /// Gives a worker's command to the engine.
    private func ask(_ command: WorkerCommand) async throws -> (WorkerAnswer, Reply) {
        do {
            let reply = try await runtime.submit(.worker(command))
            return (reply.worker ?? WorkerAnswer(), reply)
        } catch let rejection as Rejection {
            throw APIError(rejection)
        } catch let error as EngineUnavailable {
            throw APIError(.serviceUnavailable, "unavailable", error.description)
        }
    }

    // MARK: What they ask for

    private func register(_ body: ActBody) async throws -> Response {
        var registration = WorkerRegistration()
        registration.name = try Self.identifier(body.text("name", byteCountMax: 64), "name")
        registration.capabilities = try body.texts("capabilities").map {
            try Self.identifier($0, "capabilities")
        }
        guard registration.capabilities.count <= Self.capabilitiesMax else {
            throw APIError(
                .badRequest, "invalid",
                "field 'capabilities' has more than \(Self.capabilitiesMax) entries")
        }
        registration.version = try body.text("version", byteCountMax: 64)
        registration.host = try body.text("host", byteCountMax: 255)
        registration.instance = try Self.identifier(
            body.text("instance", byteCountMax: 64), "instance")
        registration.slots = try body.number("slots") ?? 1
        guard (1...Self.slotsMax).contains(registration.slots) else {
            throw APIError(
                .badRequest, "invalid", "field 'slots' must be from 1 to \(Self.slotsMax)")
        }
        registration.held = try held(body)
        return .json(Self.json(try await ask(.register(registration)).0))
    }

    /// A long poll: it asks the engine again each time that a run was offered to anybody.
    private func lease(_ body: ActBody, _ name: String) async throws -> Response {
        let (session, held) = (try session(body), try held(body))
        let seconds = min(try body.number("waitSeconds") ?? 0, Self.pollSecondsMax)
        let end = ContinuousClock.now + .seconds(Int(seconds))
        while true {
            let rings = bell.count
            let (answer, _) = try await ask(.lease(worker: name, session: session, held))
            if answer.granted == nil && bell.isClosed {
                throw APIError(
                    .serviceUnavailable, "unavailable", "the engine is stopping; ask again shortly")
            }
            let left = end - ContinuousClock.now
            let isOver = left <= .zero || Task.isCancelled
            if answer.granted != nil || isOver {
                return .json(Self.json(answer, log: logIdentity))
            }
            await bell.wait(after: rings, atMost: left)
        }
    }

    private func completed(
        _ body: ActBody, _ name: String, _ run: UInt64
    ) async throws -> Response {
        let held = try lease(body, run)
        let (answer, reply) = try await ask(
            .completed(worker: name, held, try WorkerResult.read(body, worker: name)))
        if answer.isIgnored { throw APIError(.conflict, "ignored", reply.message) }
        return .json("{\"message\":\(JSONText.quoted(reply.message)),\"run\":\(run)}")
    }

    /// Progress is kept in memory, for people who look now.
    private func note(
        _ body: ActBody, _ name: String, _ run: UInt64
    ) async throws -> Response {
        let held = try lease(body, run)
        let percent = try body.number("percent")
        guard percent ?? 0 <= 100 else {
            throw APIError(.badRequest, "invalid", "field 'percent' must be from 0 to 100")
        }
        let message = try body.text("message", byteCountMax: Self.messageByteCountMax)
        let (known, live) = try await look { state in
            var live: Set<UInt64> = []
            state.workers.forEach { live.formUnion($0.leases.map(\.run)) }
            return (state.lease(ofRun: run), live)
        }
        guard let known, known.worker == name, known.lease.token == held.token else {
            throw APIError(.conflict, "conflict", "lease \(held.token) of run \(run) is over")
        }
        progress.set(
            run,
            .init(token: held.token, percent: percent, message: message, at: now()), live: live)
        return .json("{\"message\":\"the progress was noted\",\"run\":\(run)}")
    }

    // MARK: What they send

    private func workerName(_ context: BasicRequestContext) throws -> String {
        try Self.identifier(parameter(context, "worker"), "the worker's name")
    }

    private func session(_ body: ActBody) throws -> UInt64 {
        guard let session = try body.number("session") else {
            throw APIError(.badRequest, "invalid", "field 'session' is missing: register first")
        }
        return session
    }

    /// The leases that a worker says it holds.
    private func held(_ body: ActBody) throws -> [HeldLease] {
        let items = try body.objects("held")
        guard items.count <= Int(Self.slotsMax) else {
            throw APIError(
                .badRequest, "invalid", "field 'held' has more than \(Self.slotsMax) entries")
        }
        return try items.map { item in
            guard let run = try item.number("run") else {
                throw APIError(.badRequest, "invalid", "field 'run' is missing in 'held'")
            }
            return try lease(item, run)
        }
    }

    private func lease(_ body: ActBody, _ run: UInt64) throws -> HeldLease {
        guard let attempt = try body.number("attempt"), let token = try body.number("token") else {
            throw APIError(
                .badRequest, "invalid",
                "fields 'attempt' and 'token' are needed, as the lease has them")
        }
        return HeldLease(run: run, attempt: attempt, token: token)
    }

    /// A name of 1 to 64 letters, digits, `.`, `_` and `-`.
    private static func identifier(_ text: String, _ field: String) throws -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isPlain, (1...64).contains(text.utf8.count) else {
            throw APIError(
                .badRequest, "invalid",
                "field '\(field)' must have 1 to 64 letters, digits, '.', '_' and '-'")
        }
        return text
    }

    // MARK: What they are answered

    private static func json(_ answer: WorkerAnswer, log: String = "") -> String {
        var text = JSONText()
        let lease = answer.silenceMax / 1_000
        text.member("session", json: String(answer.session))
        text.member("leaseMilliseconds", json: String(lease))
        // Four in the time of a lease, and often enough for a cancellation to be heard of soon.
        text.member("heartbeatMilliseconds", json: String(min(max(lease / 4, 250), 5_000)))
        let endings = answer.endings.map { ending in
            "{\"run\":\(ending.lease.run),\"attempt\":\(ending.lease.attempt),"
                + "\"token\":\(ending.lease.token),\"forced\":\(ending.isForced)}"
        }
        text.member("end", json: "[\(endings.joined(separator: ","))]")
        let lost = answer.lost.map { String($0) }
        text.member("lost", json: "[\(lost.joined(separator: ","))]")
        if let granted = answer.granted { text.member("lease", json: json(granted, log)) }
        return text.object
    }

    private static func json(_ granted: WorkerAnswer.Granted, _ log: String) -> String {
        let request = granted.request
        var text = JSONText()
        text.member("run", json: String(request.run))
        text.member("attempt", json: String(request.attempt))
        text.member("token", json: String(granted.token))
        text.member("leaseMilliseconds", json: String(granted.seconds * 1_000))
        text.member("execution", json: String(request.execution))
        text.member("tenant", text: request.tenant)
        text.member("jobId", text: request.jobId)
        text.member("runKey", text: request.runKey)
        text.member("log", text: log)
        text.member("scheduled", text: request.scheduled)
        text.member("businessDate", text: request.businessDate)
        text.member("environment", text: request.environmentName)
        text.member("target", json: json(request.binding))
        text.member("parameters", json: json(request.parameters))
        return text.object
    }

    private static func json(_ binding: TargetBinding) -> String {
        var text = JSONText()
        text.member("name", text: binding.name)
        let command = binding.command.map { JSONText.quoted($0) }
        text.member("command", json: "[\(command.joined(separator: ","))]")
        text.member("workingFolder", text: binding.workingFolder)
        text.member("environment", json: json(binding.settings))
        text.member("timeoutSeconds", json: String(binding.timeoutSeconds))
        text.member("graceSeconds", json: String(binding.graceSeconds))
        return text.object
    }

    private static func json(_ pairs: [KeyValue]) -> String {
        let items = pairs.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }
        return "{\(items.joined(separator: ","))}"
    }

    /// Every worker that is known, by name.
    private func workers() async throws -> Response {
        let workers = try await look { state in
            state.workers.sorted().map { worker in
                (worker, worker.leases.map { state.openRuns[$0.run] })
            }
        }
        let board = progress
        return .list("workers", workers.map { Self.json($0, $1, board) })
    }

    private static func json(
        _ worker: WorkerState, _ runs: [RunState?], _ board: ProgressBoard
    ) -> String {
        var text = JSONText()
        text.member("name", text: worker.name)
        text.member("status", text: worker.isOnline ? "online" : "offline")
        let capabilities = worker.capabilities.map { JSONText.quoted($0) }
        text.member("capabilities", json: "[\(capabilities.joined(separator: ","))]")
        text.member("version", text: worker.version)
        text.member("host", text: worker.host)
        text.member("slots", json: String(worker.slots))
        text.member("session", json: String(worker.session))
        text.member("registeredAt", text: UTCText.of(microseconds: worker.registeredAt))
        if !worker.isOnline {
            text.member("offlineAt", text: UTCText.of(microseconds: worker.offlineAt))
            text.member("offlineReason", text: worker.offlineReason)
        }
        let leases = zip(worker.leases, runs).map { lease, run in
            var item = JSONText()
            item.member("run", json: String(lease.run))
            item.member("attempt", json: String(lease.attempt))
            item.member("token", json: String(lease.token))
            item.member("grantedAt", text: UTCText.of(microseconds: lease.grantedAt))
            item.member("jobId", text: run?.jobId ?? "")
            item.member("runStatus", text: run?.statusText ?? "")
            if let said = board.progress(ofRun: lease.run, token: lease.token) {
                if let percent = said.percent { item.member("percent", json: String(percent)) }
                item.member("progress", text: said.message)
                item.member("progressAt", text: UTCText.of(microseconds: said.at))
            }
            return item.object
        }
        text.member("leases", json: "[\(leases.joined(separator: ","))]")
        return text.object
    }
}
