import Foundation
import Testing
import Timetable

@Suite struct ZoneTests {
    @Test("Offsets are those that zdump prints, for every change from 1900 to 2110")
    func zdump() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        var names = [
            "America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe",
            "Africa/Casablanca", "Pacific/Apia", "Africa/Monrovia", "America/Nuuk",
            "Pacific/Chatham",
        ]
        let all = try Zones.catalog.get().names
        #expect(all.count > 400)
        for _ in 0..<10 { names.append(try #require(all.randomElement(using: &random))) }
        if ProcessInfo.processInfo.environment["DAYBOOK_ALL_ZONES"] != nil { names = all }
        var count = 0
        for name in names {
            let zone = try Zones.named(name)
            var previous: Instant?
            for line in try ZoneTests.zdumpLines(name) {
                let words = line.split(separator: " ")
                guard let offset = words.last?.split(separator: "=").last.flatMap({ Int($0) }),
                    words.count >= 16, let instant = try ZoneTests.instant(words[1...6])
                else { continue }
                #expect(zone.offsetSeconds(at: instant) == offset, "seed \(seed): \(line)")
                if let previous {
                    // Between two lines nothing changes, except at the second of the line.
                    let change = zone.nextTransition(after: previous)?.instant ?? instant
                    #expect(change >= instant, "seed \(seed): \(name) after \(previous)")
                }
                previous = instant
                count += 1
            }
        }
        #expect(count > 3000, "seed \(seed): zdump printed too little")
    }

    private static func zdumpLines(_ name: String) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/zdump")
        process.arguments = ["-v", "-c", "1900,2110", name]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    /// Reads `Sun Mar 31 00:59:59 1974 UT`.
    private static func instant(_ words: ArraySlice<Substring>) throws -> Instant? {
        let words = Array(words)
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard let month = months.firstIndex(of: String(words[1])), let year = Int(words[4]),
            (1900...2110).contains(year), let day = Int(words[2])
        else { return nil }
        let date = try #require(CivilDate(year: year, month: month + 1, day: day))
        return try Instant(parsing: "\(date)T\(words[3])Z")
    }

    @Test("A local time is unique, skipped or doubled as a walk over all instants says")
    func resolve() throws {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        for number in 0..<400 {
            let zone = try Zones.named(CronPropertyTests.zones[number % 10])
            let start = Instant(seconds: Int64.random(in: 0...4_000_000_000, using: &random))
            let near = zone.nextTransition(after: start)?.instant ?? start
            let middle = Int(near.seconds / 60)
            let wanted = middle * 60 + Int.random(in: -1200...1200, using: &random) * 60
            let days = Int((Double(wanted) / 86_400).rounded(.down))
            let rest = wanted - days * 86_400
            let time = try #require(CivilTime(hour: rest / 3600, minute: rest / 60 % 60))
            let local = CivilDateTime(date: CivilDate(daysSinceEpoch: days), time: time)
            var found: [Instant] = []
            for minute in (wanted / 60 - 1600)...(wanted / 60 + 1600) {
                let instant = Instant(seconds: Int64(minute * 60))
                if minute * 60 + zone.offsetSeconds(at: instant) == wanted {
                    found.append(instant)
                }
            }
            let context = "seed \(seed): \(local) in \(zone)"
            switch zone.resolve(local) {
            case .unique(let instant): #expect(found == [instant], "\(context)")
            case .overlap(let first, let second): #expect(found == [first, second], "\(context)")
            case .gap(let before, let after, let instant):
                #expect(found.isEmpty && before < after, "\(context)")
                #expect(zone.previousTransition(atOrBefore: instant)?.instant == instant)
                #expect(zone.offsetSeconds(at: instant) == after, "\(context)")
            }
        }
    }

    @Test("Gap and overlap are told apart in Berlin")
    func berlin() throws {
        let zone = try Zones.named("Europe/Berlin")
        func local(_ text: String) throws -> CivilDateTime {
            guard case .local(let local) = try ISO8601.parse(text) else {
                throw TimetableError(.invalidDate, "not local")
            }
            return local
        }
        #expect(
            zone.resolve(try local("2026-03-29T02:30"))
                == .gap(
                    offsetBefore: 3600, offsetAfter: 7200,
                    at: try Instant(parsing: "2026-03-29T01:00:00Z")))
        #expect(
            zone.resolve(try local("2026-10-25T02:30"))
                == .overlap(
                    first: try Instant(parsing: "2026-10-25T00:30:00Z"),
                    second: try Instant(parsing: "2026-10-25T01:30:00Z")))
        #expect(
            zone.resolve(try local("2026-07-01T12:00"))
                == .unique(try Instant(parsing: "2026-07-01T10:00:00Z")))
        let second = Occurrence(at: try Instant(parsing: "2026-10-25T01:30:00Z"), in: zone)
        #expect(second.fold == 1 && second.localText == "2026-10-25T02:30:00+01:00")
        let first = Occurrence(at: try Instant(parsing: "2026-10-25T00:30:00Z"), in: zone)
        #expect(first.fold == 0 && first.localText == "2026-10-25T02:30:00+02:00")
    }

    @Test("The rule of the footer holds in any century, by the calendar's cycle of 400 years")
    func farFuture() throws {
        let zone = try Zones.named("America/New_York")
        for turn in 0..<18 {
            let year = 2400 + turn * 400
            let seconds = Int64(turn) * 146_097 * 86_400
            let base = try Instant(parsing: "2400-01-01T00:00:00Z")
            let summer = try #require(
                zone.nextTransition(after: Instant(seconds: base.seconds + seconds)))
            let text = try #require(CivilDate(year: year, month: 3, day: 12))
            #expect(summer.instant == (try Instant(parsing: "\(text)T07:00:00Z")))
            #expect(summer.offsetBefore == -18_000 && summer.offsetAfter == -14_400)
        }
    }

    @Test("UTC works without zone data, and says so of the rest")
    func withoutData() throws {
        let catalog = try ZoneCatalog(folder: "/nonexistent")
        #expect(catalog.version == "unknown" && catalog.dataHash == 0)
        #expect(try catalog.zone("UTC").offsetSeconds(at: .unixEpoch) == 0)
        let error = failure { () throws(TimetableError) in
            _ = try catalog.zone("Europe/Berlin")
        }
        #expect(error?.code == .unknownZone)
        #expect(error?.message.contains("tzdata") == true)
    }

    @Test("The catalog knows its version and gives one zone for one name")
    func catalog() throws {
        let catalog = try Zones.catalog.get()
        #expect(catalog.version.first?.isNumber == true)
        #expect(catalog.dataHash != 0)
        let zone = try catalog.zone("Europe/Berlin")
        #expect(zone == (try catalog.zone("Europe/Berlin")))
        #expect(zone.dataHash != 0 && catalog.loadedZones.contains(zone))
    }

    @Test(
        "Misspelt names are refused with a near match",
        arguments: [
            ("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"), ("America/NewYork", "America/New_York"),
            ("Asia/Katmandoo", "Asia/Katmandu"),
        ])
    func misspelt(name: String, near: String) throws {
        let catalog = try Zones.catalog.get()
        let error = failure { () throws(TimetableError) in _ = try catalog.zone(name) }
        #expect(error?.code == .unknownZone)
        #expect(error?.message.contains(near) == true, "\(String(describing: error))")
        #expect(error?.field == "zone" && error?.message.contains("'\(name)'") == true)
    }

    @Test(
        "Names that could leave the folder, or mean another thing elsewhere, are refused",
        arguments: [
            "../zoneinfo/UTC", "/etc/passwd", "Europe/../UTC", "", "Europe//Berlin", "./UTC",
            "Europe/Berlin/", "localtime", "posixrules", "a\u{0}b", "-rf", "Europe/Bérlin",
            String(repeating: "a", count: 101),
        ])
    func tricks(name: String) throws {
        let catalog = try Zones.catalog.get()
        let error = failure { () throws(TimetableError) in _ = try catalog.zone(name) }
        #expect(error?.code == .invalidZoneName, "\(name)")
    }

    @Test(
        "Files and folders that are no zones are unknown zones",
        arguments: ["Europe", "zone1970", "leapseconds"])
    func noZones(name: String) throws {
        let catalog = try Zones.catalog.get()
        let error = failure { () throws(TimetableError) in _ = try catalog.zone(name) }
        #expect(error?.code == .unknownZone)
    }
}
