// Events of control numbers: ISA13, GS06 and ST02 of outbound files.

/// An allocator of control numbers began.
public struct ControlAllocatorCreated: EventPayload {
    public static let type = EventType.controlAllocatorCreated
    /// The allocator's number: this event's sequence.
    public var allocator: UInt64 = 0
    /// Its name: `ISA/SENDER/RECEIVER`, `GS/SENDER/RECEIVER/GS01` or `ST/PARTNER/TYPE`.
    public var name = ""
    /// The first number of its first generation.
    public var start: UInt64 = 0
    /// How many losses the log had accepted then.
    public var originOrdinal: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "start", &start)
        try v.uint(4, "originOrdinal", &originOrdinal)
    }
}

/// Numbers were given out, and are never given out again in their generation.
public struct ControlNumbersIssued: EventPayload {
    public static let type = EventType.controlNumbersIssued
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many numbers, one after the other.
    public var count: UInt64 = 0
    /// The partner that they are for.
    public var partner = ""
    /// The transaction type, such as `277CA` or `TA1`.
    public var transactionType = ""
    /// The outbound file, where the caller named one.
    public var file = ""
    /// Which item of its request this answers, 0 for the first.
    public var item: UInt64 = 0
    /// Empty for a file; `lossSkip` for numbers that are skipped after a loss.
    public var purpose = ""
    /// For `lossSkip`: how many losses the log had accepted.
    public var originOrdinal: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
        try v.text(6, "partner", &partner)
        try v.text(7, "transactionType", &transactionType)
        try v.text(8, "file", &file)
        try v.uint(9, "item", &item)
        try v.text(10, "purpose", &purpose)
        try v.uint(11, "originOrdinal", &originOrdinal)
    }
}

/// The file that holds the numbers is written.
public struct ControlNumbersPersisted: EventPayload {
    public static let type = EventType.controlNumbersPersisted
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many numbers, one after the other.
    public var count: UInt64 = 0
    /// The outbound file.
    public var file = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
        try v.text(6, "file", &file)
    }
}

/// Numbers were not used: a gap, with its cause.
public struct ControlNumbersFailed: EventPayload {
    public static let type = EventType.controlNumbersFailed
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many numbers, one after the other.
    public var count: UInt64 = 0
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
        try v.text(6, "reason", &reason)
    }
}

/// Somebody explained numbers that are missing; actor and ticket stand in the envelope.
public struct ControlNumbersExplained: EventPayload {
    public static let type = EventType.controlNumbersExplained
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many numbers, one after the other.
    public var count: UInt64 = 0
    /// The explanation.
    public var explanation = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
        try v.text(6, "explanation", &explanation)
    }
}

/// The last number was given out: the next generation begins, since the allocator wraps.
public struct ControlAllocatorWrapped: EventPayload {
    public static let type = EventType.controlAllocatorWrapped
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number of that generation.
    public var next: UInt64 = 0
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "next", &next)
        try v.text(5, "reason", &reason)
    }
}

/// A person began the next generation; actor and ticket stand in the envelope.
public struct ControlAllocatorReset: EventPayload {
    public static let type = EventType.controlAllocatorReset
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number of that generation.
    public var next: UInt64 = 0
    /// Why.
    public var reason = ""
    /// The last number of the generation before; 0 for none.
    public var lastIssued: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "next", &next)
        try v.text(5, "reason", &reason)
        try v.uint(6, "lastIssued", &lastIssued)
    }
}

/// Few numbers are left in a generation.
public struct ControlAllocatorNearLimit: EventPayload {
    public static let type = EventType.controlAllocatorNearLimit
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The number that was given out last.
    public var last: UInt64 = 0
    /// The part of the last possible number that was reached: 90 or 95.
    public var percent: UInt64 = 0
    /// How many numbers are left.
    public var remaining: UInt64 = 0
    /// How many are given out a day, by the last 30 days.
    public var perDay: UInt64 = 0
    /// How many days that leaves; 0 where none was given out before.
    public var daysLeft: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "last", &last)
        try v.uint(5, "percent", &percent)
        try v.uint(6, "remaining", &remaining)
        try v.uint(7, "perDay", &perDay)
        try v.uint(8, "daysLeft", &daysLeft)
    }
}

/// A file was sent again under its own numbers.
public struct ControlNumbersResent: EventPayload {
    public static let type = EventType.controlNumbersResent
    /// The allocator: the sequence of its `allocator created` event.
    public var allocator: UInt64 = 0
    /// Its name, such as `ISA/ZZ:US/ZZ:THEM`.
    public var name = ""
    /// The generation, 1 for the first.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many numbers, one after the other.
    public var count: UInt64 = 0
    /// The file.
    public var file = ""
    /// Why.
    public var reason = ""
    public var unknownFields: [UInt8] = []

    /// An event with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "allocator", &allocator)
        try v.text(2, "name", &name)
        try v.uint(3, "generation", &generation)
        try v.uint(4, "first", &first)
        try v.uint(5, "count", &count)
        try v.text(6, "file", &file)
        try v.text(7, "reason", &reason)
    }
}
