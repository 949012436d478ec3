import Engine
import Events
import Replay
import Timetable

// Why there is no word of a moment in the log.

extension WhyNotDesk {
    /// Tells why the log has no run, and no range, for a moment.
    ///
    /// - Parameter moment: how the schedule stood just before.
    mutating func withoutOutcome(
        _ at: Int64, _ moment: JobMoment
    ) throws -> WhyNot.Item {
        guard let change = moment.change else { return try notThere(at, nil) }
        guard let definition = change.definition else { return try notThere(at, change) }
        let evidence = Self.sentence(change)
        if !definition.isEnabled {
            return item(
                at, at > question.now ? .future : .disabled,
                "'\(job)' is switched off by definition \(change.sequence), which holds for "
                    + "\(local(at)): its `enabled` is false.", [evidence])
        }
        let times: ScheduleTimes
        switch try self.times(of: change, definition, at: at) {
        case .success(let made): times = made
        case .failure(let rejection):
            return item(
                at, .unknown,
                "This machine cannot tell the times of definition \(change.sequence): "
                    + "\(rejection.message).", [evidence])
        }
        var sentences = [evidence, cadence(times)]
        if times.triggers.followsCompletion {
            sentences.append(
                WhyNot.Sentence(
                    "Its times follow the ends of its runs: only the runs in the log say when "
                        + "they were."))
            return item(
                at, at > question.now ? .future : .noOccurrence,
                "The log has no run of '\(job)' for \(local(at)), and no definition names such a "
                    + "moment before it comes.", sentences)
        }
        if Self.isOccurrence(at, of: times.triggers, in: times.zone) {
            if let pause = moment.pause { sentences.append(Self.sentence(pause)) }
            if let limit = moment.limit { sentences.append(Self.sentence(limit)) }
            return at > question.now
                ? future(at, sentences) : try silent(at, times, sentences)
        }
        return noOccurrence(at, change, times, sentences)
    }

    func item(
        _ at: Int64, _ verdict: WhyNot.Verdict, _ headline: String,
        _ sentences: [WhyNot.Sentence]
    ) -> WhyNot.Item {
        WhyNot.Item(
            at: at, local: local(at), verdict: verdict, run: nil, headline: headline,
            sentences: sentences)
    }

    // MARK: the schedule

    /// The schedule did not exist: not yet, or not any more.
    private func notThere(
        _ at: Int64, _ removal: JobMoment.Change?
    ) throws(ReplayError) -> WhyNot.Item {
        var sentences = removal.map { [Self.sentence($0)] } ?? []
        let next = try question.history.change(of: job, from: at, before: .max)
        if let next { sentences.append(Self.sentence(next)) }
        let headline =
            removal == nil
            ? "'\(job)' did not exist yet at \(local(at))."
            : "'\(job)' had been removed before \(local(at))."
        return item(at, .notThere, headline, sentences)
    }

    private static func sentence(_ change: JobMoment.Change) -> WhyNot.Sentence {
        let what: String
        switch change.type {
        case .scheduleCreated: what = "The schedule was created"
        case .scheduleRemoved: what = "The schedule was removed"
        default: what = "The schedule got this definition"
        }
        let reason = change.reason.isEmpty ? "" : ": \(change.reason)"
        return WhyNot.Sentence(
            "\(what) \(change.authority)\(reason).", change.sequence, change.time)
    }

    private func cadence(_ times: ScheduleTimes) -> WhyNot.Sentence {
        let words = times.triggers.explained(in: times.zone).joined(separator: " ")
        return WhyNot.Sentence("By it, in the zone \(times.zone.name): \(words)")
    }

    // MARK: times

    /// Whether triggers fire at a moment.
    private static func isOccurrence(_ at: Int64, of triggers: TriggerSet, in zone: Zone) -> Bool {
        var triggers = triggers
        triggers.runsMax = nil
        let next = triggers.next(after: Instant(microseconds: at - 1), in: zone)
        return next?.instant.microseconds == at
    }

    private func noOccurrence(
        _ at: Int64, _ change: JobMoment.Change, _ times: ScheduleTimes,
        _ given: [WhyNot.Sentence]
    ) -> WhyNot.Item {
        var sentences = given
        if let rule = Self.leftOut(at, times) { sentences.append(WhyNot.Sentence(rule)) }
        let before = times.triggers.previous(
            atOrBefore: Instant(microseconds: at - 1), in: times.zone)
        let after = times.next(after: Instant(microseconds: at))
        sentences.append(
            WhyNot.Sentence(
                "By it the nearest occurrence before is "
                    + "\(before?.localText ?? "none"), and after it \(after?.localText ?? "none").")
        )
        return item(
            at, at > question.now ? .future : .noOccurrence,
            "\(local(at)) is no occurrence of '\(job)' by definition \(change.sequence), which "
                + "\(at > question.now ? "holds now" : "held then").", sentences)
    }

    /// What keeps a moment from being an occurrence that its triggers name; nil where they do not.
    private static func leftOut(_ at: Int64, _ times: ScheduleTimes) -> String? {
        var bare = times.triggers
        bare.roll = nil
        if let roll = times.triggers.roll, isOccurrence(at, of: bare, in: times.zone) {
            return "Its triggers name the moment, but it is no business day of "
                + "\(roll.calendar.name): it went to another day (\(roll.convention))."
        }
        bare.exclusions = []
        if isOccurrence(at, of: bare, in: times.zone) {
            return "Its triggers name the moment, but an exclusion leaves it out."
        }
        bare.startsAt = nil
        bare.endsAt = nil
        if isOccurrence(at, of: bare, in: times.zone) {
            return "Its triggers name the moment, but it is outside of the definition's bounds."
        }
        return nil
    }

    // MARK: the engine

    private func future(_ at: Int64, _ sentences: [WhyNot.Sentence]) -> WhyNot.Item {
        item(
            at, .future, "\(local(at)) is still to come; it is an occurrence of '\(job)'.",
            sentences)
    }

    /// An occurrence that has passed, and of which the log has no word.
    private mutating func silent(
        _ at: Int64, _ times: ScheduleTimes, _ given: [WhyNot.Sentence]
    ) throws(ReplayError) -> WhyNot.Item {
        var sentences = given
        let end = try engineEnd()
        let starts = times.triggers.startInstant(
            of: Occurrence(at: Instant(microseconds: at), in: times.zone))
        guard let last = end.lastTime, last >= starts.microseconds else {
            return unreached(at, starts, end, sentences)
        }
        let trace = try question.history.engine(at: at, needsStart: true)
        if let start = trace.start, !start.isSchedulingOn {
            sentences.append(
                WhyNot.Sentence(
                    "This engine was started with scheduling off: it decides no occurrences.",
                    start.sequence, start.time))
        } else if let sign = trace.sign {
            sentences.append(Self.sentence(sign))
        }
        if let runsMax = times.triggers.runsMax {
            sentences.append(
                WhyNot.Sentence("There are no more occurrences after \(runsMax) runs."))
        }
        return item(
            at, .undecided,
            "\(local(at)) was an occurrence of '\(job)', and the log, which reaches to "
                + "\(UTCText.of(microseconds: last)), does not say what became of it.", sentences)
    }

    /// The log ends before the occurrence could be decided.
    private func unreached(
        _ at: Int64, _ starts: Instant, _ end: EngineTrace, _ given: [WhyNot.Sentence]
    ) -> WhyNot.Item {
        var sentences = given
        if starts.microseconds > at {
            sentences.append(
                WhyNot.Sentence(
                    "By its jitter the run starts at \(Occurrence(at: starts, in: zone).localText)."
                ))
        }
        if question.history.folder.isEngineRunning {
            let last = end.lastTime.map { UTCText.of(microseconds: $0) } ?? "nothing"
            return item(
                at, .undecided,
                "\(local(at)) is an occurrence of '\(job)' that is not decided yet, as far as the "
                    + "running engine's log proves durable: it reaches to \(last).", sentences)
        }
        if let sign = end.sign { sentences.append(Self.sentence(sign)) }
        return item(
            at, .engineDown,
            "The engine was down at \(local(at)), an occurrence of '\(job)', and has not been up "
                + "since: the next start decides what becomes of it.", sentences)
    }
}
