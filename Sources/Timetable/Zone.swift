/// A time zone: the offset from UTC at every instant, from the past into any future.
///
/// Immutable, cheap to copy, and read once from the system's zone data by a `ZoneCatalog`.
/// Equality looks at the name and the hash of the data.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
    /// The IANA name, such as `Europe/Berlin`.
    public let name: String
    /// FNV-1a, 64 bits, over the bytes of the zone's TZif file; 0 for the built-in UTC.
    public let dataHash: UInt64
    let table: ZoneTable

    /// Coordinated Universal Time, which needs no data.
    public static let utc = Zone(
        name: "UTC", dataHash: 0,
        table: ZoneTable(initialOffset: 0, changes: [], cycleEnd: nil))

    init(name: String, dataHash: UInt64, table: ZoneTable) {
        self.name = name
        self.dataHash = dataHash
        self.table = table
    }

    /// Reads a zone from the bytes of a TZif file (RFC 8536).
    public init(name: String, tzif bytes: [UInt8]) throws(TimetableError) {
        let table = try TZif.parse(bytes, name: name)
        self.init(name: name, dataHash: FNV1a.hash(bytes), table: table)
    }

    /// The zone's name.
    public var description: String { name }

    /// Whether two zones have the same name and the same data.
    public static func == (left: Zone, right: Zone) -> Bool {
        left.name == right.name && left.dataHash == right.dataHash
    }

    /// Feeds name and data hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(dataHash)
    }
}

extension Zone {
    /// What a local date-time means in a zone.
    public enum Resolution: Hashable, Sendable {
        /// It happens once.
        case unique(Instant)
        /// It never happens: clocks jump from `offsetBefore` to `offsetAfter` seconds at `at`.
        case gap(offsetBefore: Int, offsetAfter: Int, at: Instant)
        /// It happens twice.
        case overlap(first: Instant, second: Instant)
    }

    /// A change of the offset.
    public struct Transition: Hashable, Sendable {
        /// The first instant with the new offset.
        public let instant: Instant
        /// Seconds ahead of UTC until then.
        public let offsetBefore: Int
        /// Seconds ahead of UTC from then on.
        public let offsetAfter: Int
    }

    /// Seconds that local time is ahead of UTC at an instant.
    public func offsetSeconds(at instant: Instant) -> Int {
        Int(table.segment(table.index(at: instant.seconds))?.offset ?? 0)
    }

    /// What calendar and wall clock show at an instant.
    public func local(at instant: Instant) -> CivilDateTime {
        let seconds = instant.seconds
        let offset = table.segment(table.index(at: seconds))?.offset ?? 0
        return CivilDateTime(
            localSeconds: seconds + offset, microsecond: instant.microsecondOfSecond)
    }

    /// An instant as ISO 8601 in this zone, such as `2026-03-29T03:00:00+02:00`.
    public func string(_ instant: Instant) -> String {
        ISO8601.string(local(at: instant), offsetSeconds: offsetSeconds(at: instant))
    }

    /// The instants that a local date-time names: one, two, or none.
    ///
    /// - Complexity: O(log n), and linear in the changes within two days.
    public func resolve(_ local: CivilDateTime) -> Resolution {
        let wanted = local.localSeconds
        let reach: Int64 = 93_600  // 26 hours, beyond any offset
        var found: [Instant] = []
        var gap: Resolution?
        var index = table.index(at: wanted - reach)
        var offsetBefore = table.segment(index)?.offset ?? 0
        while let segment = table.segment(index), segment.start <= wanted + reach {
            let hasStart = segment.start > ZoneTable.distantPast
            if hasStart, segment.start + offsetBefore <= wanted, wanted < segment.localStart {
                gap = .gap(
                    offsetBefore: Int(offsetBefore), offsetAfter: Int(segment.offset),
                    at: Instant(seconds: segment.start))
            }
            if segment.localStart <= wanted || !hasStart, wanted < segment.localEnd {
                let whole = Instant(seconds: wanted - segment.offset).microseconds
                found.append(Instant(microseconds: whole + Int64(local.time.microsecond)))
            }
            offsetBefore = segment.offset
            index += 1
        }
        guard let first = found.first else {
            // Local time runs from minus to plus infinity, so a time never shown was jumped over.
            return gap ?? .unique(Instant(seconds: wanted - offsetBefore))
        }
        return found.count == 1
            ? .unique(first) : .overlap(first: first, second: found[found.count - 1])
    }

    /// The first change of the offset strictly after an instant; `nil` where none is known.
    public func nextTransition(after instant: Instant) -> Transition? {
        transition(table.index(at: instant.seconds) + 1)
    }

    /// The last change of the offset at or before an instant; `nil` where none is known.
    public func previousTransition(atOrBefore instant: Instant) -> Transition? {
        transition(table.index(at: instant.seconds))
    }

    private func transition(_ index: Int) -> Transition? {
        guard index > 0, let before = table.segment(index - 1), let after = table.segment(index)
        else { return nil }
        return Transition(
            instant: Instant(seconds: after.start), offsetBefore: Int(before.offset),
            offsetAfter: Int(after.offset))
    }
}

/// The 64-bit FNV-1a hash: stable, simple, and not for security
/// (https://www.ietf.org/archive/id/draft-eastlake-fnv-21.html).
enum FNV1a {
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            // Wrapping multiplication is the definition of the hash.
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return hash
    }
}
