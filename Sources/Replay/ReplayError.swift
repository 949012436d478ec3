import EventLog
import Projections

/// Why a log cannot be replayed, searched or exported.
public struct ReplayError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable {
        /// The log is damaged, foreign, missing or cannot be read: see `log`.
        case log
        /// The log holds an event type that this build does not know.
        case unknownEventType
        /// A record cannot be applied: it is malformed, or impossible where it stands.
        case notApplicable
        /// A derived file that is valid says that more was durable than the log holds.
        case logTooShort
        /// What was asked for is not in the log.
        case notFound
        /// A day, a cursor or a type name is not well formed.
        case invalid
        /// The day is not over.
        case dayOpen
        /// A file with other bytes stands where an export would go.
        case wouldOverwrite
        /// An output cannot be written.
        case output
    }

    /// The kind of failure; equality looks at this alone.
    public let code: Code
    /// What failed, where, and what to do.
    public let message: String
    /// The sequence concerned.
    public let sequence: UInt64?
    /// The log's own error, with segment and offset.
    public let log: EventLogError?

    init(_ code: Code, sequence: UInt64? = nil, _ message: String) {
        self.code = code
        self.message = message
        self.sequence = sequence
        self.log = nil
    }

    init(_ error: EventLogError) {
        code = .log
        message = error.description
        sequence = nil
        log = error
    }

    init(_ error: ProjectionError) {
        code = error.code == .unknownEventType ? .unknownEventType : .notApplicable
        message = error.description
        sequence = error.sequence
        log = nil
    }

    /// Two errors are equal when their codes are.
    public static func == (a: ReplayError, b: ReplayError) -> Bool { a.code == b.code }

    /// The message.
    public var description: String { message }
}

extension ReplayError {
    /// The log never had a schedule of that id.
    package static func noSchedule(_ jobId: String) -> ReplayError {
        ReplayError(
            .notFound,
            "the log has no schedule '\(jobId)'; `daybook schedules` lists those that there are")
    }
}
