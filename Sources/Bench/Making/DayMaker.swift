import Engine
import EventLog
import Events
import Projections
import Timetable

/// Lets an engine live through days: timers, targets and people, each at its time.
struct DayMaker: ~Copyable {
    /// What people, machines and clocks do in a day.
    enum Act {
        case configure
        case pause
        case resume(ScheduleKey)
        case runNow
        case cancel
        case requeueDead
        case stop(then: Int64)
        case crash(then: Int64)
        case clock(kind: String)
        case space(String)
        case scrub
    }

    private static let dayMicroseconds: Int64 = 86_400_000_000
    static let minute: Int64 = 60_000_000

    /// The log and its engine.
    var log: LogMaker
    let world: TargetWorld
    var random: BenchRandom
    var mix: ScheduleMix
    /// A schedule that was taken out of the configuration.
    var spare: (ScheduleDefinition, ScheduleMix.Kind)?
    var calendarYear = 2027
    var changeNumber = 1_000
    /// Days over.
    private(set) var dayCount = 0
    let plan: MakeLogPlan
    /// What is still to be done, the last first.
    private var agenda: [(time: Int64, act: Act)] = []

    /// How many schedules there are.
    var scheduleCount: Int { mix.definitions.count }

    /// Starts the engine with its first configuration.
    static func start(
        _ plan: MakeLogPlan, _ sink: any BatchSink, _ zones: ZoneCatalog, batchByteCount: Int
    ) throws -> DayMaker {
        let world = TargetWorld(seed: plan.seed, ScheduleMix.profiles)
        var settings = DecisionSettings()
        settings.digestInterval = plan.digestMinutes * minute
        settings.activeRunsMax = Self.activeRunsMax(plan)
        let log = try LogMaker.start(
            sink, settings: settings, now: plan.start, batchByteCount: batchByteCount,
            zones: zones, world: { effect, now in world.react(effect, now) })
        var maker = DayMaker(plan, world, log)
        try maker.configure()
        return maker
    }

    private init(_ plan: MakeLogPlan, _ world: TargetWorld, _ log: consuming LogMaker) {
        self.plan = plan
        self.world = world
        self.log = log
        random = BenchRandom(seed: plan.seed)
        mix = ScheduleMix(operationsPerDay: plan.operationsPerDay)
    }

    /// How many attempts may run at once: a large company's nights need more than the default.
    static func activeRunsMax(_ plan: MakeLogPlan) -> Int { max(200, plan.operationsPerDay / 50) }

    /// Lets a day pass.
    ///
    /// - Returns: whether there is another one; the last ends with a clean stop.
    mutating func day() throws -> Bool {
        let start = plan.start + Int64(dayCount) * Self.dayMicroseconds
        planDay(start)
        try live(until: start + Self.dayMicroseconds)
        dayCount += 1
        if dayCount < plan.days { return true }
        try stop()
        return false
    }

    /// Closes the log.
    consuming func close() throws { try log.close() }

    // MARK: the day

    /// Everything that falls due until a moment, in the order of time.
    mutating func live(until end: Int64) throws {
        while true {
            let timer = log.core.nextTimer ?? .max
            let told = world.nextTime ?? .max
            let act = agenda.last?.time ?? .max
            if min(timer, told, act) >= end { break }
            if timer <= told && timer <= act {
                guard try log.step(to: timer) else { break }
            } else if told <= act {
                guard let command = world.takeFirst() else { break }
                try handle(command, at: told)
            } else if let next = agenda.popLast() {
                try carryOut(next.act, at: next.time)
            }
        }
    }

    /// Carries out a command; a refusal is an answer like others, and nothing is written for it.
    mutating func handle(_ command: Command, at moment: Int64) throws {
        do {
            try log.handle(command, at: moment)
        } catch is Rejection {
            return
        }
    }

    mutating func schedule(_ act: Act, at time: Int64) {
        let place = agenda.firstIndex { $0.time < time } ?? agenda.endIndex
        agenda.insert((time, act), at: place)
    }

    /// Draws what happens on a day.
    ///
    /// Rates are in thousandths of a time a day.
    private mutating func planDay(_ start: Int64) {
        let date = CivilDate(daysSinceEpoch: Int(start / Self.dayMicroseconds))
        let isWorked = date.weekday != .saturday && date.weekday != .sunday
        let operations = plan.operationsPerDay
        // On some days for certain, so that the logs of a few weeks hold everything too.
        let day = dayCount
        let isDue = { (number: Int, period: Int) in day % period == number ? 1_000 : 0 }
        if isWorked {
            some(400, start, 9...17, .configure)
            some(max(operations / 5, 100), start, 8...18, .pause)
            some(max(operations * 2 / 5, 300), start, 7...19, .runNow)
            some(max(operations / 20, 50), start, 8...18, .cancel)
            for hour: Int64 in [9, 13, 16] {
                schedule(.requeueDead, at: start + (hour * 60 + 30) * Self.minute)
            }
        }
        some(isDue(9, 14), start, 18...22, .stop(then: random.within(1...6) * Self.minute))
        some(isDue(20, 50), start, 9...15, .crash(then: random.within(120...300) * Self.minute))
        some(15, start, 0...23, .crash(then: random.within(1...90) * Self.minute))
        some(isDue(15, 60), start, 0...23, .clock(kind: "back"))
        some(isDue(45, 180), start, 0...23, .clock(kind: "forward"))
        if dayCount % 60 == 25 {
            let time = start + random.within(0...1_000) * Self.minute
            schedule(.space("low"), at: time)
            if random.happens(perMillion: 250_000) {
                schedule(.space("full"), at: time + 50 * Self.minute)
            }
            schedule(.space("ample"), at: time + 65 * Self.minute)
        }
        if date.day == 15 { schedule(.scrub, at: start + 3 * 60 * Self.minute) }
        if date.month == 12 && date.year == calendarYear - 1 {
            calendarYear = date.year + 2
            schedule(.configure, at: start + 10 * 60 * Self.minute)
        }
    }

    /// An act so many times, at moments between two hours.
    private mutating func some(
        _ thousandths: Int, _ start: Int64, _ hours: ClosedRange<Int64>, _ act: Act
    ) {
        for _ in 0..<random.count(thousandths: thousandths) {
            let minutes = (hours.lowerBound * 60)...(hours.upperBound * 60 + 59)
            let time = start + random.within(minutes) * Self.minute
            schedule(act, at: time + random.within(1...59_000_000))
        }
    }
}
