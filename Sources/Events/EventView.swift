/// One record, read in place: the envelope, and the payload's fields by their numbers, with nothing
/// copied.
///
/// This is what replay reads: a projection asks for the few fields that it folds. Of a payload the
/// fields below 32 can be read, which is all that there are (a test looks). Where they stand was
/// found before, by `EventFields`.
///
/// - Complexity: O(1) to make, O(1) a field.
public struct EventView: ~Copyable, ~Escapable {
    /// The record; the offsets refer to it.
    public let bytes: RawSpan
    @usableFromInline let words: Span<UInt64>
    @usableFromInline let envelope: UInt64
    @usableFromInline let payload: UInt64
    private let payloadPlace: UInt64
    /// The payload's field number; 0 for a message that stands alone.
    public let payloadNumber: Int
    /// The record's place in the log, as it says itself.
    public let sequence: UInt64
    /// The event's time, µs since 1970 UTC.
    public let time: Int64

    /// A view of a record whose fields `EventFields.note` has noted.
    @_lifetime(copy record, copy words)
    public init(_ record: RawSpan, noted words: Span<UInt64>) {
        precondition(words.count >= EventFields.payloadBase, "the words that `note` has noted")
        bytes = record
        self.words = words
        envelope = words[0]
        payload = words[1]
        payloadPlace = words[2]
        payloadNumber = Int(truncatingIfNeeded: words[3])
        let base = EventFields.envelopeBase
        sequence = Self.slot(1, words[0], contentsAt: 16, words, base)
        time = Int64(bitPattern: Self.slot(2, words[0], contentsAt: 16, words, base))
    }

    /// Where the payload's content starts.
    var payloadOffset: Int { Int(payloadPlace >> 32) }
    private var payloadByteCount: Int { Int(payloadPlace & 0xFFFF_FFFF) }

    /// A varint's value, where it stands as nothing else: `kinds` has its bit for a varint at
    /// `number`, and for content so many bits above.
    @inlinable @inline(__always)
    static func slot(
        _ number: Int, _ kinds: UInt64, contentsAt shift: UInt64, _ words: Span<UInt64>,
        _ base: Int
    ) -> UInt64 {
        // With a number that is known when it is compiled, nothing is left of this.
        precondition(number < 32, "a view reads the fields below 32")
        let kind = kinds &>> UInt64(truncatingIfNeeded: number) & (1 &<< shift | 1)
        return kind == 1 ? words[base + number] : 0
    }

    /// Where content stands, where it stands as nothing else.
    @inlinable @inline(__always)
    func range(
        _ number: Int, _ kinds: UInt64, contentsAt shift: UInt64, _ base: Int
    ) -> (offset: Int, byteCount: Int) {
        precondition(number < 32, "a view reads the fields below 32")
        let kind = kinds &>> UInt64(truncatingIfNeeded: number) & (1 &<< shift | 1)
        guard kind == 1 &<< shift else { return (0, 0) }
        let slot = words[base + number]
        return (Int(slot >> 32), Int(slot & 0xFFFF_FFFF))
    }

    @inlinable @inline(__always)
    func envelopeUInt(_ number: Int) -> UInt64 {
        Self.slot(number, envelope, contentsAt: 16, words, EventFields.envelopeBase)
    }

    @inlinable @inline(__always)
    func envelopePlace(_ number: Int) -> (offset: Int, byteCount: Int) {
        range(number, envelope, contentsAt: 16, EventFields.envelopeBase)
    }

    /// Whether all content of the envelope is ASCII, which is valid text.
    @inlinable var isEnvelopeASCII: Bool { envelope >> 32 & 1 == 1 }
    /// The same of the payload.
    @inlinable var isPayloadASCII: Bool { envelope >> 33 & 1 == 1 }

    // MARK: the envelope

    /// The type, or nil where this build does not know it.
    @inlinable
    public var type: EventType? { EventType(rawValue: payloadNumber) }

    /// The stage that it is a part of; 0 for none.
    @inlinable
    public var stage: UInt64 { envelopeUInt(8) }

    /// Where the payload stands in the record.
    var payloadRange: Range<Int> { payloadOffset..<(payloadOffset + payloadByteCount) }

    /// The sequence that led to it; 0 for none.
    @inlinable
    public var cause: UInt64 { envelopeUInt(7) }

    /// Whose it is.
    public var tenant: String { get throws(WireError) { try envelopeText(3) } }

    /// Who did it.
    public var actor: String { get throws(WireError) { try envelopeText(4) } }

    /// The change ticket, for a manual act.
    public var ticket: String { get throws(WireError) { try envelopeText(5) } }

    /// The caller's idempotency key.
    public var request: String { get throws(WireError) { try envelopeText(6) } }

    /// Whether this did it.
    public func isActor(_ actor: StaticString) -> Bool { bytes.isText(envelopePlace(4), actor) }

    private func envelopeText(_ number: Int) throws(WireError) -> String {
        try bytes.text(envelopePlace(number), field: number)
    }

    /// Where a text of the envelope stands, by the numbers of `Envelope.fields`: valid UTF-8.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func envelopeRange(
        _ number: Int
    ) throws(WireError) -> (offset: Int, byteCount: Int) {
        if isEnvelopeASCII { return envelopePlace(number) }
        return try bytes.textRange(envelopePlace(number), field: number)
    }

    // MARK: the payload

    /// Whether the field stands in the message.
    @inlinable @inline(__always)
    public func has(_ number: Int) -> Bool {
        (payload | payload >> 32) &>> UInt64(truncatingIfNeeded: number) & 1 == 1
    }

    /// An unsigned integer; 0 where it is absent (proto3's default).
    @inlinable @inline(__always)
    public func uint(_ number: Int) -> UInt64 {
        Self.slot(number, payload, contentsAt: 32, words, EventFields.payloadBase)
    }

    /// A signed integer; 0 where it is absent.
    @inlinable @inline(__always)
    public func int(_ number: Int) -> Int64 { Int64(bitPattern: uint(number)) }

    /// A flag; false where it is absent.
    @inlinable @inline(__always)
    public func bool(_ number: Int) -> Bool { uint(number) != 0 }

    /// Where a length-delimited field's content stands; an empty range where it is absent.
    @inlinable @inline(__always)
    public func range(_ number: Int) -> (offset: Int, byteCount: Int) {
        range(number, payload, contentsAt: 32, EventFields.payloadBase)
    }

    /// Where a text stands, valid UTF-8; an empty range where it is absent.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func textRange(_ number: Int) throws(WireError) -> (offset: Int, byteCount: Int) {
        if isPayloadASCII { return range(number) }
        return try bytes.textRange(range(number), field: number)
    }

    /// Text; empty where it is absent.
    ///
    /// It allocates when the text is over 15 bytes.
    ///
    /// - Throws: `invalidUTF8`.
    @inlinable @inline(__always)
    public func text(_ number: Int) throws(WireError) -> String {
        try bytes.text(range(number), field: number)
    }

    /// Calls `body` with the place of each content of a repeated length-delimited field.
    ///
    /// - Throws: `WireError` where the field stands in another form, and what `body` throws.
    package func forEachContent(
        _ number: Int,
        _ body: (_ offset: Int, _ byteCount: Int) throws(WireError) -> Void
    ) throws(WireError) {
        guard has(number) else { return }
        var cursor = WireCursor(bytes, offset: payloadOffset, byteCount: payloadByteCount)
        repeat {
            cursor.takeUsual { $0.number != number }
            guard let field = try cursor.next() else { return }
            guard field.number == number else { continue }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: number)
            }
            try body(field.offset, field.byteCount)
        } while true
    }

    /// Where the content of the highest number below one stands; an empty range without one.
    private func contentBefore(_ number: Int) -> (offset: Int, byteCount: Int) {
        let below = payload >> 32 & (1 << UInt64(number) - 1)
        return below == 0 ? (0, 0) : range(63 - below.leadingZeroBitCount)
    }

    /// Calls `body` with the place of each content of a repeated length-delimited field.
    ///
    /// - Returns: false where a field's form is unusual, so that not all were found.
    package func forEachUsualContent(
        _ number: Int, _ body: (_ offset: Int, _ byteCount: Int) -> Void
    ) -> Bool {
        guard has(number) else { return true }
        var start = payloadOffset
        var end = payloadOffset + payloadByteCount
        if envelope >> 34 & 1 == 1 {
            // They stand between the content before them and the end of their last.
            let (offset, byteCount) = contentBefore(number)
            if byteCount > 0 { start = offset + byteCount }
            let last = range(number)
            end = last.offset + last.byteCount
        }
        var cursor = WireCursor(bytes, offset: start, byteCount: end - start)
        cursor.takeUsual { field in
            guard field.number == number else { return true }
            guard field.isContent else { return false }
            body(Int(field.value), Int(field.byteCount))
            return true
        }
        return cursor.offset == end
    }

    /// The whole payload, decoded.
    ///
    /// - Throws: `WireError` where it is not well formed.
    public func payload<P: EventPayload>(_ type: P.Type) throws(WireError) -> P {
        try P(decoding: bytes.copy(payloadOffset, payloadByteCount))
    }

    /// A copy of a length-delimited field's content; empty where it is absent.
    public func content(_ number: Int) -> [UInt8] {
        let (offset, byteCount) = range(number)
        return byteCount == 0 ? [] : bytes.copy(offset, byteCount)
    }

    /// The texts of a repeated field.
    ///
    /// - Throws: `invalidUTF8`.
    public func texts(_ number: Int) throws(WireError) -> [String] {
        var items: [String] = []
        try forEachContent(number) { offset, byteCount throws(WireError) in
            items.append(try bytes.text((offset, byteCount), field: number))
        }
        return items
    }

    /// The messages of a repeated field, decoded.
    public func messages<M: WireMessage>(_ number: Int) throws(WireError) -> [M] {
        var items: [M] = []
        try forEachContent(number) { offset, byteCount throws(WireError) in
            items.append(try M(decoding: bytes.copy(offset, byteCount)))
        }
        return items
    }

    /// Whether a text field holds exactly this text.
    @inlinable @inline(__always)
    public func isText(_ number: Int, _ expected: StaticString) -> Bool {
        bytes.isText(range(number), expected)
    }
}
