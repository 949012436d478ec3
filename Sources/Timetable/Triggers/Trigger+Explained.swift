/// Triggers in words, for people who read a schedule.
extension Trigger {
    /// What the trigger does, as English sentences.
    public var explained: String {
        switch self {
        case .cron(let expression): expression.explained
        case .every(let interval):
            "Runs every \(Words.duration(microseconds: interval.periodMicroseconds)) of elapsed "
                + "time, counted from \(interval.anchor); clock changes do not matter."
        case .afterCompletion(let delay):
            "Runs \(Words.duration(microseconds: delay.delayMicroseconds)) after each run has "
                + "ended" + (delay.first.map { ", the first time at \($0)." } ?? ".")
        case .at(let instant): "Runs once, at \(instant)."
        case .businessDay(let rule): rule.explained
        case .recurrence(let recurrence): recurrence.explained
        }
    }
}

extension BusinessDayOfMonth {
    /// The rule in words.
    public var explained: String {
        let which =
            switch number {
            case 1: "the first working day"
            case -1: "the last working day"
            case ..<0: "the \(Words.ordinal(-number)) working day before the end"
            default: "the \(Words.ordinal(number)) working day"
            }
        let until = calendar.validThrough.map { ", which is known through \($0)" } ?? ""
        return "Runs at \(time) on \(which) of each month by calendar \(calendar.name)\(until). "
            + "At a clock change: a time that is left out runs at its end; of two equal times "
            + "the first runs."
    }
}

extension Recurrence {
    /// The second before anything can be: a list that begins here has the first occurrence.
    public func eve(in zone: Zone) -> Instant { Instant(seconds: resolved(in: zone).start - 1) }

    /// The recurrence in words.
    public var explained: String {
        let start =
            switch start {
            case .date(let date): date.description
            case .local(let local): local.description
            case .instant(let instant): instant.description
            }
        var text =
            rules.isEmpty
            ? "Runs at \(start)"
            : "Runs " + rules.map(\.explained).joined(separator: ", and ") + ", from \(start) on"
        func times(_ count: Int) -> String { count == 1 ? "1 time" : "\(count) times" }
        if !additional.isEmpty { text += ", and at \(times(additional.count)) more" }
        if !excluded.isEmpty { text += ", but for \(times(excluded.count)) that are taken out" }
        return text + ". " + clockChanges.explained
    }
}

extension TriggerSet {
    /// What the set does, a sentence for each part.
    public var explained: [String] {
        var lines = triggers.map(\.explained)
        for exclusion in exclusions {
            switch exclusion {
            case .trigger(let trigger): lines.append("Left out: \(trigger.description).")
            case .dates(let first, let last):
                lines.append(
                    first == last
                        ? "Left out: \(first)." : "Left out: \(first) through \(last).")
            }
        }
        if let startsAt { lines.append("Nothing before \(startsAt).") }
        if let endsAt { lines.append("Nothing after \(endsAt).") }
        if let runsMax { lines.append("At most \(runsMax) \(runsMax == 1 ? "run" : "runs").") }
        if let jitter, jitter.microsecondsMax > 0 {
            let delay = Words.duration(microseconds: jitter.microseconds)
            lines.append(
                "Each run starts \(delay.isEmpty ? "at once" : delay + " later") (jitter of at "
                    + "most \(Words.duration(microseconds: jitter.microsecondsMax))).")
        }
        return lines
    }
}
