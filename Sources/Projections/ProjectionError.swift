import Events

/// Why an event cannot be applied to the state.
public struct ProjectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of refusal.
    public enum Code: Sendable {
        /// The record is not well formed.
        case malformed
        /// This build does not know the event's type.
        case unknownEventType
        /// The record's sequence is not the next one.
        case outOfOrder
        /// The event's time is before the last event's.
        case timeWentBack
        /// The event is not possible in the present state.
        case impossible
    }

    /// The kind of refusal; equality looks at this alone.
    public let code: Code
    /// The sequence concerned.
    public let sequence: UInt64
    /// One sentence.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, sequence: UInt64, _ message: String) {
        self.code = code
        self.sequence = sequence
        self.message = message
    }

    /// Wraps a fault of the record's bytes.
    public init(_ error: WireError, sequence: UInt64) {
        self.init(
            error.code == .unknownEventType ? .unknownEventType : .malformed, sequence: sequence,
            error.description)
    }

    /// Two errors are equal when their codes are.
    public static func == (a: ProjectionError, b: ProjectionError) -> Bool { a.code == b.code }

    /// The message and the sequence.
    public var description: String { "sequence \(sequence): \(message)" }
}
