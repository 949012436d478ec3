/// The triggers of one schedule together: what makes it fire, what is left out, and its bounds.
///
/// Occurrences of several triggers at one instant are one. Local time, zone and fold identify an
/// occurrence; jitter moves the start of its run, not the occurrence.
public struct TriggerSet: Hashable, Sendable {
    /// Any of these fires.
    public var triggers: [Trigger]
    /// What does not happen.
    public var exclusions: [Exclusion]
    /// The first moment at which an occurrence may be; `nil` for no bound.
    public var startsAt: Instant?
    /// The last moment at which an occurrence may be; `nil` for no bound.
    public var endsAt: Instant?
    /// After so many runs there is no next one; `nil` for no bound.
    public var runsMax: Int?
    /// How far runs start after their scheduled time.
    public var jitter: Jitter?
    /// Where occurrences go whose date is no business day; `nil` leaves them where they are.
    public var roll: Roll?

    /// Makes a set.
    public init(
        _ triggers: [Trigger], exclusions: [Exclusion] = [], startsAt: Instant? = nil,
        endsAt: Instant? = nil, runsMax: Int? = nil, jitter: Jitter? = nil, roll: Roll? = nil
    ) {
        self.triggers = triggers
        self.exclusions = exclusions
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.runsMax = runsMax
        self.jitter = jitter
        self.roll = roll
    }

    /// Occurrences that are left out.
    public enum Exclusion: Hashable, Sendable {
        /// Those that fall together with an occurrence of this trigger.
        case trigger(Trigger)
        /// Those on the local dates from the first to the last, both included.
        case dates(CivilDate, through: CivilDate)
    }

    /// A delay between 0 and a limit that is the same for every run of a job on every machine, so
    /// that jobs with one time do not start together.
    public struct Jitter: Hashable, Sendable {
        /// The greatest delay, in microseconds.
        public let microsecondsMax: Int64
        /// The delay of the job, in microseconds, 0 to `microsecondsMax`.
        public let microseconds: Int64

        /// Makes the jitter of a job; throws `invalidInterval` where the limit is negative.
        public init(microsecondsMax: Int64, jobId: String) throws(TimetableError) {
            guard microsecondsMax >= 0 else {
                throw TimetableError(
                    .invalidInterval, "jitter must not be negative. Write for example 5m.",
                    field: "jitter")
            }
            self.microsecondsMax = microsecondsMax
            microseconds = Jitter.microseconds(of: jobId, most: UInt64(microsecondsMax))
        }

        /// The delay of a job in microseconds, from 0 to the most: the same on every machine.
        public static func microseconds(of jobId: String, most: UInt64) -> Int64 {
            // FNV leaves the upper bits of short texts alike; SplitMix64's last steps mix them.
            var hash = FNV1a.hash(Array(jobId.utf8))
            hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
            hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
            hash ^= hash >> 31
            return Int64(clamping: hash.multipliedFullWidth(by: most &+ 1).high)
        }
    }

    /// A set that leaves out so many occurrences in a row is taken to have no more.
    static let excludedCountMax = 10_000

    /// The first occurrence strictly after an instant; `nil` where there is none.
    ///
    /// - Parameters:
    ///   - runCount: how many runs there were, for `runsMax`.
    ///   - completedAt: when the last run ended, for triggers that wait for it.
    public func next(
        after instant: Instant, in zone: Zone, runCount: Int = 0, completedAt: Instant? = nil
    ) -> Occurrence? {
        if let runsMax, runCount >= runsMax { return nil }
        if let roll {
            return rolledNext(after: instant, in: zone, completedAt: completedAt, roll)
        }
        return unrolledNext(after: instant, in: zone, completedAt: completedAt)
    }

    /// The first occurrence strictly after an instant, where its triggers place it.
    func unrolledNext(
        after instant: Instant, in zone: Zone, completedAt: Instant?
    ) -> Occurrence? {
        var current = instant
        if let startsAt {
            let before = startsAt.microseconds.subtractingReportingOverflow(1)
            current = max(current, Instant(microseconds: before.overflow ? .min : before.0))
        }
        for _ in 0..<TriggerSet.excludedCountMax {
            var found: Occurrence?
            for trigger in triggers {
                let next = trigger.next(after: current, in: zone, completedAt: completedAt)
                if let next, found.map({ next.instant < $0.instant }) ?? true { found = next }
            }
            guard let found else { return nil }
            if let endsAt, found.instant > endsAt { return nil }
            guard let exclusion = exclusion(of: found, in: zone) else { return found }
            current = found.instant
            if case .dates(_, let through) = exclusion {
                current = max(current, TriggerSet.lastMoment(of: through, in: zone))
            }
        }
        return nil
    }

    /// The last occurrence at or before an instant; `nil` where there is none.
    ///
    /// How many runs there were does not matter here.
    public func previous(
        atOrBefore instant: Instant, in zone: Zone, completedAt: Instant? = nil
    ) -> Occurrence? {
        if let roll {
            return rolledPrevious(atOrBefore: instant, in: zone, completedAt: completedAt, roll)
        }
        return unrolledPrevious(atOrBefore: instant, in: zone, completedAt: completedAt)
    }

    /// The last occurrence at or before an instant, where its triggers place it.
    func unrolledPrevious(
        atOrBefore instant: Instant, in zone: Zone, completedAt: Instant?
    ) -> Occurrence? {
        var current = min(instant, endsAt ?? instant)
        for _ in 0..<TriggerSet.excludedCountMax {
            let found = triggers.compactMap {
                $0.previous(atOrBefore: current, in: zone, completedAt: completedAt)
            }.max { $0.instant < $1.instant }
            guard let found else { return nil }
            if let startsAt, found.instant < startsAt { return nil }
            guard let exclusion = exclusion(of: found, in: zone) else { return found }
            var before = found.instant
            if case .dates(let first, _) = exclusion {
                let moment = TriggerSet.lastMoment(of: first.adding(days: -1), in: zone)
                if moment < before { before = Instant(microseconds: moment.microseconds + 1) }
            }
            let (earlier, overflow) = before.microseconds.subtractingReportingOverflow(1)
            if overflow { return nil }
            current = Instant(microseconds: earlier)
        }
        return nil
    }

    /// When the run of an occurrence starts: its instant and the job's jitter.
    public func startInstant(of occurrence: Occurrence) -> Instant {
        let (sum, overflow) = occurrence.instant.microseconds.addingReportingOverflow(
            jitter?.microseconds ?? 0)
        return Instant(microseconds: overflow ? .max : sum)
    }

    private func exclusion(of occurrence: Occurrence, in zone: Zone) -> Exclusion? {
        exclusions.first { exclusion in
            switch exclusion {
            case .trigger(let trigger):
                let (before, overflow) =
                    occurrence.instant.microseconds.subtractingReportingOverflow(1)
                return !overflow
                    && trigger.next(after: Instant(microseconds: before), in: zone)?.instant
                        == occurrence.instant
            case .dates(let first, let last):
                return occurrence.local.date >= first && occurrence.local.date <= last
            }
        }
    }

    /// A moment on a local date after which hardly anything of it is left: the last second of its
    /// first pass; what is left is looked at one by one.
    static func lastMoment(of date: CivilDate, in zone: Zone) -> Instant {
        let end = CivilDateTime(date: date, time: CivilTime(secondOfDay: 86_399))
        switch zone.resolve(end) {
        case .unique(let instant), .overlap(let instant, _): return instant
        case .gap(_, _, let at): return Instant(microseconds: at.microseconds - 1)
        }
    }
}
