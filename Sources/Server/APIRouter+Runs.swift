import Engine
import Events
import Foundation
import Hummingbird
import Projections
import Replay

extension APIRouter {
    func addRuns(_ group: RouterGroup<BasicRequestContext>) {
        group.get("runs") { request, _ in try await runs(request) }
        group.get("runs/{run}") { _, context in try await run(runNumber(context)) }
        group.get("runs/{run}/why") { _, context in try await why(runNumber(context)) }
        group.get("history") { request, _ in try await history(request) }
        group.get("events") { request, _ in try await events(request) }
        group.post("runs/{run}/cancel") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .cancel(
                    run: runNumber(context), reason: body.reason(),
                    body.authority(request)))
        }
        group.post("runs/{run}/requeue") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .requeue(
                    run: runNumber(context), reason: body.reason(),
                    body.authority(request)))
        }
        group.get("dead-letters") { request, _ in
            let limit = try limit(request, default: 100)
            let filter = try JobFilter(request)
            let dead = try await look { state in
                state.deadRuns.sorted().filter { filter.takes($0.jobId) }
            }
            return Response.list("runs", dead.suffix(limit).reversed().map { JSONText.of($0) })
        }
    }

    /// Runs that are open, dead, or ended lately; newest first.
    private func runs(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = try limit(request, default: 50)
        let filter = try JobFilter(request)
        let status = query.get("status")
        let reference = query.get("reference")
        if let status, RunStatus(rawValue: status) == nil {
            let known = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(.badRequest, "invalid", "'status' must be one of \(known)")
        }
        let found = try await look { state -> [RunState] in
            var found: [RunState] = []
            state.forEachRun { run in
                if filter.takes(run.jobId),
                    status.map({ $0 == run.statusText }) ?? true,
                    reference.map({ $0 == run.reference }) ?? true
                {
                    found.append(run)
                }
            }
            return Array(found.sorted { $0.run > $1.run }.prefix(limit))
        }
        return .list("runs", found.map { JSONText.of($0) })
    }

    private func run(_ number: UInt64) async throws -> Response {
        let found = try await look { state in
            state.openRuns[number] ?? state.deadRuns[number] ?? state.finishedRuns[number]
        }
        if let found { return .json(JSONText.of(found)) }
        return .json(try await life(number).summary.json)
    }

    private func why(_ number: UInt64) async throws -> Response {
        .json(Why(try await life(number)).json)
    }

    /// A run's whole life from the log.
    private func life(_ number: UInt64) async throws -> RunLife {
        try await past { history throws(ReplayError) in try history.life(of: number) }
    }

    /// A completion from a target: `{"attempt":1,"status":"succeeded"|"failed","message":…,
    /// "result":…}` with the run's token as bearer.
    func complete(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let run = try runNumber(context)
        let body = try await ActBody(open: request)
        guard let attempt = try body.number("attempt"), attempt > 0 else {
            throw APIError(.badRequest, "invalid", "field 'attempt' is missing: a number from 1")
        }
        guard let bearer = request.bearer,
            callbackToken.isValid(
                String(bearer), logIdentity: logIdentity, run: run, attempt: attempt)
        else {
            throw APIError(
                .unauthorized, "unauthorized",
                "the token is not that of run \(run), attempt \(attempt)")
        }
        var result = AttemptResult()
        switch try body.text("status") {
        case "succeeded": result.isSuccess = true
        case "failed":
            let stated = try body.text("failureClass", byteCountMax: 64)
            guard stated.isEmpty || TargetFailureClass.mayBeStated(stated) else {
                throw APIError(
                    .badRequest, "invalid",
                    "field 'failureClass' is a word of letters, digits, '_' and '-' that is none "
                        + "of the engine's own classes")
            }
            result.failureClass = stated.isEmpty ? "reported" : stated
            result.isDefinite = true
        default:
            throw APIError(
                .badRequest, "invalid", "field 'status' must be 'succeeded' or 'failed'")
        }
        result.message = try body.text("message", byteCountMax: 1_024)
        result.result = try body.json("result")
        let who = Authority(actor: "target:\(run)")
        return try await act(.complete(run: run, attempt: attempt, result, who))
    }
}
