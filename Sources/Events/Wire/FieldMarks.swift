/// Which fields of one message stand where: what one pass over its bytes finds.
///
/// For each field number below `slotCount` a slot holds its last value, or where its content
/// stands: the offset, and below it in 32 bits the byte count. A field that stands both as a varint
/// and as content reads as absent: its slot holds the later of the two, and must not be taken for
/// the other. Higher fields are passed over; of the wire types 1 and 5 only the number is noted.
struct FieldMarks: Sendable {
    /// How many slots there are.
    let slotCount: Int
    /// Bit n: field n stands as a varint.
    private(set) var varints: UInt64 = 0
    /// Bit n: field n stands as length-delimited content.
    private(set) var contents: UInt64 = 0
    /// Bit n: field n stands with eight or four fixed bytes, which no field of the schema has.
    private(set) var fixed: UInt64 = 0
    /// Whether a field of `slotCount` or above stands there.
    private(set) var hasHigh = false
    /// Whether all content that has a slot is known to be ASCII: so all its texts are valid.
    private(set) var isASCII = true
    /// Whether no field is known to stand behind one of a higher number.
    private(set) var isAscending = true

    /// The marks of an empty message.
    init(slotCount: Int) { self.slotCount = slotCount }

    /// Notes the fields of the message at `offset`; its slots are those of `slots` from `base` on.
    ///
    /// Slots of fields that do not stand there are left as they are.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @inline(__always)
    mutating func scan(
        _ bytes: RawSpan, offset: Int, byteCount: Int,
        into slots: inout MutableSpan<UInt64>, at base: Int
    ) throws(WireError) {
        var cursor = WireCursor(bytes, offset: offset, byteCount: byteCount)
        var isHighFound = false
        repeat {
            takeUsual(&cursor, into: &slots, at: base) { _ in
                isHighFound = true
                return true
            }
            guard let field = try cursor.next() else { break }
            note(field, into: &slots, at: base)
        } while true
        if isHighFound { hasHigh = true }
    }

    /// Notes fields of the usual form, as far as `WireCursor.takeUsual` goes; those that have no
    /// slot it gives to `high`.
    @inline(__always)
    mutating func takeUsual(
        _ cursor: inout WireCursor, into slots: inout MutableSpan<UInt64>, at base: Int,
        high: (WireCursor.Usual) -> Bool
    ) {
        precondition(base >= 0 && base <= slots.count - slotCount, "there is a slot for each")
        // In registers as long as it goes.
        var varints = varints
        var contents = contents
        var highest = isAscending ? 0 : Int.max
        var joined = SIMD2<UInt64>(repeating: 0)
        let bytes = cursor.bytes
        cursor.takeUsual { field in
            guard field.number < slotCount else { return high(field) }
            let bit = UInt64(1) &<< UInt64(field.number)
            highest = field.number >= highest ? field.number : Int.max
            var slot = field.value
            if field.isContent {
                joined |= bytes.joinedBytes(Int(field.value), Int(field.byteCount))
                slot = slot << 32 | field.byteCount
                contents |= bit
            } else {
                varints |= bit
            }
            // Safe: the precondition and the guard say that it lies in the span (so wrapping).
            unsafe slots[unchecked: base &+ field.number] = slot
            return true
        }
        self.varints = varints
        self.contents = contents
        isAscending = highest < Int.max
        if (joined.x | joined.y) & 0x8080_8080_8080_8080 != 0 { isASCII = false }
    }

    /// Notes a field.
    mutating func note(
        _ field: WireCursor.Field, into slots: inout MutableSpan<UInt64>, at base: Int
    ) {
        // They may be, but the few fields of an unusual form are not worth to find out.
        isAscending = false
        isASCII = false
        guard field.number < slotCount else {
            hasHigh = true
            return
        }
        let bit = UInt64(1) << UInt64(field.number)
        switch field.wireType {
        case 0:
            slots[base + field.number] = field.value
            varints |= bit
        case 2:
            slots[base + field.number] = field.value << 32 | UInt64(field.byteCount)
            contents |= bit
        default: fixed |= bit
        }
    }
}
