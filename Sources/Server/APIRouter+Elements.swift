import Engine
import Events
import Hummingbird
import Projections

/// Questions and acts that mean all elements of a job that was fanned out, or one of them.
extension APIRouter {
    /// Which schedules a query means: `job`, with all of its elements, and `element`.
    struct JobFilter: Sendable {
        var job: String?
        var element: String?

        init(job: String?, element: String?) throws {
            self.job = job
            self.element = element
            guard let element, !ElementId.isElement(element) else { return }
            throw APIError(
                .badRequest, "invalid",
                "'element' must be the name of an element: letters, digits, '-', '_' and '.'")
        }

        init(_ request: Request) throws {
            let given = request.uri.queryParameters
            try self.init(job: given.get("job"), element: given.get("element"))
        }

        /// Whether it means a schedule.
        func takes(_ jobId: String) -> Bool {
            if let job { return ElementId.matches(jobId, job: job, element: element) }
            guard let element else { return true }
            return ElementId(jobId)?.element == element
        }
    }

    /// Gives a command to the engine for a schedule; for a job that was fanned out, to each of its
    /// elements, as a decision of its own.
    ///
    /// One element that is refused (it is paused already) keeps none of the others.
    func act(
        onAll key: ScheduleKey, _ command: (ScheduleKey) async throws -> Command
    ) async throws -> Response {
        let keys = try await elements(of: key)
        guard !keys.isEmpty else { return try await act(command(key)) }
        var done: [String] = []
        var runs: [UInt64] = []
        var asked: [UInt64] = []
        var refused: [(jobId: String, rejection: Rejection)] = []
        for key in keys {
            do {
                let reply = try await runtime.submit(command(key))
                if let approval = reply.approval {
                    asked.append(approval)
                    continue
                }
                done.append(JSONText.quoted(key.jobId))
                if let run = reply.run { runs.append(run) }
            } catch let rejection as Rejection {
                // A refusal of the act itself (its ticket) is the same for all of them.
                if done.isEmpty && asked.isEmpty && rejection.code == .invalid {
                    throw APIError(rejection)
                }
                refused.append((key.jobId, rejection))
            } catch let error as EngineUnavailable {
                throw APIError(.serviceUnavailable, "unavailable", error.description)
            }
        }
        if done.isEmpty && asked.isEmpty, let first = refused.first {
            throw APIError(first.rejection)
        }
        let message =
            "done for \(done.count) of the \(keys.count) elements of '\(key.jobId)'"
            + (asked.isEmpty ? "" : "; \(asked.count) wait for another person's approval")
            + (refused.first.map { "; \(refused.count) refused: \($0.rejection.message)" } ?? "")
        let items = refused.map {
            "{\"jobId\":\(JSONText.quoted($0.jobId)),\"message\":"
                + "\(JSONText.quoted($0.rejection.message))}"
        }
        return .json(
            "{\"message\":\(JSONText.quoted(message)),\"jobs\":[\(done.joined(separator: ","))],"
                + "\"runs\":[\(runs.map(String.init).joined(separator: ","))],"
                + (asked.isEmpty
                    ? "" : "\"approvals\":[\(asked.map(String.init).joined(separator: ","))],")
                + "\"refused\":[\(items.joined(separator: ","))]}",
            status: asked.isEmpty ? .ok : .accepted)
    }

    /// The elements of a job that was fanned out and is no schedule itself, by id; else none.
    private func elements(of key: ScheduleKey) async throws -> [ScheduleKey] {
        try await look { state -> [ScheduleKey] in
            if state.schedules[key]?.isRemoved == false { return [] }
            var keys: [ScheduleKey] = []
            state.schedules.forEach { known in
                if !known.isRemoved, known.tenant == key.tenant,
                    ElementId.matches(known.jobId, job: key.jobId)
                {
                    keys.append(known.key)
                }
            }
            return keys.sorted { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }
        }
    }

    /// The schedule that an act on one is about.
    ///
    /// - Throws: `APIError` for a job that was fanned out: which element is not said.
    func single(_ context: BasicRequestContext) async throws -> ScheduleKey {
        let key = try key(context)
        guard let first = try await elements(of: key).first else { return key }
        throw APIError(
            .notFound, "notFound",
            "'\(key.jobId)' was fanned out, and this is done for one element: name it with "
                + "--element, or as '\(first.jobId)'")
    }
}
