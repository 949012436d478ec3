import Events
import Projections
import Timetable

/// The zone data that decisions follow: recorded, so that a new release can be compared with what
/// it replaces, and a decision of years ago can still be explained.
extension EngineCore {
    /// How far ahead moved occurrences are looked for, µs: a year.
    private static let movedAhead: Int64 = 366 * 86_400_000_000
    /// As many of them stand in the event; the rest are counted.
    private static let movedListed = 200
    /// A record holds no more data of a zone than this: a zone has some 4 KB.
    private static let zoneByteCountMax = 48_000

    /// At a start: says which release of the zone data is another one, which occurrences it moved,
    /// and records the data of the zones that changed.
    ///
    /// - Parameter before: the release that was in use until now; empty for none.
    mutating func compareZones(_ before: String, cause: UInt64) throws {
        var changed: [(old: Zone, new: Zone)] = []
        for known in state.zones.sorted() {
            // A zone that can be read no more is reported with the schedules that use it.
            guard let new = try? zones.zone(known.zone),
                let old = try? Zone(name: known.zone, tzif: known.data),
                old.dataHash != new.dataHash
            else { continue }
            changed.append((old, new))
        }
        guard !before.isEmpty, before != zones.version || !changed.isEmpty else { return }
        var event = ZoneDataChanged()
        event.before = before
        event.after = zones.version
        event.hash = String(zones.dataHash, radix: 16)
        event.zones = changed.map(\.new.name).sorted()
        let names = Dictionary(uniqueKeysWithValues: changed.map { ($0.new.name, $0) })
        var moved: [OccurrenceMoved] = []
        if !names.isEmpty { moved = try movedOccurrences(names) }
        event.movedCount = UInt64(moved.count)
        event.moved = Array(moved.prefix(Self.movedListed))
        let sequence = try emit(event, cause: cause)
        for (_, zone) in changed { try record(zone.name, cause: sequence) }
    }

    /// The occurrences of the coming year that are at another moment now, by time.
    private mutating func movedOccurrences(
        _ changed: [String: (old: Zone, new: Zone)]
    ) throws -> [OccurrenceMoved] {
        var moved: [OccurrenceMoved] = []
        for known in state.schedules.sorted() where !known.isRemoved {
            guard let schedule = try current(known.key), schedule.definition.isEnabled,
                let (old, new) = changed[schedule.definition.zone]
            else { continue }
            for trigger in schedule.triggers.triggers {
                let found = trigger.movedOccurrences(
                    from: old, to: new, after: Instant(microseconds: now),
                    through: Instant(microseconds: now + Self.movedAhead), limit: 1_000)
                for one in found {
                    var event = OccurrenceMoved()
                    event.jobId = known.jobId
                    event.tenant = known.tenant
                    event.local = "\(one.local)"
                    event.before = one.old?.microseconds ?? 0
                    event.after = one.new?.microseconds ?? 0
                    moved.append(event)
                }
            }
        }
        return moved.sorted { max($0.before, $0.after) < max($1.before, $1.after) }
    }

    /// Records the data of the zones that definitions name, where they are not recorded yet.
    mutating func recordZones(_ names: Set<String>) throws {
        for name in names.sorted() where name != "UTC" && name != "Etc/UTC" {
            if state.zones[name] == nil { try record(name, cause: 0) }
        }
    }

    private mutating func record(_ name: String, cause: UInt64) throws {
        let data = try zones.data(name)
        // A larger file is not recorded: what it moves cannot be listed, all else is as it was.
        guard !data.isEmpty, data.count <= Self.zoneByteCountMax else { return }
        var recorded = ZoneRecorded()
        recorded.zone = name
        recorded.release = zones.version
        recorded.data = data
        try emit(recorded, cause: cause)
    }
}
