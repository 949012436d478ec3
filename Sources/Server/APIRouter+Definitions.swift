import DaybookConfiguration
import Engine
import Events
import Hummingbird
import Projections
import Synchronization

/// What the configuration in force gives to schedules of the API; a reload replaces it.
final class NamesInForce: Sendable {
    private let names: Mutex<ScheduleNames>

    init(_ names: ScheduleNames) { self.names = Mutex(names) }

    var current: ScheduleNames { names.withLock { $0 } }

    func replace(_ names: ScheduleNames) { self.names.withLock { $0 = names } }
}

/// Schedules and job types that come by the API, and what a customer's reference stands for.
extension APIRouter {
    func addDefinitions(_ group: RouterGroup<BasicRequestContext>) {
        group.post("schedules") { request, _ in try await define(request) }
        group.put("schedules/{job}") { request, context in
            try await define(request, parameter(context, "job"))
        }
        group.delete("schedules/{job}") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .removeSchedule(
                    key(context), reason: body.reason(), body.authority(request)))
        }
        group.post("references/{reference}/cancel") { request, context in
            let body = try await ActBody(request, "pause")
            return try await act(
                .cancelReference(
                    parameter(context, "reference"), pauses: body.flag("pause"),
                    reason: body.reason(), body.authority(request)))
        }
        addJobTypes(group)
    }

    /// Makes or changes one schedule.
    private func define(_ request: Request, _ jobId: String) async throws -> Response {
        let body = try await ActBody(open: request)
        let names = names.current
        let draft = try refusing { () throws(ScheduleNames.Refusal) in
            try names.draft(body.bytes, jobId: jobId)
        }
        return try await define(draft, names, body.authority(request), replaces: true)
    }

    /// Makes many schedules at once; with `replace` those that are there are changed.
    private func define(_ request: Request) async throws -> Response {
        let body = try await ActBody(
            open: request, byteCountMax: ScheduleNames.requestByteCountMax, mayBeList: true)
        let names = names.current
        let draft = try refusing { () throws(ScheduleNames.Refusal) in
            try names.draft(body.bytes)
        }
        return try await define(
            draft, names, body.authority(request), replaces: body.flag("replace"))
    }

    private func define(
        _ draft: ScheduleNames.Draft, _ names: ScheduleNames, _ who: Authority, replaces: Bool
    ) async throws -> Response {
        let wanted = draft.jobTypes.subtracting(names.jobTypeNames)
        var types: [String: String] = [:]
        if !wanted.isEmpty {
            types = try await look { state in
                var found: [String: String] = [:]
                for name in wanted {
                    found[name] = state.jobTypes[ScheduleKey("default", name)]?.fieldsJSON
                }
                return found
            }
        }
        let definitions = try refusing { () throws(ScheduleNames.Refusal) in
            try names.definitions(draft, types: types)
        }
        return try await act(.defineSchedules(definitions, who, replaces: replaces))
    }

    /// What the reader of schedules refused, as an answer.
    private func refusing<Result>(
        _ body: () throws(ScheduleNames.Refusal) -> Result
    ) throws(APIError) -> Result {
        do throws(ScheduleNames.Refusal) { return try body() } catch {
            throw APIError(.badRequest, "invalid", "\(error)")
        }
    }

    // MARK: Job types

    private func addJobTypes(_ group: RouterGroup<BasicRequestContext>) {
        group.get("job-types") { _, _ in
            Response.list("jobTypes", try await jobTypes().map(\.json))
        }
        group.get("job-types/{name}") { _, context in
            let name = try parameter(context, "name")
            guard let found = try await jobTypes().first(where: { $0.name == name }) else {
                throw APIError(.notFound, "notFound", "there is no job type '\(name)'")
            }
            return Response.json(found.json)
        }
        group.put("job-types/{name}") { request, context in
            let body = try await ActBody(open: request)
            let name = try editable(context)
            let names = names.current
            let fields = try refusing { () throws(ScheduleNames.Refusal) in
                try names.jobType(body.bytes, name: name)
            }
            return try await act(
                .defineJobType(
                    ScheduleKey("default", name), fieldsJSON: fields, body.authority(request)))
        }
        group.delete("job-types/{name}") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .removeJobType(
                    ScheduleKey("default", try editable(context)), reason: body.reason(),
                    body.authority(request)))
        }
    }

    /// The name of a job type that the configuration does not define.
    private func editable(_ context: BasicRequestContext) throws -> String {
        let name = try parameter(context, "name")
        if names.current.jobTypeNames.contains(name) {
            throw APIError(
                .conflict, "conflict",
                "job type '\(name)' stands in the configuration; change it there, or choose "
                    + "another name")
        }
        return name
    }

    /// Every job type, those of the configuration first.
    private func jobTypes() async throws -> [(name: String, json: String)] {
        var items: [(name: String, json: String)] = []
        for (name, fields) in names.current.jobTypeFields {
            var text = JSONText()
            text.member("name", text: name)
            text.member("source", text: "config")
            text.member("fields", json: fields)
            items.append((name, text.object))
        }
        for type in try await look({ $0.jobTypes.sorted() }) {
            var text = JSONText()
            text.member("name", text: type.name)
            text.member("source", text: "api")
            text.member("fields", json: type.fieldsJSON)
            text.member("sequence", json: String(type.sequence))
            text.member("definedAt", text: UTCText.of(microseconds: type.definedAt))
            text.member("actor", text: type.actor)
            if !type.ticket.isEmpty { text.member("ticket", text: type.ticket) }
            items.append((type.name, text.object))
        }
        return items
    }
}
