import Synchronization

/// A start with recurrence rules, further dates and exceptions: the recurrence set of RFC 5545,
/// section 3.8.5.
///
/// The start itself is an instance only where the rule says so, or where there is no rule.
/// Two are equal where their start, rules and dates are; what a search works out for a zone is kept
/// beside them.
public struct Recurrence: Hashable, Sendable, CustomStringConvertible {
    /// The first moment of all rules.
    public let start: RecurrenceTime
    /// The rules; instances of all of them count.
    public let rules: [RecurrenceRule]
    /// Dates and times that are no instances (EXDATE).
    ///
    /// A date takes away every instance on that day, another time the one that it equals.
    public let excluded: [RecurrenceTime]
    /// Further instances (RDATE); a date stands for the start's time on that day.
    public let additional: [RecurrenceTime]
    /// Whether the start is an instance even where no rule names it, as in an iCalendar file.
    ///
    /// RFC 5545 leaves such a start undefined. Google's calendar and recurring-ical-events add it
    /// to those that COUNT counts, and so does this.
    public let includesStart: Bool
    /// What was asked for local times that a clock change leaves out; `nil` for the rule of
    /// RFC 5545, the offset before the gap.
    public let onGap: GapRule?
    /// What was asked for local times that the clock shows twice; `nil` for the rule of RFC 5545,
    /// the first.
    public let onOverlap: OverlapRule?

    private let memory: RecurrenceMemory

    /// Makes a recurrence.
    ///
    /// The rules for clock changes hold for all local times here, those of `start`, `excluded` and
    /// `additional` too; not for rules by hours, minutes and seconds, which count elapsed time.
    public init(
        start: RecurrenceTime, rules: [RecurrenceRule], excluded: [RecurrenceTime] = [],
        additional: [RecurrenceTime] = [], includesStart: Bool = false, onGap: GapRule? = nil,
        onOverlap: OverlapRule? = nil
    ) {
        self.start = start
        self.rules = rules
        self.excluded = excluded
        self.additional = additional
        self.includesStart = includesStart
        self.onGap = onGap
        self.onOverlap = onOverlap
        memory = RecurrenceMemory()
    }

    /// Reads a rule, its start, and lists of times, such as `19970902T090000`.
    ///
    /// Throws with the field `RRULE`'s part, `DTSTART`, `EXDATE` or `RDATE`, and the column.
    public static func parse(
        rule: String, start: String, excluded: [String] = [], additional: [String] = [],
        onGap: GapRule? = nil, onOverlap: OverlapRule? = nil
    ) throws(TimetableError) -> Recurrence {
        func times(_ texts: [String], _ field: String) throws(TimetableError) -> [RecurrenceTime] {
            var times: [RecurrenceTime] = []
            for text in texts { times.append(try time(text, field)) }
            return times
        }
        func time(_ text: String, _ field: String) throws(TimetableError) -> RecurrenceTime {
            do throws(TimetableError) {
                return try RecurrenceTime.parse(text)
            } catch {
                var named = error
                named.field = field
                throw named
            }
        }
        return Recurrence(
            start: try time(start, "DTSTART"), rules: [try RecurrenceRule(parsing: rule)],
            excluded: try times(excluded, "EXDATE"), additional: try times(additional, "RDATE"),
            onGap: onGap, onOverlap: onOverlap)
    }

    /// The rules as text, or the start where there is none.
    public var description: String {
        rules.isEmpty ? "once" : rules.map(\.description).joined(separator: " ")
    }

    /// What holds at clock changes.
    var clockChanges: ClockChangeRules {
        ClockChangeRules(recurrenceOnGap: onGap, onOverlap: onOverlap)
    }

    /// Whether two have the same start, rules and dates, and the same rules for clock changes.
    public static func == (left: Recurrence, right: Recurrence) -> Bool {
        left.start == right.start && left.rules == right.rules && left.excluded == right.excluded
            && left.additional == right.additional && left.includesStart == right.includesStart
            && left.clockChanges == right.clockChanges
    }

    /// Feeds all that equality looks at.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(start)
        hasher.combine(rules)
        hasher.combine(excluded)
        hasher.combine(additional)
        hasher.combine(includesStart)
        hasher.combine(clockChanges)
    }

    /// What this means in a zone, worked out the first time.
    func resolved(in zone: Zone) -> ResolvedRecurrence { memory.resolved(self, zone) }
}

/// Keeps what a recurrence means in the zone that was asked for last.
private final class RecurrenceMemory: Sendable {
    private let last = Mutex<ResolvedRecurrence?>(nil)

    /// Whoever misses works it out outside the lock; both answers would be the same.
    func resolved(_ recurrence: Recurrence, _ zone: Zone) -> ResolvedRecurrence {
        if let known = last.withLock({ $0 }), known.table === zone.table { return known }
        let fresh = ResolvedRecurrence(recurrence, zone: zone)
        last.withLock { $0 = fresh }
        return fresh
    }
}

extension Recurrence {
    /// The first occurrence strictly after an instant; `nil` where there is none until the end of
    /// year 9999.
    ///
    /// - Complexity: no step from the start on: the search begins at the instant. A rule with COUNT
    ///   is counted through once for each zone. EXDATEs and RDATEs cost O(log n).
    public func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        resolved(in: zone).first(from: instant.seconds + 1).map { occurrence($0, in: zone) }
    }

    private func occurrence(_ found: FoundSecond, in zone: Zone) -> Occurrence {
        Occurrence(
            instant: Instant(seconds: found.second),
            segment: zone.table.segment(zone.table.index(at: found.second)),
            isGapEnd: found.isGapEnd)
    }

    /// The last occurrence at or before an instant; `nil` where there is none.
    ///
    /// `next` never decreases as its argument grows, so that bisection over the argument works.
    public func previous(atOrBefore instant: Instant, in zone: Zone) -> Occurrence? {
        let resolved = resolved(in: zone)
        let end = min(instant.seconds, ElapsedRecurrence.secondMax)
        guard let earliest = resolved.first(from: resolved.start), earliest.second <= end else {
            return nil
        }
        func first(_ start: Int64) -> FoundSecond? {
            guard let found = resolved.first(from: start), found.second <= end else { return nil }
            return found
        }
        var step: Int64 = 60
        var low = first(end)
        while low == nil, end - step > earliest.second {
            low = first(end - step)
            step *= 4
        }
        var best = low ?? earliest
        var high = end + 1  // No occurrence in [high, end] is known to exist.
        while high - best.second > 1 {
            let middle = best.second + (high - best.second) / 2
            if let later = first(middle) { best = later } else { high = middle }
        }
        return occurrence(best, in: zone)
    }
}
