import Foundation
import Testing
import Timetable

/// Cron expressions, templates, and the files of other schedulers, changed at random.
///
/// By itself a fixed number of cases, the same each time. `DAYBOOK_FUZZ_SECONDS` makes each fuzzer
/// go on for so long; `DAYBOOK_FUZZ_SEED` begins elsewhere.
@Suite struct FuzzTextTests {
    /// One to four changes of a good text, which follow from the seed.
    private func changed(
        _ texts: [String], _ traps: [String], _ random: inout SeededGenerator
    ) -> String {
        var bytes = Array((texts.randomElement(using: &random) ?? "").utf8)
        for _ in 0...Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3 where place < bytes.count && (0x30...0x39).contains(bytes[place]):
                bytes[place] = UInt8.random(in: 0x30...0x39, using: &random)
            default:
                bytes.insert(
                    contentsOf: Array((traps.randomElement(using: &random) ?? "").utf8), at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func isPlaced(_ error: TimetableError, in text: String) -> Bool {
        error.field != nil && (1...text.unicodeScalars.count + 1).contains(error.column ?? 0)
    }

    @Test("The parser of cron expressions withstands what is forged, and its searches rise")
    func cron() throws {
        let texts = [
            "30 2 * * 1-5", "*/15 9-17 * JAN-MAR MON#2", "0 0 LW,15W,L * 5L", "@daily",
            "0/10 * 29 2 7", "1,2,3-9/2 */4 1-31 1-12 0-7", "*/10 30 2 * * *",
        ]
        let traps = ["*", ",", "-", "/", "#", "L", "W", " ", "ä", "99999999999999999999", "MON"]
        let zone = try Zones.named("Europe/Berlin")
        try fuzz("cron", cases: 20_000) { seed in
            var random = SeededGenerator(seed: seed)
            let text = changed(texts, traps, &random)
            let hasSeconds = Bool.random(using: &random)
            var expression: CronExpression?
            let error = failure { () throws(TimetableError) in
                expression = try CronExpression(
                    parsing: text, hasSeconds: hasSeconds,
                    onGap: GapRule.allCases.randomElement(using: &random))
            }
            if let error { #expect(isPlaced(error, in: text), "seed \(seed): \(text): \(error)") }
            guard let expression else { return false }
            var last = Instant(seconds: Int64.random(in: 0..<4_102_444_800, using: &random))
            for next in Trigger.cron(expression).occurrences(after: last, in: zone).prefix(5) {
                #expect(next.instant > last, "seed \(seed): \(text)")
                last = next.instant
            }
            #expect(!expression.explained.isEmpty)
            return true
        }
    }

    @Test("The parser of templates withstands what is forged")
    func templates() throws {
        let texts = [
            "${scheduledDate + 1 business day}", "a ${next tuesday} b $${ c",
            "${month end - 3 days:yyyy-MM-dd}", "${scheduledDateTime:HH'h'mm XXX}",
            "${previous quarter start}/${environment}", "${scheduledDate:EEEE d MMMM 'o''clock'}",
        ]
        let traps = [
            "${", "}", "$", "'", ":", "+", "-", " ", "9999", "business", "ä", "yyyy", "week end",
        ]
        let values = Template.Values(
            scheduled: Occurrence(at: .unixEpoch, in: .utc), environment: "x",
            calendar: BusinessCalendar(
                name: "c", holidays: [CivilDate: String](), validThrough: nil))
        try fuzz("templates", cases: 20_000) { seed in
            var random = SeededGenerator(seed: seed)
            let text = changed(texts, traps, &random)
            var template: Template?
            let error = failure { () throws(TimetableError) in
                template = try Template.parse(text, allowsArithmetic: true)
            }
            if let error { #expect(isPlaced(error, in: text), "seed \(seed): \(text): \(error)") }
            guard let template else { return false }
            _ = try template.rendered(values)
            return true
        }
    }

    @Test("The importers withstand what is forged, and what they make can be read")
    func importers() throws {
        let crontabs = [
            "CRON_TZ=Europe/Berlin\n30 2 * * 1-5 /bin/a \\%x%in\n@daily b\n",
            "A = 'b'\n* * * * * c",
        ]
        let timers = [
            "[Timer]\nOnCalendar=Mon..Fri *-*-1..7/2 02:30:00 UTC\nPersistent=true\n",
            "[Timer]\nOnCalendar=2027..2029-02~3 *:0/5\nOnUnitActiveSec=1h 5min\n",
            "[Timer]\nOnUnitInactiveSec=3d\nRandomizedDelaySec=5m\nOnCalendar=daily\n",
        ]
        let quartz = ["0 0/5 14 ? * MON-FRI", "0 15 10 L-3 * ?\n*/7 * * LW * ?", "0 0 1 ? * 6#3 *"]
        let traps = [
            "\n", "\\", "%", "=", "[", "]", "~", "..", "/", "?", "#", "L-", " ", "ä", "\r\n",
            "99999999999999999999",
        ]
        try fuzz("importers", cases: 20_000) { seed in
            var random = SeededGenerator(seed: seed)
            let text: String
            let result: Imported
            switch seed % 4 {
            case 0:
                text = changed(crontabs, traps, &random)
                result = CrontabImporter.read(text, form: .user)
            case 1:
                text = changed(crontabs, traps, &random)
                result = CrontabImporter.read(text, form: .system)
            case 2:
                text = changed(timers, traps, &random)
                result = SystemdImporter.read(text, name: "x")
            default:
                text = changed(quartz, traps, &random)
                result = QuartzImporter.read(text)
            }
            for note in result.errors + result.differences {
                #expect(note.line >= 1 && note.column >= 1, "seed \(seed): \(text)")
            }
            for schedule in result.schedules {
                let trigger = try schedule.parsedTrigger()
                let next = trigger.next(after: .unixEpoch, in: .utc)
                #expect(next.map { $0.instant > .unixEpoch } ?? true, "seed \(seed): \(text)")
            }
            let json = try JSONSerialization.jsonObject(with: Data(result.json.utf8))
            #expect(json is [String: Any], "seed \(seed): \(text)")
            return !result.schedules.isEmpty
        }
    }
}
