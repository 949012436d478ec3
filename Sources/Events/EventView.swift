/// One record, read in place: the envelope, and the payload's fields by their numbers, with nothing
/// copied.
///
/// This is what replay reads: a projection asks for the few fields that it folds. Of a payload the
/// fields below 32 can be read, which is all that there are (a test looks). It is not copyable: a
/// copy would cost more than making another.
///
/// - Complexity: O(bytes) to make, O(1) a field.
public struct EventView: ~Copyable, ~Escapable {
    /// The record; the offsets refer to it.
    public let bytes: RawSpan
    @usableFromInline var envelope = FieldIndex<16>()
    @usableFromInline var index = FieldIndex<32>()
    /// The payload's field number; 0 for a message that stands alone.
    public private(set) var payloadNumber = 0
    /// Where the payload's content starts.
    private(set) var payloadOffset = 0
    private var payloadByteCount = 0

    /// Finds the parts of a record.
    ///
    /// A record with one payload of a number that this build does not know is a view all the same:
    /// its `type` is nil.
    ///
    /// - Throws: `WireError` where the record is not well formed.
    @_lifetime(copy record)
    public init(_ record: RawSpan) throws(WireError) {
        bytes = record
        var cursor = WireCursor(record)
        repeat {
            cursor.takeUsual { number, wireType, value, byteCount in
                if number < Envelope.payloadNumberMin {
                    envelope.note(number, wireType, value, byteCount)
                    return true
                }
                guard wireType == 2, payloadNumber == 0 else { return false }
                payloadNumber = number
                payloadOffset = Int(value)
                payloadByteCount = byteCount
                return true
            }
            guard let field = try cursor.next() else { break }
            if field.number < Envelope.payloadNumberMin {
                envelope.note(field.number, field.wireType, field.value, field.byteCount)
                continue
            }
            guard payloadNumber == 0 else {
                throw WireError(.severalPayloads, offset: field.start, field: field.number)
            }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: field.number)
            }
            payloadNumber = field.number
            payloadOffset = field.offset
            payloadByteCount = field.byteCount
        } while true
        guard payloadNumber != 0 else { throw WireError(.noPayload, offset: record.byteCount) }
        try index.scan(record, offset: payloadOffset, byteCount: payloadByteCount)
    }

    /// A message that stands alone in a part of `bytes`, as if it were a payload.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @_lifetime(copy bytes)
    package init(message bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        self.bytes = bytes
        payloadOffset = offset
        payloadByteCount = byteCount
        try index.scan(bytes, offset: offset, byteCount: byteCount)
    }

    // MARK: the envelope

    /// The type, or nil where this build does not know it.
    @inlinable
    public var type: EventType? { EventType(rawValue: payloadNumber) }

    /// The record's place in the log, as it says itself.
    @inlinable
    public var sequence: UInt64 { envelope.uint(1) }

    /// The event's time, µs since 1970 UTC.
    @inlinable
    public var time: Int64 { Int64(bitPattern: envelope.uint(2)) }

    /// The stage that it is a part of; 0 for none.
    @inlinable
    public var stage: UInt64 { envelope.uint(8) }

    /// Where the payload stands in the record.
    var payloadRange: Range<Int> { payloadOffset..<(payloadOffset + payloadByteCount) }

    /// The sequence that led to it; 0 for none.
    @inlinable
    public var cause: UInt64 { envelope.uint(7) }

    /// Whose it is.
    public var tenant: String { get throws(WireError) { try envelopeText(3) } }

    /// Who did it.
    public var actor: String { get throws(WireError) { try envelopeText(4) } }

    /// The change ticket, for a manual act.
    public var ticket: String { get throws(WireError) { try envelopeText(5) } }

    /// The caller's idempotency key.
    public var request: String { get throws(WireError) { try envelopeText(6) } }

    /// Whether this did it.
    public func isActor(_ actor: StaticString) -> Bool { bytes.isText(envelope.range(4), actor) }

    private func envelopeText(_ number: Int) throws(WireError) -> String {
        try bytes.text(envelope.range(number), field: number)
    }

    /// Where a text of the envelope stands, by the numbers of `Envelope.fields`: valid UTF-8.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func envelopeRange(
        _ number: Int
    ) throws(WireError) -> (offset: Int, byteCount: Int) {
        try bytes.textRange(envelope.range(number), field: number)
    }

    // MARK: the payload

    /// Whether the field stands in the message.
    @inlinable @inline(__always)
    public func has(_ number: Int) -> Bool { index.has(number) }

    /// An unsigned integer; 0 where it is absent (proto3's default).
    @inlinable @inline(__always)
    public func uint(_ number: Int) -> UInt64 { index.uint(number) }

    /// A signed integer; 0 where it is absent.
    @inlinable @inline(__always)
    public func int(_ number: Int) -> Int64 { Int64(bitPattern: index.uint(number)) }

    /// A flag; false where it is absent.
    @inlinable @inline(__always)
    public func bool(_ number: Int) -> Bool { index.uint(number) != 0 }

    /// Where a length-delimited field's content stands; an empty range where it is absent.
    @inlinable @inline(__always)
    public func range(_ number: Int) -> (offset: Int, byteCount: Int) { index.range(number) }

    /// Where a text stands, valid UTF-8; an empty range where it is absent.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func textRange(_ number: Int) throws(WireError) -> (offset: Int, byteCount: Int) {
        try bytes.textRange(index.range(number), field: number)
    }

    /// Text; empty where it is absent.
    ///
    /// It allocates when the text is over 15 bytes.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func text(_ number: Int) throws(WireError) -> String {
        try bytes.text(index.range(number), field: number)
    }

    /// Calls `body` with the place of each content of a repeated length-delimited field, and where
    /// its tag starts.
    ///
    /// - Throws: `WireError` where the field stands in another form, and what `body` throws.
    package func forEachContent(
        _ number: Int,
        _ body: (_ offset: Int, _ byteCount: Int, _ start: Int) throws(WireError) -> Void
    ) throws(WireError) {
        guard index.has(number) else { return }
        var cursor = WireCursor(bytes, offset: payloadOffset, byteCount: payloadByteCount)
        repeat {
            cursor.takeUsual { other, _, _, _ in other != number }
            guard let field = try cursor.next() else { return }
            guard field.number == number else { continue }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: number)
            }
            try body(field.offset, field.byteCount, field.start)
        } while true
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
        var items: [String] = []
        try forEachContent(number) { offset, byteCount, _ throws(WireError) in
            items.append(try bytes.text((offset, byteCount), field: number))
        }
        return items
    }

    /// The messages of a repeated field, decoded.
    public func messages<M: WireMessage>(_ number: Int) throws(WireError) -> [M] {
        var items: [M] = []
        try forEachContent(number) { offset, byteCount, _ throws(WireError) in
            items.append(try M(decoding: bytes.copy(offset, byteCount)))
        }
        return items
    }

    /// Whether a text field holds exactly this text.
    @inlinable @inline(__always)
    public func isText(_ number: Int, _ expected: StaticString) -> Bool {
        bytes.isText(index.range(number), expected)
    }
}
