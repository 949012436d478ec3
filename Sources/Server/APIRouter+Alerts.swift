import Engine
import Events
import Hummingbird
import Projections

/// Alerts that are open, and taking one on.
extension APIRouter {
    func addAlerts(_ group: RouterGroup<BasicRequestContext>) {
        group.get("alerts") { request, _ in try await alerts(request) }
        group.post("alerts/{alert}/ack") { request, context in
            let text = try context.parameters.require("alert")
            guard let alert = UInt64(text) else {
                throw APIError(.badRequest, "invalid", "'\(text)' is not an alert's number")
            }
            let body = try await ActBody(request)
            return try await act(
                .acknowledge(alert: alert, reason: body.reason(), body.authority(request)))
        }
    }

    /// The newest of them, oldest first.
    private func alerts(_ request: Request) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let alerts = try await look { $0.openAlerts }
        return .list("alerts", alerts.suffix(limit).map(json))
    }

    /// An alert with what follows from it: when it escalates, and what to do.
    private func json(_ alert: AlertState) -> String {
        var text = JSONText()
        text.append(alert)
        if let moment = settings.escalation.time(of: alert) {
            text.member("escalatesAt", text: UTCText.of(microseconds: moment))
        }
        text.member("playbook", text: Playbook.of(alert.kind).link(playbookURL))
        return text.object
    }
}
