import Events
import Projections
import Timetable

/// The zone data that decisions follow: recorded, so that a new release can be compared with what
/// it replaces, and a decision of years ago can still be explained.
extension EngineCore {
    /// How far ahead moved occurrences are looked for, µs: a year.
    private static let movedAhead: Int64 = 366 * 86_400_000_000
    /// As many of them stand in the event, where they fit; the rest are counted.
    private static let movedListed = 200
    /// A record holds no more of them than this.
    private static let movedByteCountMax = 40_000
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
        if !names.isEmpty { try listMoved(names, in: &event) }
        let sequence = try emit(event, cause: cause)
        for (_, zone) in changed { try record(zone.name, cause: sequence) }
    }

    /// Counts the occurrences of the coming year that are at another moment now, and lists the
    /// first of them.
    ///
    /// - Complexity: O(schedules in zones that changed, and their occurrences where the data
    ///   differ); memory for a few thousand.
    private mutating func listMoved(
        _ changed: [String: (old: Zone, new: Zone)], in event: inout ZoneDataChanged
    ) throws {
        var moved: [OccurrenceMoved] = []
        for known in state.schedules.sorted() where !known.isRemoved {
            guard let schedule = try current(known.key), schedule.definition.isEnabled,
                let (old, new) = changed[schedule.definition.zone]
            else { continue }
            for trigger in schedule.triggers.triggers {
                let found = trigger.movedOccurrences(
                    from: old, to: new, after: Instant(microseconds: now),
                    through: Instant(microseconds: now + Self.movedAhead), limit: 1_000)
                event.movedCount += UInt64(found.count)
                for one in found {
                    var occurrence = OccurrenceMoved()
                    occurrence.jobId = known.jobId
                    occurrence.tenant = known.tenant
                    occurrence.local = "\(one.local)"
                    occurrence.before = one.old?.microseconds ?? 0
                    occurrence.after = one.new?.microseconds ?? 0
                    moved.append(occurrence)
                }
            }
            if moved.count > 10 * Self.movedListed { moved = Self.first(of: moved) }
        }
        var byteCount = 0
        event.moved = Self.first(of: moved).filter {
            byteCount += $0.encoded().count + 4
            return byteCount <= Self.movedByteCountMax
        }
    }

    /// The first by time, as many as are listed.
    private static func first(of moved: [OccurrenceMoved]) -> [OccurrenceMoved] {
        let sorted = moved.sorted { max($0.before, $0.after) < max($1.before, $1.after) }
        return Array(sorted.prefix(movedListed))
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
