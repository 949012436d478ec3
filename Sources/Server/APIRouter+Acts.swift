import Engine
import Events
import Foundation
import Hummingbird
import Projections

/// Acts on single occurrences, on runs, and on many of them at once.
extension APIRouter {
    /// A request puts at most so many dead runs in again.
    private static let requeueMax = 1_000

    func addActs(_ group: RouterGroup<BasicRequestContext>) {
        group.post("schedules/{job}/skip-next") { request, context in
            let body = try await ActBody(request)
            let key = try await single(context)
            return try await act(
                .skipNext(
                    key, reason: body.reason(), body.authority(request)))
        }
        group.post("schedules/{job}/move-next") { request, context in
            let body = try await ActBody(request, "to")
            let key = try await single(context)
            return try await act(
                .moveNext(
                    key, to: try await moment("to", body, key), reason: body.reason(),
                    body.authority(request)))
        }
        group.post("schedules/{job}/backfill") { request, context in
            let body = try await ActBody(request, "from", "through", "lanes", "dryRun")
            let key = try await single(context)
            let stretch = BackfillStretch(
                from: try await moment("from", body, key),
                through: try await moment("through", body, key),
                lanes: try body.number("lanes") ?? 1, isTrial: try body.flag("dryRun"))
            return try await act(
                .backfill(
                    key, stretch, reason: body.reason(), body.authority(request)))
        }
        group.post("backfills/{run}/cancel") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .cancelBackfill(
                    runNumber(context), reason: body.reason(), body.authority(request)))
        }
        group.post("runs/{run}/retry") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .retryNow(
                    run: runNumber(context), reason: body.reason(),
                    body.authority(request)))
        }
        group.post("dead-letters/requeue") { request, _ in
            try await requeueMany(ActBody(request, "job", "element", "failureClass"), request)
        }
    }

    private func moment(
        _ field: String, _ body: ActBody, _ key: ScheduleKey
    ) async throws -> Int64 {
        guard let time = try await scheduled(body.text(field), field, key) else {
            throw APIError(.badRequest, "invalid", "field '\(field)' is missing: give a time")
        }
        return time
    }

    /// Puts all dead runs in again that a query finds, oldest first, each as a decision of its own.
    ///
    /// One that is refused (its schedule is gone) stays where it is, and is counted.
    private func requeueMany(_ body: ActBody, _ request: Request) async throws -> Response {
        let job = try body.text("job")
        let element = try body.text("element")
        let filter = try JobFilter(
            job: job.isEmpty ? nil : job, element: element.isEmpty ? nil : element)
        let failureClass = try body.text("failureClass")
        guard !job.isEmpty || !failureClass.isEmpty || !element.isEmpty else {
            throw APIError(
                .badRequest, "invalid",
                "nothing says which dead runs are meant: give field 'job', 'element' or "
                    + "'failureClass'"
            )
        }
        let (reason, who) = (try body.reason(), try body.authority(request))
        let dead = try await deadRuns(filter, failureClass)
        var made: [UInt64] = []
        var asked: [UInt64] = []
        var refused: [String] = []
        for run in dead {
            do {
                let reply = try await runtime.submit(.requeue(run: run, reason: reason, who))
                if let approval = reply.approval {
                    asked.append(approval)
                } else if let run = reply.run {
                    made.append(run)
                }
            } catch let rejection as Rejection {
                // A refusal of the act itself (its ticket) is the same for all of them.
                if made.isEmpty && asked.isEmpty && rejection.code == .invalid {
                    throw APIError(rejection)
                }
                refused.append("{\"run\":\(run),\"message\":\(quoted(rejection.message))}")
            } catch let error as EngineUnavailable {
                throw APIError(.serviceUnavailable, "unavailable", error.description)
            }
        }
        let message =
            "\(Counted.were(made.count, "run")) put in again, "
            + "\(refused.count) \(refused.count == 1 ? "was" : "were") refused"
            + (asked.isEmpty ? "" : ", \(asked.count) wait for another person's approval")
        let runs = made.map(String.init).joined(separator: ",")
        let approvals = asked.map(String.init).joined(separator: ",")
        return .json(
            "{\"message\":\(quoted(message)),\"runs\":[\(runs)],"
                + (asked.isEmpty ? "" : "\"approvals\":[\(approvals)],")
                + "\"refused\":[\(refused.joined(separator: ","))]}",
            status: asked.isEmpty ? .ok : .accepted)
    }

    /// The oldest dead runs that a query means.
    ///
    /// - Throws: `APIError` where it names a schedule that was never there, or is forgotten.
    private func deadRuns(_ filter: JobFilter, _ failureClass: String) async throws -> [UInt64] {
        let (dead, isKnown) = try await look { state in
            let meant = state.deadRuns.sorted().filter { filter.takes($0.jobId) }
            var isKnown = !meant.isEmpty || (filter.job == nil && filter.element == nil)
            if !isKnown {
                state.schedules.forEach { known in
                    if !known.isRemoved && filter.takes(known.jobId) { isKnown = true }
                }
            }
            let dead = meant.filter { failureClass.isEmpty || $0.failureClass == failureClass }
            return (dead.prefix(Self.requeueMax).map(\.run), isKnown)
        }
        guard isKnown else {
            let name = [filter.job, filter.element].compactMap(\.self)
                .joined(separator: "', element '")
            throw APIError(
                .notFound, "notFound", "there is no schedule '\(name)', nor a dead run of it")
        }
        return dead
    }

    private func quoted(_ text: String) -> String { JSONText.quoted(text) }
}
