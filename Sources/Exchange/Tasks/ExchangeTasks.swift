import Engine
import Events
import Projections
import Timetable

/// Carries out runs of kind `exchange`, each by what the first word of its binding's command names.
public struct ExchangeTasks: ExchangePort {
    /// Files are made of outcomes.
    public static let assemble = "assemble"
    /// Outcomes of type 834 are made of a member file.
    public static let enroll = "enroll"
    /// Duplicates are looked for among the files of the last day.
    public static let sweep = "sweep"
    /// Old files go to other tiers, and at last are deleted.
    public static let tidy = "tidy"

    let assembly: AssemblyTarget
    let engine: any ExchangeEngine
    let store: ExchangeStore
    let intake: OutcomeIntake
    let lifecycle: LifecycleSettings
    let clock: any Clock<Duration>
    let now: @Sendable () -> Int64

    /// Does what a run's binding names, and says how it ended.
    public func deliver(_ delivery: Delivery) async -> TargetOutcome {
        let task = delivery.binding.command.first ?? ""
        if task == Self.assemble { return await assembly.deliver(delivery) }
        let elapsed = Self.stopwatch(clock)
        do {
            let result = try await withTime(delivery.binding.timeoutSeconds) {
                try await self.run(task, delivery)
            }
            return .succeeded(
                Completion(
                    exitCode: nil, httpStatus: nil, output: nil, resultJSON: result, note: "",
                    duration: elapsed()))
        } catch let error as CancellationError {
            return failure(TargetFailureClass.cancelled, "\(error)", isDefinite: false, elapsed())
        } catch let error as ExchangeError {
            let isDefinite = !error.isTransient && error.code != TargetFailureClass.timeout
            return failure(error.code, error.message, isDefinite: isDefinite, elapsed())
        } catch let rejection as Rejection {
            return failure(
                rejection.code.rawValue, rejection.message, isDefinite: true, elapsed())
        } catch {
            return failure(
                "FAILED", "the engine did not answer: \(error)", isDefinite: false, elapsed())
        }
    }

    private func run(_ task: String, _ delivery: Delivery) async throws -> String {
        switch task {
        case Self.enroll:
            return try await EnrollmentTask(engine: engine, store: store, intake: intake)
                .run(delivery)
        case Self.sweep:
            return try await DuplicateSweep(engine: engine, store: store, now: now).run()
        case Self.tidy: return try await tidy(delivery.run)
        default:
            throw ExchangeError(
                "task", "the exchange has no task '\(task)'; correct the target's 'task'")
        }
    }

    /// Does something, and ends it where an attempt's time is over; 0 seconds stand for no limit.
    private func withTime(
        _ seconds: UInt64, _ work: @escaping @Sendable () async throws -> String
    ) async throws -> String {
        if seconds == 0 { return try await work() }
        let limit = Duration.seconds(Int64(min(seconds, 315_360_000)))
        return try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await work() }
            group.addTask { [clock] in
                try await clock.sleep(for: limit)
                throw ExchangeError(
                    TargetFailureClass.timeout,
                    "the attempt took longer than \(Counted.text(seconds, "second")); "
                        + "the next one goes on")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    private func failure(
        _ failureClass: String, _ message: String, isDefinite: Bool, _ duration: Duration
    ) -> TargetOutcome {
        .failed(
            TargetFailure(
                failureClass: failureClass, message: message, isDefinite: isDefinite,
                duration: duration))
    }

    private static func stopwatch(_ clock: some Clock<Duration>) -> () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    // MARK: tidy

    /// So many files are moved or deleted in one pass.
    private static let filesMax = 1_000

    private func tidy(_ run: UInt64) async throws -> String {
        let today = try ExchangeTime.day(of: now())
        var total = LifecycleReport()
        var isWhole = false
        while !isWhole {
            try Task.checkCancellation()
            let holds = try await holds()
            let plan = try await Blocking.run { [store, lifecycle] () throws in
                try store.lifecyclePlan(
                    settings: lifecycle, holds: holds, today: today, countMax: Self.filesMax)
            }
            let report = try await store.carryOut(plan, run: run) { fact in
                try await isAllowed(fact)
            }
            total.movedCount += report.movedCount
            total.deletedCount += report.deletedCount
            total.heldCount += report.heldCount
            total.failedCount += report.failedCount
            total.failures += report.failures
            let progress = report.movedCount + report.deletedCount
            isWhole = plan.isWhole || progress == 0
        }
        if total.failedCount > 0 {
            throw ExchangeError(
                "storageRefused",
                "\(Counted.were(total.failedCount, "file")) not moved or deleted; the next run "
                    + "tries again. The first: \(total.failures.first ?? "")")
        }
        return "{\"moved\":\(total.movedCount),\"deleted\":\(total.deletedCount),"
            + "\"held\":\(total.heldCount)}"
    }

    /// Records what becomes of a file; false, and nothing, where it is held by now.
    private func isAllowed(_ fact: FileMoved) async throws -> Bool {
        if fact.newPath.isEmpty, let path = try? ExchangePath(fact.path), let date = path.date {
            let isHeld = try await holds().contains {
                $0.covers(partner: path.partner, date: date)
            }
            if isHeld { return false }
        }
        _ = try await engine.exchange(.moved([fact]))
        return true
    }

    private func holds() async throws -> [LegalHold] {
        let states = try await engine.read { state in
            state.exchange.holds.sorted().filter { $0.tenant == ExchangeTenant.name }
        }
        return try states.map { hold throws(ExchangeError) in
            try LegalHold(
                name: hold.name, partner: hold.partner, from: hold.from, through: hold.through)
        }
    }
}
