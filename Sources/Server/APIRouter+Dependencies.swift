import Engine
import Events
import Hummingbird
import Projections

/// The status of dependencies, as it is reported from outside.
extension APIRouter {
    func addDependencies(_ group: RouterGroup<BasicRequestContext>) {
        group.get("dependencies") { request, _ in try await dependencies(request) }
        group.post("dependencies/{name}") { request, context in
            let body = try await ActBody(request, "businessDate", "status")
            return try await act(
                .reportDependency(
                    ScheduleKey("default", parameter(context, "name")),
                    businessDate: body.text("businessDate"), status: body.text("status"),
                    body.authority(request)))
        }
    }

    /// Those that were reported, by name, each with its newest business dates.
    private func dependencies(_ request: Request) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let after = request.uri.queryParameters.get("after") ?? ""
        let found = try await look { state in
            state.dependencies.sorted().filter {
                after.isEmpty || after.utf8.lexicographicallyPrecedes($0.name.utf8)
            }.prefix(limit).map { JSONText.of($0) }
        }
        return .list("dependencies", found)
    }
}
