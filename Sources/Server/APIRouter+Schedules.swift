import Engine
import Events
import Foundation
import Hummingbird
import Projections
import Timetable

extension APIRouter {
    func addSchedules(_ group: RouterGroup<BasicRequestContext>) {
        group.get("schedules") { request, _ in try await schedules(request) }
        group.get("schedules/{job}") { _, context in
            try await schedule(parameter(context, "job"))
        }
        group.post("schedules/{job}/pause") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .pause(
                    key(context), reason: body.text("reason"), body.authority(request)))
        }
        group.post("schedules/{job}/resume") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .resume(
                    key(context), reason: body.text("reason"), body.authority(request)))
        }
        group.post("schedules/{job}/run") { request, context in
            let body = try await ActBody(request)
            let key = try key(context)
            return try await act(
                .runNow(
                    key, scheduled: try await scheduled(body.text("scheduled"), key),
                    reason: body.text("reason"), body.authority(request)))
        }
    }

    private func key(_ context: BasicRequestContext) throws -> ScheduleKey {
        ScheduleKey("default", try parameter(context, "job"))
    }

    /// A scheduled time that a person gave: a moment, or a date in the schedule's zone.
    private func scheduled(_ text: String, _ key: ScheduleKey) async throws -> Int64? {
        if text.isEmpty { return nil }
        do {
            switch try ISO8601.parse(text) {
            case .instant(let instant): return instant.microseconds
            case .date(let date):
                return try await moment(CivilDateTime(date: date, time: .midnight), key)
            case .local(let local): return try await moment(local, key)
            }
        } catch let error as TimetableError {
            throw APIError(.badRequest, "invalid", "field 'scheduled': \(error)")
        }
    }

    private func moment(_ local: CivilDateTime, _ key: ScheduleKey) async throws -> Int64 {
        let definition = try await look { Self.definition($0, key) }
        let zone = try zones.zone(definition?.zone ?? "UTC")
        switch zone.resolve(local) {
        case .unique(let instant): return instant.microseconds
        case .gap(_, _, let instant): return instant.microseconds
        case .overlap(let first, _): return first.microseconds
        }
    }

    private static func definition(
        _ state: ProjectedState, _ key: ScheduleKey
    ) -> ScheduleDefinition? {
        guard let schedule = state.schedules[key], !schedule.isRemoved,
            let bytes = state.definitions[schedule.definitionSequence]?.definition
        else { return nil }
        return try? ScheduleDefinition(decoding: bytes)
    }

    private func schedules(_ request: Request) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let after = request.uri.queryParameters.get("after") ?? ""
        let found = try await look { state -> [(ScheduleState, [UInt8])] in
            state.schedules.sorted()
                .filter {
                    !$0.isRemoved
                        && (after.isEmpty
                            || after.utf8
                                .lexicographicallyPrecedes($0.jobId.utf8))
                }
                .prefix(limit)
                .map { ($0, state.definitions[$0.definitionSequence]?.definition ?? []) }
        }
        let moment = Instant(microseconds: now())
        return .list("schedules", try found.map { try summary($0.0, $0.1, moment) })
    }

    private func schedule(_ job: String) async throws -> Response {
        let key = ScheduleKey("default", job)
        let found = try await look { state -> (ScheduleState, [UInt8])? in
            guard let schedule = state.schedules[key], !schedule.isRemoved else { return nil }
            return (schedule, state.definitions[schedule.definitionSequence]?.definition ?? [])
        }
        guard let (schedule, definition) = found else {
            throw APIError(.notFound, "notFound", "there is no schedule '\(job)'")
        }
        return .json(try summary(schedule, definition, Instant(microseconds: now())))
    }

    /// A schedule as JSON: how it stands, when it runs next, and what it says.
    private func summary(
        _ schedule: ScheduleState, _ bytes: [UInt8], _ moment: Instant
    ) throws -> String {
        let definition = try ScheduleDefinition(decoding: bytes)
        let status =
            schedule.isPaused ? "paused" : definition.isEnabled ? "enabled" : "disabled"
        var text = JSONText()
        text.member("status", text: status)
        if status == "enabled", let next = next(definition, moment) {
            text.member("next", text: next)
        }
        var rest = schedule
        rest.decided = []
        text.append(rest)
        text.member("definition", json: JSONText.of(definition))
        return text.object
    }

    private func next(_ definition: ScheduleDefinition, _ moment: Instant) -> String? {
        guard let zone = try? zones.zone(definition.zone) else { return nil }
        if definition.every.isEmpty {
            return (try? CronExpression(parsing: definition.cadence))?
                .next(after: moment, in: zone)?.localText
        }
        guard let interval = try? Interval(parsing: definition.every) else { return nil }
        return Trigger.every(interval).next(after: moment, in: zone)?.localText
    }
}
