import Foundation
import Testing
import Timetable

@Suite struct RecurrenceVectorTests {
    struct Row: Decodable, CustomStringConvertible {
        var dtstart: String
        var tz: String
        var rrule: String
        var exdates: [String]?
        var rdates: [String]?
        var next: [String]?
        var recommended: [String]?
        var complete: Bool?

        var description: String { "\(rrule) from \(dtstart) in \(tz)" }

        func recurrence() throws -> Recurrence {
            try Recurrence.parse(
                rule: rrule, start: dtstart, excluded: exdates ?? [], additional: rdates ?? [])
        }
    }

    struct Invalid: Decodable {
        var rrule: String
        var why: String
    }

    static let files = [("rrule.jsonl", 294), ("rrule-disputed.jsonl", 15)]

    @Test("Every row of the vectors comes out, and ends where it says so", arguments: files)
    func rows(file: String, count: Int) throws {
        let rows = try Fixture.rows(file, as: Row.self)
        #expect(rows.count == count)
        for row in rows {
            let zone = try Zones.named(row.tz)
            let recurrence = try row.recurrence()
            let expected = try #require(row.recommended ?? row.next)
            var current = Instant(microseconds: .min)
            for text in expected {
                let next = recurrence.next(after: current, in: zone)
                #expect(next?.localText == text, "\(row)")
                guard let next else { break }
                #expect(next.instant > current, "\(row)")
                current = next.instant
            }
            if row.complete == true {
                #expect(recurrence.next(after: current, in: zone) == nil, "\(row)")
            }
        }
    }

    @Test("Every row of the vectors is also found from behind", arguments: files)
    func previous(file: String, count: Int) throws {
        for row in try Fixture.rows(file, as: Row.self) {
            let zone = try Zones.named(row.tz)
            let recurrence = try row.recurrence()
            let expected = try #require(row.recommended ?? row.next)
                .map { try Instant(parsing: $0) }
            var before: Instant?
            for instant in expected {
                let at = recurrence.previous(atOrBefore: instant, in: zone)
                #expect(at?.instant == instant, "\(row)")
                let last = recurrence.previous(
                    atOrBefore: Instant(microseconds: instant.microseconds - 1), in: zone)
                #expect(last?.instant == before, "\(row)")
                before = instant
            }
        }
    }

    @Test("Every invalid row is refused with its part and a column inside the rule")
    func invalid() throws {
        let rows = try Fixture.rows("rrule-invalid.jsonl", as: Invalid.self)
        #expect(rows.count == 22)
        for row in rows {
            let error = failure { () throws(TimetableError) in
                _ = try RecurrenceRule(parsing: row.rrule)
            }
            #expect(error?.code == .invalidExpression, "\(row.rrule): \(row.why)")
            let field = try #require(error?.field, "\(row.rrule)")
            #expect(row.rrule.contains(field) || field == "RRULE", "\(row.rrule): \(field)")
            #expect((1...row.rrule.count + 1).contains(error?.column ?? 0), "\(row.rrule)")
        }
    }

    @Test("Every file of the vectors is used by a test")
    func everyFile() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
        let used: Set = [
            "cron.jsonl", "cron-dst.jsonl", "cron-disputed.jsonl", "cron-invalid.jsonl",
            "rrule.jsonl", "rrule-disputed.jsonl", "rrule-invalid.jsonl", "ics",
        ]
        #expect(Set(names).isSuperset(of: used))
        #expect(Set(names).filter { $0.hasPrefix("rrule") }.isSubset(of: used))
    }
}
