import DaybookTestSupport
import Foundation
import Testing

@Suite("calendar")
struct CalendarCommandTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/timetable/ics/us-federal-holidays.ics").path

    @Test("the holidays of a file are printed for people and for programs")
    func holidays() async throws {
        let range = ["--from", "2026-01-01", "--through", "2026-02-28"]
        let text = try await Program.run(
            "calendar", Self.file, range[0], range[1], range[2], range[3])
        #expect(text.code == 0)
        #expect(
            text.lines == [
                "2026-01-01  Thu  New Year's Day", "2026-01-19  Mon  Martin Luther King Jr. Day",
                "2026-02-16  Mon  Washington's Birthday",
                "-- 3 days from 2026-01-01 through 2026-02-28",
            ])
        let json = try await Program.run(
            "calendar", Self.file, range[0], range[1], range[2], range[3], "--json")
        #expect(json.code == 0)
        #expect(json.lines == [#"{"holidays":["2026-01-01","2026-01-19","2026-02-16"]}"#])
    }

    @Test("a file that is none, and wrong use, are told apart")
    func refused() async throws {
        try await TemporaryFolder.with { folder in
            try "BEGIN:VCALENDAR\n".write(toFile: "\(folder)/cut.ics")
            let days = ["--from", "2026-01-01", "--through", "2026-02-28"]
            expectNo(
                try await Program.run(
                    "calendar", "\(folder)/cut.ics", days[0], days[1], days[2], days[3]),
                "END:VCALENDAR")
            expectMisuse(
                try await Program.run(
                    "calendar", "\(folder)/none.ics", days[0], days[1], days[2], days[3]),
                "none.ics")
            expectMisuse(
                try await Program.run(
                    "calendar", Self.file, "--from", "2026-13-01", "--through", "2026-12-31"),
                "--from")
            expectMisuse(
                try await Program.run(
                    "calendar", Self.file, "--from", "2026-02-01", "--through", "2026-01-31"),
                "before")
        }
    }
}
