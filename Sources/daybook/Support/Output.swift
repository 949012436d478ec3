import Glibc

/// Standard output of a command, line by line.
///
/// A reader that goes away (`daybook log cat | head`) is no error: what is written afterwards is
/// dropped, and whoever writes much looks at `isOpen`. Any other failure is one.
struct Output: ~Copyable {
    private var buffer: [UInt8] = []
    private let isTerminal: Bool
    /// Whether somebody still reads.
    private(set) var isOpen = true

    private static let bufferByteCountMax = 1 << 16

    /// Standard output, nothing written yet.
    init() {
        // Only commands that print evidence do this: a program that an engine starts would
        // otherwise inherit it.
        signal(SIGPIPE, SIG_IGN)
        isTerminal = isatty(STDOUT_FILENO) == 1
    }

    /// Writes a line of text, control characters replaced: what stands in logs and files must not
    /// steer a terminal.
    mutating func line(_ text: String = "") throws(CommandFailure) {
        try write(Terminal.clean(text))
    }

    /// Writes a line of JSON as it is; on a terminal, controls that JSON allows are escaped.
    mutating func json(_ text: String) throws(CommandFailure) {
        try write(isTerminal ? Terminal.escaped(text) : text)
    }

    /// Writes a part of a line of JSON, as `json` does.
    mutating func jsonPart(_ text: String) throws(CommandFailure) {
        try append(isTerminal ? Terminal.escaped(text) : text)
    }

    /// Writes what is still in memory.
    mutating func finish() throws(CommandFailure) {
        defer { buffer.removeAll(keepingCapacity: true) }
        var rest = buffer[...]
        while isOpen && !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let answer = errno
            switch answer {
            case EINTR: continue
            case EPIPE: isOpen = false
            case EAGAIN:
                // Somebody made the terminal or pipe non-blocking: wait until it takes more.
                var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            default:
                throw .no(
                    "standard output cannot be written: \(String(cString: strerror(answer))). "
                        + "What was written so far is incomplete; make room and run it again.")
            }
        }
    }

    private mutating func write(_ text: String) throws(CommandFailure) {
        guard isOpen else { return }
        buffer += text.utf8
        try append("\n")
    }

    private mutating func append(_ text: String) throws(CommandFailure) {
        guard isOpen else { return }
        buffer += text.utf8
        if isTerminal || buffer.count >= Self.bufferByteCountMax { try finish() }
    }
}

/// Standard error, for what goes wrong and for remarks.
enum ErrorOutput {
    /// Writes a line, control characters replaced.
    static func line(_ text: String) {
        write(Terminal.clean(text) + "\n")
    }

    /// Writes text as it is, as far as that is possible: there is nowhere to say that it is not.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// What is fit for a terminal.
enum Terminal {
    /// A text without control characters.
    static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    /// JSON with the control characters that may stand in it as they are (DEL and C1) escaped.
    static func escaped(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: isControl) else { return json }
        return json.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) {
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
