import Events

/// What became of an allocator's numbers on one day.
public struct ControlDay: WireMessage {
    /// The day: whole days since 1970-01-01, UTC.
    public var day: UInt64 = 0
    /// Numbers that were given out.
    public var issued: UInt64 = 0
    /// Numbers whose file was written.
    public var persisted: UInt64 = 0
    /// Numbers that were not used.
    public var failed: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// A day without numbers.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "day", &day)
        try v.uint(2, "issued", &issued)
        try v.uint(3, "persisted", &persisted)
        try v.uint(4, "failed", &failed)
    }
}

/// For whom an allocator gave numbers out.
public struct ControlUse: WireMessage {
    /// The partner.
    public var partner = ""
    /// The transaction type.
    public var transactionType = ""
    /// How many numbers.
    public var issued: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// No use.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "partner", &partner)
        try v.text(2, "transactionType", &transactionType)
        try v.uint(3, "issued", &issued)
    }
}

/// A generation that is over.
public struct ControlGenerationEnd: WireMessage {
    /// Which one.
    public var generation: UInt64 = 0
    /// Its first number.
    public var first: UInt64 = 0
    /// The last number that was given out in it; one below `first` where there was none.
    public var last: UInt64 = 0
    /// When it ended, µs.
    public var endedAt: Int64 = 0
    public var unknownFields: [UInt8] = []

    /// An empty one.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "generation", &generation)
        try v.uint(2, "first", &first)
        try v.uint(3, "last", &last)
        try v.instant(4, "endedAt", &endedAt)
    }
}

/// An allocator of control numbers: where it stands, and what it gave out.
public struct ControlAllocatorState: ProjectionEntry {
    /// Its number: the sequence of its first event.
    public var allocator: UInt64 = 0
    /// The tenant.
    public var tenant = ""
    /// `ISA/SENDER/RECEIVER`, `GS/SENDER/RECEIVER/GS01` or `ST/PARTNER/TYPE`.
    public var name = ""
    /// The present generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number of that generation.
    public var first: UInt64 = 0
    /// The number that is given out next.
    public var next: UInt64 = 0
    /// When it was created, µs.
    public var createdAt: Int64 = 0
    /// When the present generation began, µs.
    public var generationAt: Int64 = 0
    /// When a number was given out last, µs.
    public var issuedAt: Int64 = 0
    /// Numbers that were given out, in all generations.
    public var issued: UInt64 = 0
    /// Numbers whose file was written.
    public var persisted: UInt64 = 0
    /// Numbers that are given out and have no outcome yet.
    public var open: UInt64 = 0
    /// Numbers that failed, or were explained, and were not written.
    public var missing: UInt64 = 0
    /// The last warning in this generation: 0, 90 or 95 percent.
    public var warned: UInt64 = 0
    /// How many accepted losses it was advanced for.
    public var originOrdinal: UInt64 = 0
    /// The last days on which anything happened, at most `dayCountMax`, oldest first.
    public var days: [ControlDay] = []
    /// The generations that are over, the last `endedCountMax`.
    public var ended: [ControlGenerationEnd] = []
    /// For whom it gave numbers out, by partner and type; the first `useCountMax` pairs.
    public var uses: [ControlUse] = []
    public var unknownFields: [UInt8] = []

    /// How many days are kept.
    public static let dayCountMax = 31
    /// How many generations that are over are kept.
    public static let endedCountMax = 100
    /// How many pairs of partner and type are counted.
    public static let useCountMax = 64
    /// The largest number that ISA13 and GS06 can hold.
    public static let numberMax: UInt64 = 999_999_999

    /// An empty allocator.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "tenant", &tenant)
        try v.text(3, "name", &name)
        try v.uint(4, "generation", &generation)
        try v.uint(5, "first", &first)
        try v.uint(6, "next", &next)
        try v.instant(7, "createdAt", &createdAt)
        try v.instant(8, "generationAt", &generationAt)
        try v.instant(9, "issuedAt", &issuedAt)
        try v.uint(10, "issued", &issued)
        try v.uint(11, "persisted", &persisted)
        try v.uint(12, "open", &open)
        try v.uint(13, "missing", &missing)
        try v.uint(14, "warned", &warned)
        try v.uint(15, "originOrdinal", &originOrdinal)
        try v.messages(16, "days", &days)
        try v.messages(17, "ended", &ended)
        try v.messages(18, "uses", &uses)
    }

    public var key: UInt64 { allocator }

    public static func keyBytes(_ key: UInt64) -> [UInt8] { RunState.keyBytes(key) }

    public static func keyText(_ key: UInt64) -> String { "allocator \(key)" }

    public static func keyHash(_ key: UInt64) -> UInt64 { KeyHash.of(key) }

    public static func placeHash(_ key: UInt64) -> UInt64 { PlaceHash.of(key) }

    /// `ISA`, `GS` or `ST`.
    public var kind: String { String(name.prefix { $0 != "/" }) }

    /// The first number and the one after the last that were given out in a generation; nil for one
    /// that never was, or is no longer known.
    public func bounds(of generation: UInt64) -> Range<UInt64>? {
        if generation == self.generation { return first..<next }
        return ended.last { $0.generation == generation }.map { $0.first..<($0.last + 1) }
    }

    /// How many numbers are given out a day: those of the last 30 days over the days since the
    /// first of them.
    public func perDay(now: Int64) -> UInt64 {
        let today = Self.day(now)
        let begin = max(Self.day(createdAt), today > 29 ? today - 29 : 0)
        let issued = days.reduce(0) { $1.day >= begin ? $0 + $1.issued : $0 }
        let length = today >= begin ? today - begin + 1 : 1
        return (issued + length - 1) / length
    }

    /// The UTC day of a moment.
    public static func day(_ microseconds: Int64) -> UInt64 {
        UInt64(max(microseconds, 0)) / 86_400_000_000
    }

    /// The counts of a day, to be changed in place.
    mutating func count(_ time: Int64, _ change: (inout ControlDay) -> Void) {
        let day = Self.day(time)
        if days.last?.day != day {
            if days.count == Self.dayCountMax { days.removeFirst() }
            var next = ControlDay()
            next.day = day
            days.append(next)
        }
        change(&days[days.count - 1])
    }

    /// Counts numbers for a partner and a type.
    mutating func use(_ partner: String, _ transactionType: String, _ count: UInt64) {
        let index = uses.firstIndex {
            $0.partner == partner && $0.transactionType == transactionType
        }
        if let index {
            uses[index].issued += count
        } else if uses.count < Self.useCountMax {
            var use = ControlUse()
            use.partner = partner
            use.transactionType = transactionType
            use.issued = count
            uses.append(use)
        }
    }

    /// Ends the present generation.
    mutating func begin(_ generation: UInt64, next: UInt64, at time: Int64) {
        var end = ControlGenerationEnd()
        end.generation = self.generation
        end.first = first
        end.last = self.next - 1
        end.endedAt = time
        if ended.count == Self.endedCountMax { ended.removeFirst() }
        ended.append(end)
        self.generation = generation
        first = next
        self.next = next
        generationAt = time
        warned = 0
    }
}
