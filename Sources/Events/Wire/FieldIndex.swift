/// Where the fields of one message stand, by number.
///
/// One pass over the bytes notes for each field number below `slotCount` its last value, or where
/// its content stands. A field that stands both as a varint and as content reads as absent: its
/// slot holds the later of the two, and must not be taken for the other. Higher fields are passed
/// over; of the wire types 1 and 5 only the number is noted. It is not copyable, since a copy costs
/// more than most of what is read from it.
@usableFromInline
struct FieldIndex<let slotCount: Int>: ~Copyable, Sendable {
    @usableFromInline var slots = InlineArray<slotCount, UInt64>(repeating: 0)
    /// Bit n: field n stands as a varint.
    @usableFromInline private(set) var varints: UInt64 = 0
    /// Bit n: field n stands as length-delimited content.
    @usableFromInline private(set) var contents: UInt64 = 0
    /// Bit n: field n stands with eight or four fixed bytes, which no field of the schema has.
    @usableFromInline private(set) var fixed: UInt64 = 0

    /// Whether a field of `slotCount` or above stands there.
    @usableFromInline private(set) var hasHigh = false

    /// An index of nothing.
    init() {}

    /// Scans the message at `offset`.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    init(_ bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        try scan(bytes, offset: offset, byteCount: byteCount)
    }

    /// Notes the fields of the message at `offset`.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @inline(__always)
    mutating func scan(_ bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        var cursor = WireCursor(bytes, offset: offset, byteCount: byteCount)
        repeat {
            cursor.takeUsual { number, wireType, value, byteCount in
                note(number, wireType, value, byteCount)
                return true
            }
            guard let field = try cursor.next() else { return }
            note(field.number, field.wireType, field.value, field.byteCount)
        } while true
    }

    /// Notes a field.
    ///
    /// - Parameter value: for content its offset.
    @inline(__always)
    mutating func note(_ number: Int, _ wireType: Int, _ value: UInt64, _ byteCount: Int) {
        guard number < slotCount else {
            hasHigh = true
            return
        }
        let bit = UInt64(1) << UInt64(number)
        if wireType == 0 {
            slots[number] = value
            varints |= bit
        } else if wireType == 2 {
            slots[number] = value << 32 | UInt64(byteCount)
            contents |= bit
        } else {
            fixed |= bit
        }
    }

    @inlinable @inline(__always)
    func has(_ number: Int) -> Bool { (varints | contents) >> UInt64(number) & 1 == 1 }

    @inlinable @inline(__always)
    func uint(_ number: Int) -> UInt64 {
        (varints & ~contents) >> UInt64(number) & 1 == 1 ? slots[number] : 0
    }

    @inlinable @inline(__always)
    func range(_ number: Int) -> (offset: Int, byteCount: Int) {
        guard (contents & ~varints) >> UInt64(number) & 1 == 1 else { return (0, 0) }
        return (Int(slots[number] >> 32), Int(slots[number] & 0xFFFF_FFFF))
    }
}
