import Events

/// Why numbers are missing, as far as it is known.
public struct NumberGap: WireMessage {
    /// When their file failed, µs; 0 where nobody said so.
    public var failedAt: Int64 = 0
    /// Why it failed.
    public var reason = ""
    /// When they were explained, µs; 0 where nobody did.
    public var explainedAt: Int64 = 0
    /// The explanation.
    public var explanation = ""
    /// By whom.
    public var explainedBy = ""
    /// With which ticket.
    public var ticket = ""
    public var unknownFields: [UInt8] = []

    /// A gap of which nothing is known.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.instant(1, "failedAt", &failedAt)
        try v.text(2, "reason", &reason)
        try v.instant(3, "explainedAt", &explainedAt)
        try v.text(4, "explanation", &explanation)
        try v.text(5, "explainedBy", &explainedBy)
        try v.text(6, "ticket", &ticket)
    }
}

/// Numbers, one after the other, that are given out and not written.
public struct NumberRange: WireMessage {
    /// The first number.
    public var first: UInt64 = 0
    /// How many.
    public var count: UInt64 = 0
    /// When the first was given out, µs; the others within a second after it.
    public var issuedAt: Int64 = 0
    /// The sequence of the event that gave the first out.
    public var sequence: UInt64 = 0
    /// The partner.
    public var partner = ""
    /// The transaction type.
    public var transactionType = ""
    /// The file that they are for.
    public var file = ""
    /// What is known of why they are missing: one, or none while they are open.
    public var gap: [NumberGap] = []
    public var unknownFields: [UInt8] = []

    /// An empty range.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "first", &first)
        try v.uint(2, "count", &count)
        try v.instant(3, "issuedAt", &issuedAt)
        try v.uint(4, "sequence", &sequence)
        try v.text(5, "partner", &partner)
        try v.text(6, "transactionType", &transactionType)
        try v.text(7, "file", &file)
        try v.messages(8, "gap", &gap)
    }

    /// The number after the last.
    public var end: UInt64 { first + count }

    /// Whether they have no outcome yet.
    public var isOpen: Bool { gap.isEmpty }

    /// Whether somebody explained that they are missing.
    public var isExplained: Bool { gap.first.map { $0.explainedAt != 0 } ?? false }

    /// The part of it between two numbers.
    func part(_ first: UInt64, _ end: UInt64) -> NumberRange {
        var part = self
        part.first = first
        part.count = end - first
        return part
    }
}

/// The place of a page: allocator, generation, and the number divided by `NumberPage.size`.
public struct NumberPageKey: Hashable, Sendable {
    /// The allocator.
    public var allocator: UInt64
    /// The generation.
    public var generation: UInt64
    /// The page.
    public var page: UInt64
}

/// What is open or missing among 1,024 numbers of one generation.
///
/// Numbers stand in pages so that each is found, changed and taken away in the same time, however
/// many there are; a page in which every number was written is gone.
public struct NumberPage: ProjectionEntry {
    /// The numbers of a page.
    public static let size: UInt64 = 1_024

    /// The allocator.
    public var allocator: UInt64 = 0
    /// The generation.
    public var generation: UInt64 = 0
    /// The page: its first number is this many times `size`.
    public var page: UInt64 = 0
    /// The numbers, ascending.
    public var ranges: [NumberRange] = []
    public var unknownFields: [UInt8] = []

    /// An empty page.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.uint(2, "generation", &generation)
        try v.uint(3, "page", &page)
        try v.messages(4, "ranges", &ranges)
    }

    public var key: NumberPageKey {
        NumberPageKey(allocator: allocator, generation: generation, page: page)
    }

    public static func keyBytes(_ key: NumberPageKey) -> [UInt8] {
        RunState.keyBytes(key.allocator) + RunState.keyBytes(key.generation)
            + RunState.keyBytes(key.page)
    }

    public static func keyText(_ key: NumberPageKey) -> String {
        "allocator \(key.allocator), generation \(key.generation), "
            + "from \(key.page * size)"
    }

    public static func keyHash(_ key: NumberPageKey) -> UInt64 {
        var hash = KeyHash()
        for byte in keyBytes(key) { hash.take(byte) }
        return hash.value
    }

    public static func placeHash(_ key: NumberPageKey) -> UInt64 {
        var hash = PlaceHash()
        hash.take(key.allocator)
        hash.take(key.generation)
        hash.take(key.page)
        return hash.value
    }

    /// The index of the first range that ends after a number.
    func index(after number: UInt64) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].end > number { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Adds numbers that were just given out; to the last range, where they differ from it in
    /// nothing but their place and a second.
    mutating func add(_ issued: consuming NumberRange) {
        if let last = ranges.last, last.end == issued.first, last.isOpen,
            issued.issuedAt - last.issuedAt < 1_000_000, last.file == issued.file,
            last.partner == issued.partner, last.transactionType == issued.transactionType
        {
            ranges[ranges.count - 1].count += issued.count
        } else {
            ranges.append(issued)
        }
    }

    /// Changes all numbers of a stretch, or takes them away.
    ///
    /// - Parameter change: gives what a range becomes; nil where it goes.
    /// - Returns: how many of them were open, and how many were missing; nil where one is neither,
    ///   and the page is then not to be used any more.
    /// - Complexity: O(ranges of the page).
    mutating func change(
        _ first: UInt64, _ end: UInt64, _ change: (inout NumberRange) -> Bool
    ) -> (open: UInt64, missing: UInt64)? {
        let start = index(after: first)
        var next = first
        var index = start
        var (open, missing): (UInt64, UInt64) = (0, 0)
        var made: [NumberRange] = []
        while next < end {
            guard index < ranges.count, ranges[index].first <= next else { return nil }
            let range = ranges[index]
            let until = min(range.end, end)
            if range.isOpen { open += until - next } else { missing += until - next }
            if range.first < next { made.append(range.part(range.first, next)) }
            var part = range.part(next, until)
            if change(&part) { made.append(part) }
            if until < range.end { made.append(range.part(until, range.end)) }
            next = until
            index += 1
        }
        ranges.replaceSubrange(start..<index, with: made)
        return (open, missing)
    }
}
