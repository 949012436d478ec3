import Dispatch
import Engine
import EventLog
import Events
import Hummingbird
import Projections
import Replay
import Synchronization

/// Lets one forecast be made at a time: each takes a processor, and a copy of what changes.
final class ForecastGate: Sendable {
    private let isBusy = Mutex(false)

    /// Whether the caller may make one; it calls `leave` when it is made.
    func enter() -> Bool {
        isBusy.withLock { busy in
            defer { busy = true }
            return !busy
        }
    }

    func leave() { isBusy.withLock { $0 = false } }
}

extension APIRouter {
    /// How many runs a forecast of the API simulates, unless it is asked for another number.
    private static let forecastRunsDefault = 10_000
    /// How many it simulates at the most: some 50 MB of JSON.
    private static let forecastRunsMax = 100_000

    /// `GET /v1/forecast`: every run of the days to come, from a copy of the engine's state.
    func forecast(_ request: Request) async throws -> Response {
        let given = request.uri.queryParameters
        var options = ForecastOptions(
            from: now(), days: try number(request, "days", 7, 1...ForecastOptions.daysMax))
        options.runsMax = try number(
            request, "limit", Self.forecastRunsDefault, 1...Self.forecastRunsMax)
        options.job = given.get("job").map { ScheduleKey("default", $0) }
        guard forecastGate.enter() else {
            throw APIError(
                .serviceUnavailable, "unavailable",
                "another forecast is being made; ask again when it is ready")
        }
        defer { forecastGate.leave() }
        let state = try await look { $0 }
        let subject = ForecastSubject(state: state, zones: zones, settings: settings)
        return .json(try await made(subject, options).json)
    }

    /// Makes a forecast on a thread that may take its time.
    private func made(
        _ subject: ForecastSubject, _ options: ForecastOptions
    ) async throws -> Forecast {
        let folder = DataFolder(path: dataFolder, disk: RealDisk(), trust: .provedDurable)
        let history = History(folder, index: historyIndex)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(
                    with: Result {
                        do {
                            return try ForecastMaking.make(of: subject, options, history: history)
                        } catch let error as Rejection {
                            throw APIError(error)
                        } catch let error as ReplayError {
                            throw APIError(error)
                        }
                    })
            }
        }
    }

    private func number(
        _ request: Request, _ name: String, _ usual: Int, _ range: ClosedRange<Int>
    ) throws -> Int {
        guard let text = request.uri.queryParameters.get(name) else { return usual }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                .badRequest, "invalid",
                "'\(name)' must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
