/// One breach of a rule, as a person can find it.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    /// The first line is 1; 0 means the whole file.
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}
