/// Reads the fields of one Protocol Buffers message in place, in the order in which they stand.
///
/// It allocates nothing and checks every length before it moves.
/// Source: the Protocol Buffers encoding guide (varint, tag, length-delimited).
public struct WireCursor: ~Escapable {
    /// One field as it stands in the bytes.
    public struct Field: Sendable {
        /// The field's number, 1 to 536,870,911.
        public let number: Int
        /// 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
        public let wireType: Int
        /// The varint's value; for wire type 2 the offset of the content.
        public let value: UInt64
        /// The content's length for wire type 2; otherwise 0.
        public let byteCount: Int
        /// Where the field's tag starts.
        public let start: Int

        /// Where the content starts (wire type 2).
        public var offset: Int { Int(truncatingIfNeeded: value) }
    }

    /// The message.
    public let bytes: RawSpan
    /// The offset of the next byte to read.
    public private(set) var offset: Int
    private let end: Int

    /// A cursor over the whole of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        self.offset = 0
        self.end = bytes.byteCount
    }

    /// A cursor over a part of `bytes`; `range` must lie within it.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, offset: Int, byteCount: Int) {
        precondition(
            offset >= 0 && byteCount >= 0 && offset <= bytes.byteCount - byteCount,
            "a cursor's range must lie within its bytes")
        self.bytes = bytes
        self.offset = offset
        self.end = offset + byteCount
    }

    /// The byte at `index`, which is below `end`.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 {
        // Safe: `end` lies within the bytes, which `init` has checked, and every caller compares
        // with it first; every bit pattern is a UInt8.
        unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    /// Reads a varint of up to ten bytes.
    ///
    /// - Throws: `truncated` or `overlongVarint`.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func varint() throws(WireError) -> UInt64 {
        if offset < end {
            let first = byte(offset)
            if first < 0x80 {
                offset += 1
                return UInt64(first)
            }
        }
        return try longVarint()
    }

    @_lifetime(self: copy self)
    private mutating func longVarint() throws(WireError) -> UInt64 {
        if end - offset >= 8 {
            let word = self.word(offset)
            let ends = ~word & 0x8080_8080_8080_8080
            if ends != 0 {
                // Of the bytes up to the first without its upper bit, the lower seven bits each.
                let byteCount = ends.trailingZeroBitCount / 8 + 1
                offset += byteCount
                return Self.joined(word & (.max >> UInt64(64 - 8 * byteCount)))
            }
        }
        return try bytewiseVarint()
    }

    /// Joins the lower seven bits of eight bytes: by pairs, fours and all.
    @inline(__always)
    private static func joined(_ word: UInt64) -> UInt64 {
        var bits = word & 0x7F7F_7F7F_7F7F_7F7F
        bits = (bits & 0x007F_007F_007F_007F) | (bits & 0x7F00_7F00_7F00_7F00) >> 1
        bits = (bits & 0x0000_3FFF_0000_3FFF) | (bits & 0x3FFF_0000_3FFF_0000) >> 2
        return (bits & 0x0000_0000_0FFF_FFFF) | (bits & 0x0FFF_FFFF_0000_0000) >> 4
    }

    @_lifetime(self: copy self)
    private mutating func bytewiseVarint() throws(WireError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < end else { throw WireError(.truncated, offset: offset) }
            let next = byte(offset)
            if shift == 63 && next > 1 { throw WireError(.overlongVarint, offset: offset) }
            offset += 1
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
    }

    /// The next field, or nil at the end of the message.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func next() throws(WireError) -> Field? {
        guard offset < end else { return nil }
        if end - offset >= 2 {
            // The usual field: a tag of one byte, and a length or a value of one byte.
            let tag = byte(offset)
            let second = byte(offset + 1)
            if tag >= 8, tag < 0x80, second < 0x80 {
                let start = offset
                let rest = end - offset - 2
                if tag & 7 == 2, Int(second) <= rest {
                    offset += 2 + Int(second)
                    return Field(
                        number: Int(tag >> 3), wireType: 2, value: UInt64(start + 2),
                        byteCount: Int(second), start: start)
                }
                if tag & 7 == 0 {
                    offset += 2
                    return Field(
                        number: Int(tag >> 3), wireType: 0, value: UInt64(second), byteCount: 0,
                        start: start)
                }
            }
        }
        return try anyField()
    }

    /// A field of the usual form, of wire type 0 or 2.
    struct Usual {
        let number: Int
        let isContent: Bool
        /// The varint's value; where content starts.
        let value: UInt64
        /// The content's length.
        let byteCount: UInt64
    }

    /// Gives fields to `body`, as far as the first that it does not take or whose form is unusual.
    ///
    /// Of the usual form is a field with a tag of one or two bytes and a value or length of at most
    /// eight. `next` gives the others, and finds what is wrong with them: this is nothing but the
    /// quick way past what nearly all records are made of, without a `Field` for each.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func takeUsual(_ body: (Usual) -> Bool) {
        guard bytes.byteCount >= 8 else { return }
        // Wrapping, here and below: offsets lie within the bytes, or a few behind them.
        let last = bytes.byteCount &- 8
        var start = offset
        while start < end {
            let word = self.word(start, last)
            var tag = Int(truncatingIfNeeded: word & 0x7F)
            var value = word >> 8 & 0x7F
            var next = start &+ 2
            if word & 0x8080 != 0 {
                var place = start &+ 1
                if word & 0x80 != 0 {
                    if word & 0x8000 != 0 { break }
                    tag |= Int(truncatingIfNeeded: value) << 7
                    place &+= 1
                    if place >= end { break }
                }
                let long = self.word(place, last)
                let ends = ~long & 0x8080_8080_8080_8080
                if ends == 0 { break }
                // The bytes up to the first without its upper bit: the bits up to the lowest of
                // `ends`, which is not zero.
                value = long & (ends ^ (ends &- 1))
                if value >= 0x80 { value = Self.joined(value) }
                next = place &+ ends.trailingZeroBitCount / 8 &+ 1
            }
            if next > end || tag < 8 { break }
            let field: Usual
            if tag & 7 == 2 {
                if value > UInt64(truncatingIfNeeded: end &- next) { break }
                field = Usual(
                    number: tag >> 3, isContent: true, value: UInt64(truncatingIfNeeded: next),
                    byteCount: value)
                next &+= Int(truncatingIfNeeded: value)
            } else if tag & 7 == 0 {
                field = Usual(number: tag >> 3, isContent: false, value: value, byteCount: 0)
            } else {
                break
            }
            if !body(field) { break }
            start = next
        }
        offset = start
    }

    /// The eight bytes at `index`, with zeros for those behind the end.
    ///
    /// - Parameter last: the place of the last eight bytes, not negative, less than eight before
    ///   `index` at most.
    @inline(__always)
    private func word(_ index: Int, _ last: Int) -> UInt64 {
        if index <= last { return word(index) }
        return word(last) &>> UInt64(truncatingIfNeeded: 8 &* (index &- last))
    }

    /// The eight bytes at `index`, which all lie before the bytes' end.
    @inline(__always)
    private func word(_ index: Int) -> UInt64 {
        // Safe: as in `byte`, and every bit pattern is an integer.
        UInt64(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self))
    }

    @_lifetime(self: copy self)
    private mutating func anyField() throws(WireError) -> Field {
        let start = offset
        let tag = try varint()
        let number = tag >> 3
        guard number >= 1, number <= 536_870_911 else {
            throw WireError(.badFieldNumber, offset: start)
        }
        let wireType = Int(tag & 7)
        let field = Int(number)
        switch wireType {
        case 0:
            let value = try varint()
            return Field(number: field, wireType: 0, value: value, byteCount: 0, start: start)
        case 1, 5:
            let count = wireType == 1 ? 8 : 4
            guard end - offset >= count else {
                throw WireError(.truncated, offset: start, field: field)
            }
            offset += count
            return Field(number: field, wireType: wireType, value: 0, byteCount: 0, start: start)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - offset) else {
                throw WireError(.truncated, offset: start, field: field)
            }
            let content = offset
            offset += Int(length)
            return Field(
                number: field, wireType: 2, value: UInt64(content), byteCount: Int(length),
                start: start)
        default:
            throw WireError(.badWireType, offset: start, field: field)
        }
    }
}

extension RawSpan {
    /// The UTF-8 text of a range, or nil where it is not valid UTF-8.
    @inline(__always)
    func text(_ offset: Int, _ byteCount: Int) -> String? {
        // Safe: the range was checked by the cursor; the buffer does not outlive the closure.
        unsafe extracting(offset..<(offset + byteCount)).withUnsafeBytes { buffer in
            unsafe String(validating: buffer, as: UTF8.self)
        }
    }

    /// The text of a field that stands in a range; empty for an empty one.
    ///
    /// - Throws: `invalidUTF8`.
    @usableFromInline
    func text(
        _ range: (offset: Int, byteCount: Int), field: Int
    ) throws(WireError) -> String {
        if range.byteCount == 0 { return "" }
        guard let text = text(range.offset, range.byteCount) else {
            throw WireError(.invalidUTF8, offset: range.offset, field: field)
        }
        return text
    }

    /// The range itself, where it is valid UTF-8.
    ///
    /// - Throws: `invalidUTF8`.
    @usableFromInline
    package func textRange(
        _ range: (offset: Int, byteCount: Int), field: Int
    ) throws(WireError) -> (offset: Int, byteCount: Int) {
        if isASCII(range.offset, range.byteCount) { return range }
        _ = try text(range, field: field)
        return range
    }

    /// Whether a range holds exactly this text.
    @usableFromInline
    func isText(_ range: (offset: Int, byteCount: Int), _ expected: StaticString) -> Bool {
        guard range.byteCount == expected.utf8CodeUnitCount else { return false }
        for position in 0..<range.byteCount {
            // Safe: both reads are within the lengths that were just compared.
            let found = unsafe unsafeLoad(
                fromByteOffset: range.offset + position, as: UInt8.self)
            if unsafe found != expected.utf8Start[position] { return false }
        }
        return true
    }

    /// Whether every byte of a range is below 0x80.
    package func isASCII(_ offset: Int, _ byteCount: Int) -> Bool {
        precondition(offset >= 0 && byteCount >= 0 && offset <= self.byteCount - byteCount)
        let bits = joinedBytes(offset, byteCount)
        return (bits.x | bits.y) & 0x8080_8080_8080_8080 == 0
    }

    /// Every bit that any byte of a range has: sixteen bytes at a time, the last ones once more.
    ///
    /// The range must lie within the bytes: that is not checked again.
    @inline(__always)
    func joinedBytes(_ offset: Int, _ byteCount: Int) -> SIMD2<UInt64> {
        var bits = SIMD2<UInt64>(repeating: 0)
        var place = offset
        // Wrapping: places lie within the bytes.
        let end = offset &+ byteCount
        if byteCount >= 16 {
            while place < end &- 16 {
                // Safe: the range lies within the bytes, and every bit pattern is an integer.
                bits |= unsafe unsafeLoadUnaligned(
                    fromUncheckedByteOffset: place, as: SIMD2<UInt64>.self)
                place &+= 16
            }
            // Safe: as above; the range has sixteen bytes at least.
            bits |= unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: end &- 16, as: SIMD2<UInt64>.self)
        } else if byteCount >= 8 {
            // Safe: as above; the range has eight bytes at least.
            bits.x = unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            // Safe: as above.
            bits.y = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: end &- 8, as: UInt64.self)
        } else if byteCount >= 4 {
            // Safe: as above; the range has four bytes at least.
            let first = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: place, as: UInt32.self)
            // Safe: as above.
            let last = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: end &- 4, as: UInt32.self)
            bits.x = UInt64(first) << 32 | UInt64(last)
        } else {
            while place < end {
                // Safe: as above.
                bits.x |= UInt64(unsafe unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self))
                place &+= 1
            }
        }
        return bits
    }

    /// Whether two spans have the same bytes: eight at a time.
    package func isSame(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        var place = 0
        while byteCount - place >= 8 {
            // Safe: both have as many bytes, and every bit pattern is an integer.
            let (own, others) = unsafe (
                unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self),
                other.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            )
            if own != others { return false }
            place += 8
        }
        while place < byteCount {
            // Safe: as above.
            let (own, others) = unsafe (
                unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self),
                other.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self)
            )
            if own != others { return false }
            place += 1
        }
        return true
    }

    /// A copy of a range.
    func copy(_ offset: Int, _ byteCount: Int) -> [UInt8] {
        // Safe: as above.
        unsafe extracting(offset..<(offset + byteCount)).withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
