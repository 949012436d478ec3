import Engine
import EventLog
import Events
import Projections

/// What people do, and what happens to the engine.
extension DayMaker {
    private static let people = ["user:anna", "user:tom", "user:li.wei", "user:night-shift"]
    private static let reasons = [
        "the partner asked for it", "a file came late", "the data centre is maintained",
        "the last result was incomplete", "a new release is rolled out",
    ]

    mutating func carryOut(_ act: Act, at moment: Int64) throws {
        switch act {
        case .configure:
            try configure(at: moment)
        case .pause:
            let key = anySchedule()
            try handle(.pause(key, reason: reason(), authority()), at: moment)
            schedule(.resume(key), at: moment + random.within(10...300) * Self.minute)
        case .resume(let key):
            try handle(.resume(key, reason: reason(), authority()), at: moment)
        case .runNow:
            try runNow(at: moment)
        case .cancel:
            try cancel(at: moment)
        case .requeueDead:
            for dead in log.core.state.deadRuns.sorted().prefix(200) {
                try handle(.requeue(run: dead.run, reason: reason(), authority()), at: moment)
            }
        case .stop(let down):
            try stop()
            try log.restart(at: log.now + down)
        case .crash(let down):
            var torn: [EngineRecovered] = []
            if random.happens(perMillion: 600_000) || dayCount == 20 {
                torn = [tornBatch()]
            }
            try log.restart(at: moment + down, recovered: torn)
        case .clock(let kind):
            let step = random.within(1...3_600) * 1_000_000
            let seen = kind == "back" ? moment - step : moment + 300_000_000 + step
            try handle(.clockStepped(kind: kind, expected: moment, seen: seen), at: moment)
        case .space(let space):
            let free: UInt64 = space == "ample" ? 40 << 30 : space == "low" ? 900 << 20 : 200 << 20
            try handle(
                .spaceChanged(space: space, free: free, wanted: 1 << 30), at: moment)
        case .scrub:
            var scrub = ScrubCompleted()
            scrub.recordCount = log.core.state.nextSequence
            scrub.byteCount = scrub.recordCount * 30
            scrub.segmentCount = scrub.byteCount >> 26
            scrub.milliseconds = scrub.byteCount / 4_096
            try handle(.scrubCompleted(scrub), at: moment)
        }
    }

    /// Lets what runs end, for five minutes; then ends it, and stops the engine.
    mutating func stop() throws {
        try log.handle(.drain)
        try settle(until: log.now + 5 * Self.minute)
        if log.core.activeRunCount > 0 {
            try log.handle(.endActive(reason: "the engine stops"))
            try settle(until: log.now + Self.minute)
        }
        try log.handle(.stop(reason: "SIGTERM"))
    }

    /// Lets time pass until nothing runs, or until a moment.
    private mutating func settle(until end: Int64) throws {
        while log.core.activeRunCount > 0 {
            let timer = log.core.nextTimer ?? .max
            let told = world.nextTime ?? .max
            if min(timer, told) >= end { return }
            if timer <= told {
                guard try log.step(to: timer) else { return }
            } else if let command = world.takeFirst() {
                try handle(command, at: told)
            }
        }
    }

    /// Applies what the configuration says now, as people have changed it.
    mutating func configure(at moment: Int64? = nil) throws {
        if moment != nil {
            for _ in 0...random.below(3) { mix.revise(&random) }
            if let (definition, kind) = spare {
                mix.add(definition, kind)
                spare = nil
            } else if random.happens(perMillion: 300_000) {
                spare = mix.exchange(&random)
            }
        }
        var input = ConfigurationInput()
        input.definitions = mix.definitions
        input.calendars = ScheduleMix.calendars(
            through: calendarYear, withSpare: dayCount / 10 % 3 == 1)
        input.blackouts = ScheduleMix.blackouts(withSpare: dayCount / 10 % 3 == 1)
        input.commit = random.hex(byteCount: 20)
        input.author = "a reviewer"
        input.environment = "production"
        input.settings = [KeyValue("activeRunsMax", "\(Self.activeRunsMax(plan))")]
        try log.handle(.applyConfiguration(input), at: moment ?? log.now)
    }

    private mutating func runNow(at moment: Int64) throws {
        let key = anySchedule()
        // Now and then for a day that is over.
        let past = random.happens(perMillion: 200_000)
        let scheduled = past ? moment - random.within(1...3) * 86_400_000_000 : nil
        try handle(
            .runNow(key, scheduled: scheduled, reason: reason(), authority(request: true)),
            at: moment)
    }

    private mutating func cancel(at moment: Int64) throws {
        var newest: UInt64 = 0
        log.core.state.openRuns.forEach { newest = max(newest, $0.run) }
        if newest == 0 { return }
        try handle(.cancel(run: newest, reason: reason(), authority()), at: moment)
    }

    private mutating func anySchedule() -> ScheduleKey {
        ScheduleKey("default", mix.definitions[random.below(mix.definitions.count)].jobId)
    }

    private mutating func reason() -> String { Self.reasons[random.below(Self.reasons.count)] }

    private mutating func authority(request: Bool = false) -> Authority {
        changeNumber += 1
        return Authority(
            actor: Self.people[random.below(Self.people.count)], ticket: "CHG-\(changeNumber)",
            request: request ? "request-\(changeNumber)" : "")
    }

    private mutating func tornBatch() -> EngineRecovered {
        var torn = EngineRecovered()
        torn.verdict = "torn"
        torn.segment = "00000000000000000000.log"
        torn.offset = UInt64(random.below(16_000)) * 4_096
        torn.byteCount = UInt64(1 + random.below(8)) * 4_096
        torn.quarantine = "quarantine/\(torn.segment).\(torn.offset)"
        return torn
    }
}
