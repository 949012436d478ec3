import Glibc
import Testing
import Timetable

/// No expression takes more than a millisecond for its next instant or for "never".
///
/// What is measured is the processor time of the thread, so that other work hardly counts, and the
/// least of several times, so that the first touch of memory does not. The bound leaves room for a
/// slow machine; `DAYBOOK_FIGURES=1` prints the figures.
@Suite struct SearchTimeTests {
    private static let millisecondsMax = 3.0

    /// Rules that have no instance, or one that is far, or very many.
    static let rules = [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=5", "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366",
        "FREQ=YEARLY;INTERVAL=4;BYSETPOS=366;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=WEEKLY;INTERVAL=7;BYDAY=MO,TU;BYSETPOS=3",
        "FREQ=WEEKLY;INTERVAL=20871;BYMONTH=7", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO,TU;BYSETPOS=3",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5", "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5",
        "FREQ=SECONDLY;INTERVAL=7;BYHOUR=5;BYMINUTE=3;BYSECOND=11;BYDAY=MO",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=7;BYMINUTE=1", "FREQ=HOURLY;INTERVAL=24;BYHOUR=7;BYMONTH=1",
        "FREQ=HOURLY;INTERVAL=480;BYHOUR=7;BYMONTH=1",
        "FREQ=HOURLY;INTERVAL=480;BYHOUR=5;BYMONTH=7",
        "FREQ=HOURLY;INTERVAL=480;BYHOUR=5;BYMONTH=7;BYMINUTE=30;BYSETPOS=2",
        "FREQ=DAILY;INTERVAL=50;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=WEEKLY;INTERVAL=52;BYMONTH=6", "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "FREQ=HOURLY;INTERVAL=1000000000;BYDAY=SU",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31;BYDAY=1MO", "FREQ=HOURLY;INTERVAL=3;BYYEARDAY=1,2",
        "FREQ=MINUTELY;INTERVAL=61;BYMONTH=2;BYMONTHDAY=29;BYHOUR=4;BYMINUTE=7",
        "FREQ=HOURLY;BYMINUTE=30;BYSETPOS=3", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "FREQ=HOURLY;BYMINUTE=1,2,3,4;BYSETPOS=5", "FREQ=MINUTELY;BYSECOND=1,2,3;BYSETPOS=-4",
        "FREQ=HOURLY;BYMINUTE=10,40;BYHOUR=5;BYSETPOS=2;BYMONTH=1",
        "FREQ=HOURLY;INTERVAL=24;BYMINUTE=10,40;BYHOUR=23,0;BYSETPOS=2;BYMONTHDAY=13;BYMONTH=1",
        "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=6;BYMINUTE=0;BYSECOND=1",
        "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=6;BYMINUTE=0;BYSECOND=1;BYDAY=MO",
        "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=6;BYMINUTE=0;BYSECOND=1;BYMONTHDAY=13",
        "FREQ=SECONDLY;INTERVAL=86401;BYHOUR=5;BYMINUTE=59;BYSECOND=59;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=SECONDLY;INTERVAL=3599;BYHOUR=5;BYMINUTE=59;BYSECOND=58",
        "FREQ=SECONDLY;INTERVAL=604799;BYHOUR=7;BYMINUTE=1;BYSECOND=1;BYDAY=SU",
        "FREQ=SECONDLY;INTERVAL=599;BYHOUR=5;BYMINUTE=59;BYSECOND=58;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;COUNT=1000000", "FREQ=DAILY;INTERVAL=2;COUNT=1000000",
        "FREQ=DAILY;INTERVAL=3;BYDAY=MO,WE;COUNT=1000000",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=1,3;COUNT=800000",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU;BYHOUR=1,2,3;COUNT=1000000",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,-2,1;COUNT=250000",
        "FREQ=MONTHLY;INTERVAL=7;BYMONTHDAY=31;COUNT=10000",
        "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6;BYMINUTE=0,15,30,45;BYSECOND=0,30;BYDAY=MO;COUNT=1000000",
        "FREQ=YEARLY;BYMONTH=1;BYSETPOS=1,31;COUNT=16000;INTERVAL=3",
        "FREQ=SECONDLY;BYHOUR=5;BYDAY=MO;COUNT=1000000",
        "FREQ=MINUTELY;INTERVAL=15;BYHOUR=5,17;BYMONTH=2;COUNT=60000",
        "FREQ=HOURLY;BYMINUTE=0,20,40;BYDAY=MO,TU,WE,TH,FR;COUNT=1000000",
        "FREQ=SECONDLY;COUNT=1000000", "FREQ=MINUTELY;INTERVAL=15;COUNT=1000000",
    ]

    @Test("Never, far and many are answered as quickly as anything else", arguments: rules)
    func rule(text: String) throws {
        let rule = try RecurrenceRule(parsing: text)
        let start = try RecurrenceTime.parse("20260101T060000")
        for (name, onGap, onOverlap) in [
            ("America/New_York", nil, nil), ("Australia/Lord_Howe", GapRule.skip, OverlapRule.both),
        ] {
            let zone = try Zones.named(name)
            let fresh = leastMilliseconds {
                let recurrence = Recurrence(
                    start: start, rules: [rule], onGap: onGap, onOverlap: onOverlap)
                _ = recurrence.next(after: .unixEpoch, in: zone)
            }
            let recurrence = Recurrence(
                start: start, rules: [rule], onGap: onGap, onOverlap: onOverlap)
            var worst = 0.0
            for moment in ["2026-01-01T00:00:00Z", "2400-03-01T12:00:00Z", "8000-11-11T11:11:11Z"] {
                let instant = try Instant(parsing: moment)
                worst = max(
                    worst, leastMilliseconds { _ = recurrence.next(after: instant, in: zone) })
            }
            report("\(text) in \(name)", fresh: fresh, next: worst)
        }
    }

    @Test(
        "What a clock change always leaves out is never, and a rule's search says so soon",
        arguments: [
            "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;INTERVAL=7;BYMONTH=3;BYDAY=2SU",
            "FREQ=MONTHLY;BYMONTH=3;BYDAY=2SU",
            "FREQ=DAILY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=14;BYDAY=SU",
        ])
    func leftOut(text: String) throws {
        let zone = try Zones.named("America/New_York")
        let rule = try RecurrenceRule(parsing: text)
        let start = try RecurrenceTime.parse("20260101T023000")
        let recurrence = Recurrence(start: start, rules: [rule], onGap: .skip)
        #expect(recurrence.next(after: .unixEpoch, in: zone) == nil)
        let time = leastMilliseconds { _ = recurrence.next(after: .unixEpoch, in: zone) }
        report("\(text), left out", fresh: 0, next: time)
    }

    @Test("A rule with a hundred dates, a hundred exceptions and three rules is quick too")
    func union() throws {
        let zone = try Zones.named("Europe/Berlin")
        let start = try RecurrenceTime.parse("20260101T023000")
        let days = (0..<100).map { CivilDate(daysSinceEpoch: 20_454 + 7 * $0) }
        let times = days.map { RecurrenceTime.local(CivilDateTime(date: $0, time: .midnight)) }
        let rules = try [
            "FREQ=WEEKLY;INTERVAL=7;BYDAY=MO,TU;BYSETPOS=3", "FREQ=DAILY;COUNT=700",
            "FREQ=HOURLY;BYMINUTE=1,2,3,4;BYSETPOS=5",
        ].map(RecurrenceRule.init(parsing:))
        let fresh = leastMilliseconds {
            let recurrence = Recurrence(
                start: start, rules: rules, excluded: times + days.map(RecurrenceTime.date),
                additional: times)
            _ = recurrence.next(after: .unixEpoch, in: zone)
        }
        let recurrence = Recurrence(
            start: start, rules: rules, excluded: times + days.map(RecurrenceTime.date),
            additional: times)
        let late = try Instant(parsing: "2027-11-28T00:00:00Z")
        let never = leastMilliseconds { _ = recurrence.next(after: late, in: zone) }
        report("a hundred dates", fresh: fresh, next: never)
    }

    @Test(
        "Cron expressions that are rare, or never by a clock change, are quick",
        arguments: [
            "0 0 29 2 */7", "0 0 31W 2 *", "*/5 2 * 3 SUN#2", "59 23 31 12 5L", "30 2 8-14 3 */7",
            "0 0 29 2 SUN#5", "* * 29 2 6#5",
        ])
    func cron(text: String) throws {
        guard let expression = try? CronExpression(parsing: text, onGap: .skip) else { return }
        let zone = try Zones.named("America/New_York")
        var worst = 0.0
        for moment in ["1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "8000-11-11T11:11:11Z"] {
            let instant = try Instant(parsing: moment)
            worst = max(worst, leastMilliseconds { _ = expression.next(after: instant, in: zone) })
        }
        report(text, fresh: 0, next: worst)
    }

    /// What no rule may take, however its steps meet what it allows.
    private static let worstMilliseconds = 30.0

    @Test("Random rules with long and odd intervals are quick")
    func random() throws {
        // By itself always the same: a few in a million take some milliseconds more.
        let seed = RecurrencePropertyTests.number("DAYBOOK_PROPERTY_SEED") ?? 50_000_000
        let cases = RecurrencePropertyTests.number("DAYBOOK_PROPERTY_CASES") ?? 10_000
        print("search times: DAYBOOK_PROPERTY_SEED=\(seed), \(cases) cases")
        var worst = 0.0
        var slow: UInt64 = 0
        for number in 0..<cases {
            var random = SeededGenerator(seed: seed &+ number)
            var rule = RandomRule(using: &random)
            rule.interval = Self.interval(using: &random)
            rule.onGap = GapRule.allCases.randomElement(using: &random)
            let name = RecurrencePropertyTests.zones.randomElement(using: &random) ?? "UTC"
            let zone = try Zones.named(name)
            let start = Int.random(in: 0..<4_102_444_800, using: &random)
            let recurrence = try Recurrence.parse(
                rule: rule.description, start: RandomDates.text(start), onGap: rule.onGap)
            let after = Instant(seconds: Int64.random(in: 0..<200_000_000_000, using: &random))
            let context =
                "seed \(seed &+ number): \(rule) from \(RandomDates.text(start)) in \(name)"
            let fresh = milliseconds { _ = recurrence.next(after: after, in: zone) }
            let next =
                fresh < 0.5
                ? fresh : leastMilliseconds { _ = recurrence.next(after: after, in: zone) }
            if next > worst {
                worst = next
                if ProcessNames.isVerbose { print("\(Int(next * 1000)) microseconds: \(context)") }
            }
            if next >= 1 { slow += 1 }
            #expect(next < Self.worstMilliseconds, "\(context) after \(after)")
        }
        print("search times: \(Int(worst * 1000)) microseconds at most, \(slow) over 1000")
        #expect(slow * 1000 <= cases, "more than one in a thousand take a millisecond")
    }

    private static func interval(using random: inout SeededGenerator) -> Int {
        let units = [1, 7, 24, 60, 168, 1440, 3600, 10_080, 86_400, 604_800]
        let unit = units.randomElement(using: &random) ?? 1
        let odd = Int.random(in: -1...1, using: &random)
        let most = [1, 3, 20, 100, 1000].randomElement(using: &random) ?? 1
        return max(1, unit * Int.random(in: 1...most, using: &random) + odd)
    }

    private func report(_ what: String, fresh: Double, next: Double) {
        #expect(fresh < Self.millisecondsMax, "\(what): read and asked for the first time")
        #expect(next < Self.millisecondsMax, "\(what): asked again")
        guard ProcessNames.isVerbose else { return }
        print("\(Int(fresh * 1000)) and \(Int(next * 1000)) microseconds: \(what)")
    }

    /// The least of several times that the thread's processor spends on something.
    private func leastMilliseconds(_ body: () -> Void) -> Double {
        (0..<7).map { _ in milliseconds(body) }.min() ?? .infinity
    }

    private func milliseconds(_ body: () -> Void) -> Double {
        let start = Self.threadNanoseconds()
        body()
        return Double(Self.threadNanoseconds() - start) / 1e6
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
