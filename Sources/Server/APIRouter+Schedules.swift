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
        group.get("schedules/{job}/why-not") { request, context in
            try await whyNot(request, parameter(context, "job"))
        }
        group.post("schedules/{job}/pause") { request, context in
            let body = try await ActBody(request, "until")
            let key = try key(context)
            return try await act(onAll: key) { key in
                .pause(
                    key, until: try await scheduled(body.text("until"), "until", key),
                    reason: try body.reason(), try body.authority(request))
            }
        }
        group.post("schedules/{job}/resume") { request, context in
            let body = try await ActBody(request)
            return try await act(onAll: key(context)) { key in
                .resume(
                    key, reason: try body.reason(), try body.authority(request))
            }
        }
        group.post("schedules/{job}/run") { request, context in
            let body = try await ActBody(request, "scheduled", "pastBlackouts")
            let key = try key(context)
            return try await act(onAll: key) { key in
                .runNow(
                    key, scheduled: try await scheduled(body.text("scheduled"), "scheduled", key),
                    reason: try body.reason(), try body.authority(request),
                    passesBlackouts: try body.flag("pastBlackouts"))
            }
        }
    }

    func key(_ context: BasicRequestContext) throws -> ScheduleKey {
        ScheduleKey("default", try parameter(context, "job"))
    }

    /// A time that a person gave, µs: a moment, or a date in the schedule's zone; nil for no text.
    func scheduled(_ text: String, _ field: String, _ key: ScheduleKey) async throws -> Int64? {
        if text.isEmpty { return nil }
        do {
            switch try ISO8601.parse(text) {
            case .instant(let instant): return instant.microseconds
            case .date(let date):
                return try await moment(CivilDateTime(date: date, time: .midnight), key)
            case .local(let local): return try await moment(local, key)
            }
        } catch let error as TimetableError {
            throw APIError(.badRequest, "invalid", "field '\(field)': \(error)")
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
        let filter = try JobFilter(request)
        let after = request.uri.queryParameters.get("after") ?? ""
        // The state is copied when it is written to: half a million schedules are looked through
        // here, and not on the engine's thread.
        let state = try await look { $0 }
        let found = Self.page(state, after: after, limit: limit, filter).map { Found($0, state) }
        let moment = Instant(microseconds: now())
        return .list("schedules", try found.map { try summary($0, moment) })
    }

    /// The first schedules behind an id, in the order of their ids.
    ///
    /// - Complexity: O(n log limit).
    private static func page(
        _ state: ProjectedState, after: String, limit: Int, _ filter: JobFilter
    ) -> [ScheduleState] {
        func isBefore(_ a: ScheduleState, _ b: ScheduleState) -> Bool {
            if a.tenant == b.tenant { return a.jobId.utf8.lexicographicallyPrecedes(b.jobId.utf8) }
            return a.tenant.utf8.lexicographicallyPrecedes(b.tenant.utf8)
        }
        var found: [ScheduleState] = []
        func keepFirst() {
            found.sort(by: isBefore)
            if found.count > limit { found.removeLast(found.count - limit) }
        }
        state.schedules.forEach { schedule in
            guard !schedule.isRemoved, filter.takes(schedule.jobId),
                after.isEmpty || after.utf8.lexicographicallyPrecedes(schedule.jobId.utf8)
            else { return }
            found.append(schedule)
            if found.count >= 4 * limit + 64 { keepFirst() }
        }
        keepFirst()
        return found
    }

    private func schedule(_ job: String) async throws -> Response {
        let key = ScheduleKey("default", job)
        let found = try await look { state -> Found? in
            guard let schedule = state.schedules[key], !schedule.isRemoved else { return nil }
            return Found(schedule, state)
        }
        guard let found else {
            throw APIError(.notFound, "notFound", "there is no schedule '\(job)'")
        }
        return .json(try summary(found, Instant(microseconds: now())))
    }

    /// A schedule with what its next moment depends on.
    private struct Found: Sendable {
        let schedule: ScheduleState
        let bytes: [UInt8]
        /// The tenant's calendars.
        let calendars: [CalendarState]

        init(_ schedule: ScheduleState, _ state: ProjectedState) {
            self.schedule = schedule
            bytes = state.definitions[schedule.definitionSequence]?.definition ?? []
            calendars = state.calendars.sorted().filter { $0.tenant == schedule.tenant }
        }
    }

    /// A schedule as JSON: how it stands, when it runs next, and what it says.
    private func summary(
        _ found: Found, _ moment: Instant
    ) throws -> String {
        let schedule = found.schedule
        let definition = try ScheduleDefinition(decoding: found.bytes)
        let status =
            schedule.isPaused ? "paused" : definition.isEnabled ? "enabled" : "disabled"
        var text = JSONText()
        text.member("status", text: status)
        if status == "enabled", let next = next(definition, found, moment) {
            text.member("next", text: next)
        }
        var rest = schedule
        rest.decided = []
        text.append(rest)
        text.member("definition", json: JSONText.of(definition))
        return text.object
    }

    /// When it runs next; nil where it does not, or where this machine cannot say.
    private func next(
        _ definition: ScheduleDefinition, _ found: Found, _ moment: Instant
    ) -> String? {
        let calendar = found.calendars.first { $0.calendar?.name == definition.calendar }?.calendar
        // What was skipped or moved ahead of its time comes no more.
        let decided = Instant(microseconds: found.schedule.lastDecided ?? .min)
        do throws(Rejection) {
            return try ScheduleTimes(definition, zones: zones, calendar: calendar)
                .next(after: max(moment, decided))?.localText
        } catch {
            return nil
        }
    }
}
