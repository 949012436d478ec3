import Glibc

/// One line of standard error that says how far a command has come; nothing unless a person looks.
struct ProgressLine: Sendable {
    private let isShown: Bool

    /// A line that is shown where standard error is a terminal and `isWanted`.
    init(isWanted: Bool) {
        isShown = isWanted && isatty(STDERR_FILENO) == 1
    }

    /// Shows a text in place of the one before.
    func show(_ text: String) {
        if isShown { ErrorOutput.write("\r\u{1B}[K" + Terminal.clean(text)) }
    }

    /// Takes the line away.
    func clear() {
        if isShown { ErrorOutput.write("\r\u{1B}[K") }
    }
}
