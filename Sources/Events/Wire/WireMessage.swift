/// A message of the schema: it names its fields once, and every use of them follows from that.
///
/// `fields` calls the visitor once for each field, in the order of the field numbers. Writing,
/// reading, JSON and comparison are visitors, so no message has code of its own for any of them.
public protocol WireMessage: Sendable, Equatable {
    /// A message with every field at its default.
    init()
    /// Shows every field to `visitor`, which may read it or set it.
    mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(WireError)
    /// Fields that this build does not know, as they stood on the wire; written back at the end.
    var unknownFields: [UInt8] { get set }
    /// Appends the fields that this build knows.
    ///
    /// A requirement, though nobody needs another one than the default: so there is one version of
    /// it for each message, in which every call of `fields` is direct.
    func writeFields(to writer: inout WireWriter)
}

/// What can be done with the fields of a message.
///
/// Numbers run from 1 to 63 and match `docs/format/events.proto`; names are the JSON names.
public protocol FieldVisitor {
    /// Text (proto `string`); empty is the default.
    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String)
        throws(WireError)
    /// Text that stands in a row with others.
    mutating func text(_ number: Int, _ name: StaticString, in row: inout TextRow, at index: Int)
        throws(WireError)
    /// Several texts (proto `repeated string`).
    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String])
        throws(WireError)
    /// An unsigned integer (proto `uint64`).
    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64)
        throws(WireError)
    /// Several unsigned integers (proto `repeated uint64`, packed).
    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64])
        throws(WireError)
    /// A signed integer (proto `int64`).
    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    /// A signed integer that may be absent (proto `optional int64`).
    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?)
        throws(WireError)
    /// A moment, µs since 1970-01-01T00:00:00Z (proto `int64`); 0 means none. JSON shows ISO 8601.
    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    /// A flag (proto `bool`).
    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool)
        throws(WireError)
    /// Bytes (proto `bytes`); JSON shows lower-case hex.
    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8])
        throws(WireError)
    /// A nested message that may be absent.
    mutating func message<M: WireMessage>(_ number: Int, _ name: StaticString, _ value: inout M?)
        throws(WireError)
    /// Several nested messages.
    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError)
}

extension FieldVisitor {
    /// Visits the text as one that stands alone.
    public mutating func text(
        _ number: Int, _ name: StaticString, in row: inout TextRow, at index: Int
    ) throws(WireError) {
        let before = row[index]
        var value = before
        try text(number, name, &value)
        if value != before { row[index] = value }
    }
}

extension WireMessage {
    /// Appends the fields that this build knows, canonically.
    @inlinable
    public func writeFields(to writer: inout WireWriter) {
        var copy = self
        do {
            try copy.fields(&writer)
        } catch {
            preconditionFailure("a writer never refuses a field: \(error)")
        }
    }

    /// The message's bytes, canonical: fields in order, defaults left out, unknown fields last.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.append(self)
        return writer.bytes
    }

    /// Reads a message from the whole of `bytes`.
    ///
    /// - Throws: `WireError` where the bytes are not well formed.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        try self.init(decoding: bytes, 0..<bytes.count, depth: 0)
    }
}
