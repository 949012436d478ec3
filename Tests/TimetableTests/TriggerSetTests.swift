import Testing
import Timetable

@Suite struct TriggerSetTests {
    private func instant(_ text: String) throws -> Instant { try Instant(parsing: text) }

    private func cron(_ text: String, hasSeconds: Bool = false) throws -> Trigger {
        .cron(try CronExpression(parsing: text, hasSeconds: hasSeconds))
    }

    private func texts(
        _ set: TriggerSet, _ zone: Zone, after: String, count: Int
    ) throws -> [String] {
        var current = try instant(after)
        var texts: [String] = []
        while texts.count < count, let next = set.next(after: current, in: zone) {
            #expect(set.previous(atOrBefore: next.instant, in: zone) == next)
            texts.append(next.localText)
            current = next.instant
        }
        return texts
    }

    @Test("Six fields have the second first, and only where they are asked for")
    func seconds() throws {
        let zone = try Zones.named("Europe/Berlin")
        let set = TriggerSet([try cron("*/20 59 23 * * *", hasSeconds: true)])
        #expect(
            try texts(set, zone, after: "2026-01-01T00:00:00Z", count: 4) == [
                "2026-01-01T23:59:00+01:00", "2026-01-01T23:59:20+01:00",
                "2026-01-01T23:59:40+01:00", "2026-01-02T23:59:00+01:00",
            ])
        for (text, hasSeconds, field) in [
            ("0 30 2 * * *", false, "expression"), ("30 2 * * *", true, "day-of-week"),
            ("60 30 2 * * *", true, "second"), ("", true, "second"), ("", false, "minute"),
        ] {
            let error = failure { () throws(TimetableError) in
                _ = try CronExpression(parsing: text, hasSeconds: hasSeconds)
            }
            #expect(error?.field == field && error?.column != nil, "\(text)")
        }
    }

    @Test("A rule that is asked for goes before Debian's at a clock change")
    func rules() throws {
        let zone = try Zones.named("Europe/Berlin")
        let spring = try instant("2026-03-29T00:00:00Z")
        let autumn = try instant("2026-10-24T23:00:00Z")
        func next(_ text: String, _ after: Instant, _ gap: GapRule?, _ overlap: OverlapRule?) throws
            -> String?
        {
            try CronExpression(parsing: text, onGap: gap, onOverlap: overlap)
                .next(after: after, in: zone)?.localText
        }
        #expect(try next("30 2 * * *", spring, nil, nil) == "2026-03-29T03:00:00+02:00")
        #expect(try next("30 2 * * *", spring, .gapEnd, nil) == "2026-03-29T03:00:00+02:00")
        #expect(try next("30 2 * * *", spring, .sameOffset, nil) == "2026-03-29T03:30:00+02:00")
        #expect(try next("30 2 * * *", spring, .skip, nil) == "2026-03-30T02:30:00+02:00")
        #expect(try next("*/30 2 * * *", spring, .gapEnd, nil) == "2026-03-29T03:00:00+02:00")
        #expect(try next("30 2 * * *", autumn, nil, .second) == "2026-10-25T02:30:00+01:00")
        #expect(try next("*/30 2 * * *", autumn, nil, .first) == "2026-10-25T02:00:00+02:00")
        #expect(
            try CronExpression(parsing: "30 2 * * *")
                != CronExpression(parsing: "30 2 * * *", onGap: .skip))
    }

    @Test("LW is the last Monday to Friday, 1W and 31W stay within their month")
    func nearest() throws {
        let set = TriggerSet([try cron("0 9 LW * *")])
        #expect(
            try texts(set, .utc, after: "2026-01-01T00:00:00Z", count: 3) == [
                "2026-01-30T09:00:00+00:00", "2026-02-27T09:00:00+00:00",
                "2026-03-31T09:00:00+00:00",
            ])
        let first = TriggerSet([try cron("0 9 1w * *")])
        // 1 August 2026 is a Saturday, so that the nearest is Monday the 3rd.
        #expect(
            try texts(first, .utc, after: "2026-07-15T00:00:00Z", count: 1) == [
                "2026-08-03T09:00:00+00:00"
            ])
        let last = TriggerSet([try cron("0 9 31W * *")])
        // 31 May 2026 is a Sunday; June has no 31st.
        #expect(
            try texts(last, .utc, after: "2026-05-01T00:00:00Z", count: 2) == [
                "2026-05-29T09:00:00+00:00", "2026-07-31T09:00:00+00:00",
            ])
    }

    @Test("Several triggers fire in order, at one instant once, and exclusions leave out")
    func exclusions() throws {
        let zone = try Zones.named("America/New_York")
        let day = try CivilDate(parsing: "2026-11-26")
        let set = TriggerSet(
            [
                try cron("0 9 * * 1-5"), try cron("0 9,17 * * THU"),
                .at(try instant("2026-11-28T12:00:00Z")),
            ],
            exclusions: [
                .trigger(try cron("0 9 27 11 *")), .dates(day, through: day),
            ])
        #expect(
            try texts(set, zone, after: "2026-11-25T00:00:00Z", count: 4) == [
                "2026-11-25T09:00:00-05:00", "2026-11-28T07:00:00-05:00",
                "2026-11-30T09:00:00-05:00", "2026-12-01T09:00:00-05:00",
            ])
        let nothing = TriggerSet(
            [try cron("* * * * *")], exclusions: [.trigger(try cron("* * * * *"))])
        #expect(nothing.next(after: .unixEpoch, in: zone) == nil)
        #expect(TriggerSet([]).next(after: .unixEpoch, in: zone) == nil)
    }

    @Test("Start, end and the number of runs bound a set")
    func bounds() throws {
        let set = TriggerSet(
            [try cron("0 * * * *")], startsAt: try instant("2026-01-01T10:00:00Z"),
            endsAt: try instant("2026-01-01T12:00:00Z"), runsMax: 2)
        #expect(
            try texts(set, .utc, after: "2025-01-01T00:00:00Z", count: 9) == [
                "2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00",
                "2026-01-01T12:00:00+00:00",
            ])
        let start = try instant("2025-01-01T00:00:00Z")
        #expect(set.next(after: start, in: .utc, runCount: 1) != nil)
        #expect(set.next(after: start, in: .utc, runCount: 2) == nil)
        #expect(set.previous(atOrBefore: try instant("2026-01-01T09:59:59Z"), in: .utc) == nil)
        let last = set.previous(atOrBefore: try instant("2027-01-01T00:00:00Z"), in: .utc)
        #expect(last?.utcText == "2026-01-01T12:00:00Z")
    }

    @Test("Jitter is the same for a job always, spreads jobs, and leaves the occurrence alone")
    func jitter() throws {
        var delays: [Int64] = []
        for number in 0..<1000 {
            let jitter = try TriggerSet.Jitter(microsecondsMax: 59_999_999, jobId: "job\(number)")
            #expect((0...59_999_999).contains(jitter.microseconds))
            delays.append(jitter.microseconds / 6_000_000)
        }
        for tenth in 0..<10 { #expect((60...140).contains(delays.count { $0 == Int64(tenth) })) }
        let jitter = try TriggerSet.Jitter(microsecondsMax: 300_000_000, jobId: "payments")
        // Reckoned elsewhere by the published algorithms: a change would move every job's start.
        #expect(jitter.microseconds == 118_875_254)
        let set = TriggerSet([try cron("0 9 * * *")], jitter: jitter)
        let next = try #require(set.next(after: .unixEpoch, in: .utc))
        #expect(next.localText == "1970-01-01T09:00:00+00:00")
        #expect(
            set.startInstant(of: next).microseconds
                == next.instant.microseconds + jitter.microseconds)
    }

    @Test("A fixed delay waits for the completion, and fires first at its first moment")
    func fixedDelay() throws {
        let first = try instant("2026-01-01T00:00:00Z")
        let trigger = Trigger.afterCompletion(try FixedDelay(parsing: "15m", first: first))
        let before = try instant("2025-12-31T00:00:00Z")
        #expect(trigger.next(after: before, in: .utc)?.instant == first)
        #expect(trigger.next(after: first, in: .utc) == nil)
        let done = try instant("2026-01-01T00:07:30Z")
        let next = trigger.next(after: first, in: .utc, completedAt: done)
        #expect(next?.utcText == "2026-01-01T00:22:30Z")
        let error = failure { () throws(TimetableError) in
            _ = try FixedDelay(parsing: "0s", first: .unixEpoch)
        }
        #expect(error?.field == "afterCompletion")
    }

    @Test("Working days are counted from the month's start and end, holidays left out")
    func businessDays() throws {
        let zone = try Zones.named("America/New_York")
        let calendar = BusinessCalendar(
            name: "US",
            holidays: [
                try CivilDate(parsing: "2026-01-01"), try CivilDate(parsing: "2026-05-25"),
            ] as Set, validThrough: try CivilDate(parsing: "2026-06-30"))
        let time = try #require(CivilTime(hour: 17, minute: 0))
        let first = TriggerSet([
            .businessDay(try BusinessDayOfMonth(number: 1, time: time, calendar: calendar))
        ])
        #expect(
            try texts(first, zone, after: "2026-01-01T00:00:00Z", count: 2) == [
                "2026-01-02T17:00:00-05:00", "2026-02-02T17:00:00-05:00",
            ])
        let last = TriggerSet([
            .businessDay(try BusinessDayOfMonth(number: -5, time: time, calendar: calendar))
        ])
        #expect(
            try texts(last, zone, after: "2026-05-01T00:00:00Z", count: 9) == [
                "2026-05-22T17:00:00-04:00", "2026-06-24T17:00:00-04:00",
            ])
        let error = failure { () throws(TimetableError) in
            _ = try BusinessDayOfMonth(number: 0, time: time, calendar: calendar)
        }
        #expect(error?.field == "businessDay")
    }

    @Test("A recurrence and a single moment are triggers like others")
    func recurrence() throws {
        let zone = try Zones.named("Europe/Berlin")
        let rule = try Recurrence.parse(
            rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start: "20260101T090000")
        let set = TriggerSet([.recurrence(rule), .at(try instant("2026-02-01T00:00:00Z"))])
        #expect(
            try texts(set, zone, after: "2026-01-01T00:00:00Z", count: 3) == [
                "2026-01-30T09:00:00+01:00", "2026-02-01T01:00:00+01:00",
                "2026-02-27T09:00:00+01:00",
            ])
    }
}
