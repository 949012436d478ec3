/// A trigger as a file or a record holds it: texts, which mean something in a zone.
///
/// It is what configuration reads and what the engine compiles, so that a check and a run never
/// differ.
public struct TriggerSource: Hashable, Sendable {
    /// The kinds of trigger, by the field that names them.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A cron expression.
        case cadence
        /// A fixed interval, from `start` on where there is one.
        case every
        /// A recurrence rule (RFC 5545) with its `start`.
        case rrule
        /// A fixed delay after each completion, the first run at `start` where there is one.
        case afterCompletion
        /// A single moment.
        case at
        /// A working day of each month, counted from its start (1) or its end (-1), at `time`.
        case businessDay
        /// A day of each month at `time`, or the month's last where it has no such day; -1 is the
        /// last.
        case monthDay
    }

    /// The kind.
    public var kind: Kind
    /// The expression, interval, rule, delay, moment or number.
    public var text: String
    /// Whether a cron expression has six fields, the second first.
    public var hasSeconds = false
    /// The start of an interval, a rule or a delay; empty for none.
    ///
    /// ISO 8601, on the zone's wall clock where it has no offset.
    public var start = ""
    /// Times or dates that a rule leaves out (EXDATE), as `start` is written.
    public var excluded: [String] = []
    /// Further times or dates of a rule (RDATE).
    public var additional: [String] = []
    /// The time of a working day or a day of the month, `HH:MM` or `HH:MM:SS`.
    public var time = ""
    /// What happens to times that a clock change leaves out (`GapRule`); empty for the kind's rule.
    public var onGap = ""
    /// What happens to times that come twice (`OverlapRule`); empty for the kind's rule.
    public var onOverlap = ""

    /// A source with everything else at its default.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The trigger that it is in a zone.
    ///
    /// - Parameter calendar: which days are working days; only `businessDay` looks at it.
    /// - Throws: `TimetableError` with the field and the column.
    public func trigger(
        in zone: Zone, calendar: BusinessCalendar?
    ) throws(TimetableError) -> Trigger {
        try checkFields()
        switch kind {
        case .cadence:
            return .cron(
                try CronExpression(
                    parsing: text, hasSeconds: hasSeconds, onGap: try gapRule(),
                    onOverlap: try overlapRule()))
        case .every:
            let anchor = try moment(start, "start", in: zone)
            return .every(try Interval(parsing: text, anchor: anchor ?? .unixEpoch))
        case .rrule:
            return .recurrence(try recurrence(in: zone))
        case .afterCompletion:
            return .afterCompletion(
                try FixedDelay(parsing: text, first: try moment(start, "start", in: zone)))
        case .at:
            guard let moment = try moment(text, "at", in: zone) else {
                throw fault("at", "a moment is expected. Write for example 2026-12-01T10:00:00.")
            }
            return .at(moment)
        case .businessDay:
            return .businessDay(try businessDay(calendar))
        case .monthDay:
            return .recurrence(try monthDay())
        }
    }

    /// Refuses what the kind does not have.
    private func checkFields() throws(TimetableError) {
        let isRule = kind == .rrule
        let isTimed = kind == .every || isRule || kind == .afterCompletion
        let isCivil = kind == .cadence || isRule || kind == .monthDay
        for (field, isSet, belongs) in [
            ("seconds", hasSeconds, kind == .cadence), ("start", !start.isEmpty, isTimed),
            ("exdates", !excluded.isEmpty, isRule), ("rdates", !additional.isEmpty, isRule),
            ("time", !time.isEmpty, kind == .businessDay || kind == .monthDay),
            ("onGap", !onGap.isEmpty, isCivil),
            ("onOverlap", !onOverlap.isEmpty, isCivil),
        ] where isSet && !belongs {
            throw fault(field, "\(field) means nothing beside \(kind.rawValue). Remove it.")
        }
    }

    private func fault(_ field: String, _ message: String) -> TimetableError {
        TimetableError(.invalidExpression, message, field: field, column: 1)
    }

    private func gapRule() throws(TimetableError) -> GapRule? {
        if onGap.isEmpty { return nil }
        guard let rule = GapRule(rawValue: onGap) else {
            throw fault("onGap", "\(quoted(onGap)) is no rule. Use gapEnd, sameOffset or skip.")
        }
        return rule
    }

    private func overlapRule() throws(TimetableError) -> OverlapRule? {
        if onOverlap.isEmpty { return nil }
        guard let rule = OverlapRule(rawValue: onOverlap) else {
            throw fault("onOverlap", "\(quoted(onOverlap)) is no rule. Use first, second or both.")
        }
        return rule
    }

    private func moment(
        _ text: String, _ field: String, in zone: Zone
    ) throws(TimetableError) -> Instant? {
        if text.isEmpty { return nil }
        return try TriggerSource.moment(text, field: field, in: zone)
    }

    /// The moment of an ISO 8601 text: with an offset as it says, else on the zone's wall clock.
    ///
    /// The end of a gap, the first of two equal times; a date alone is its midnight.
    ///
    /// - Throws: `invalidDate` with the field and the column.
    public static func moment(
        _ text: String, field: String, in zone: Zone
    ) throws(TimetableError) -> Instant {
        let value: ISO8601.Value
        do throws(TimetableError) {
            value = try ISO8601.parse(text)
        } catch {
            var named = error
            named.field = field
            throw named
        }
        let local: CivilDateTime
        switch value {
        case .instant(let instant): return instant
        case .local(let time): local = time
        case .date(let date):
            local = CivilDateTime(date: date, time: .midnight)
        }
        switch zone.resolve(local) {
        case .unique(let instant), .overlap(let instant, _), .gap(_, _, let instant):
            return instant
        }
    }

    private func recurrence(in zone: Zone) throws(TimetableError) -> Recurrence {
        guard !start.isEmpty else {
            throw fault("start", "a rule needs its start. Write for example 2026-01-01T09:00:00.")
        }
        return try Recurrence.parse(
            rule: text, start: Self.compact(start), excluded: excluded.map(Self.compact),
            additional: additional.map(Self.compact), onGap: try gapRule(),
            onOverlap: try overlapRule())
    }

    /// `20260101T090000` for `2026-01-01T09:00:00`: iCalendar has no separators, people write them.
    private static func compact(_ text: String) -> String {
        var compact = text.filter { $0 != "-" && $0 != ":" }
        // Seconds are not optional there.
        if compact.count == 13, compact.dropFirst(8).first == "T" { compact += "00" }
        return compact
    }

    private func businessDay(
        _ calendar: BusinessCalendar?
    ) throws(TimetableError) -> BusinessDayOfMonth {
        guard let number = Int(text) else {
            throw fault("businessDay", "\(quoted(text)) is no number. Write for example 1 or -1.")
        }
        guard let calendar else {
            throw fault("calendar", "working days need a calendar. Name one under calendar.")
        }
        guard let clock = Self.clock(time) else {
            throw fault("time", "\(quoted(time)) is no time of day. Write for example 17:00.")
        }
        return try BusinessDayOfMonth(number: number, time: clock, calendar: calendar)
    }

    /// The recurrence rule that says the same: of the days from the 28th to that day, a month's
    /// last one.
    private func monthDay() throws(TimetableError) -> Recurrence {
        // January has every day, so that the start is the first of them.
        guard let day = Int(text), day == -1 || (1...31).contains(day),
            let first = CivilDate(year: 1970, month: 1, day: day == -1 ? 31 : day)
        else {
            throw fault(
                "monthDay", "\(quoted(text)) is no day of a month. Write 1 to 31, or -1.")
        }
        guard let clock = Self.clock(time) else {
            throw fault("time", "\(quoted(time)) is no time of day. Write for example 09:00.")
        }
        let days = day > 28 ? (28...day).map(String.init).joined(separator: ",") : String(day)
        return Recurrence(
            start: .local(CivilDateTime(date: first, time: clock)),
            rules: [
                try RecurrenceRule(
                    parsing: "FREQ=MONTHLY;BYMONTHDAY=\(days)" + (day > 28 ? ";BYSETPOS=-1" : ""))
            ], onGap: try gapRule(), onOverlap: try overlapRule())
    }

    private static func clock(_ text: String) -> CivilTime? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }) else {
            return nil
        }
        let numbers = parts.compactMap { UInt8($0) }
        guard numbers.count == parts.count else { return nil }
        return CivilTime(
            hour: Int(numbers[0]), minute: Int(numbers[1]),
            second: numbers.count == 3 ? Int(numbers[2]) : 0)
    }
}
