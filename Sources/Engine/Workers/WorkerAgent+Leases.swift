import Foundation

/// The life of a session: heartbeats, polls for runs, and every attempt from its lease to its end.
extension WorkerAgent {
    private static let pollSeconds: UInt64 = 30

    // MARK: Heartbeats

    /// Renews what is held, until the session is over or the task is cancelled.
    func beat() async {
        while !Task.isCancelled {
            let sent = clock.now
            let tokens = Array(held.keys)
            do {
                let answer = try await link.post(
                    "/v1/workers/\(settings.name)/heartbeat",
                    WorkerWord(session: session, held: held.values.map(\.order.held)),
                    within: max(heartbeat, .seconds(1)))
                if answer.status == 404 || answer.status == 409 {
                    logger.warning("the session is over: \(answer.message)")
                    return
                }
                guard answer.status == 200 else { throw WorkerRefusal(message: answer.message) }
                noteAnswer()
                try await take(
                    JSONDecoder().decode(WorkerSessionAnswer.self, from: answer.data), tokens,
                    sent: sent)
                await tellProgress()
            } catch {
                if Task.isCancelled { return }
                note("the engine at \(link.address) does not answer: \(error)")
            }
            try? await Task.sleep(for: heartbeat)
        }
    }

    /// What the engine says of the leases that were named.
    private func take(
        _ answer: WorkerSessionAnswer, _ tokens: [UInt64], sent: ContinuousClock.Instant
    ) async throws {
        for token in tokens where !answer.lost.contains(token) {
            guard let known = held[token]?.renewedAt, known < sent else { continue }
            held[token]?.renewedAt = sent
        }
        for token in answer.lost {
            if held[token] != nil {
                logger.warning("lease \(token) is over, as the engine says")
            }
            await lose(token)
        }
        for ending in answer.end {
            guard let one = held[ending.token] else { continue }
            let isNew = one.ending == nil || (ending.forced && one.ending?.isForced == false)
            guard isNew else { continue }
            held[ending.token]?.ending = (ending.forced, ())
            logger.info("run \(one.order.run): its end was asked for")
            if let process = one.process {
                Task { await process.terminate(grace: ending.forced ? .zero : nil) }
            }
        }
    }

    /// Says how far programs are, where they say something else than before.
    private func tellProgress() async {
        for one in held.values where one.process != nil {
            let order = one.order
            guard
                let line = await target.progress(run: order.run, attempt: order.attempt)
            else { continue }
            let report = WorkerProgressReport(order, line: line)
            guard held[order.token] != nil, report != held[order.token]?.progress else { continue }
            held[order.token]?.progress = report
            // It is for people who look now: one that does not arrive is followed by another.
            _ = try? await link.post(path(order, "progress"), report, within: .seconds(5))
        }
    }

    private func path(_ order: WorkerOrder, _ what: String) -> String {
        "/v1/workers/\(settings.name)/runs/\(order.run)/\(what)"
    }

    // MARK: The fence

    /// A lease is over: its program is killed at once.
    func lose(_ token: UInt64) async {
        guard held[token]?.isLost == false else { return }
        held[token]?.isLost = true
        if let process = held[token]?.process {
            Task { await process.terminate(grace: .zero) }
        }
    }

    /// Watches a lease: at three quarters of its length since the last renewal it is over here,
    /// while it still holds at the engine.
    private func fence(_ token: UInt64) async {
        while let one = held[token], !one.isLost {
            let end = one.renewedAt + one.order.leaseLength * 3 / 4
            if clock.now >= end {
                logger.warning(
                    "run \(one.order.run): its lease could not be renewed; its program is killed")
                return await lose(token)
            }
            do { try await clock.sleep(until: end) } catch { return }
        }
    }

    // MARK: Polls

    /// Asks for runs as long as there is a free slot, until this worker stops or the session is
    /// over.
    func poll() async {
        while !isStopping && !Task.isCancelled {
            guard held.count < settings.slots else {
                await untilChanged()
                continue
            }
            do {
                let word = WorkerWord(
                    session: session, held: held.values.map(\.order.held),
                    waitSeconds: Self.pollSeconds)
                let answer = try await untilStopping { [self] in
                    try await link.post(
                        "/v1/workers/\(settings.name)/lease", word,
                        within: .seconds(Self.pollSeconds + 10))
                }
                guard let answer else { return }
                if answer.status == 404 || answer.status == 409 { return }
                guard answer.status == 200 else { throw WorkerRefusal(message: answer.message) }
                noteAnswer()
                let known = try JSONDecoder().decode(WorkerSessionAnswer.self, from: answer.data)
                if let order = known.lease, held[order.token] == nil { begin(order) }
            } catch {
                if Task.isCancelled { return }
                note("the engine at \(link.address) gives no run: \(error)")
                await pause(.seconds(1))
            }
        }
    }

    /// The answer of a request, or nil where this worker is to stop before it came.
    private func untilStopping(
        _ body: @escaping @Sendable () async throws -> WorkerLink.Answer
    ) async throws -> WorkerLink.Answer? {
        let request = Task { try await body() }
        let watch = Task {
            while !isStopping && !Task.isCancelled { await untilChanged() }
            request.cancel()
        }
        defer { watch.cancel() }
        return try await withTaskCancellationHandler {
            do { return try await request.value } catch {
                if isStopping || Task.isCancelled { return nil }
                throw error
            }
        } onCancel: {
            request.cancel()
        }
    }

    // MARK: An attempt

    /// Takes a lease.
    ///
    /// When it was granted is not known here. Nothing runs yet: that the start was taken is the
    /// first renewal that counts.
    private func begin(_ order: WorkerOrder) {
        var one = Held(order: order, renewedAt: clock.now)
        one.fence = Task { await fence(order.token) }
        held[order.token] = one
        Task { await work(order) }
    }

    private func work(_ order: WorkerOrder) async {
        logger.info("run \(order.run), attempt \(order.attempt): leased, token \(order.token)")
        // An earlier lease of the same attempt, which was given back: its folder is still there.
        while held.values.contains(where: { $0.order.isSameAttempt(as: order) }) {
            await untilChanged()
        }
        let process: LaunchedProcess
        do {
            try folder.note(order)
            process = try await target.launch(order.delivery)
        } catch let failure as TargetFailure {
            return await finish(order, .failed(failure))
        } catch {
            let failure = TargetFailure(
                failureClass: TargetFailureClass.spawn,
                message: "the worker cannot write into \(folder.path).", isDefinite: true)
            return await finish(order, .failed(failure))
        }
        held[order.token]?.process = process
        if await mayBegin(order, process.identity) {
            do { try process.proceed() } catch { logger.warning("\(error.message)") }
        }
        // What came while it was made ready.
        if let one = held[order.token], one.isLost || one.ending != nil || isGivingBack {
            await process.terminate(grace: one.ending?.isForced == false ? nil : .zero)
        }
        await finish(order, await process.outcome())
    }

    /// Reports that the process stands ready; false where it must not begin, and then it is ended.
    private func mayBegin(_ order: WorkerOrder, _ identity: ProcessIdentity) async -> Bool {
        let report = WorkerStartReport(
            attempt: order.attempt, token: order.token,
            pid: UInt64(truncatingIfNeeded: identity.pid), startTicks: identity.startTicks,
            bootId: identity.bootId)
        while let one = held[order.token], !one.isLost, one.ending == nil, !isGivingBack {
            let sent = clock.now
            do {
                let answer = try await link.post(
                    path(order, "started"), report, within: .seconds(10))
                if answer.status == 200 {
                    held[order.token]?.renewedAt = sent
                    return held[order.token]?.isLost == false
                }
                if answer.status < 500 {
                    logger.warning("run \(order.run) must not begin: \(answer.message)")
                    break
                }
            } catch {
                note("the engine at \(link.address) does not hear of a start: \(error)")
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
        await held[order.token]?.process?.terminate(grace: .zero)
        return false
    }

    /// Reports an end that a worker before this one left unreported.
    func report(_ order: WorkerOrder, _ outcome: TargetOutcome) {
        held[order.token] = Held(order: order, renewedAt: clock.now)
        Task { await finish(order, outcome) }
    }

    /// Reports how an attempt ended, until the engine answers; then nothing is left of it here.
    private func finish(_ order: WorkerOrder, _ outcome: TargetOutcome) async {
        held[order.token]?.fence?.cancel()
        let body = WorkerEndReport(
            order, outcome, lostTouch: held[order.token]?.isLost == true
        ).body
        // What is given back ended because this worker stops: the engine hears that it left.
        while !isGivingBack {
            do {
                let answer = try await link.post(
                    path(order, "completed"), data: body, within: .seconds(10))
                if answer.status == 200 {
                    logger.info("run \(order.run), attempt \(order.attempt): ended and reported")
                    break
                }
                if answer.status < 500 && answer.status != 401 {
                    logger.warning("run \(order.run): its end was refused: \(answer.message)")
                    break
                }
                note("run \(order.run): its end was not taken: \(answer.message)")
            } catch {
                note("the engine at \(link.address) does not hear of an end: \(error)")
            }
            try? await Task.sleep(for: .seconds(1))
        }
        if let why = await target.discard(run: order.run, attempt: order.attempt) {
            logger.warning("\(why)")
        }
        folder.remove(order)
        held[order.token] = nil
        signal()
    }
}
