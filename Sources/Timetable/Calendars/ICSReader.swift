/// A date or time of a property, with the zone that it is in.
struct ICSTime: Sendable {
    var time: RecurrenceTime
    var zone: Zone

    /// The wall clock in its zone; of a date, its midnight.
    var local: CivilDateTime {
        switch time {
        case .date(let date): CivilDateTime(date: date, time: .midnight)
        case .local(let local): local
        case .instant(let instant): zone.local(at: instant)
        }
    }

    /// The second of UTC that it means; of a date, midnight UTC.
    var second: Int64 {
        switch time {
        case .date(let date): Int64(date.daysSinceEpoch) * 86_400
        case .local(let local): ResolvedRecurrence.second(local, in: zone)
        case .instant(let instant): instant.seconds
        }
    }

    var isDate: Bool {
        if case .date = time { return true }
        return false
    }
}

/// One `VEVENT` as it stands in the file.
struct ICSEntry: Sendable {
    var uid: String
    var summary: String
    var sequence: Int
    var stamp: String
    var isCancelled: Bool
    var isTransparent: Bool
    var isAllDay: Bool
    var start: ICSTime
    /// How long each of its events is: days on the calendar, then seconds.
    var days: Int
    var seconds: Int64
    /// Rules, further dates and exceptions, where there are any.
    var recurrence: Recurrence
    /// The lengths of further dates that are periods, by start.
    var periods: [Int64: Int64]
    var recurrenceID: ICSTime?
    var isThisAndFuture: Bool
}

/// Makes entries of components, and says which event and property is at fault.
struct ICSReader {
    private let events: [ICSComponent]
    private let zones: ICSZones
    /// The zone of times that name none.
    let floating: Zone
    /// Why the one that the file names cannot be used; told only where a time needs it.
    private let floatingError: TimetableError?

    /// Without these an event is not the one that was meant.
    private static let needed: Set<String> = [
        "DTSTART", "DTEND", "DURATION", "EXDATE", "RDATE", "RECURRENCE-ID", "STATUS",
        ICSText.hiddenRule,
    ]

    init(calendars: [ICSComponent], zones: ZoneCatalog, floating: Zone) {
        events = calendars.flatMap { $0.components.filter { $0.name == "VEVENT" } }
        self.zones = ICSZones(
            definitions: calendars.flatMap { $0.components.filter { $0.name == "VTIMEZONE" } },
            catalog: zones)
        let name = calendars.lazy.compactMap { $0.first("X-WR-TIMEZONE")?.value }.first ?? ""
        guard !name.isEmpty else {
            self.floating = floating
            floatingError = nil
            return
        }
        do throws(TimetableError) {
            self.floating = try self.zones.zone(name, field: "X-WR-TIMEZONE")
            floatingError = nil
        } catch {
            self.floating = floating
            floatingError = error
        }
    }

    /// The events, those of one identifier together.
    func series() throws(TimetableError) -> [ICSSeries] {
        var masters: [String: [ICSEntry]] = [:]
        var overrides: [String: [ICSEntry]] = [:]
        var order: [String] = []
        for (index, component) in events.enumerated() {
            var entry: ICSEntry
            do throws(TimetableError) {
                entry = try self.entry(component)
            } catch {
                let uid = component.first("UID")?.value ?? ""
                var named = error
                let what = uid.isEmpty ? "" : ", UID \(quoted(uid))"
                named.message = "event \(index + 1) of the file\(what): \(error.message)"
                named.column = error.column ?? 1
                throw named
            }
            // Events without an identifier have nothing to do with each other.
            let key = entry.uid.isEmpty ? "\n\(index)" : entry.uid
            if masters[key] == nil, overrides[key] == nil { order.append(key) }
            if entry.recurrenceID == nil {
                masters[key, default: []].append(entry)
            } else {
                overrides[key, default: []].append(entry)
            }
        }
        return order.flatMap { key in
            ICSSeries.make(masters: masters[key] ?? [], overrides: overrides[key] ?? [])
        }
    }

    private func error(_ field: String, _ message: String) -> TimetableError {
        TimetableError(.invalidCalendar, message, field: field, column: 1)
    }

    private func entry(_ component: ICSComponent) throws(TimetableError) -> ICSEntry {
        try refuseUnread(component)
        guard let startProperty = component.first("DTSTART") else {
            throw error("DTSTART", "there is no DTSTART. Add the day on which it begins.")
        }
        var start = try time(startProperty)
        var isAllDay = start.isDate
        if !isAllDay, component.first("X-MICROSOFT-CDO-ALLDAYEVENT")?.value.uppercased() == "TRUE" {
            // Exchange writes whole days with times.
            start = ICSTime(time: .date(start.local.date), zone: .utc)
            isAllDay = true
        }
        if isAllDay { start.zone = .utc }
        let (days, seconds) = try length(component, start: start)
        var rules: [RecurrenceRule] = []
        for property in component.all(ICSText.hiddenRule) {
            rules.append(try RecurrenceRule(parsing: property.value))
        }
        guard component.first("EXRULE") == nil else {
            throw error(
                "EXRULE", "EXRULE is no part of RFC 5545. Write the dates as EXDATE instead.")
        }
        var additional: [RecurrenceTime] = []
        var periods: [Int64: Int64] = [:]
        for property in component.all("RDATE") {
            let (time, length) = try period(property)
            additional.append(aligned(time, to: start, isAllDay))
            if let length, !isAllDay { periods[time.second] = length }
        }
        var excluded: [RecurrenceTime] = []
        for property in component.all("EXDATE") {
            excluded.append(aligned(try time(property), to: start, isAllDay))
        }
        let id = component.first("RECURRENCE-ID")
        return ICSEntry(
            uid: component.first("UID")?.value ?? "",
            summary: component.first("SUMMARY")?.value ?? "",
            sequence: component.first("SEQUENCE").flatMap { Int($0.value) } ?? 0,
            stamp: component.first("DTSTAMP")?.value ?? "",
            isCancelled: component.first("STATUS")?.value.uppercased() == "CANCELLED",
            isTransparent: component.first("TRANSP")?.value.uppercased() == "TRANSPARENT",
            isAllDay: isAllDay, start: start, days: days, seconds: seconds,
            recurrence: Recurrence(
                start: start.time, rules: rules, excluded: excluded, additional: additional,
                includesStart: true),
            periods: periods,
            recurrenceID: try id.map { property throws(TimetableError) in
                try time(property)
            },
            isThisAndFuture: id?.parameters["RANGE"]?.uppercased() == "THISANDFUTURE")
    }

    /// What libical could not read it puts aside; that must not change the event unseen.
    private func refuseUnread(_ component: ICSComponent) throws(TimetableError) {
        for property in component.all("X-LIC-ERROR") {
            let text = property.value
            let name = ICSReader.needed.first { text.contains(" \($0) property") }
            let isLine = text.hasPrefix("Got a data line")
            guard name != nil || isLine else { continue }
            throw error(
                name ?? component.name,
                "\(quoted(text)) — the line cannot be read. Mend it or take it out.")
        }
    }

    /// A time as the recurrence of an event in another zone, or of whole days, sees it.
    private func aligned(_ time: ICSTime, to start: ICSTime, _ isAllDay: Bool) -> RecurrenceTime {
        if isAllDay { return .date(time.local.date) }
        if case .local = time.time, time.zone != start.zone {
            return .instant(Instant(seconds: time.second))
        }
        return time.time
    }

    private func time(_ property: ICSProperty) throws(TimetableError) -> ICSTime {
        try time(property.value, property)
    }

    private func time(_ text: String, _ property: ICSProperty) throws(TimetableError) -> ICSTime {
        let time: RecurrenceTime
        do throws(TimetableError) {
            time = try RecurrenceTime.parse(text)
        } catch {
            throw TimetableError(
                .invalidCalendar, error.message, field: property.name, column: error.column)
        }
        switch time {
        case .date, .instant: return ICSTime(time: time, zone: .utc)
        case .local:
            guard let name = property.parameters["TZID"] else {
                if let floatingError { throw floatingError }
                return ICSTime(time: time, zone: floating)
            }
            return ICSTime(time: time, zone: try zones.zone(name, field: "TZID"))
        }
    }

    /// The start and the length of an RDATE, which may be a period (RFC 5545, 3.3.9).
    private func period(
        _ property: ICSProperty
    ) throws(TimetableError) -> (ICSTime, Int64?) {
        let parts = property.value.split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let start = try time(String(parts[0]), property)
        guard parts.count == 2 else { return (start, nil) }
        let text = String(parts[1])
        if text.contains("P") {
            let length = try ICSDuration.parse(text, field: property.name)
            return (start, length.days * 86_400 + length.seconds)
        }
        let length = try time(text, property).second - start.second
        guard length >= 0 else {
            throw error(property.name, "the period ends before it begins. Check both times.")
        }
        return (start, length)
    }

    private func length(
        _ component: ICSComponent, start: ICSTime
    ) throws(TimetableError) -> (days: Int, seconds: Int64) {
        if let property = component.first("DTEND") {
            let end = try time(property)
            let isBefore =
                start.isDate ? end.local.date < start.local.date : end.second < start.second
            guard !isBefore else {
                throw error("DTEND", "it ends before it begins. Check DTSTART and DTEND.")
            }
            if !start.isDate { return (0, end.second - start.second) }
            let days = end.local.date.daysSinceEpoch - start.local.date.daysSinceEpoch
            // DTEND is the day after; one that equals the start is a usual mistake for one day,
            // and one with a time covers the day that it ends in.
            let isWithin = end.local.time > .midnight
            return (max(days + (isWithin ? 1 : 0), 1), 0)
        }
        if let property = component.first("DURATION") {
            let length = try ICSDuration.parse(property.value, field: "DURATION")
            guard length.days >= 0, length.seconds >= 0 else {
                throw error("DURATION", "it is negative. Write a length such as P1D.")
            }
            if !start.isDate { return (Int(length.days), length.seconds) }
            return (max(Int(length.days + (length.seconds + 86_399) / 86_400), 1), 0)
        }
        return (start.isDate ? 1 : 0, 0)
    }
}

/// Durations of RFC 5545, section 3.3.6.
enum ICSDuration {
    /// Reads `P2D`, `P1W`, `PT24H`, `-P1DT2H` and the like.
    static func parse(
        _ text: String, field: String
    ) throws(TimetableError) -> (days: Int64, seconds: Int64) {
        var days: Int64 = 0
        var seconds: Int64 = 0
        var number: Int64?
        var isTime = false
        var isRead = false
        var sign: Int64 = 1
        var hasLead = false
        for byte in text.utf8.prefix(64) {
            switch byte {
            case UInt8(ascii: "-") where !hasLead: sign = -1
            case UInt8(ascii: "+") where !hasLead: sign = 1
            case UInt8(ascii: "P") where !hasLead: hasLead = true
            case UInt8(ascii: "T") where hasLead && !isTime && number == nil: isTime = true
            case 0x30...0x39 where hasLead:
                number = min((number ?? 0) * 10 + Int64(byte - 0x30), 100_000_000)
            default:
                let units: [UInt8: (Int64, Int64)] =
                    isTime
                    ? [
                        UInt8(ascii: "H"): (0, 3600), UInt8(ascii: "M"): (0, 60),
                        UInt8(ascii: "S"): (0, 1),
                    ] : [UInt8(ascii: "W"): (7, 0), UInt8(ascii: "D"): (1, 0)]
                guard let value = number, let unit = units[byte] else {
                    throw wrong(text, field)
                }
                days += value * unit.0
                seconds += value * unit.1
                number = nil
                isRead = true
            }
        }
        guard isRead, number == nil, text.utf8.count <= 64 else { throw wrong(text, field) }
        return (sign * days, sign * seconds)
    }

    private static func wrong(_ text: String, _ field: String) -> TimetableError {
        TimetableError(
            .invalidCalendar,
            "\(quoted(text)) is no duration. Write one such as P1D, P2W or PT90M.", field: field,
            column: 1)
    }
}
