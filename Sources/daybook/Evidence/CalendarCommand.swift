import ArgumentParser
import Events
import Foundation
import Timetable

/// `daybook calendar`: the holidays of a calendar file.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Show the holidays of an iCalendar file.",
        discussion: """
            The days that all-day events cover, series expanded. Events with times are no holidays.

            EXAMPLE
              daybook calendar holidays.ics --from 2026-01-01 --through 2026-12-31
            """)

    /// Larger files are no calendars of holidays.
    private static let byteCountMax = 8 << 20

    @Argument(help: "The file, as it was exported (.ics).")
    var file: String

    @Option(help: "The first day, such as 2026-01-01.")
    var from: String

    @Option(help: "The last day, such as 2026-12-31.")
    var through: String

    @Option(
        name: .customLong("tz"), help: "The zone of times that name none. (default: UTC)")
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
        let bytes = try read()
        let zones = try ZoneCatalog()
        let floating: Zone
        do throws(TimetableError) { floating = try zones.zone(zone ?? "UTC") } catch {
            throw CommandFailure.misuse("--tz: \(error.message)")
        }
        do throws(TimetableError) {
            let calendar = try ICSCalendar.parse(bytes, zones: zones, floating: floating)
            return try calendar.holidays(from: from, through: through)
        } catch {
            throw CommandFailure.no("\(file): \(error)")
        }
    }

    private func read() throws(CommandFailure) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw .misuse("'\(file)' cannot be opened. Give a calendar file that you may read.")
        }
        do {
            // One byte more than is allowed, so that the parser can say that there are too many.
            let data = try handle.read(upToCount: Self.byteCountMax + 1) ?? Data()
            try handle.close()
            return Array(data)
        } catch {
            throw .no("'\(file)' cannot be read: \(error.localizedDescription). Check the file.")
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
