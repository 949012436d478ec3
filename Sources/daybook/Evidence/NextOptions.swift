import ArgumentParser
import Timetable

/// The kinds of trigger that `daybook next` takes beside an expression.
struct NextTriggerOptions: ParsableArguments {
    @Flag(help: "The expression has six fields, the second first.")
    var seconds = false

    @Option(
        help: """
            For times that a clock change leaves out, of an expression or a rule: gapEnd, \
            sameOffset or skip.
            """)
    var onGap: String?

    @Option(help: "For times that come twice, of an expression or a rule: first, second or both.")
    var onOverlap: String?

    @Option(help: "An interval instead, such as 15m, 1h30m or PT5S.")
    var every: String?

    @Option(help: "A single moment instead, such as 2026-03-29T03:00:00+02:00.")
    var at: String?

    @Option(help: "A recurrence rule instead (RFC 5545), such as 'FREQ=MONTHLY;BYDAY=-1FR'.")
    var rrule: String?

    @Option(help: "The rule's start (DTSTART), such as 19970902T090000.")
    var start: String?

    @Option(help: "A time or day that the rule leaves out; may be given again.")
    var exdate: [String] = []

    @Option(help: "A further time or day of the rule; may be given again.")
    var rdate: [String] = []

    @Option(
        parsing: .unconditional,
        help: """
            A working day of each month instead: 1 for the first, -1 for the last, and so on; \
            needs --time.
            """)
    var businessDay: Int?

    @Option(help: "The time of day of --business-day, such as 17:00.")
    var time: String?

    @Option(
        help: """
            The calendar of --business-day: a file of the configuration (.json, .yaml) or an \
            iCalendar file (.ics). (default: Saturdays and Sundays alone are off)
            """)
    var calendar: String?

    func validate() throws {
        if let onGap, GapRule(rawValue: onGap) == nil {
            throw ValidationError("--on-gap is gapEnd, sameOffset or skip")
        }
        if let onOverlap, OverlapRule(rawValue: onOverlap) == nil {
            throw ValidationError("--on-overlap is first, second or both")
        }
        if (rrule == nil) != (start == nil) {
            throw ValidationError("--rrule and --start go together")
        }
        if rrule == nil && !(exdate.isEmpty && rdate.isEmpty) {
            throw ValidationError("--exdate and --rdate need --rrule")
        }
        if (businessDay == nil) != (time == nil) {
            throw ValidationError("--business-day and --time go together")
        }
        if calendar != nil && businessDay == nil {
            throw ValidationError("--calendar needs --business-day")
        }
    }

    /// How many triggers are named here.
    var count: Int {
        [every, at, rrule].count { $0 != nil } + (businessDay == nil ? 0 : 1)
    }

    /// Whether a rule for clock changes is given.
    var hasClockRules: Bool { onGap != nil || onOverlap != nil }

    /// The trigger that is named here, or the expression's.
    func trigger(expression: String, in zone: Zone, _ zones: ZoneCatalog) throws -> Trigger {
        if let businessDay, let time { return try workingDay(businessDay, time, zones) }
        var shown = expression
        do throws(TimetableError) {
            if let every {
                shown = every
                return .every(try Interval(parsing: every))
            }
            if let rrule, let start {
                return .recurrence(try recurrence(rrule, start, &shown))
            }
            if at == nil {
                return .cron(
                    try CronExpression(
                        parsing: expression, hasSeconds: seconds,
                        onGap: gapRule, onOverlap: overlapRule))
            }
        } catch {
            throw CommandFailure.misuse(
                error.description, detail: Caret.lines(shown, error.column))
        }
        do {
            return .at(try TimeArgument.instant(at ?? "", in: zone))
        } catch {
            throw CommandFailure.misuse("--at: \(error)")
        }
    }

    /// The recurrence; `shown` becomes the text that an error points into.
    private func recurrence(
        _ rule: String, _ start: String, _ shown: inout String
    ) throws(TimetableError) -> Recurrence {
        shown = start
        _ = try RecurrenceTime.parse(start)
        for text in exdate + rdate {
            shown = text
            _ = try RecurrenceTime.parse(text)
        }
        shown = rule
        let recurrence = try Recurrence.parse(
            rule: rule, start: start, excluded: exdate, additional: rdate, onGap: gapRule,
            onOverlap: overlapRule)
        if hasClockRules, recurrence.rules.allSatisfy(\.countsElapsedTime) {
            throw TimetableError(
                .invalidExpression,
                "a rule by hours, minutes or seconds counts elapsed time, so that no clock change "
                    + "leaves out or repeats anything. Leave --on-gap and --on-overlap out.",
                field: "FREQ", column: 1)
        }
        return recurrence
    }

    private var gapRule: GapRule? { onGap.flatMap(GapRule.init(rawValue:)) }
    private var overlapRule: OverlapRule? { onOverlap.flatMap(OverlapRule.init(rawValue:)) }

    private func workingDay(
        _ number: Int, _ time: String, _ zones: ZoneCatalog
    ) throws -> Trigger {
        let calendar =
            try self.calendar.map { try CalendarFile.businessCalendar($0, zones) }
            ?? BusinessCalendar(name: "SAT, SUN", holidays: Set<CivilDate>(), validThrough: nil)
        let timeOfDay = try TimeArgument.timeOfDay(time)
        do throws(TimetableError) {
            return .businessDay(
                try BusinessDayOfMonth(number: number, time: timeOfDay, calendar: calendar))
        } catch {
            throw CommandFailure.misuse("--business-day: \(error.message)")
        }
    }
}
