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

    /// The byte at `index`.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 {
        // Safe: RawSpan checks the bounds, and every bit pattern is a UInt8.
        unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// Reads a varint of up to ten bytes.
    ///
    /// - Throws: `truncated` or `overlongVarint`.
    @_lifetime(self: copy self)
    public mutating func varint() throws(WireError) -> UInt64 {
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
    @_lifetime(self: copy self)
    public mutating func next() throws(WireError) -> Field? {
        guard offset < end else { return nil }
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

    /// A copy of a range.
    func copy(_ offset: Int, _ byteCount: Int) -> [UInt8] {
        // Safe: as above.
        unsafe extracting(offset..<(offset + byteCount)).withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
