/// An iCalendar file (RFC 5545): its events, expanded by our own recurrences and zones.
///
/// libical reads lines, properties and values. To-dos, journals and alarms are left out.
public struct ICSCalendar: Sendable {
    /// The calendar's own name (`X-WR-CALNAME`), where it has one.
    public let name: String?
    /// The zone of times that name none (`X-WR-TIMEZONE`, else the one that was given).
    public let zone: Zone

    let series: [ICSSeries]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the file, UTF-8 with or without a byte order mark, at most 8 MB.
    ///   - zones: where TZIDs are looked up. One that is unknown there is read from the file's own
    ///     `VTIMEZONE`: its `X-LIC-LOCATION`, the end of its path, or its rules.
    ///   - floating: the zone of times that name none, where the file names none either.
    ///
    /// Throws `invalidCalendar` or `unknownZone` with the property as field, and the event.
    public static func parse(
        _ bytes: [UInt8], zones: ZoneCatalog, floating: Zone = .utc
    ) throws(TimetableError) -> ICSCalendar {
        guard let root = ICSLibrary.parse(try ICSText.prepare(bytes)) else {
            throw TimetableError(
                .invalidCalendar,
                "this is no iCalendar file: it holds no component. Export the calendar again.",
                field: "VCALENDAR", column: 1)
        }
        // Several calendars in one file stand below a root of libical's own.
        let calendars = root.name == "VCALENDAR" ? [root] : root.components
        let reader = ICSReader(calendars: calendars, zones: zones, floating: floating)
        return ICSCalendar(
            name: calendars.lazy.compactMap { $0.first("X-WR-CALNAME")?.value }.first,
            zone: reader.floating, series: try reader.series())
    }

    /// The events that touch any of the days from one to another, both included, by start.
    ///
    /// Days are those of the calendar's zone; all-day events have no zone. Throws
    /// `invalidCalendar` where one series has more than 100,000 events there.
    public func events(
        from: CivilDate, through: CivilDate
    ) throws(TimetableError) -> [ICSEvent] {
        var events: [ICSEvent] = []
        for series in series {
            events += try series.events(from: from, through: through, in: zone)
        }
        return events.sorted {
            ($0.start, $0.end, $0.uid, $0.summary) < ($1.start, $1.end, $1.uid, $1.summary)
        }
    }

    /// The days that all-day events cover, each with the events' names.
    ///
    /// Free or busy (`TRANSP`) makes no difference: calendars of holidays are published as free.
    /// Events with times are no holidays, but for those that Exchange marks as all-day.
    public func holidays(
        from: CivilDate, through: CivilDate
    ) throws(TimetableError) -> [CivilDate: String] {
        var names: [CivilDate: [String]] = [:]
        for event in try events(from: from, through: through) where event.isAllDay {
            var day = max(event.startDate, from)
            while day <= through, day < event.endDate {
                if names[day]?.contains(event.summary) != true {
                    names[day, default: []].append(event.summary)
                }
                day = day.adding(days: 1)
            }
        }
        return names.mapValues { $0.filter { !$0.isEmpty }.joined(separator: ", ") }
    }
}

/// One event of an iCalendar file, of a series or alone.
public struct ICSEvent: Hashable, Sendable {
    /// The identifier that all events of a series share.
    public let uid: String
    /// The name; empty where the file has none.
    public let summary: String
    /// Whether it covers whole days.
    public let isAllDay: Bool
    /// The start; of an all-day event, midnight UTC of its first day.
    public let start: Instant
    /// The first moment after it; of an all-day event, midnight UTC after its last day.
    public let end: Instant
    /// The first day, in the event's own zone.
    public let startDate: CivilDate
    /// The day after the last one of an all-day event; else the day of its end.
    public let endDate: CivilDate
    /// The zone that its times are in; UTC for an all-day event.
    public let zone: Zone
    /// Whether it is marked as free (`TRANSP:TRANSPARENT`).
    public let isTransparent: Bool
}
