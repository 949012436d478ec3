import Foundation
import Testing
import Timetable

@Suite struct TZifTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: "\(ZoneCatalog.systemFolder)/\(name)")))
    }

    /// Reads the bytes, and where they read, asks the zone everything.
    private func exercise(_ bytes: [UInt8]) throws {
        let zone: Zone
        do {
            zone = try Zone(name: "Test/Zone", tzif: bytes)
        } catch {
            #expect(error.code == .invalidZoneData)
            return
        }
        let cron = try CronExpression(parsing: "30 2 * * *")
        for seconds in [Int64.min, -2_000_000_000, 0, 1_774_000_000, 20_000_000_000, .max] {
            let instant = Instant(seconds: seconds)
            let local = zone.local(at: instant)
            _ = zone.resolve(local)
            _ = zone.nextTransition(after: instant)
            _ = zone.previousTransition(atOrBefore: instant)
            if let next = cron.next(after: instant, in: zone) { #expect(next.instant > instant) }
        }
    }

    @Test("Every truncation of a zone file is refused")
    func truncation() throws {
        for name in ["Europe/Berlin", "Asia/Kathmandu"] {
            let whole = try bytes(name)
            for count in whole.indices {
                let error = failure { () throws(TimetableError) in
                    _ = try Zone(name: name, tzif: Array(whole[..<count]))
                }
                #expect(error?.code == .invalidZoneData, "\(name) cut at \(count)")
            }
        }
    }

    @Test("No flipped bit of a small zone file traps or hangs")
    func everyBit() throws {
        let whole = try bytes("Asia/Kathmandu")
        for index in whole.indices {
            for bit in 0..<8 {
                var broken = whole
                broken[index] ^= 1 << UInt8(bit)
                try exercise(broken)
            }
        }
    }

    @Test("No changed byte of a zone file with a rule traps or hangs")
    func everyByte() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        let whole = try bytes("Europe/Berlin")
        for index in whole.indices {
            var broken = whole
            broken[index] = UInt8.random(in: 0...255, using: &random)
            try exercise(broken)
        }
        let footer = whole.count - 30
        for index in footer..<whole.count {
            for value in UInt8.min...UInt8.max where value % 5 == 0 {
                var broken = whole
                broken[index] = value
                try exercise(broken)
            }
        }
    }

    /// A version 2 file without explicit changes, with this footer.
    private func file(footer: String) -> [UInt8] {
        func block(_ version: UInt8) -> [UInt8] {
            var header = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, 0, 0, 1, 4] as [UInt8] { header += [0, 0, 0, count] }
            return header + [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
        }
        let version = UInt8(ascii: "3")
        return block(version) + block(version) + Array("\n\(footer)\n".utf8)
    }

    @Test("Footers are read as POSIX and RFC 8536 say")
    func footers() throws {
        func offset(_ footer: String, _ instant: String) throws -> Int {
            try Zone(name: "Test/Zone", tzif: file(footer: footer))
                .offsetSeconds(at: Instant(parsing: instant))
        }
        #expect(try offset("EST5", "2026-07-01T00:00:00Z") == -18_000)
        #expect(try offset("<+0330>-3:30", "2026-07-01T00:00:00Z") == 12_600)
        let york = "EST5EDT,M3.2.0,M11.1.0"
        #expect(try offset(york, "2026-03-08T06:59:59Z") == -18_000)
        #expect(try offset(york, "2026-03-08T07:00:00Z") == -14_400)
        #expect(try offset(york, "2026-11-01T06:00:00Z") == -18_000)
        // Negative daylight time, as in Ireland's footer.
        let dublin = "IST-1GMT0,M10.5.0,M3.5.0/1"
        #expect(try offset(dublin, "2026-07-01T00:00:00Z") == 3600)
        #expect(try offset(dublin, "2026-12-01T00:00:00Z") == 0)
        // Daylight time all year, the example of RFC 8536, section 3.3.1.
        let always = "XXX3EDT4,0/0,J365/23"
        #expect(try offset(always, "2026-01-01T02:59:59Z") == -14_400)
        #expect(try offset(always, "2026-07-01T00:00:00Z") == -14_400)
        // Times beyond a day, and days counted in both ways.
        let nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"
        #expect(try offset(nuuk, "2026-03-29T00:59:59Z") == -7200)
        #expect(try offset(nuuk, "2026-03-29T01:00:00Z") == -3600)
        #expect(try offset("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z") == 3600)
        #expect(try offset("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z") == 0)
        #expect(try offset("AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z") == 3600)
    }

    @Test(
        "Footers that break the grammar are refused",
        arguments: [
            "EST", "5", "E5", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
            "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J365",
            "EST5EDT,0,366", "EST25", "EST5EDT,M3.2.0/168,M11.1.0", "<EST5", "<>5",
            "EST5EDT,M3.2.0,M11.1.0 ",
        ])
    func badFooters(footer: String) {
        let error = failure { () throws(TimetableError) in
            _ = try Zone(name: "Test/Zone", tzif: file(footer: footer))
        }
        #expect(error?.code == .invalidZoneData)
    }

    @Test("Zones that count leap seconds are refused by that reason")
    func leapSeconds() {
        // Version 1: a header with one leap second, one type, four characters; then these.
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        for count in [0, 0, 1, 0, 1, 4] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8) + [4, 0xB2, 0x58, 0, 0, 0, 0, 1]
        let error = failure { () throws(TimetableError) in
            _ = try Zone(name: "right/UTC", tzif: bytes)
        }
        #expect(error?.code == .invalidZoneData)
        #expect(error?.message.contains("leap seconds") == true)
    }
}
