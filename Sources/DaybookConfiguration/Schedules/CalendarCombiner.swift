import Events
import Timetable

/// Works calendars out that are made of others.
struct CalendarCombiner {
    let drafts: [String: CalendarDraft]
    private var done: [String: BusinessCalendar] = [:]
    private var failed: Set<String> = []
    /// The calendars that are being worked out, the one within the other.
    private var open: [String] = []

    init(drafts: [String: CalendarDraft]) {
        self.drafts = drafts
    }

    /// The records of all calendars that can be worked out, by name.
    mutating func definitions(_ log: inout ProblemLog) -> [String: CalendarDefinition] {
        var definitions: [String: CalendarDefinition] = [:]
        for (name, draft) in drafts.sorted(by: { precedes($0.key, $1.key) }) {
            if let calendar = calendar(draft, &log) {
                definitions[name] = draft.definition(calendar)
            }
        }
        return definitions
    }

    private mutating func calendar(
        _ draft: CalendarDraft, _ log: inout ProblemLog
    ) -> BusinessCalendar? {
        if let known = done[draft.name] { return known }
        if failed.contains(draft.name) { return nil }
        open.append(draft.name)
        defer { open.removeLast() }
        guard let calendar = combined(draft, &log), fits(calendar, draft, &log) else {
            failed.insert(draft.name)
            return nil
        }
        done[draft.name] = calendar
        return calendar
    }

    private mutating func combined(
        _ draft: CalendarDraft, _ log: inout ProblemLog
    ) -> BusinessCalendar? {
        let parts = draft.parts.map { part($0, &log) }
        let without = draft.without.map { part($0, &log) }
        let known = parts.compactMap(\.self)
        let taken = without.compactMap(\.self)
        guard known.count == parts.count, taken.count == without.count else { return nil }
        var whole = draft
        var weekend = draft.weekend
        if let first = known.first {
            let all = known.dropFirst().reduce(first) {
                draft.combination == .union ? $0.union($1) : $0.intersection($1)
            }
            weekend = weekend ?? all.weekend
            whole.add(all.holidays)
            whole.validThrough = earlier(all.validThrough, draft, &log)
        }
        let own = BusinessCalendar(
            name: draft.name, weekend: weekend ?? [.saturday, .sunday], holidays: whole.holidays,
            validThrough: whole.validThrough)
        return taken.reduce(own) { $0.subtracting($1, name: draft.name) }
    }

    /// The calendar that a reference names; `nil` after a problem was noted.
    private mutating func part(
        _ reference: CalendarDraft.Reference, _ log: inout ProblemLog
    ) -> BusinessCalendar? {
        if let start = open.firstIndex(of: reference.name) {
            let cycle = open[start...] + [reference.name]
            log.error(
                reference.place, reference.path,
                "calendars are made of each other: \(cycle.joined(separator: " -> "))",
                "take one of them out")
            return nil
        }
        guard let draft = drafts[reference.name] else {
            let hint = log.nearest(reference.name, among: drafts.keys)
            log.error(
                reference.place, reference.path, "there is no calendar \(shown(reference.name))",
                hint.map { "did you mean \($0)?" } ?? "add it to schedules/calendars")
            return nil
        }
        return calendar(draft, &log)
    }

    /// A calendar knows no more days than those that it is made of.
    private func earlier(
        _ through: CivilDate?, _ draft: CalendarDraft, _ log: inout ProblemLog
    ) -> CivilDate? {
        guard let through, let own = draft.validThrough else {
            return through ?? draft.validThrough
        }
        if own > through {
            log.warning(
                draft.place, "validThrough",
                "\(own) is later than what its calendars know, \(through)",
                "the earlier date holds; bring those calendars up to date")
        }
        return min(own, through)
    }

    private func fits(
        _ calendar: BusinessCalendar, _ draft: CalendarDraft, _ log: inout ProblemLog
    ) -> Bool {
        if calendar.weekend.count == 7 {
            // Where its own file says so, that was noted there.
            if draft.weekend == nil {
                log.error(
                    draft.place, "weekend", "no day of the week is left to work on",
                    "give it a weekend of its own")
            }
            return false
        }
        let byteCount = draft.definition(calendar).encoded().count
        guard byteCount > Limits.calendarByteCountMax else { return true }
        log.error(
            draft.place, "holidays",
            "the calendar has \(byteCount) bytes in its record, more than "
                + "\(Limits.calendarByteCountMax)", "leave out dates that are past")
        return false
    }
}
