/// Why something of X12 was refused, and where.
///
/// A message names segments, elements and codes; never an element's value. Two errors are equal
/// when their codes are.
public struct X12Error: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    public let code: Code
    /// One sentence with what failed and where, one with the remedy.
    public let message: String

    /// The kind of a failure; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case grammarInvalid, valueInvalid, unbalanced }
        private let kind: Kind

        /// A grammar table cannot be read.
        public static let grammarInvalid = Code(kind: .grammarInvalid)
        /// A value does not fit its element.
        public static let valueInvalid = Code(kind: .valueInvalid)
        /// The amounts of a payment do not add up.
        public static let unbalanced = Code(kind: .unbalanced)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }

    /// Whether the codes are the same.
    public static func == (left: X12Error, right: X12Error) -> Bool { left.code == right.code }
}
