/// What went wrong while a date, an expression, a template or zone data was read.
///
/// `message` is one sentence with what failed and one with what to do; `field` and `column` say
/// where in the text, so that a caller can point at it. Equality looks at `code` alone, so that
/// tests compare simply.
public struct TimetableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for programs.
    public var code: Code
    /// What failed and what to do next, for people.
    public var message: String
    /// The part of the input at fault, such as `minute` or `day-of-week`, where there is one.
    public var field: String?
    /// Where the fault stands in the text, in characters, the first being 1, where that is known.
    public var column: Int?

    /// A kind of failure; more may be added without breaking a caller.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidDate, invalidExpression, neverOccurs, invalidInterval, invalidTemplate
            case invalidCalendar
            case unknownZone, invalidZoneName, invalidZoneData, unreadableZoneData
        }

        private let kind: Kind

        /// A date, time or offset that does not read as ISO 8601 or does not exist.
        public static let invalidDate = Code(kind: .invalidDate)
        /// A cron expression that breaks the grammar.
        public static let invalidExpression = Code(kind: .invalidExpression)
        /// A cron expression that is well formed and names no day of any year.
        public static let neverOccurs = Code(kind: .neverOccurs)
        /// A duration that does not read or is not positive.
        public static let invalidInterval = Code(kind: .invalidInterval)
        /// A template with an unknown token or an unclosed `${`.
        public static let invalidTemplate = Code(kind: .invalidTemplate)
        /// A calendar file that does not read as iCalendar.
        public static let invalidCalendar = Code(kind: .invalidCalendar)
        /// A well-formed zone name that the installed zone data does not have.
        public static let unknownZone = Code(kind: .unknownZone)
        /// A zone name that is not allowed to reach the file system.
        public static let invalidZoneName = Code(kind: .invalidZoneName)
        /// A zone file whose bytes break RFC 8536.
        public static let invalidZoneData = Code(kind: .invalidZoneData)
        /// A zone file that is there and cannot be read.
        public static let unreadableZoneData = Code(kind: .unreadableZoneData)

        /// The code as a word.
        public var description: String { kind.rawValue }
    }

    /// Makes an error from its parts.
    public init(_ code: Code, _ message: String, field: String? = nil, column: Int? = nil) {
        self.code = code
        self.message = message
        self.field = field
        self.column = column
    }

    /// Whether two errors are of the same kind.
    public static func == (left: TimetableError, right: TimetableError) -> Bool {
        left.code == right.code
    }

    /// Feeds the code.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    /// The message, led by field and column where they are known.
    public var description: String {
        switch (field, column) {
        case (let field?, let column?): "\(field), column \(column): \(message)"
        case (let field?, nil): "\(field): \(message)"
        case (nil, let column?): "column \(column): \(message)"
        case (nil, nil): message
        }
    }
}

/// The 1-based column, in characters, of a byte offset into UTF-8 text.
func column(ofByte offset: Int, in bytes: [UInt8]) -> Int {
    // Continuation bytes (10xxxxxx) belong to the scalar before them.
    bytes.prefix(offset).reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
}

/// A piece of input, fit to be quoted in a message: short, and without control characters.
func quoted(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(40).map { scalar -> Character in
        scalar.value < 0x20 || scalar.value == 0x7F ? "?" : Character(scalar)
    }
    return "'" + String(shown) + (text.unicodeScalars.count > 40 ? "…'" : "'")
}
