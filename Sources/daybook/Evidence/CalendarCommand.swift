import ArgumentParser
import Events
import Foundation
import Timetable

/// `daybook calendar`: the holidays of a calendar file.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Show the holidays of a calendar file.",
        discussion: """
            Of an iCalendar file, the days that all-day events cover, series expanded; events with \
            times are no holidays. Of a configuration's calendar (.json, .yaml), what it comes to, \
            with the calendars beside it that it is made of.

            EXAMPLE
              daybook calendar holidays.ics --from 2026-01-01 --through 2026-12-31
            """)

    @Argument(help: "The file: as it was exported (.ics), or as the configuration has it.")
    var file: String

    @Option(help: "The first day, such as 2026-01-01.")
    var from: String

    @Option(help: "The last day, such as 2026-12-31.")
    var through: String

    @Option(
        name: .customLong("tz"),
        help: "The zone of times that name none, in an iCalendar file. (default: UTC)")
    var zone: String?

    @OptionGroup var json: JSONOption

    func run() async throws {
        let first = try date(from, "--from")
        let last = try date(through, "--through")
        guard first <= last else {
            throw CommandFailure.misuse(
                "--through \(last) is before --from \(first). Turn them round.")
        }
        let days = try holidays(from: first, through: last)
        var output = Output()
        if json.isWanted {
            var text = JSONText()
            let dates = days.keys.sorted().map { "\"\($0)\"" }.joined(separator: ",")
            text.member("holidays", json: "[" + dates + "]")
            try output.json(text.object)
        } else {
            var table = Table()
            for (day, name) in days.sorted(by: { $0.key < $1.key }) {
                table.add(day.description, String(day.weekday.name.prefix(3)), name)
            }
            try output.table(table)
            try output.line("-- \(Words.count(days.count, "day")) from \(first) through \(last)")
        }
        try output.finish()
    }

    private func holidays(
        from: CivilDate, through: CivilDate
    ) throws -> [CivilDate: String] {
        let zones = try ZoneCatalog()
        if CalendarFile.isConfiguration(file) {
            guard zone == nil else {
                throw CommandFailure.misuse("--tz goes with an iCalendar file. Leave it out.")
            }
            return try CalendarFile.configured(file, zones).holidays.filter {
                $0.key >= from && $0.key <= through
            }
        }
        let floating: Zone
        do throws(TimetableError) { floating = try zones.zone(zone ?? "UTC") } catch {
            throw CommandFailure.misuse("--tz: \(error.message)")
        }
        let calendar = try CalendarFile.parsed(file, zones, floating: floating)
        do throws(TimetableError) {
            return try calendar.holidays(from: from, through: through)
        } catch {
            throw CommandFailure.no("\(file): \(error)")
        }
    }

    private func date(_ text: String, _ option: String) throws(CommandFailure) -> CivilDate {
        do throws(TimetableError) {
            return try CivilDate(parsing: text)
        } catch {
            throw .misuse("\(option): \(error.message)", detail: Caret.lines(text, error.column))
        }
    }
}
