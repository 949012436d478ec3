import Testing
import Timetable

@Suite struct TriggerTests {
    private func instant(_ text: String) throws -> Instant { try Instant(parsing: text) }

    @Test("Expressions that name no day of any year are refused, and rare ones are found")
    func never() throws {
        for text in ["0 0 30 2 *", "0 0 31 2,4 *", "0 0 */31 * MON#2", "0 0 30 2 */2"] {
            let error = failure { () throws(TimetableError) in
                _ = try CronExpression(parsing: text)
            }
            #expect(error?.code == .neverOccurs, "\(text)")
            #expect(error?.field == "day-of-month" && error?.column == 5, "\(text)")
        }
        // Both day fields restricted: either is enough.
        #expect(throws: Never.self) { try CronExpression(parsing: "0 0 30 2 1") }
        // 29 February on a Sunday (*/7 is Sunday alone): every 28 years, 40 around 2100.
        let rare = try CronExpression(parsing: "0 0 29 2 */7")
        var current = try instant("2026-01-01T00:00:00Z")
        var years: [Int] = []
        for _ in 0..<4 {
            let next = try #require(rare.next(after: current, in: .utc))
            years.append(next.local.date.year)
            current = next.instant
        }
        #expect(years == [2032, 2060, 2088, 2128])
    }

    @Test("The search ends with year 9999, and before that goes on")
    func end() throws {
        let cron = try CronExpression(parsing: "0 0 1 1 *")
        let last = try instant("9999-01-01T00:00:00Z")
        #expect(cron.next(after: try instant("9998-12-31T23:59:59Z"), in: .utc)?.instant == last)
        #expect(cron.next(after: last, in: .utc) == nil)
        #expect(cron.previous(atOrBefore: Instant(microseconds: .max), in: .utc) == nil)
        #expect(
            cron.previous(atOrBefore: try instant("9999-12-31T23:59:59Z"), in: .utc)?.instant
                == last)
    }

    @Test(
        "Nicknames are their five fields, in any case",
        arguments: [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
            ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"),
            (" @Annually\n", "0 0 1 1 *"),
        ])
    func nicknames(name: String, text: String) throws {
        let zone = try Zones.named("America/New_York")
        var (one, other) = (Instant.unixEpoch, Instant.unixEpoch)
        let (nickname, fields) = (
            try CronExpression(parsing: name), try CronExpression(parsing: text)
        )
        for _ in 0..<30 {
            one = try #require(nickname.next(after: one, in: zone)).instant
            other = try #require(fields.next(after: other, in: zone)).instant
            #expect(one == other)
        }
    }

    @Test(
        "Errors of cron expressions name the field and the column",
        arguments: [
            ("60 * * * *", "minute", 1), ("* 24 * * *", "hour", 3),
            ("* * 0 * *", "day-of-month", 5),
            ("* * * 13 *", "month", 7), ("* * * * 8", "day-of-week", 9),
            ("1,2,x * * * *", "minute", 5), ("1-70 * * * *", "minute", 3),
            ("*/0 * * * *", "minute", 3), ("* * * * MON#6", "day-of-week", 13),
            ("* * * *", "day-of-week", 8), ("0 0 2 * * *", "expression", 11),
            ("* * * * SAT-SUN", "day-of-week", 9), ("@reboot", "nickname", 1),
            ("@daily 5", "nickname", 8), ("", "minute", 1), ("ä * * * *", "minute", 1),
            ("*,ä,60 * * * *", "minute", 3),
        ])
    func errors(text: String, field: String, column: Int) {
        let error = failure { () throws(TimetableError) in
            _ = try CronExpression(parsing: text)
        }
        #expect(error?.code == .invalidExpression)
        #expect(error?.field == field && error?.column == column, "\(String(describing: error))")
    }

    @Test(
        "Durations read in both forms",
        arguments: [
            ("5s", 5), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("PT5S", 5),
            ("PT15M", 900), ("PT2H", 7200), ("P1DT12H", 129_600), ("P1D", 86_400),
        ])
    func durations(text: String, seconds: Int64) throws {
        #expect(try Interval(parsing: text).periodMicroseconds == seconds * 1_000_000)
    }

    @Test(
        "Text that is no positive duration is refused",
        arguments: [
            "", "5", "s", "0s", "-5s", "5 s", "5x", "5m5h", "5s5s", "P", "PT", "P1DT", "P1M",
            "PT0S",
            "P1W", "PT1D", "P5S", "pt5s", "5S", "1.5h", "999999999999d", "9999999999999s",
            String(repeating: "1s", count: 40),
        ])
    func badDurations(text: String) {
        let error = failure { () throws(TimetableError) in _ = try Interval(parsing: text) }
        #expect(error?.code == .invalidInterval && error?.field == "every")
    }

    @Test("An interval starts at its anchor and goes on in elapsed time")
    func interval() throws {
        let zone = try Zones.named("Europe/Berlin")
        let anchor = try instant("2026-03-29T00:30:00Z")
        let trigger = Trigger.every(try Interval(parsing: "1h", anchor: anchor))
        let first = try #require(trigger.next(after: .unixEpoch, in: zone))
        #expect(first.instant == anchor && first.localText == "2026-03-29T01:30:00+01:00")
        let second = try #require(trigger.next(after: anchor, in: zone))
        #expect(second.localText == "2026-03-29T03:30:00+02:00" && second.fold == 0)
        #expect(trigger.previous(atOrBefore: .unixEpoch, in: zone) == nil)
        #expect(trigger.previous(atOrBefore: anchor, in: zone) == first)
        let extreme = Trigger.every(try Interval(periodMicroseconds: .max, anchor: anchor))
        #expect(extreme.next(after: anchor, in: zone) == nil)
        let all = Trigger.every(
            try Interval(periodMicroseconds: 1, anchor: Instant(microseconds: .min)))
        #expect(all.next(after: Instant(microseconds: .max), in: zone) == nil)
        #expect(all.next(after: Instant(microseconds: .max - 1), in: zone) != nil)
    }

    @Test("Ten days of a one-second job are counted by arithmetic")
    func longStop() throws {
        let trigger = Trigger.every(try Interval(parsing: "1s"))
        let after = try instant("2026-03-01T00:00:00Z")
        let until = try instant("2026-03-11T00:00:00Z")
        let span = trigger.latest(notAfter: until, after: after, in: .utc, cap: 10)
        #expect(span.count == 864_000 && !span.isCountCapped)
        #expect(span.first?.instant.microseconds == after.microseconds + 1_000_000)
        #expect(span.last?.instant == until)
        let none = trigger.latest(notAfter: after, after: after, in: .utc)
        #expect(none == .none)
    }

    @Test("Cron is counted up to the cap, with the true last occurrence")
    func cap() throws {
        let trigger = Trigger.cron(try CronExpression(parsing: "* * * * *"))
        let after = try instant("2026-03-01T00:00:00Z")
        let until = try instant("2026-03-11T00:00:30Z")
        let all = trigger.latest(notAfter: until, after: after, in: .utc)
        #expect(all.count == 14_400 && !all.isCountCapped)
        let some = trigger.latest(notAfter: until, after: after, in: .utc, cap: 100)
        #expect(some.count == 100 && some.isCountCapped)
        #expect(some.last == all.last && some.last?.utcText == "2026-03-11T00:00:00Z")
    }

    @Test("A report shows local times and the clock changes between them")
    func report() throws {
        let zone = try Zones.named("Europe/Berlin")
        let report = NextReport(
            set: TriggerSet([.cron(try CronExpression(parsing: "30 2 * * *"))]), zone: zone,
            after: try instant("2026-03-27T12:00:00Z"), count: 3)
        #expect(report.zone == "Europe/Berlin")
        #expect(
            report.instants.map(\.local) == [
                "2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00",
                "2026-03-30T02:30:00+02:00",
            ])
        #expect(report.instants.map(\.utc)[1] == "2026-03-29T01:00:00Z")
        #expect(report.instants.map(\.clockChanges.count) == [0, 1, 0])
        #expect(report.instants.map(\.occurrence.isGapEnd) == [false, true, false])
        let change = try #require(report.instants[1].clockChanges.first)
        #expect(change.offsetBefore == 3600 && change.offsetAfter == 7200)
        let empty = NextReport(
            set: TriggerSet([.cron(try CronExpression(parsing: "30 2 * * *"))]), zone: zone,
            after: try instant("9999-12-31T12:00:00Z"), count: 3)
        #expect(empty.instants.isEmpty)
    }

    @Test("The two passes of a repeated hour differ in fold")
    func fold() throws {
        let zone = try Zones.named("Europe/Berlin")
        let trigger = Trigger.cron(try CronExpression(parsing: "*/30 2 * * *"))
        let report = NextReport(
            set: TriggerSet([trigger]), zone: zone, after: try instant("2026-10-24T12:00:00Z"),
            count: 5)
        #expect(report.instants.map(\.occurrence.fold) == [0, 0, 1, 1, 0])
        #expect(Set(report.instants.map(\.occurrence.local)).count == 3)
    }
}
