import Engine
import Events
import Timetable

/// Forecasts for people.
struct ForecastText {
    let zones: ZoneCatalog
    /// Whether every run has its own line.
    let listsAll: Bool

    /// A job's runs of one date that are no more than on time share a line where they are more
    /// than this.
    static let runsListedMax = 12

    /// One line of a table of runs.
    struct Line {
        let row: ForecastRow
        /// What stands for the reason.
        let why: String
        /// Whether it stands for several runs.
        let isShared: Bool
    }

    /// A job and a date.
    private struct Day: Hashable {
        let jobId: String
        let date: Substring

        init(_ row: ForecastRow) {
            jobId = row.jobId
            date = row.scheduledLocal.prefix(10)
        }
    }

    /// The lines of runs, in their order.
    func lines(_ rows: [ForecastRow]) -> [Line] {
        var plain: [Day: (count: Int, last: String)] = [:]
        if !listsAll {
            for row in rows where Self.isPlain(row) {
                let count = plain[Day(row)]?.count ?? 0
                plain[Day(row)] = (count + 1, row.scheduledLocal)
            }
        }
        var told: Set<Day> = []
        return rows.compactMap { row in
            guard Self.isPlain(row), let day = plain[Day(row)], day.count > Self.runsListedMax
            else { return Line(row: row, why: row.reason, isShared: false) }
            guard told.insert(Day(row)).inserted else { return nil }
            return Line(
                row: row, why: "it runs \(day.count) times, the last at \(day.last)",
                isShared: true)
        }
    }

    /// Whether a row says nothing but that a run happens on time.
    private static func isPlain(_ row: ForecastRow) -> Bool {
        row.outcome == .runs && row.alerts.isEmpty && row.clockChange == nil
            && row.openRun == nil && row.trigger == "schedule"
    }

    /// A table of runs.
    func table(_ rows: [ForecastRow]) -> Table {
        var table = Table()
        table.add("SCHEDULED", "JOB", "OUTCOME", "STARTS", "ENDS", "ALERTS", "WHY")
        for line in lines(rows) {
            let row = line.row
            table.add(
                row.scheduledLocal, row.jobId, Self.outcome(row),
                line.isShared ? "-" : moment(row.expectedStart, row),
                line.isShared ? "-" : moment(row.expectedEnd, row), Self.alerts(row), line.why)
        }
        return table
    }

    /// What becomes of a row, with how many occurrences it speaks of.
    static func outcome(_ row: ForecastRow) -> String {
        row.outcome.rawValue + (row.occurrences > 1 ? " (\(row.occurrences))" : "")
    }

    private static func alerts(_ row: ForecastRow) -> String {
        row.alerts.isEmpty ? "-" : row.alerts.map(\.rawValue).joined(separator: ",")
    }

    /// A moment on the clock of a row's schedule.
    func moment(_ moment: Int64?, _ row: ForecastRow) -> String {
        guard let moment else { return "-" }
        let zone = (try? zones.zone(row.zone)) ?? .utc
        return zone.string(Instant(microseconds: moment))
    }

    /// What the runs come to, line by line.
    func summary(_ summary: ForecastSummary) -> [String] {
        var lines = [Self.counts(summary)]
        if let busiest = load(summary.load) { lines.append(busiest) }
        for change in summary.clockChanges { lines += Self.clockChange(change) }
        for calendar in summary.calendars {
            lines.append(
                "calendar '\(calendar.name)' says nothing after \(calendar.validThrough): "
                    + Self.names(calendar.jobIds))
        }
        for idle in summary.idle { lines.append("no run of \(idle.jobId): \(idle.reason)") }
        for alert in summary.alerts {
            lines.append(
                "alert at \(UTCText.of(microseconds: alert.time)) (\(alert.kind)): "
                    + alert.message)
        }
        return lines
    }

    private static func counts(_ summary: ForecastSummary) -> String {
        let outcomes = ForecastRow.Outcome.allCases.compactMap { outcome in
            summary.counts[outcome].map { "\($0) \(outcome.rawValue)" }
        }
        let alerts = ForecastRow.Alert.allCases.compactMap { alert in
            summary.alertCounts[alert].map { "\($0) with alert '\(alert.rawValue)'" }
        }
        let total = summary.counts.values.reduce(0, +)
        return Words.count(Int(clamping: total), "occurrence")
            + (total == 0 ? "" : ": " + (outcomes + alerts).joined(separator: ", "))
    }

    private func load(_ load: ForecastLoad) -> String? {
        guard let time = load.concurrencyTime else { return nil }
        let minutes = load.busiest.prefix(3).map {
            "\(UTCText.of(microseconds: $0.start)) (\(Words.count($0.count, "start")))"
        }
        return "at most \(load.concurrencyMax) at once, first at "
            + "\(UTCText.of(microseconds: time)); busiest minutes: "
            + minutes.joined(separator: ", ")
    }

    private static func clockChange(_ change: ForecastClockChange) -> [String] {
        let direction = change.offsetAfter > change.offsetBefore ? "forward" : "back"
        let head =
            "clocks go \(direction) in \(change.zone) at \(change.local), from "
            + "\(Words.offset(change.offsetBefore)) to \(Words.offset(change.offsetAfter)): "
            + "\(Words.count(change.scheduleCount, "schedule")), \(change.touched.count) touched"
        return [head]
            + change.touched.map { schedule in
                let first = schedule.first.map { occurrence in
                    switch occurrence.how {
                    case .gapEnd: "\(occurrence.local) (at the end of the gap)"
                    case .firstPass: "\(occurrence.local) (the first time on the clock)"
                    case .secondPass: "\(occurrence.local) (the second time on the clock)"
                    }
                }
                let rest = schedule.count - schedule.first.count
                return "  \(schedule.jobId): " + first.joined(separator: ", ")
                    + (rest > 0 ? " and \(rest) more" : "")
            }
    }

    private static func names(_ jobIds: [String]) -> String {
        let rest = jobIds.count - 10
        return jobIds.prefix(10).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
