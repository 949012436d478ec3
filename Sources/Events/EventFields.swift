/// Where the fields of one record stand, found by one pass over it: what an `EventView` reads from.
///
/// ```swift
/// let fields = try EventFields(record)
/// let view = fields.view
/// ```
///
/// They are words, so that whoever reads a log can note them on one thread (`note`) for another to
/// read (`EventView.init(_:noted:)`):
///
/// | word | |
/// |---|---|
/// | 0 | of the envelope's fields: bit n, n stands as a varint; bit 16 + n, as content |
/// | 0 | bit 32, the envelope's content is ASCII; 33, the payload's; 34, its fields ascend |
/// | 1 | of the payload's fields: bit n, n stands as a varint; bit 32 + n, as content |
/// | 2 | the payload's offset, and in the lower half its byte count |
/// | 3 | the payload's number |
/// | 4… | a slot for each field number of the envelope, then of the payload |
public struct EventFields: ~Copyable, ~Escapable {
    @usableFromInline static let envelopeBase = 4
    static let envelopeSlotCount = 9
    @usableFromInline static let payloadBase = envelopeBase + envelopeSlotCount
    static let payloadSlotCount = 32
    /// The most words of a record.
    static let wordCountMax = payloadBase + payloadSlotCount

    private let bytes: RawSpan
    private var words = InlineArray<45, UInt64>(repeating: 0)

    /// Finds the parts of a record.
    ///
    /// A record with one payload of a number that this build does not know is read all the same:
    /// its view's `type` is nil.
    ///
    /// - Throws: `WireError` where the record is not well formed.
    /// - Complexity: O(bytes).
    @_lifetime(copy record)
    public init(_ record: RawSpan) throws(WireError) {
        bytes = record
        var span = words.mutableSpan
        _ = try Self.find(record, into: &span, at: 0)
    }

    /// A message that stands alone in a part of `bytes`, as if it were a payload.
    ///
    /// - Throws: `WireError` at the first byte that is not well formed.
    @_lifetime(copy bytes)
    package init(message bytes: RawSpan, offset: Int, byteCount: Int) throws(WireError) {
        self.bytes = bytes
        var span = words.mutableSpan
        let payload = Payload(number: 0, offset: offset, byteCount: byteCount)
        _ = try Self.find(
            payload, FieldMarks(slotCount: Self.envelopeSlotCount), bytes, into: &span, at: 0)
    }

    /// What stands in them.
    public var view: EventView {
        @_lifetime(borrow self)
        get { EventView(bytes, noted: words.span) }
    }

    /// Notes the fields of a record as words, from `start` on.
    ///
    /// - Returns: how many words they take; 0 where the record is not well formed.
    public static func note(_ record: RawSpan, into words: inout [UInt64], at start: Int) -> Int {
        if words.count < start + wordCountMax {
            words.append(contentsOf: repeatElement(0, count: words.count + wordCountMax))
        }
        var span = words.mutableSpan
        return (try? find(record, into: &span, at: start)) ?? 0
    }

    private struct Payload {
        var number = 0
        var offset = 0
        var byteCount = 0
    }

    /// Finds a record's fields; returns how many words they take.
    private static func find(
        _ record: RawSpan, into words: inout MutableSpan<UInt64>, at start: Int
    ) throws(WireError) -> Int {
        var cursor = WireCursor(record)
        var payload = Payload()
        var envelope = FieldMarks(slotCount: envelopeSlotCount)
        let base = start + envelopeBase
        repeat {
            envelope.takeUsual(&cursor, into: &words, at: base) { field in
                if field.number < Envelope.payloadNumberMin { return true }
                guard field.isContent, payload.number == 0 else { return false }
                payload = Payload(
                    number: field.number, offset: Int(field.value), byteCount: Int(field.byteCount))
                return true
            }
            guard let field = try cursor.next() else { break }
            if field.number < Envelope.payloadNumberMin {
                envelope.note(field, into: &words, at: base)
                continue
            }
            guard payload.number == 0 else {
                throw WireError(.severalPayloads, offset: field.start, field: field.number)
            }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: field.number)
            }
            payload = Payload(
                number: field.number, offset: field.offset, byteCount: field.byteCount)
        } while true
        guard payload.number != 0 else { throw WireError(.noPayload, offset: record.byteCount) }
        return try find(payload, envelope, record, into: &words, at: start)
    }

    /// Finds the payload's fields, and writes the words before the slots.
    private static func find(
        _ payload: Payload, _ envelope: FieldMarks, _ bytes: RawSpan,
        into words: inout MutableSpan<UInt64>, at start: Int
    ) throws(WireError) -> Int {
        var marks = FieldMarks(slotCount: payloadSlotCount)
        try marks.scan(
            bytes, offset: payload.offset, byteCount: payload.byteCount,
            into: &words, at: start + payloadBase)
        words[start] =
            envelope.varints | envelope.contents << 16 | (envelope.isASCII ? 1 : 0) << 32
            | (marks.isASCII ? 1 : 0) << 33 | (marks.isAscending ? 1 : 0) << 34
        words[start + 1] = marks.varints | marks.contents << 32
        words[start + 2] = UInt64(payload.offset) << 32 | UInt64(payload.byteCount)
        words[start + 3] = UInt64(payload.number)
        return payloadBase + 64 - (marks.varints | marks.contents).leadingZeroBitCount
    }
}
