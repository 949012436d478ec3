import Engine
import Events
import Hummingbird
import Projections
import Replay
import Timetable

/// The operating API: JSON over HTTP, every answer standing on durable events.
///
/// `/health` is open; a completion carries its run's own token; all else needs the bearer token.
struct APIRouter: Sendable {
    /// How many entries a list gives at the most.
    static let limitMax = 1_000

    let runtime: EngineRuntime
    let token: APIToken
    let callbackToken: CallbackToken
    let logIdentity: String
    let dataFolder: String
    let zones: ZoneCatalog
    let settings: DecisionSettings
    let version: String
    /// Where the playbooks are published; empty for the path of the document.
    let playbookURL: String
    /// What the configuration gives to schedules of the API.
    let names: NamesInForce
    /// Wakes workers that wait for a run.
    let bell: LeaseBell
    let exchange: ExchangeHolder
    let now: @Sendable () -> Int64
    /// The log's indexes, kept open between questions.
    let historyIndex = HistoryIndex()
    let forecastGate = ForecastGate()
    /// What workers said of their runs' progress.
    let progress = ProgressBoard()

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("health") { _, _ in try await health() }
        router.head("health") { _, _ in
            Response(status: try await health().status, headers: [:])
        }
        router.post("v1/runs/{run}/complete") { request, context in
            try await complete(request, context)
        }
        let guarded = router.group("v1").add(middleware: BearerGuard(token: token))
        addSchedules(guarded)
        addRuns(guarded)
        addActs(guarded)
        addDefinitions(guarded)
        addBlackouts(guarded)
        addAlerts(guarded)
        addWorkers(guarded)
        addControlNumbers(guarded)
        addDependencies(guarded)
        addApprovals(guarded)
        addExchange(guarded)
        guarded.get("forecast") { request, _ in try await forecast(request) }
        guarded.get("availability") { request, _ in try await availability(request) }
        return router
    }

    /// How the engine stands: 503 while it takes no work.
    private func health() async throws -> Response {
        let version = version
        let health = try await look { Health($0, version: version) }
        return .json(health.json, status: health.takesWork ? .ok : .serviceUnavailable)
    }

    /// Reads the state, as durable as it is shown.
    func look<Result: Sendable>(
        _ body: @escaping @Sendable (ProjectedState) -> Result
    ) async throws -> Result {
        do {
            return try await runtime.read(body)
        } catch {
            throw APIError(.serviceUnavailable, "unavailable", "\(error)")
        }
    }

    /// Gives a command to the engine and answers with its reply.
    func act(_ command: Command) async throws -> Response {
        do {
            let reply = try await runtime.submit(command)
            var members = ["\"message\":\(JSONText.quoted(reply.message))"]
            if let run = reply.run { members.append("\"run\":\(run)") }
            if let approval = reply.approval { members.append("\"approval\":\(approval)") }
            if let sequence = reply.sequence { members.append("\"sequence\":\(sequence)") }
            return .json(
                "{\(members.joined(separator: ","))}",
                status: reply.approval == nil ? .ok : .accepted)
        } catch let rejection as Rejection {
            throw APIError(rejection)
        } catch let error as EngineUnavailable {
            throw APIError(.serviceUnavailable, "unavailable", error.description)
        }
    }

    func parameter(_ context: BasicRequestContext, _ name: String) throws -> String {
        let raw = try context.parameters.require(name)
        return raw.removingPercentEncoding ?? raw
    }

    func runNumber(_ context: BasicRequestContext) throws -> UInt64 {
        let text = try context.parameters.require("run")
        guard let run = UInt64(text) else {
            throw APIError(.badRequest, "invalid", "'\(text)' is not a run's number")
        }
        return run
    }

    func limit(_ request: Request, default count: Int) throws -> Int {
        guard let text = request.uri.queryParameters.get("limit") else { return count }
        guard let limit = Int(text), (1...Self.limitMax).contains(limit) else {
            throw APIError(
                .badRequest, "invalid", "'limit' must be a number from 1 to \(Self.limitMax)")
        }
        return limit
    }
}

extension Response {
    /// A list under a name.
    static func list(_ name: String, _ items: [String]) -> Response {
        .json("{\"\(name)\":[\(items.joined(separator: ","))]}")
    }
}

/// Lets only callers with the bearer token pass.
struct BearerGuard: RouterMiddleware {
    typealias Context = BasicRequestContext
    let token: APIToken

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let bearer = request.bearer, token.matches(bearer) else {
            throw APIError(
                .unauthorized, "unauthorized",
                "send the header 'Authorization: Bearer TOKEN'; the token is in DATA/token")
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The bearer token of the request (RFC 6750, section 2.1).
    var bearer: Substring? {
        guard let field = headers[.authorization], field.hasPrefix("Bearer ") else { return nil }
        return field.dropFirst(7)
    }
}
