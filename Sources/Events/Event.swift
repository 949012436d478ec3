/// What happened: one type of event.
public protocol EventPayload: WireMessage {
    /// Its type.
    static var type: EventType { get }
}

/// What every event says beside its payload.
public struct Envelope: WireMessage {
    /// The record's place in the log.
    public var sequence: UInt64 = 0
    /// The engine's clock, µs since 1970 UTC; it never decreases along the log.
    public var time: Int64 = 0
    /// Whose it is.
    public var tenant = ""
    /// Who did it: `engine`, `user:…`, `worker:…` or `config:<commit>`.
    public var actor = ""
    /// The change ticket, for a manual act.
    public var ticket = ""
    /// The caller's idempotency key.
    public var request = ""
    /// The sequence that led to it; 0 for none.
    public var cause: UInt64 = 0
    /// The stage that it is a part of: the sequence of the stage's first event, plus one.
    ///
    /// A decision that is too large for one write is staged; its events count only when the event
    /// that ends the stage is there.
    public var stage: UInt64 = 0
    public var unknownFields: [UInt8] = []

    /// The first field number of a payload; lower ones belong to the envelope.
    public static let payloadNumberMin = 16

    /// An empty envelope.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.uint(1, "sequence", &sequence)
        try v.instant(2, "time", &time)
        try v.text(3, "tenant", &tenant)
        try v.text(4, "actor", &actor)
        try v.text(5, "ticket", &ticket)
        try v.text(6, "request", &request)
        try v.uint(7, "cause", &cause)
        try v.uint(8, "stage", &stage)
    }
}

/// One event, decoded whole, for deciding, exports and the command line.
///
/// Replay reads `EventView`.
public struct Event: Sendable {
    /// What every event says.
    public var envelope: Envelope
    /// What happened.
    public var payload: any EventPayload

    /// An event from its parts.
    public init(_ envelope: Envelope, _ payload: any EventPayload) {
        self.envelope = envelope
        self.payload = payload
    }

    /// Its type.
    public var type: EventType { Swift.type(of: payload).type }

    /// Decodes a record.
    ///
    /// - Throws: `WireError`; `unknownEventType` names the payload's number in `field`.
    public init(decoding record: [UInt8]) throws(WireError) {
        // Safe: every byte of the array is initialised.
        let fields = try EventFields(unsafe record.span.bytes)
        let view = fields.view
        guard let type = view.type else {
            throw WireError(
                .unknownEventType, offset: view.payloadOffset, field: view.payloadNumber)
        }
        var envelope = try Envelope(decoding: record, 0..<record.count, depth: 0)
        envelope.unknownFields = try Self.unknownEnvelopeFields(record, type)
        self.envelope = envelope
        self.payload = try Self.decode(type.payload, record, view.payloadRange)
    }

    private static func decode<P: EventPayload>(
        _ type: P.Type, _ record: [UInt8], _ range: Range<Int>
    ) throws(WireError) -> any EventPayload {
        try P(decoding: record, range, depth: 1)
    }

    /// The envelope's unknown fields: all but the payload.
    private static func unknownEnvelopeFields(
        _ record: [UInt8], _ type: EventType
    ) throws(WireError) -> [UInt8] {
        var result: [UInt8] = []
        // Safe: every byte of the array is initialised.
        var cursor = unsafe WireCursor(record.span.bytes)
        while let field = try cursor.next() {
            let isKnown = (1...8).contains(field.number) || field.number == type.rawValue
            if !isKnown { result += record[field.start..<cursor.offset] }
        }
        return result
    }

    /// Appends the record's bytes, without a length.
    public func write(to writer: inout WireWriter) {
        var known = envelope
        known.unknownFields = []
        writer.append(known)
        Self.write(payload, to: &writer)
        writer.appendRaw(envelope.unknownFields)
    }

    private static func write<P: EventPayload>(_ payload: P, to writer: inout WireWriter) {
        var message: P? = payload
        writer.message(P.type.rawValue, "payload", &message)
    }

    /// The record's bytes, without a length.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Appends the record as it stands in a log's body: its length as a varint, then its bytes.
    ///
    /// - Returns: the record's byte count.
    @discardableResult
    public func writeDelimited(to writer: inout WireWriter) -> Int {
        writer.lengthPrefixed { write(to: &$0) }
    }

    /// Appends a record as it stands in a log's body, without making an event of its parts.
    ///
    /// - Returns: the record's byte count.
    public static func writeDelimited<P: EventPayload>(
        _ envelope: Envelope, _ payload: P, to writer: inout WireWriter
    ) -> Int {
        writer.lengthPrefixed {
            $0.append(envelope)
            $0.tag(P.type.rawValue, 2)
            $0.appendDelimited(payload)
        }
    }

    /// The event as one JSON object: the envelope, its type's name, and the payload.
    public var json: String {
        var writer = JSONText()
        writer.member("sequence", json: String(envelope.sequence))
        writer.member("type", text: type.name)
        var rest = envelope
        rest.sequence = 0
        writer.append(rest)
        writer.member("payload", json: Self.json(payload))
        return writer.object
    }

    private static func json<P: EventPayload>(_ payload: P) -> String { JSONText.of(payload) }
}
