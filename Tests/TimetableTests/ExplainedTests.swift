import Testing
import Timetable

@Suite struct ExplainedTests {
    @Test(
        "A cron expression is said in words",
        arguments: [
            ("30 2 * * 1-5", "Runs at 02:30 on Monday to Friday."),
            ("*/15 * * * *", "Runs every 15 minutes every day."),
            ("0 0 1 1 *", "Runs at 00:00 on the 1st in January."),
            ("5,10 * * * *", "Runs at minutes 5 and 10 of every hour every day."),
            ("*/10 9-17 * * *", "Runs every 10 minutes of hours 9 to 17 every day."),
            ("0 6 13 * FRI", "Runs at 06:00 on the 13th, and also on Friday."),
            (
                "0 6 */2 * FRI",
                "Runs at 06:00 on the 1st, 3rd, 5th, 7th, 9th, 11th, 13th, 15th, "
                    + "17th, 19th, 21st, 23rd, 25th, 27th, 29th and 31st, if that is Friday."
            ),
            ("0 9 L * *", "Runs at 09:00 on the last day of the month."),
            (
                "0 9 LW 1-3,6 *",
                "Runs at 09:00 on the last Monday to Friday of the month "
                    + "in January to March and June."
            ),
            ("0 9 15W * *", "Runs at 09:00 on the Monday to Friday nearest to the 15th."),
            (
                "0,30 8,20 * * MON#2",
                "Runs at 08:00, 08:30, 20:00 and 20:30 on the second Monday "
                    + "of the month."
            ),
            ("0 9 * * 5L", "Runs at 09:00 on the last Friday of the month."),
            ("0 9 * * 6,7", "Runs at 09:00 on Saturday and Sunday."),
        ])
    func cron(text: String, expected: String) throws {
        let explained = Trigger.cron(try CronExpression(parsing: text)).explained
        #expect(explained.hasPrefix(expected + " At a clock change: "), "\(explained)")
    }

    @Test("Rules for clock changes, seconds and other triggers are said too")
    func others() throws {
        let six = try CronExpression(
            parsing: "*/10 30 2 * * *", hasSeconds: true, onGap: .skip, onOverlap: .second)
        #expect(
            six.explained
                == "Runs at 02:30:00, 02:30:10, 02:30:20, 02:30:30, 02:30:40 and 02:30:50 every "
                + "day. At a clock change: times that a clock change leaves out do not run; of two "
                + "equal times the second runs.")
        let seconds = try CronExpression(parsing: "* * 3 * * *", hasSeconds: true)
        #expect(seconds.explained.hasPrefix("Runs every second of hour 3 every day."))
        #expect(
            Trigger.every(try Interval(parsing: "1h30m")).explained
                .hasPrefix("Runs every 1 hour 30 minutes of elapsed time, counted from 1970"))
        let rule = try Recurrence.parse(
            rule: "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,-1FR;BYSETPOS=-1;COUNT=3",
            start: "20260101T090000", excluded: ["20260301T090000"])
        #expect(
            Trigger.recurrence(rule).explained.hasPrefix(
                "Runs every 2 months on Monday and the last Friday (of these in each month: number "
                    + "the last) 3 times, from 2026-01-01T09:00:00 on, but for 1 time that"))
        let set = TriggerSet(
            [.at(.unixEpoch)], runsMax: 1,
            jitter: try TriggerSet.Jitter(microsecondsMax: 1_000_000, jobId: "a"))
        #expect(set.explained.count == 3 && set.explained[1] == "At most 1 run.")
    }
}
