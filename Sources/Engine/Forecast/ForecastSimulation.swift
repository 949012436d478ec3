import Events
import Projections
import Timetable

/// A copy of the engine's core, driven through days that have not come yet.
///
/// It is the core itself that decides, so a forecast says what the engine will do, by the same
/// code: only the clock and the world are simulated. Digests, snapshots and signs of life are
/// switched off, no effect leaves, and what is decided is forgotten when its row is made.
struct ForecastSimulation {
    private var core: EngineCore
    private var world: ForecastWorld
    private var recorder: ForecastRecorder
    private var now: Int64
    private let subject: ForecastSubject
    private let options: ForecastOptions
    /// Whether the bound on runs was reached before the end.
    private var isCutShort = false
    private var applied = Reply()

    /// So far away that nothing happens then, and far enough from the largest time.
    private static let never = Int64.max / 4

    init(
        _ subject: ForecastSubject, _ options: ForecastOptions,
        _ typicalDuration: @escaping (ScheduleKey) throws -> Int64?
    ) {
        var settings = subject.settings
        settings.aliveInterval = Self.never
        settings.digestInterval = Self.never
        settings.snapshotInterval = Self.never
        // People are told of nothing, so nobody could acknowledge it.
        settings.tellsOfRuns = false
        settings.watchesWorkers = false
        settings.escalation = EscalationRules.none
        settings.assumedStatus = options.externalAnswer.rawValue
        self.subject = subject
        self.options = options
        core = EngineCore(state: subject.state, zones: subject.zones, settings: settings)
        world = ForecastWorld(options, typicalDuration)
        recorder = ForecastRecorder(
            options, ForecastClocks(subject.zones, options),
            firstRun: subject.state.nextSequence)
        now = max(options.start, subject.state.lastTime)
    }

    /// Lives through the forecast's time, and until what was told is over.
    mutating func run() throws -> Forecast {
        try start()
        while try step(before: options.to) {
            if recorder.runCount < options.runsMax { continue }
            isCutShort = true
            recorder.end = min(now, options.to)
            break
        }
        let survey = try ForecastSurvey(&core, options, end: recorder.end)
        // What is open may end, or miss its SLA, a day after the end; that costs no more than the
        // time before it did.
        let last = (isCutShort ? now : options.to) + ForecastOptions.day
        let most = recorder.runCount + options.runsMax
        while recorder.hasOpenRows, recorder.runCount < most, try step(before: last) {}
        recorder.finish()
        return try result(survey)
    }

    /// An engine starts, and applies its configuration, as it does when it is served.
    private mutating func start() throws {
        for run in subject.state.openRuns.sorted() { recorder.take(open: run) }
        var facts = StartFacts()
        facts.version = "forecast"
        var decisions = [try core.start(facts, now: now)]
        if subject.state.status.space == "full" {
            decisions.append(
                try core.handle(.spaceChanged(space: "ample", free: 0, wanted: 0), now: now))
        }
        if let configuration = subject.configuration {
            decisions.append(try core.handle(.applyConfiguration(configuration), now: now))
            applied = decisions.last?.reply ?? Reply()
        }
        for run in core.state.openRuns.sorted() where run.isWaitingForCallback {
            try world.expectCompletion(of: run, now: now)
            if let end = world.end(of: run.run) { recorder.note(end: end, of: run.run) }
        }
        for decision in decisions {
            try recorder.take(decision, activeCount: core.activeAttemptCount)
        }
        try carryOut(decisions.flatMap(\.effects))
    }

    /// Lets what comes next happen: a timer of the engine, or the end of an attempt.
    ///
    /// - Returns: whether there was anything before `end`.
    private mutating func step(before end: Int64) throws -> Bool {
        let timer = core.nextTimer ?? .max
        let ending = world.nextTime ?? .max
        guard min(timer, ending) < end else { return false }
        now = max(now, min(timer, ending))
        if timer <= ending {
            if let decision = try core.tick(now: now) { try take(decision) }
        } else if let command = world.takeFirst() {
            try take(core.handle(command, now: now))
        }
        return true
    }

    private mutating func take(_ decision: Decision) throws {
        try recorder.take(decision, activeCount: core.activeAttemptCount)
        try carryOut(decision.effects)
    }

    /// What follows from effects, and from what follows.
    private mutating func carryOut(_ first: [Effect]) throws {
        var effects = first
        var index = 0
        while index < effects.count {
            let effect = effects[index]
            index += 1
            let command = try world.react(to: effect, core.state, now: now)
            note(effect)
            guard let command else { continue }
            let decision = try core.handle(command, now: now)
            try recorder.take(decision, activeCount: core.activeAttemptCount)
            effects += decision.effects
        }
    }

    /// When an attempt will end is known when it begins.
    private mutating func note(_ effect: Effect) {
        switch effect {
        case .deliver(let request), .reconcile(let request, _, _, _, _):
            if let end = world.end(of: request.run) { recorder.note(end: end, of: request.run) }
        default: return
        }
    }

    private func result(_ survey: ForecastSurvey) throws -> Forecast {
        var summary = ForecastSummary()
        summary.count(recorder.rows)
        summary.load = recorder.load
        summary.load.finish()
        summary.alerts = recorder.alerts
        var clocks = recorder.clocks
        summary.clockChanges = try survey.clockChanges(&clocks, recorder.rows, options)
        summary.calendars = survey.calendars
        summary.idle = survey.idle(recorder.rows)
        return Forecast(
            from: options.from, to: options.to, end: recorder.end, isCutShort: isCutShort,
            applied: applied, rows: recorder.rows, summary: summary, assumptions: assumptions)
    }

    /// What the forecast takes for granted, in sentences.
    private var assumptions: [String] {
        let start = max(
            options.start == options.from - 1 ? options.from : options.start,
            subject.state.lastTime)
        var texts = [
            "The engine starts at \(UTCText.of(microseconds: start)) and runs without a stop; "
                + "nobody acts on it.",
            "Every attempt succeeds.",
        ]
        let known = world.knownJobCount
        let unknown = world.unknownJobCount
        if known > 0 {
            texts.append(
                "Attempts of \(known) job\(known == 1 ? "" : "s") take the median of the last "
                    + "successes in the log.")
        }
        if unknown > 0 {
            texts.append(
                "Attempts of \(unknown) job\(unknown == 1 ? "" : "s") without a history take "
                    + "\(Double(options.durationDefault) / 1_000_000) s.")
        }
        texts.append(
            "External dependencies answer \(options.externalAnswer.rawValue) when they are asked.")
        texts += subject.remarks
        if !applied.message.isEmpty { texts.append("Its configuration: \(applied.message).") }
        if !subject.settings.isSchedulingOn {
            texts.append("Scheduling is switched off in the settings: no occurrence is decided.")
        }
        if subject.state.status.space == "full" {
            texts.append("The log's disk, which is full, has room again.")
        }
        return texts
    }
}

extension EngineCore {
    /// How many attempts take room, those that wait for a completion too.
    var activeAttemptCount: Int { activeRuns.count }
}
