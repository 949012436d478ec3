import ArgumentParser
import DaybookConfiguration
import EventLog
import Glibc
import Replay
import Timetable

/// Runs the program and turns what it ends with into an exit code and, at most, a few lines of
/// standard error.
enum ExitMapping {
    /// What the exit code says.
    enum Answer: Int32 {
        /// It is so, or it was done.
        case yes = 0
        /// It is not so, or it could not be done.
        case no = 1
        /// The command was used wrongly.
        case misuse = 2

        /// Ends the command with this answer and nothing more to say.
        var exitCode: ExitCode { ExitCode(rawValue) }
    }

    /// Runs the command that the arguments name, and ends the process.
    static func run(_ root: (some AsyncParsableCommand).Type) async -> Never {
        do {
            try refuseUnreadableArguments()
            var command = try root.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(Answer.yes.rawValue)
        } catch {
            exit(end(error, root))
        }
    }

    /// Says what an error is about, and gives the exit code.
    static func end(_ error: any Error, _ root: (some ParsableCommand).Type) -> Int32 {
        switch error {
        case let failure as CommandFailure: return tell(failure)
        case let error as ReplayError: return tell(failure(error))
        case let error as EventLogError: return tell(failure(error, error.message))
        case let error as TimetableError: return tell(.misuse("\(error)"))
        case let error as SampleError: return tell(.no(error.message))
        case let error as NoteError: return tell(.no(error.message))
        case let code as ExitCode: return code.rawValue
        default: return endByParser(error, root)
        }
    }

    private static func failure(_ error: ReplayError) -> CommandFailure {
        if let log = error.log { return failure(log, error.message) }
        return error.code == .invalid ? .misuse(error.message) : .no(error.message)
    }

    /// A folder without a log is a wrong argument; a log that is there and cannot be read is a no.
    private static func failure(_ error: EventLogError, _ message: String) -> CommandFailure {
        error.code == .noLog ? .misuse(message) : .no(message)
    }

    /// Help goes to standard output; what the parser refuses is misuse; the rest is a no.
    private static func endByParser(
        _ error: any Error, _ root: (some ParsableCommand).Type
    ) -> Int32 {
        let code = root.exitCode(for: error)
        if code.isSuccess {
            var output = Output()
            do {
                for line in lines(root.fullMessage(for: error)) { try output.line(line) }
                try output.finish()
            } catch {
                return tell(.no("\(error)"))
            }
            return code.rawValue
        }
        if code != .validationFailure { return tell(.no("\(error)")) }
        // The last line of the full message names the help of the command that was meant.
        let hint = lines(root.fullMessage(for: error)).last { $0.hasPrefix("  See '") }
        let help = hint?.split(separator: "'").dropFirst().first ?? "daybook --help"
        let message = root.message(for: error)
        return tell(
            .misuse("\(sentence(message))\(advice(message, CommandLine.arguments)) See '\(help)'."))
    }

    /// What to write where a value was taken for an option because it begins with `-`; empty where
    /// none was.
    static func advice(_ message: String, _ arguments: [String]) -> String {
        guard message.contains("Missing value for") else { return "" }
        for (option, value) in zip(arguments, arguments.dropFirst())
        where message.contains("'\(option) <") && value.hasPrefix("-")
            && value.dropFirst().first?.isNumber == true
        {
            return " A value that begins with '-' is written \(option)=\(value)."
        }
        return ""
    }

    /// Writes a failure to standard error.
    private static func tell(_ failure: CommandFailure) -> Int32 {
        // What a report says in several lines is shown so.
        let said = lines(failure.description)
        ErrorOutput.line("daybook: \(said.first ?? "")")
        for line in said.dropFirst() + failure.detail { ErrorOutput.line("    \(line)") }
        return failure.answer.rawValue
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private static func sentence(_ text: String) -> String {
        let whole = lines(text).map { line in line.drop { $0 == " " } }.joined(separator: " ")
        return whole.hasSuffix(".") || whole.hasSuffix("?") ? whole : whole + "."
    }

    /// Swift repairs arguments that are not UTF-8, so that a path would silently become another.
    private static func refuseUnreadableArguments() throws(CommandFailure) {
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            if String(validatingCString: argument) == nil {
                throw .misuse(
                    "argument \(index), '\(String(cString: argument))', is not UTF-8. "
                        + "Rename the file or folder, or reach it by another path.")
            }
        }
    }
}
