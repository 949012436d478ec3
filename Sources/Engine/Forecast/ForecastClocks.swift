import Timetable

/// The zones of a forecast, and the changes of their clocks in its time.
struct ForecastClocks {
    /// A zone that schedules of the forecast have.
    struct Entry {
        let zone: Zone
        /// Its changes from a day before the forecast's time to a day after it, in order.
        let changes: [Zone.Transition]
    }

    private let zones: ZoneCatalog
    private let first: Int64
    private let last: Int64
    private var entries: [String: Entry] = [:]

    init(_ zones: ZoneCatalog, _ options: ForecastOptions) {
        self.zones = zones
        first = options.from - ForecastOptions.day
        last = options.to + ForecastOptions.day
    }

    /// A zone by its name.
    mutating func entry(_ name: String) throws(TimetableError) -> Entry {
        if let known = entries[name] { return known }
        let zone = try zones.zone(name)
        var changes: [Zone.Transition] = []
        var after = Instant(microseconds: first)
        while let change = zone.nextTransition(after: after), change.instant.microseconds <= last {
            changes.append(change)
            after = change.instant
        }
        let made = Entry(zone: zone, changes: changes)
        entries[name] = made
        return made
    }

    /// A moment (µs) on a zone's clock, ISO 8601 with its offset; in UTC where there is no such
    /// zone.
    mutating func local(_ moment: Int64, _ name: String) -> String {
        let instant = Instant(microseconds: moment)
        do throws(TimetableError) { return try entry(name).zone.string(instant) } catch {
            return Zone.utc.string(instant)
        }
    }
}

extension ForecastClocks.Entry {
    /// How a change of the clocks touches an occurrence at a moment (µs), if one does.
    func touch(
        _ moment: Int64
    ) -> (how: ForecastRow.ClockChange, change: Zone.Transition)? {
        for change in changes {
            let instant = change.instant.microseconds
            let jump = Int64(change.offsetAfter - change.offsetBefore) * 1_000_000
            if jump > 0 {
                if moment == instant { return (.gapEnd, change) }
            } else if moment >= instant + jump && moment < instant {
                return (.firstPass, change)
            } else if moment >= instant && moment < instant - jump {
                return (.secondPass, change)
            }
        }
        return nil
    }
}
