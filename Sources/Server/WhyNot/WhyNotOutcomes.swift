import Engine
import Events
import Projections
import Replay
import Timetable

// What the log tells of an occurrence: its runs, or the range that it ended in.

extension WhyNotDesk {
    /// So many runs of one moment are told of: fan-outs, requeues, runs by hand.
    private static let runsMax = 100

    /// Tells of one moment.
    mutating func answer(_ at: Int64) throws -> [WhyNot.Item] {
        let outcomes = try outcomes(of: at)
        if outcomes.isEmpty {
            return [try withoutOutcome(at, self.moment(before: at))]
        }
        return try outcomes.map { try told($0, of: at) }
    }

    /// The runs of a moment, and the ranges that hold it, in the order of the log.
    func outcomes(of at: Int64) throws(ReplayError) -> [RunSummary] {
        var query = History.Query()
        query.jobId = job
        query.from = at
        query.to = at
        query.limit = Self.runsMax
        return try question.history.runs(query).runs.reversed().filter { Self.tells($0, of: at) }
    }

    /// Whether a run, or a range, is of a moment.
    static func tells(_ run: RunSummary, of at: Int64) -> Bool {
        run.run == nil
            ? (run.firstScheduled...max(run.firstScheduled, run.scheduled)).contains(at)
            : run.scheduled == at
    }

    /// A run, or a range, in one sentence.
    func brief(_ run: RunSummary, of at: Int64) -> WhyNot.Item {
        WhyNot.Item(
            at: at, local: local(at), verdict: Self.verdict(run), run: run.run,
            headline: run.run == nil ? range(run) : Why.headline(of: run),
            sentences: [
                WhyNot.Sentence("This is its last event", run.lastSequence, run.lastTime)
            ])
    }

    /// A run, or a range, with what led to it.
    private func told(_ run: RunSummary, of at: Int64) throws -> WhyNot.Item {
        var sentences: [WhyNot.Sentence] = []
        var headline = range(run)
        if let number = run.run {
            let why = Why(try question.history.life(of: number))
            headline = why.headline
            sentences = Self.short(why)
            sentences.append(WhyNot.Sentence("`daybook why \(number)` tells all of it."))
        } else {
            sentences.append(
                WhyNot.Sentence("They were ended together.", run.lastSequence, run.lastTime))
        }
        if run.reason == "paused" { sentences += try pause(before: run.lastTime) }
        if run.status == .missed || run.reason == "coalesced" { sentences += try outage(at) }
        return WhyNot.Item(
            at: at, local: local(at), verdict: Self.verdict(run), run: run.run,
            headline: headline, sentences: sentences)
    }

    /// A run's first sentence and its last ones.
    private static func short(_ why: Why) -> [WhyNot.Sentence] {
        let most = 4
        let chosen =
            why.sentences.count <= most
            ? why.sentences : why.sentences.prefix(1) + why.sentences.suffix(most - 1)
        return chosen.map { WhyNot.Sentence($0.text, $0.sequence, $0.time) }
    }

    private func range(_ run: RunSummary) -> String {
        let one = "The occurrence of \(local(run.scheduled)) of '\(job)'"
        let many =
            "This is one of \(run.occurrences) occurrences of '\(job)' from "
            + "\(local(run.firstScheduled)) through \(local(run.scheduled)) that"
        let subject = run.occurrences == 1 ? "\(one) was" : "\(many) were"
        let detail = run.detail.isEmpty ? "" : ": \(run.detail)"
        let verb = run.status == .missed ? "missed" : "skipped"
        return "\(subject) \(verb) (\(run.reason))\(detail)."
    }

    private static func verdict(_ run: RunSummary) -> WhyNot.Verdict {
        switch run.status {
        case .succeeded, .dead: .ran
        case .skipped: .skipped
        case .missed: .missed
        case .cancelled: .cancelled
        case .due, .held, .dispatched, .started, .failed, .retryScheduled: .open
        }
    }

    // MARK: what led to it

    /// The pause that held when an occurrence was skipped.
    private func pause(before moment: Int64) throws(ReplayError) -> [WhyNot.Sentence] {
        let moment = try self.moment(before: moment)
        if let pause = moment.pause { return [Self.sentence(pause)] }
        return moment.limit.map { [Self.sentence($0)] } ?? []
    }

    /// How the schedule stood just before a moment.
    func moment(before moment: Int64) throws(ReplayError) -> JobMoment {
        try question.history.job(job, before: moment, recordsMax: question.recordsMax)
    }

    static func sentence(_ limit: JobMoment.Limit) -> WhyNot.Sentence {
        WhyNot.Sentence(
            "The schedule's last \(limit.recordCount) records before were looked at, back to this "
                + "one, and they do not say who paused it: ask for a time before that.",
            limit.sequence, limit.time)
    }

    static func sentence(_ pause: JobMoment.Pause) -> WhyNot.Sentence {
        let until =
            pause.until == 0 ? "" : ", until \(UTCText.of(microseconds: pause.until))"
        let reason = pause.reason.isEmpty ? "" : ": \(pause.reason)"
        return WhyNot.Sentence(
            "The schedule was paused \(pause.authority)\(until)\(reason).", pause.sequence,
            pause.time)
    }

    /// The engine's last sign before a moment, where it was down then.
    private func outage(_ at: Int64) throws(ReplayError) -> [WhyNot.Sentence] {
        guard let sign = try question.history.engine(at: at).sign else { return [] }
        return [Self.sentence(sign)]
    }

    static func sentence(_ sign: EngineTrace.Sign) -> WhyNot.Sentence {
        let text: String
        switch sign.type {
        case .engineStopped:
            text = "The engine had stopped" + (sign.reason.isEmpty ? "." : ": \(sign.reason).")
        case .engineStarted: text = "The engine had started; there is no sign of life after it."
        default: text = "This was the engine's last sign of life before."
        }
        return WhyNot.Sentence(text, sign.sequence, sign.time)
    }
}
