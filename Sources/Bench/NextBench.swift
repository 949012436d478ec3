import Timetable

/// What the benchmark of triggers measured; rates are instants a second, the best of three rounds.
public struct NextBenchResult: Codable, Sendable {
    /// `30 2 * * 1-5` in America/New_York, one instant after the other.
    public var cronPerSecond: Double
    /// The same expression parsed and asked for its first instant.
    public var parsePerSecond: Double
    /// The last Monday to Friday of the month as a recurrence rule, one after the other.
    public var rulePerSecond: Double
    /// A bare loop that turns seconds into dates and times of day, in the same run.
    public var limitPerSecond: Double
    /// The first figure by the limit.
    public var ratio: Double
    /// The second figure by the limit.
    public var parseRatio: Double
    /// The third figure by the limit.
    public var ruleRatio: Double
    /// What the first figure is to reach.
    public var cronGoal: Double
    /// What the second figure is to reach.
    public var parseGoal: Double
    /// What the third figure is to reach.
    public var ruleGoal: Double
    /// Whether all three do.
    public var isGoalMet: Bool
    /// Of what all rounds found; the same number of instants gives the same.
    public var digest: String
    /// How many instants of each kind.
    public var instants: Int
    /// The release of the zone data.
    public var zoneData: String
    /// What the figures depend on.
    public var machine: [String: String]

    enum CodingKeys: String, CodingKey {
        case cronPerSecond = "cron_per_second"
        case parsePerSecond = "parse_per_second"
        case rulePerSecond = "rule_per_second"
        case limitPerSecond = "limit_per_second"
        case ratio
        case parseRatio = "parse_ratio"
        case ruleRatio = "rule_ratio"
        case cronGoal = "cron_goal"
        case parseGoal = "parse_goal"
        case ruleGoal = "rule_goal"
        case isGoalMet = "goal_met"
        case digest
        case instants
        case zoneData = "zone_data"
        case machine
    }
}

/// Walks through the instants of triggers, from 2026 on, anew after each two hundred years.
public func benchNext(instants: Int) throws -> NextBenchResult {
    let zones = try ZoneCatalog()
    let zone = try zones.zone("America/New_York")
    let start = try Instant(parsing: "2026-01-01T00:00:00Z")
    let text = "30 2 * * 1-5"
    let rule = try Recurrence.parse(
        rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start: "20260101T090000")
    var digest: UInt64 = 0
    func walk(_ trigger: Trigger, _ chainLength: Int) -> Double {
        rate(instants, &digest) { digest in
            var left = instants
            while left > 0 {
                for occurrence in trigger.occurrences(after: start, in: zone)
                    .prefix(min(left, chainLength))
                {
                    digest = mixed(digest, occurrence.instant.microseconds)
                }
                left -= chainLength
            }
        }
    }
    let cron = try walk(.cron(CronExpression(parsing: text)), 52_000)
    let recurrence = walk(.recurrence(rule), 2_400)
    let parse = try rate(instants / 10, &digest) { digest in
        for number in 0..<instants / 10 {
            let expression = try CronExpression(parsing: text)
            let after = Instant(seconds: start.seconds + Int64(number % 100_000) * 3600)
            let next = expression.next(after: after, in: zone)
            digest = mixed(digest, next?.instant.microseconds ?? 0)
        }
    }
    let limit = rate(instants, &digest) { digest in
        for number in 0..<instants {
            let date = CivilDate(daysSinceEpoch: 20_454 + number % 73_000)
            digest = mixed(digest, Int64(date.year * 512 + date.month * 32 + date.day))
        }
    }
    let (cronGoal, parseGoal, ruleGoal) = (5_000_000.0, 500_000.0, 1_000_000.0)
    return NextBenchResult(
        cronPerSecond: cron, parsePerSecond: parse, rulePerSecond: recurrence,
        limitPerSecond: limit, ratio: cron / limit, parseRatio: parse / limit,
        ruleRatio: recurrence / limit, cronGoal: cronGoal, parseGoal: parseGoal,
        ruleGoal: ruleGoal,
        isGoalMet: cron >= cronGoal && parse >= parseGoal && recurrence >= ruleGoal,
        digest: String(digest, radix: 16), instants: instants, zoneData: zones.version,
        machine: MachineFacts.read())
}

/// How often a second something is done that `body` does `count` times: the best of three.
private func rate(
    _ count: Int, _ digest: inout UInt64, _ body: (inout UInt64) throws -> Void
) rethrows -> Double {
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<3 {
        let start = clock.now
        try body(&digest)
        best = min(best, start.duration(to: clock.now) / .seconds(1))
    }
    return Double(count) / best
}

private func mixed(_ digest: UInt64, _ value: Int64) -> UInt64 {
    // Wrapping: a hash.
    (digest ^ UInt64(bitPattern: value)) &* 0x9E37_79B9_7F4A_7C15
}
