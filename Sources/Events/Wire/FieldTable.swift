/// Where the fields of one message stand, by number.
///
/// One pass over the bytes notes for each field number from 1 to 63 its last value, or where its
/// content stands. A field that stands both as a varint and as content reads as absent: its slot
/// holds the later of the two, and must not be taken for the other. Fields above 63 are passed
/// over; of the wire types 1 and 5 only the number is noted.
struct FieldIndex: Sendable {
    private var slots = InlineArray<64, UInt64>(repeating: 0)
    /// Bit n: field n stands as a varint.
    private(set) var varints: UInt64 = 0
    /// Bit n: field n stands as length-delimited content.
    private(set) var contents: UInt64 = 0
    /// Bit n: field n stands with eight or four fixed bytes, which no field of the schema has.
    private(set) var fixed: UInt64 = 0
    /// Whether a field above 63 stands there.
    private(set) var hasHigh = false

    /// An index of nothing.
    init() {}

    /// Scans the message at `offset`.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    init(_ bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        var cursor = WireCursor(bytes, offset: offset, byteCount: byteCount)
        while let field = try cursor.next() {
            guard field.number < 64 else {
                hasHigh = true
                continue
            }
            let bit = UInt64(1) << UInt64(field.number)
            if field.wireType == 0 {
                slots[field.number] = field.value
                varints |= bit
            } else if field.wireType == 2 {
                slots[field.number] = field.value << 32 | UInt64(field.byteCount)
                contents |= bit
            } else {
                fixed |= bit
            }
        }
    }

    @inline(__always)
    func has(_ number: Int) -> Bool { (varints | contents) >> UInt64(number) & 1 == 1 }

    @inline(__always)
    func uint(_ number: Int) -> UInt64 {
        (varints & ~contents) >> UInt64(number) & 1 == 1 ? slots[number] : 0
    }

    @inline(__always)
    func range(_ number: Int) -> (offset: Int, byteCount: Int) {
        guard (contents & ~varints) >> UInt64(number) & 1 == 1 else { return (0, 0) }
        return (Int(slots[number] >> 32), Int(slots[number] & 0xFFFF_FFFF))
    }
}

/// The fields of one message, read in place: nothing is allocated or copied.
///
/// This is what replay reads: a projection asks for the few fields that it folds.
///
/// - Complexity: O(bytes) to make, O(1) a field.
public struct FieldTable: ~Escapable {
    /// The bytes that the offsets refer to.
    public let bytes: RawSpan
    private let offset: Int
    private let byteCount: Int
    private let index: FieldIndex

    /// Scans a message that stands in a part of `bytes`.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        self.bytes = bytes
        self.offset = offset
        self.byteCount = byteCount
        self.index = try FieldIndex(bytes, offset: offset, byteCount: byteCount)
    }

    /// Whether the field stands in the message.
    public func has(_ number: Int) -> Bool { index.has(number) }

    /// An unsigned integer; 0 where it is absent (proto3's default).
    public func uint(_ number: Int) -> UInt64 { index.uint(number) }

    /// A signed integer; 0 where it is absent.
    public func int(_ number: Int) -> Int64 { Int64(bitPattern: index.uint(number)) }

    /// A flag; false where it is absent.
    public func bool(_ number: Int) -> Bool { index.uint(number) != 0 }

    /// Where a length-delimited field's content stands; an empty range where it is absent.
    public func range(_ number: Int) -> (offset: Int, byteCount: Int) { index.range(number) }

    /// Text; empty where it is absent.
    ///
    /// It allocates when the text is over 15 bytes.
    ///
    /// - Throws: `invalidUTF8`.
    public func text(_ number: Int) throws(WireError) -> String {
        let (offset, byteCount) = index.range(number)
        if byteCount == 0 { return "" }
        guard let text = bytes.text(offset, byteCount) else {
            throw WireError(.invalidUTF8, offset: offset, field: number)
        }
        return text
    }

    /// A copy of a length-delimited field's content; empty where it is absent.
    public func content(_ number: Int) -> [UInt8] {
        let (offset, byteCount) = index.range(number)
        return byteCount == 0 ? [] : bytes.copy(offset, byteCount)
    }

    /// The texts of a repeated field.
    ///
    /// - Throws: `invalidUTF8`.
    public func texts(_ number: Int) throws(WireError) -> [String] {
        guard index.has(number) else { return [] }
        var items: [String] = []
        var cursor = WireCursor(bytes, offset: offset, byteCount: byteCount)
        while let field = try cursor.next() {
            guard field.number == number else { continue }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: number)
            }
            guard let text = bytes.text(field.offset, field.byteCount) else {
                throw WireError(.invalidUTF8, offset: field.offset, field: number)
            }
            items.append(text)
        }
        return items
    }

    /// The messages of a repeated field, decoded.
    public func messages<M: WireMessage>(_ number: Int) throws(WireError) -> [M] {
        guard index.has(number) else { return [] }
        var items: [M] = []
        var cursor = WireCursor(bytes, offset: offset, byteCount: byteCount)
        while let field = try cursor.next() {
            guard field.number == number else { continue }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: number)
            }
            items.append(try M(decoding: bytes.copy(field.offset, field.byteCount)))
        }
        return items
    }

    /// Whether a text field holds exactly this text.
    public func isText(_ number: Int, _ expected: StaticString) -> Bool {
        let (offset, byteCount) = index.range(number)
        guard byteCount == expected.utf8CodeUnitCount else { return false }
        for position in 0..<byteCount {
            // Safe: both reads are within the lengths that were just compared.
            let found = unsafe bytes.unsafeLoad(fromByteOffset: offset + position, as: UInt8.self)
            if unsafe found != expected.utf8Start[position] { return false }
        }
        return true
    }
}
