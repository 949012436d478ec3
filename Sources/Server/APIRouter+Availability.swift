import Hummingbird
import Replay

extension APIRouter {
    /// `GET /v1/availability`: how much of a month an engine worked, and how runs started.
    func availability(_ request: Request) async throws -> Response {
        let given = request.uri.queryParameters
        let month: UTCMonth
        do throws(ReplayError) {
            month =
                try given.get("month").map { (text) throws(ReplayError) in
                    try UTCMonth(parsing: text)
                } ?? UTCMonth(holding: now())
        } catch { throw APIError(error) }
        let job = given.get("job")
        let found = try await past { history throws(ReplayError) in
            try history.availability(of: month, job: job)
        }
        return .json(found.json)
    }
}
