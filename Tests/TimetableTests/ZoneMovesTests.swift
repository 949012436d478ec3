import Testing
import Timetable

@Suite struct ZoneMovesTests {
    /// A zone of version 2 bytes with a footer alone.
    private func zone(_ footer: String) throws -> Zone {
        func header(_ version: UInt8, types: UInt8, characters: UInt8) -> [UInt8] {
            Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15 + 12)
                + [0, 0, 0, 0, 0, 0, 0, types, 0, 0, 0, characters]
        }
        let type: [UInt8] = [0, 0, 0, 0, 0, 0]
        let text = Array("UTC\0".utf8)
        let bytes =
            header(UInt8(ascii: "2"), types: 1, characters: 4) + type + text
            + header(UInt8(ascii: "2"), types: 1, characters: 4) + type + text
            + Array("\n\(footer)\n".utf8)
        return try Zone(name: "Test/Zone", tzif: bytes)
    }

    private let european = "CET-1CEST,M3.5.0,M10.5.0/3"

    private func moved(
        _ text: String, _ old: Zone, _ new: Zone, year: Int
    ) throws -> [MovedOccurrence] {
        Trigger.cron(try CronExpression(parsing: text)).movedOccurrences(
            from: old, to: new, after: try Instant(parsing: "\(year)-01-01T00:00:00Z"),
            through: try Instant(parsing: "\(year + 1)-01-01T00:00:00Z"), limit: 100_000)
    }

    @Test("Data that do not differ move nothing, and neither do instants and intervals")
    func nothing() throws {
        let old = try zone(european)
        let new = try zone("CET-1")
        #expect(try moved("30 2 * * *", old, old, year: 2026).isEmpty)
        let after = try Instant(parsing: "2026-01-01T00:00:00Z")
        let through = try Instant(parsing: "2027-01-01T00:00:00Z")
        for trigger in [Trigger.every(try Interval(parsing: "1h")), .at(through)] {
            #expect(
                trigger.movedOccurrences(from: old, to: new, after: after, through: through)
                    .isEmpty)
        }
    }

    @Test("Summer time that is given up moves the runs of summer, and no other")
    func summer() throws {
        let old = try zone(european)
        let new = try zone("CET-1")
        let moved = try self.moved("0 9 * * *", old, new, year: 2026)
        #expect(moved.count == 210)
        for entry in moved {
            let (before, now) = (try #require(entry.old), try #require(entry.new))
            #expect(now.seconds - before.seconds == 3600)
            #expect(entry.local.time.hour == 9)
        }
        #expect(moved.first?.local.description == "2026-03-29T09:00:00")
        #expect(moved.last?.local.description == "2026-10-24T09:00:00")
    }

    @Test("A change a week later moves one week, and the run at the end of the gap with it")
    func week() throws {
        let old = try zone(european)
        let new = try zone("CET-1CEST,M4.1.0,M10.5.0/3")
        let moved = try self.moved("30 2 * * *", old, new, year: 2026)
        // 29 March at 03:00 is now 02:30; until 4 April an hour later; 5 April at 03:00.
        let texts = moved.map {
            "\($0.local) \($0.old.map(String.init(describing:)) ?? "-") "
                + "\($0.new.map(String.init(describing:)) ?? "-")"
        }
        #expect(texts.first == "2026-03-29T03:00:00 2026-03-29T01:00:00Z -")
        #expect(texts.contains("2026-03-29T02:30:00 - 2026-03-29T01:30:00Z"))
        #expect(texts.contains("2026-04-01T02:30:00 2026-04-01T00:30:00Z 2026-04-01T01:30:00Z"))
        #expect(texts.contains("2026-04-05T03:00:00 - 2026-04-05T01:00:00Z"))
        #expect(moved.count == 10)
    }

    @Test("The list is what a comparison of all occurrences gives")
    func everything() throws {
        let old = try zone(european)
        for footer in ["CET-1", "EET-2EEST,M3.5.0/3,M10.5.0/4", "CET-1CEST,M3.4.0,M11.1.0/3"] {
            let new = try zone(footer)
            for text in ["*/30 * * * *", "15 0,2,23 * * *", "0 3 * * SUN"] {
                let trigger = Trigger.cron(try CronExpression(parsing: text))
                func all(_ zone: Zone) throws -> Set<[String]> {
                    let end = try Instant(parsing: "2027-01-01T00:00:00Z")
                    let start = try Instant(parsing: "2026-01-01T00:00:00Z")
                    let found = trigger.occurrences(after: start, in: zone)
                        .prefix { $0.instant <= end }
                    return Set(found.map { [$0.local.description, "\($0.fold)", $0.utcText] })
                }
                let (before, now) = (try all(old), try all(new))
                let moved = try self.moved(text, old, new, year: 2026)
                func halves(_ half: KeyPath<MovedOccurrence, Instant?>) -> Set<[String]> {
                    Set(
                        moved.compactMap { entry in
                            entry[keyPath: half].map {
                                [entry.local.description, "\(entry.fold)", "\($0)"]
                            }
                        })
                }
                #expect(halves(\.old) == before.subtracting(now), "\(footer) \(text)")
                #expect(halves(\.new) == now.subtracting(before), "\(footer) \(text)")
            }
        }
    }
}
