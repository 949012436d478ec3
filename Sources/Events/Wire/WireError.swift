/// Why bytes are not a message that this build can read.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: Sendable {
        /// The bytes end inside a field.
        case truncated
        /// A varint is longer than ten bytes, or does not fit 64 bits.
        case overlongVarint
        /// A field number of zero or above 536,870,911.
        case badFieldNumber
        /// A wire type that Protocol Buffers does not define, or a group (deprecated).
        case badWireType
        /// A known field came with another wire type than the schema's.
        case unexpectedWireType
        /// Text is not valid UTF-8.
        case invalidUTF8
        /// The record holds more than one payload.
        case severalPayloads
        /// A nested message that is not repeated stands more than once.
        case severalMessages
        /// The record holds no payload.
        case noPayload
        /// The payload's event type is not known to this build.
        case unknownEventType
        /// Messages are nested deeper than the bound.
        case tooDeep
    }

    /// The kind of fault; equality looks at this alone.
    public let code: Code
    /// The byte offset in the record (or message) where it was met.
    public let offset: Int
    /// The field concerned, 0 where none is known.
    public let field: Int

    /// Makes an error.
    public init(_ code: Code, offset: Int, field: Int = 0) {
        self.code = code
        self.offset = offset
        self.field = field
    }

    /// Two errors are equal when their codes are.
    public static func == (a: WireError, b: WireError) -> Bool { a.code == b.code }

    /// One sentence: what is wrong, and where.
    public var description: String {
        let place = field == 0 ? "byte \(offset)" : "byte \(offset), field \(field)"
        switch code {
        case .truncated: return "the record ends inside a field (\(place))"
        case .overlongVarint: return "a varint does not fit 64 bits (\(place))"
        case .badFieldNumber: return "a field number is out of range (\(place))"
        case .badWireType: return "a wire type is not one of 0, 1, 2 and 5 (\(place))"
        case .unexpectedWireType:
            return "a field has another wire type than the schema's (\(place))"
        case .invalidUTF8: return "text is not valid UTF-8 (\(place))"
        case .severalPayloads: return "the record holds more than one payload (\(place))"
        case .severalMessages:
            return "a nested message stands more than once (\(place))"
        case .noPayload: return "the record holds no payload (\(place))"
        case .unknownEventType:
            return "event type \(field) is not known to this build; use a newer daybook"
        case .tooDeep: return "messages are nested too deep (\(place))"
        }
    }
}
