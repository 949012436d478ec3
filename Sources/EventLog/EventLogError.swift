import SystemPackage

/// What went wrong in the log, where, and what to do next.
///
/// Two errors are equal when their codes are.
public struct EventLogError: Error, Equatable, Sendable {
    /// What kind of failure this is.
    public let code: Code
    /// One sentence with what failed and where, one with the remedy.
    public let message: String
    /// The segment's path, where one is concerned.
    public let segment: String?
    /// The offset in the segment, in bytes.
    public let offset: Int?
    /// The system's error, where there was one.
    public let cause: Errno?

    /// The kind of a failure; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case recordTooLarge, decisionTooLarge, decisionMalformed, configurationInvalid
            case queueFull, closed, outcomeUnknown, noSpace
            case locked, networkFileSystem, inputOutput
            case damaged, foreignOrMissing, noLog, sequenceAbsent
        }
        private let kind: Kind

        /// A record is longer than 65,535 bytes.
        public static let recordTooLarge = Code(kind: .recordTooLarge)
        /// A decision does not fit one write.
        public static let decisionTooLarge = Code(kind: .decisionTooLarge)
        /// The bytes are not the stated number of length-delimited records.
        public static let decisionMalformed = Code(kind: .decisionMalformed)
        /// A size in the configuration is out of its range.
        public static let configurationInvalid = Code(kind: .configurationInvalid)
        /// The queue holds as much as it may; try again once some of it is durable.
        public static let queueFull = Code(kind: .queueFull)
        /// The log was closed.
        public static let closed = Code(kind: .closed)
        /// A write or a sync failed: what was in flight may or may not be durable.
        public static let outcomeUnknown = Code(kind: .outcomeUnknown)
        /// The disk has no room for more; nothing was written.
        public static let noSpace = Code(kind: .noSpace)
        /// Another writer holds the lock.
        public static let locked = Code(kind: .locked)
        /// The folder is on a network file system.
        public static let networkFileSystem = Code(kind: .networkFileSystem)
        /// A system call failed, with nothing in doubt.
        public static let inputOutput = Code(kind: .inputOutput)
        /// Bytes that were acknowledged, or may have been, are bad or gone.
        public static let damaged = Code(kind: .damaged)
        /// A segment is of another log or an unknown version, or one is missing.
        public static let foreignOrMissing = Code(kind: .foreignOrMissing)
        /// There is no log in this folder.
        public static let noLog = Code(kind: .noLog)
        /// The log does not hold this sequence.
        public static let sequenceAbsent = Code(kind: .sequenceAbsent)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    package init(
        _ code: Code, _ message: String, segment: String? = nil, offset: Int? = nil,
        cause: Errno? = nil
    ) {
        self.code = code
        self.message = message
        self.segment = segment
        self.offset = offset
        self.cause = cause
    }

    /// An error that only names its kind: for comparisons in tests.
    package init(code: Code) { self.init(code, "") }

    /// Whether both are of one kind.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension EventLogError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
