/// The zones that a calendar file names: ours by that name, else by what the file says of it.
struct ICSZones: Sendable {
    private let catalog: ZoneCatalog
    private let definitions: [String: ICSComponent]

    /// The last year for which a file's own rules are worked out.
    private static let yearMax = 2400
    private static let changeCountMax = 20_000

    init(definitions: [ICSComponent], catalog: ZoneCatalog) {
        self.catalog = catalog
        var named: [String: ICSComponent] = [:]
        for definition in definitions {
            if let name = definition.first("TZID")?.value, named[name] == nil {
                named[name] = definition
            }
        }
        self.definitions = named
    }

    /// The zone of a TZID.
    ///
    /// In this order: our own of that name; the one that the file's `VTIMEZONE` names as
    /// `X-LIC-LOCATION`; the one that the end of a path names, as in `/vendor/Europe/Berlin`; the
    /// rules of the file's `VTIMEZONE`.
    func zone(_ name: String, field: String) throws(TimetableError) -> Zone {
        let definition = definitions[name]
        var names = [name]
        if let location = definition?.first("X-LIC-LOCATION")?.value { names.append(location) }
        let parts = name.split(separator: "/")
        for count in [3, 2] where parts.count > count {
            names.append(parts.suffix(count).joined(separator: "/"))
        }
        for candidate in names {
            if let zone = try known(candidate) { return zone }
        }
        if let definition { return try zone(name, from: definition) }
        throw TimetableError(
            .unknownZone,
            "there is no zone \(quoted(name)) in the zone data, and the file has no VTIMEZONE of "
                + "that name. Use a name of the IANA database, or add the VTIMEZONE.",
            field: field, column: 1)
    }

    /// Our zone of a name; `nil` where there is none.
    ///
    /// Damaged data are an error all the same.
    private func known(_ name: String) throws(TimetableError) -> Zone? {
        do throws(TimetableError) {
            return try catalog.zone(name)
        } catch {
            if error.code == .unknownZone || error.code == .invalidZoneName { return nil }
            throw error
        }
    }

    /// The zone that a `VTIMEZONE` describes (RFC 5545, 3.6.5): each observance begins at its
    /// DTSTART, RDATEs and RRULEs, local times by the offset before.
    private func zone(
        _ name: String, from definition: ICSComponent
    ) throws(TimetableError) -> Zone {
        var changes: [(start: Int64, before: Int, offset: Int)] = []
        for part in definition.components where ["STANDARD", "DAYLIGHT"].contains(part.name) {
            guard let before = part.first("TZOFFSETFROM").flatMap({ ICSZones.offset($0.value) }),
                let offset = part.first("TZOFFSETTO").flatMap({ ICSZones.offset($0.value) }),
                let startText = part.first("DTSTART")?.value
            else {
                throw error(
                    name,
                    "an observance lacks DTSTART, TZOFFSETFROM or TZOFFSETTO, or an offset "
                        + "is not as in +0100")
            }
            var rules: [RecurrenceRule] = []
            for property in part.all(ICSText.hiddenRule) {
                var rule = try RecurrenceRule(parsing: property.value)
                if case .instant(let until)? = rule.until {
                    rule.until = .instant(Instant(seconds: until.seconds + Int64(before)))
                }
                rules.append(rule)
            }
            var dates: [RecurrenceTime] = []
            for property in part.all("RDATE") {
                dates.append(try RecurrenceTime.parse(property.value))
            }
            let recurrence = Recurrence(
                start: try RecurrenceTime.parse(startText), rules: rules, additional: dates,
                includesStart: true)
            // The wall clock stands in for UTC; the offset makes UTC of it.
            let resolved = recurrence.resolved(in: .utc)
            let end = Int64(CivilDate.daysSinceEpoch(year: ICSZones.yearMax, month: 1, day: 1))
            var second = resolved.start - 1
            while let next = resolved.first(from: second + 1)?.second, next < end * 86_400 {
                guard changes.count < ICSZones.changeCountMax else {
                    throw error(name, "it changes more than \(ICSZones.changeCountMax) times")
                }
                changes.append((next - Int64(before), before, offset))
                second = next
            }
        }
        changes.sort { $0.start < $1.start }
        guard let first = changes.first else { throw error(name, "it has no observance") }
        return Zone(
            name: name, dataHash: 0,
            table: ZoneTable(
                initialOffset: first.before, changes: changes.map { ($0.start, $0.offset) },
                cycleEnd: nil))
    }

    private func error(_ name: String, _ what: String) -> TimetableError {
        TimetableError(
            .invalidCalendar,
            "the VTIMEZONE \(quoted(name)) cannot be used: \(what). Name an IANA zone instead.",
            field: "VTIMEZONE", column: 1)
    }

    /// Reads `+0100` or `-003045`, in seconds.
    private static func offset(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5 || bytes.count == 7, [0x2B, 0x2D].contains(bytes[0]),
            bytes.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var parts: [Int] = []
        for index in stride(from: 1, to: bytes.count, by: 2) {
            parts.append(Int(bytes[index] - 0x30) * 10 + Int(bytes[index + 1] - 0x30))
        }
        let rest = parts.count > 2 ? parts[2] : 0
        let seconds: Int = parts[0] * 3600 + parts[1] * 60 + rest
        guard seconds < 26 * 3600, parts[1] < 60, rest < 60 else { return nil }
        return bytes[0] == 0x2D ? -seconds : seconds
    }
}
