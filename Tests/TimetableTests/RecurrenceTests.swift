import Testing
import Timetable

@Suite struct RecurrenceTests {
    private func list(
        _ rule: String, start: String, zone: String = "UTC", count: Int = 4
    ) throws -> [String] {
        let recurrence = try Recurrence.parse(rule: rule, start: start)
        let zone = try Zones.named(zone)
        var texts: [String] = []
        var current = Instant(microseconds: .min)
        while texts.count < count, let next = recurrence.next(after: current, in: zone) {
            texts.append(next.localText)
            current = next.instant
        }
        return texts
    }

    @Test("A time that a gap leaves out takes the offset before, and never goes back")
    func gap() throws {
        #expect(
            try list(
                "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=15,45;COUNT=8", start: "20260328T000000",
                zone: "Europe/Berlin", count: 8) == [
                    "2026-03-28T02:15:00+01:00", "2026-03-28T02:45:00+01:00",
                    "2026-03-28T03:15:00+01:00", "2026-03-28T03:45:00+01:00",
                    "2026-03-29T03:15:00+02:00", "2026-03-29T03:45:00+02:00",
                ])
        #expect(
            try list(
                "FREQ=DAILY;BYHOUR=2;BYMINUTE=45", start: "20260328T000000",
                zone: "Europe/Berlin", count: 3) == [
                    "2026-03-28T02:45:00+01:00", "2026-03-29T03:45:00+02:00",
                    "2026-03-30T02:45:00+02:00",
                ])
        // Samoa had no 30 December 2011: its times fall on the 31st.
        #expect(
            try list("FREQ=DAILY;COUNT=3", start: "20111229T090000", zone: "Pacific/Apia") == [
                "2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00",
            ])
    }

    @Test("Dates, names in any case, a leap second, and the RRULE: of a file are read")
    func forms() throws {
        #expect(
            try list("rrule:freq=daily;count=2;bysecond=60", start: "20260101T000000") == [
                "2026-01-01T00:00:59+00:00", "2026-01-02T00:00:59+00:00",
            ])
        #expect(
            try list("FREQ=DAILY;BYHOUR=5;UNTIL=20260102", start: "20260101") == [
                "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00",
            ])
        #expect(
            try list("FREQ=YEARLY;BYWEEKNO=20", start: "19970512T090000", count: 2) == [
                "1997-05-12T09:00:00+00:00", "1998-05-11T09:00:00+00:00",
            ])
        let once = Recurrence(start: try RecurrenceTime.parse("20260101T000000Z"), rules: [])
        #expect(once.next(after: .unixEpoch, in: .utc)?.utcText == "2026-01-01T00:00:00Z")
        #expect(once.next(after: Instant(microseconds: .max), in: .utc) == nil)
        let error = failure { () throws(TimetableError) in
            _ = try Recurrence.parse(
                rule: "FREQ=DAILY", start: "20260101", excluded: ["20260132"])
        }
        #expect(error?.field == "EXDATE" && error?.column == 7)
    }

    @Test("Parts that do not go together are refused by the one that is too many")
    func together() {
        let rules = [
            ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "COUNT"), ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO"),
            ("FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY"), ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS"),
            ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY"), ("COUNT=3", "FREQ"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL"), ("FREQ=DAILY;WKST=1", "WKST"),
            ("FREQ=FORTNIGHTLY", "FREQ"), ("FREQ=DAILY;COUNT=1000001", "COUNT"),
        ]
        for (rule, field) in rules {
            let error = failure { () throws(TimetableError) in
                _ = try RecurrenceRule(parsing: rule)
            }
            #expect(error?.field == field, "\(rule): \(String(describing: error))")
        }
    }

    @Test("The last workday of the month goes on for a long time, quickly")
    func lastWorkday() throws {
        let recurrence = try Recurrence.parse(
            rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start: "19970930T090000")
        let zone = try Zones.named("America/New_York")
        var count = 0
        var sum: Int64 = 0
        let time = ContinuousClock().measure {
            for _ in 0..<10 {
                var current = Instant(microseconds: 0)
                while let next = recurrence.next(after: current, in: zone) {
                    current = next.instant
                    count += 1
                    sum &+= next.instant.seconds  // A checksum: wrapping is harmless.
                }
            }
        }
        #expect(count == 10 * (12 * 8002 + 4) && sum != 0)
        let fresh = try ContinuousClock().measure {
            for _ in 0..<10_000 {
                let parsed = try Recurrence.parse(
                    rule: recurrence.description, start: "19970930T090000")
                #expect(parsed.next(after: .unixEpoch, in: zone) != nil)
            }
        }
        if ProcessNames.isVerbose {
            print("last workday: \(count) instants in \(time)")
            print("last workday: 10,000 times parsed, and the first instant, in \(fresh)")
        }
    }
}

/// Whether a person wants to see figures.
enum ProcessNames {
    static let isVerbose = RecurrencePropertyTests.number("DAYBOOK_FIGURES") != nil
}
