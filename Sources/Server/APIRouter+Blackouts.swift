import Engine
import Events
import Hummingbird
import Projections
import Timetable

/// Blackouts: those that are declared, and emergencies.
extension APIRouter {
    func addBlackouts(_ group: RouterGroup<BasicRequestContext>) {
        group.get("blackouts") { _, _ in try await blackouts() }
        group.post("blackouts") { request, _ in
            let body = try await ActBody(
                request, "name", "action", "from", "until", "jobs", "tags", "targets",
                "spreadSeconds")
            return try await act(
                .declareBlackout(
                    try blackout(body), tenant: "default", body.authority(request)))
        }
        group.post("blackouts/{name}/lift") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .liftBlackout(
                    ScheduleKey("default", parameter(context, "name")),
                    reason: body.reason(), body.authority(request)))
        }
    }

    private func blackouts() async throws -> Response {
        let found = try await look { $0.blackouts.sorted() }
        return .list("blackouts", found.map { JSONText.of($0) })
    }

    /// What a person declares: from now on or a moment, until another or until it is lifted.
    private func blackout(_ body: ActBody) throws -> BlackoutDefinition {
        var blackout = BlackoutDefinition()
        blackout.source = "api"
        blackout.name = try body.text("name", byteCountMax: 128)
        blackout.reason = try body.reason()
        blackout.action = try body.text("action")
        if blackout.action.isEmpty { blackout.action = "defer" }
        blackout.from = try moment(body, "from") ?? now()
        blackout.until = try moment(body, "until") ?? 0
        blackout.zone = "UTC"
        blackout.jobs = try body.texts("jobs")
        blackout.tags = try body.texts("tags")
        blackout.targets = try body.texts("targets")
        blackout.spreadSeconds = try body.number("spreadSeconds") ?? 60
        return blackout
    }

    private func moment(_ body: ActBody, _ field: String) throws -> Int64? {
        let text = try body.text(field)
        if text.isEmpty { return nil }
        do {
            guard case .instant(let instant) = try ISO8601.parse(text) else {
                throw APIError(
                    .badRequest, "invalid",
                    "field '\(field)' needs an offset, as in 2026-03-29T03:00:00+02:00")
            }
            return instant.microseconds
        } catch let error as TimetableError {
            throw APIError(.badRequest, "invalid", "field '\(field)': \(error)")
        }
    }
}
