import Dispatch
import EventLog
import Events
import Hummingbird
import Projections
import Replay
import Timetable

// Questions about the past, answered from the log by its indexes: the same functions as those of
// the evidence commands, on what the log itself proves durable.

extension APIRouter {
    /// `GET /v1/history`: past runs, newest first.
    func history(_ request: Request) async throws -> Response {
        let given = request.uri.queryParameters
        var query = History.Query()
        query.limit = try limit(request, default: 100)
        let filter = try JobFilter(request)
        query.jobId = filter.job
        query.element = filter.element
        query.reference = given.get("reference")
        query.from = try moment(request, "from")
        query.to = try moment(request, "to")
        query.cursor = given.get("cursor")
        if let by = given.get("by") {
            guard let clock = History.Clock(rawValue: by) else {
                throw APIError(.badRequest, "invalid", "'by' must be scheduled or event")
            }
            query.clock = clock
        }
        for text in (given.get("status") ?? "").split(separator: ",") {
            guard let status = RunStatus(rawValue: String(text)) else {
                let known = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(.badRequest, "invalid", "'status' must be one of \(known)")
            }
            query.statuses.insert(status)
        }
        let wanted = query
        let page = try await past { history throws(ReplayError) in try history.runs(wanted) }
        return .json(page.json)
    }

    /// `GET /v1/events`: every event of one actor, one change ticket or one key, newest first.
    func events(_ request: Request) async throws -> Response {
        let given = request.uri.queryParameters
        let keys = [
            given.get("actor").map(EventVocabulary.key(actor:)),
            given.get("ticket").map(EventVocabulary.key(ticket:)), given.get("key"),
        ].compactMap(\.self)
        guard keys.count == 1, let key = keys.first, !key.isEmpty else {
            throw APIError(.badRequest, "invalid", "give one of 'actor', 'ticket' and 'key'")
        }
        var query = History.EventQuery(key: key)
        query.limit = try limit(request, default: 100)
        query.from = try moment(request, "from")
        query.to = try moment(request, "to")
        query.cursor = given.get("cursor")
        let wanted = query
        let page = try await past { history throws(ReplayError) in try history.events(wanted) }
        return .json(page.json)
    }

    /// Asks the log, on a thread that may block.
    func past<Answer: Sendable>(
        _ question: @escaping @Sendable (History) throws(ReplayError) -> Answer
    ) async throws -> Answer {
        let folder = DataFolder(path: dataFolder, disk: RealDisk(), trust: .provedDurable)
        let history = History(folder, index: historyIndex)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        do throws(ReplayError) { return try question(history) } catch {
                            throw APIError(error)
                        }
                    })
            }
        }
    }

    /// A moment in the query, µs since 1970 UTC, with its offset.
    private func moment(_ request: Request, _ name: String) throws -> Int64? {
        guard let text = request.uri.queryParameters.get(name) else { return nil }
        guard case .instant(let instant)? = try? ISO8601.parse(text) else {
            throw APIError(
                .badRequest, "invalid",
                "'\(name)' must be a moment such as 2026-03-29T03:00:00+02:00")
        }
        return instant.microseconds
    }
}

extension APIError {
    /// What a reader of the log refused.
    init(_ error: ReplayError) {
        switch error.code {
        case .notFound: self.init(.notFound, "notFound", "\(error)")
        case .invalid: self.init(.badRequest, "invalid", "\(error)")
        default: self.init(.internalServerError, "log", "\(error)")
        }
    }
}
