/// One record, read in place: the envelope and the payload's fields, with nothing copied.
///
/// - Complexity: O(bytes) to make.
public struct EventView: ~Escapable {
    /// The envelope's fields, by the numbers of `Envelope.fields`.
    public let envelope: FieldTable
    /// The payload's fields, by the numbers of its type.
    public let payload: FieldTable
    /// The payload's field number.
    public let payloadNumber: Int
    /// Where the payload's content starts.
    let payloadOffset: Int
    private let payloadByteCount: Int

    /// Finds the parts of a record.
    ///
    /// A record with one payload of a number that this build does not know is a view all the same:
    /// its `type` is nil.
    ///
    /// - Throws: `WireError` where the record is not well formed.
    @_lifetime(copy record)
    public init(_ record: RawSpan) throws(WireError) {
        var cursor = WireCursor(record)
        var number = 0
        var offset = 0
        var byteCount = 0
        while let field = try cursor.next() {
            guard field.number >= Envelope.payloadNumberMin else { continue }
            guard number == 0 else {
                throw WireError(.severalPayloads, offset: field.start, field: field.number)
            }
            guard field.wireType == 2 else {
                throw WireError(.unexpectedWireType, offset: field.start, field: field.number)
            }
            number = field.number
            offset = field.offset
            byteCount = field.byteCount
        }
        guard number != 0 else { throw WireError(.noPayload, offset: record.byteCount) }
        self.envelope = try FieldTable(record, offset: 0, byteCount: record.byteCount)
        self.payload = try FieldTable(record, offset: offset, byteCount: byteCount)
        self.payloadNumber = number
        self.payloadOffset = offset
        self.payloadByteCount = byteCount
    }

    /// The type, or nil where this build does not know it.
    public var type: EventType? { EventType(rawValue: payloadNumber) }

    /// The record's place in the log, as it says itself.
    public var sequence: UInt64 { envelope.uint(1) }

    /// The event's time, µs since 1970 UTC.
    public var time: Int64 { envelope.int(2) }

    /// The stage that it is a part of; 0 for none.
    public var stage: UInt64 { envelope.uint(8) }

    /// Where the payload stands in the record.
    var payloadRange: Range<Int> { payloadOffset..<(payloadOffset + payloadByteCount) }
}
