import Testing
import Timetable

@Suite struct VectorTests {
    struct Row: Decodable, CustomStringConvertible {
        var expr: String
        var tz: String
        var after: String
        var next: [String]?
        var recommended: [String]?

        var description: String { "\(expr) in \(tz) after \(after)" }
    }

    struct Invalid: Decodable {
        var expr: String
        var why: String
    }

    @Test(
        "Every row of the vectors comes out",
        arguments: [
            ("cron.jsonl", 414), ("cron-dst.jsonl", 215), ("cron-disputed.jsonl", 67),
        ])
    func rows(file: String, count: Int) throws {
        let rows = try Fixture.rows(file, as: Row.self)
        #expect(rows.count == count)
        for row in rows {
            let zone = try Zones.named(row.tz)
            let trigger = Trigger.cron(try CronExpression(parsing: row.expr))
            let expected = try #require(row.recommended ?? row.next)
            let report = NextReport(
                set: TriggerSet([trigger]), zone: zone, after: try Instant(parsing: row.after),
                count: expected.count)
            #expect(report.instants.map(\.utc) == expected, "\(row)")
        }
    }

    @Test("Every row of the vectors is also found from behind")
    func previous() throws {
        for file in ["cron.jsonl", "cron-dst.jsonl", "cron-disputed.jsonl"] {
            for row in try Fixture.rows(file, as: Row.self) {
                let zone = try Zones.named(row.tz)
                let trigger = Trigger.cron(try CronExpression(parsing: row.expr))
                let expected = try #require(row.recommended ?? row.next)
                    .map { try Instant(parsing: $0) }
                for (one, next) in zip(expected, expected.dropFirst()) {
                    let at = trigger.previous(atOrBefore: one, in: zone)
                    #expect(at?.instant == one, "\(row)")
                    let before = Instant(microseconds: next.microseconds - 1)
                    #expect(trigger.previous(atOrBefore: before, in: zone) == at, "\(row)")
                }
                let span = trigger.latest(
                    notAfter: expected[9], after: try Instant(parsing: row.after), in: zone)
                #expect(span.count == 10, "\(row)")
                #expect(span.first?.instant == expected[0] && span.last?.instant == expected[9])
            }
        }
    }

    @Test("Every invalid row is refused with its field and a column")
    func invalid() throws {
        let rows = try Fixture.rows("cron-invalid.jsonl", as: Invalid.self)
        #expect(rows.count == 45)
        for row in rows {
            let error = failure { () throws(TimetableError) in
                _ = try CronExpression(parsing: row.expr)
            }
            #expect(error != nil, "\(row.expr): \(row.why)")
            #expect(error?.field != nil && error?.column != nil, "\(row.expr)")
        }
    }
}
