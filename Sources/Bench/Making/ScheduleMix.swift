import Events
import Timetable

/// The schedules of a made log: a company's mix, as many of each kind as give so many runs a day.
struct ScheduleMix {
    /// A kind of schedule.
    enum Kind: String, CaseIterable {
        case transfer, poll, intraday, gateway, hourly, nightly, downstream, payment, monthly
        case partner

        /// Runs a day of one schedule, in thousandths: exact over seven years.
        var dailyThousandths: Int {
            switch self {
            case .transfer: 288_000
            case .poll: 144_000
            case .intraday: 42_857  // 60 on each of five days of seven
            case .gateway, .hourly: 24_000
            case .nightly, .downstream, .partner: 1_000
            case .payment: 714
            case .monthly: 33
            }
        }

        /// Which part of the runs are of this kind, in thousandths.
        var share: Int {
            switch self {
            case .transfer: 440
            case .poll: 150
            case .intraday: 140
            case .gateway: 140
            case .hourly: 75
            case .nightly: 30
            case .downstream: 12
            case .payment: 8
            case .monthly: 1
            case .partner: 4
            }
        }

        /// How its targets behave.
        var profile: TargetWorld.Profile {
            let second: Int64 = 1_000_000
            return switch self {
            case .transfer: .init(duration: (second / 2)...(8 * second), failures: 8_000)
            case .poll: .init(duration: (second / 5)...(2 * second), failures: 3_000)
            case .intraday: .init(duration: second...(90 * second), failures: 10_000)
            case .gateway:
                .init(
                    duration: (second / 10)...(240 * second), failures: 12_000, isEndpoint: true)
            case .hourly: .init(duration: second...(600 * second), failures: 10_000)
            case .nightly:
                .init(
                    duration: (60 * second)...(5_400 * second), failures: 25_000, doomed: 6_000)
            case .downstream: .init(duration: (30 * second)...(1_800 * second), failures: 15_000)
            case .payment: .init(duration: (5 * second)...(300 * second), failures: 5_000)
            case .monthly: .init(duration: (300 * second)...(14_400 * second), failures: 40_000)
            case .partner: .init(duration: (10 * second)...(900 * second), failures: 20_000)
            }
        }
    }

    /// The definitions, by number.
    private(set) var definitions: [ScheduleDefinition] = []
    /// The kind of each.
    private(set) var kinds: [Kind] = []

    private static let zones = ["America/New_York", "UTC", "Europe/Berlin", "America/Chicago"]
    private static let partners = [
        "northern-health", "bluewater", "meridian-trust", "st-vincent", "harbor-benefits",
        "alpine-group", "westgate", "unity-care", "lakeside", "prairie-mutual",
    ]

    /// The least that a mix can give a day.
    static let operationsMin = 10

    /// The schedules that give so many runs a day, on average over the years.
    init(operationsPerDay: Int) {
        var counts: [Kind: Int] = [:]
        var rest = operationsPerDay * 1_000
        for kind in Kind.allCases {
            let share = operationsPerDay * kind.share
            // One of each kind that costs next to nothing.
            let least = kind.dailyThousandths <= 1_000 ? 1 : 0
            counts[kind] = max(share / kind.dailyThousandths, least)
            rest -= counts[kind, default: 0] * kind.dailyThousandths
        }
        for kind in [Kind.transfer, .hourly, .nightly] where rest > 0 {
            counts[kind, default: 0] += rest / kind.dailyThousandths
            rest %= kind.dailyThousandths
        }
        // What waits for a nightly job needs one.
        counts[.downstream] = min(counts[.downstream, default: 0], counts[.nightly, default: 0])
        for kind in Kind.allCases {
            for number in 0..<counts[kind, default: 0] {
                kinds.append(kind)
                definitions.append(Self.definition(kind, number))
            }
        }
    }

    /// The targets, by pipeline, and how they behave.
    static var profiles: [(target: String, TargetWorld.Profile)] {
        Kind.allCases.map { ($0.rawValue, $0.profile) }
    }

    static func jobId(_ kind: Kind, _ number: Int) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
        return "\(kind.rawValue)-\(partners[number % partners.count])-\(zeros)\(digits)"
    }

    private static func definition(_ kind: Kind, _ number: Int) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId(kind, number)
        definition.description = "\(kind.rawValue) of \(partners[number % partners.count])"
        definition.isEnabled = true
        definition.zone = zones[number % zones.count]
        definition.target = target(kind)
        definition.parameters = [
            KeyValue("date", "${scheduledDate}"),
            KeyValue("partner", partners[number % partners.count]),
        ]
        definition.retriesMax = 3
        definition.retryDelaysSeconds = [60, 300, 900]
        definition.startDelayMinutes = 2
        definition.catchUp = "latest"
        definition.overlap = "skip"
        definition.source = "config"
        definition.environment = "production"
        definition.alerts = [
            AlertRoute("onFailure", ["ops-oncall"]), AlertRoute("onMissedSla", ["ops-oncall"]),
            AlertRoute("onMissed", ["ops-oncall", "finance"]),
        ]
        time(&definition, kind, number)
        return definition
    }

    /// When it runs, and what follows from that.
    private static func time(
        _ definition: inout ScheduleDefinition, _ kind: Kind, _ number: Int
    ) {
        let minute = (number * 7) % 60
        switch kind {
        case .transfer: definition.cadence = "\(number % 5)-59/5 * * * *"
        case .poll: definition.every = "10m"
        case .intraday: definition.cadence = "\(number % 15)-59/15 6-20 * * MON-FRI"
        case .gateway, .hourly:
            definition.cadence = "\(minute) * * * *"
            definition.slaMinutes = 30
        case .nightly:
            definition.cadence = "\(minute) \(number / 60 % 6) * * *"
            definition.durationMinutesMax = 75
            definition.slaMinutes = 180
        case .downstream:
            definition.cadence = "\((minute + 5) % 60) \(number / 60 % 6 + 1) * * *"
            definition.zone = zones[number % zones.count]
            definition.dependencies = [dependency("job", jobId(.nightly, number))]
            definition.slaMinutes = 360
        case .payment:
            definition.cadence = "\(minute) \(8 + number % 10) * * MON-FRI"
            definition.calendar = number % 2 == 0 ? "us-bank" : "target-days"
            definition.catchUp = "none"
            definition.slaMinutes = 60
        case .monthly:
            definition.cadence = "\(minute) 4 1 * *"
            definition.durationMinutesMax = 180
        case .partner:
            definition.cadence = "\(minute) \(2 + number % 4) * * *"
            definition.dependencies = [dependency("external", "inbound-file")]
            definition.slaMinutes = 240
        }
    }

    private static func dependency(_ kind: String, _ name: String) -> Dependency {
        var dependency = Dependency()
        dependency.kind = kind
        dependency.name = name
        dependency.delayMinutesMax = 240
        if kind == "external" {
            var probe = TargetBinding()
            probe.name = "has-file"
            probe.kind = "process"
            probe.command = ["/opt/company/bin/has-file", "inbound"]
            dependency.probe = probe
            dependency.pollSeconds = 300
        }
        return dependency
    }

    private static func target(_ kind: Kind) -> TargetBinding {
        var target = TargetBinding()
        target.name = kind.rawValue
        target.kind = kind.profile.isEndpoint ? "http" : "process"
        if kind.profile.isEndpoint {
            target.url = "https://gateway.internal.example/claims/batch"
            target.callbackTimeoutSeconds = 1_800
            target.timeoutSeconds = 30
        } else {
            target.command = ["/opt/company/bin/\(kind.rawValue)", "--once"]
            target.timeoutSeconds = 21_600
            target.graceSeconds = 30
        }
        return target
    }

    /// The calendars of the company, through the end of a year: the two that jobs follow and, for a
    /// while, one that none does.
    static func calendars(through year: Int, withSpare: Bool) -> [CalendarDefinition] {
        var fixed = [
            ("target-days", ["01-01", "05-01", "12-25", "12-26"]),
            ("us-bank", ["01-01", "07-04", "11-11", "12-25"]),
        ]
        if withSpare { fixed.append(("year-end", ["12-24", "12-31"])) }
        return fixed.map { name, days in
            var calendar = CalendarDefinition()
            calendar.name = name
            calendar.weekend = ["SAT", "SUN"]
            calendar.holidays = (year - 1...year).flatMap { year in days.map { "\(year)-\($0)" } }
            calendar.validThrough = "\(year)-12-31"
            return calendar
        }
    }

    /// The blackouts: a patch window each Sunday, and now and then one each night.
    static func blackouts(withSpare: Bool) -> [BlackoutDefinition] {
        var windows = [("patching", "0 3 * * 0", "deferCoalesced")]
        if withSpare { windows.append(("migration", "20 2 * * *", "defer")) }
        return windows.map { name, cadence, action in
            var blackout = BlackoutDefinition()
            blackout.name = name
            blackout.reason = "the database is not there"
            blackout.action = action
            var trigger = TriggerDefinition()
            trigger.kind = "cadence"
            trigger.text = cadence
            blackout.trigger = trigger
            blackout.durationSeconds = 1_200
            blackout.zone = "UTC"
            blackout.spreadSeconds = 300
            blackout.source = "config"
            return blackout
        }
    }

    /// Changes one definition in a way that a reviewer would let pass.
    mutating func revise(_ random: inout BenchRandom) {
        let number = random.below(definitions.count)
        switch random.below(4) {
        case 0: definitions[number].slaMinutes += 15
        case 1: definitions[number].retriesMax = UInt64(2 + random.below(4))
        case 2: definitions[number].retryDelaysSeconds = [30, UInt64(120 + random.below(600))]
        default:
            definitions[number].description =
                "\(kinds[number].rawValue), revision \(random.below(1_000))"
        }
    }

    /// Takes one schedule out; the next change brings it back.
    mutating func exchange(_ random: inout BenchRandom) -> (ScheduleDefinition, Kind)? {
        let candidates = kinds.indices.filter { kinds[$0] == .hourly || kinds[$0] == .partner }
        guard candidates.count > 1 else { return nil }
        let number = candidates[random.below(candidates.count)]
        return (definitions.remove(at: number), kinds.remove(at: number))
    }

    /// Puts a schedule in.
    mutating func add(_ definition: ScheduleDefinition, _ kind: Kind) {
        definitions.append(definition)
        kinds.append(kind)
    }
}

extension AlertRoute {
    fileprivate init(_ event: String, _ recipients: [String]) {
        self.init()
        self.event = event
        self.recipients = recipients
    }
}
