/// Something of files that are exchanged with partners went wrong.
///
/// It says what failed, where, and what to do next; never what a file holds.
public struct ExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word for programs, such as `storage`, `outcome` or `key`.
    public let code: String
    /// What failed, where, and what to do next.
    public let message: String

    /// An error.
    public init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
