/// Why a command ends without having done what it was asked: what, where, what to do.
struct CommandFailure: Error, CustomStringConvertible {
    /// What the exit code says.
    let answer: ExitMapping.Answer
    /// One sentence with what failed and where, one with what to do next.
    let description: String
    /// Lines that show the place, such as an expression with a mark below it.
    let detail: [String]

    /// The answer is no: a check failed, something is damaged or cannot be reached.
    static func no(_ message: String, detail: [String] = []) -> CommandFailure {
        CommandFailure(answer: .no, description: message, detail: detail)
    }

    /// The command was used wrongly.
    static func misuse(_ message: String, detail: [String] = []) -> CommandFailure {
        CommandFailure(answer: .misuse, description: message, detail: detail)
    }
}
