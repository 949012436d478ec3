import Dispatch
import EventLog
import Events
import Hummingbird
import Projections
import Replay
import Timetable

extension APIRouter {
    /// `GET /v1/schedules/JOB/why-not`: why a schedule ran, or did not, at a moment.
    func whyNot(_ request: Request, _ job: String) async throws -> Response {
        guard let at = request.uri.queryParameters.get("at"), !at.isEmpty else {
            throw APIError(
                .badRequest, "invalid",
                "give 'at': a moment such as 2026-03-29T03:00:00+02:00, a local time or a date")
        }
        // The state's calendars: to rebuild those of back then takes a replay.
        let calendars = try await look { state in
            state.calendars.sorted().filter { $0.tenant == "default" }.compactMap(\.calendar)
        }
        let folder = DataFolder(path: dataFolder, disk: RealDisk(), trust: .provedDurable)
        let question = WhyNotQuestion(
            History(folder, index: historyIndex), zones: zones, now: now(),
            calendars: { (name, _) in calendars.first { $0.name == name } })
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        do {
                            return .json(try question.answer(job, at: at).json)
                        } catch let error as ReplayError {
                            throw APIError(error)
                        } catch let error as TimetableError {
                            throw APIError(.badRequest, "invalid", "'at': \(error)")
                        }
                    })
            }
        }
    }
}
