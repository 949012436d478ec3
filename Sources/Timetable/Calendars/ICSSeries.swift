/// The events of one identifier: a master with its instances, and those that replace some of them
/// (RFC 5545, 3.8.4.4).
struct ICSSeries: Sendable {
    let master: ICSEntry?
    let overrides: [ICSEntry]

    /// More events of one series than this are refused: an event every second is no calendar.
    static let eventCountMax = 100_000

    /// Makes series of entries with one identifier: of masters the newest, of overrides of one
    /// instance the newest.
    ///
    /// Several masters as new as each other are events of their own: some programs give the same
    /// identifier to all.
    static func make(masters: [ICSEntry], overrides: [ICSEntry]) -> [ICSSeries] {
        var newest: [Int64: ICSEntry] = [:]
        for entry in overrides {
            guard let key = entry.recurrenceID?.second else { continue }
            if let known = newest[key],
                (known.sequence, known.stamp) > (entry.sequence, entry.stamp)
            {
                continue
            }
            newest[key] = entry
        }
        let kept = newest.sorted { $0.key < $1.key }.map(\.value)
        let last = masters.map(\.sequence).max()
        let current = masters.filter { $0.sequence == last }
        if current.isEmpty { return [ICSSeries(master: nil, overrides: kept)] }
        return current.enumerated().map { index, master in
            ICSSeries(master: master, overrides: index == 0 ? kept : [])
        }
    }

    /// The events that touch a day of the range, days being those of a zone.
    func events(
        from: CivilDate, through: CivilDate, in zone: Zone
    ) throws(TimetableError) -> [ICSEvent] {
        // A cancelled master cancels all that it had.
        if master?.isCancelled == true { return [] }
        var events: [ICSEvent] = []
        for entry in overrides where !entry.isCancelled {
            events.append(ICSSeries.event(entry, at: entry.start.second))
        }
        if let master { events += try instances(of: master, from: from, through: through) }
        return events.filter { event in
            if event.isAllDay { return event.startDate <= through && event.endDate > from }
            let first = zone.local(at: event.start).date
            let end = Instant(microseconds: event.end.microseconds - 1)
            return first <= through && zone.local(at: max(event.start, end)).date >= from
        }
    }

    private func instances(
        of master: ICSEntry, from: CivilDate, through: CivilDate
    ) throws(TimetableError) -> [ICSEvent] {
        var bySecond: Set<Int64> = []
        var byDay: Set<CivilDate> = []
        for entry in overrides {
            guard let id = entry.recurrenceID else { continue }
            if id.isDate || master.isAllDay {
                byDay.insert(id.local.date)
            } else {
                bySecond.insert(id.second)
            }
        }
        let future = overrides.filter(\.isThisAndFuture)
        // What moves or is long reaches into the range from outside; two days are for zones.
        var reach = ICSSeries.length(master) + (master.periods.values.max() ?? 0)
        for entry in future {
            let shift = ICSSeries.shift(of: entry)
            reach = max(reach, ICSSeries.length(entry)) + abs(shift)
        }
        let low = Int64(from.daysSinceEpoch - 2) * 86_400 - reach
        let high = Int64(through.daysSinceEpoch + 3) * 86_400 + reach
        let zone = master.isAllDay ? Zone.utc : master.start.zone
        let resolved = master.recurrence.resolved(in: zone)
        var events: [ICSEvent] = []
        var second = low - 1
        while let next = resolved.first(from: second + 1)?.second, next <= high {
            second = next
            guard events.count < ICSSeries.eventCountMax else {
                throw TimetableError(
                    .invalidCalendar,
                    "the events of UID \(quoted(master.uid)) are more than "
                        + "\(ICSSeries.eventCountMax) between \(from) and \(through). "
                        + "Check its rule.", field: "RRULE", column: 1)
            }
            let local = zone.local(at: Instant(seconds: next))
            if bySecond.contains(next) || byDay.contains(local.date) { continue }
            let ruling = future.last { entry in
                guard let id = entry.recurrenceID else { return false }
                return id.isDate || master.isAllDay
                    ? id.local.date <= local.date : id.second <= next
            }
            if let ruling {
                if ruling.isCancelled { continue }
                events.append(ICSSeries.event(ruling, movedFrom: local))
            } else {
                events.append(ICSSeries.event(master, at: next))
            }
        }
        return events
    }

    private static func length(_ entry: ICSEntry) -> Int64 {
        Int64(entry.days) * 86_400 + entry.seconds
    }

    /// By how much an override moves its instance on the wall clock.
    private static func shift(of entry: ICSEntry) -> Int64 {
        guard let id = entry.recurrenceID else { return 0 }
        // An instance named by its day alone stays at its time of day.
        let from =
            id.isDate && !entry.isAllDay
            ? Int64(id.local.date.daysSinceEpoch * 86_400 + entry.start.local.time.secondOfDay)
            : id.isDate || !entry.isAllDay
                ? (id.zone == entry.start.zone || id.isDate
                    ? id.local.localSeconds
                    : entry.start.zone.local(at: Instant(seconds: id.second)).localSeconds)
                : Int64(id.local.date.daysSinceEpoch * 86_400)
        return entry.start.local.localSeconds - from
    }

    /// An instance as an override of it and all later ones wants it.
    private static func event(_ entry: ICSEntry, movedFrom local: CivilDateTime) -> ICSEvent {
        var seconds = local.localSeconds + shift(of: entry)
        if entry.isAllDay {
            seconds = floorDivide(seconds, 86_400) * 86_400
            return event(entry, at: seconds)
        }
        let moved = CivilDateTime(localSeconds: seconds)
        return event(entry, at: ResolvedRecurrence.second(moved, in: entry.start.zone))
    }

    /// The event of an entry that begins at a second; all-day ones at midnight UTC.
    private static func event(_ entry: ICSEntry, at second: Int64) -> ICSEvent {
        let zone = entry.isAllDay ? Zone.utc : entry.start.zone
        var end = second
        if entry.days > 0 {
            let local = zone.local(at: Instant(seconds: second))
            let later = CivilDateTime(date: local.date.adding(days: entry.days), time: local.time)
            end = ResolvedRecurrence.second(later, in: zone)
        }
        end += entry.periods[second] ?? entry.seconds
        let startInstant = Instant(seconds: second)
        let endInstant = Instant(seconds: end)
        return ICSEvent(
            uid: entry.uid, summary: entry.summary, isAllDay: entry.isAllDay,
            start: startInstant, end: endInstant, startDate: zone.local(at: startInstant).date,
            endDate: zone.local(at: endInstant).date, zone: zone,
            isTransparent: entry.isTransparent)
    }
}
