import ArgumentParser
import Foundation
import X12

/// `daybook x12`: interchanges of healthcare EDI, read and answered without an engine, and the
/// files that an engine exchanges with partners.
struct X12Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x12",
        abstract: "Check, answer and show X12 interchanges, and exchange files with partners.",
        discussion: """
            check, ack and show need no engine; the others ask one.

            EXAMPLE
              daybook x12 check claims.edi --config config
              daybook x12 send claims.edi --partner PARTNERA --data sample/data
            """,
        subcommands: [
            X12CheckCommand.self, X12AckCommand.self, X12ShowCommand.self, X12SendCommand.self,
            X12FilesCommand.self, X12ReceivedCommand.self, X12OutcomesCommand.self,
            X12DuplicatesCommand.self, X12ReassembleCommand.self, X12HoldCommand.self,
        ])

    func run() async throws {
        throw CommandFailure.misuse(
            "x12 what? Give check, ack, show, send, files, received, outcomes, duplicates, "
                + "reassemble or hold; see 'daybook x12 --help'.")
    }
}

/// `daybook x12 check`: what is wrong with a file, by places and codes alone.
struct X12CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with a file, by positions and codes.",
        discussion: """
            No element's value is printed: a code that is none, and a control number that is no \
            number, are shown as 'unknown'. Exit code 0 where every interchange and set is \
            accepted, 1 where one is not, or where there are more than the engine takes in one file.

            EXAMPLE
              daybook x12 check claims.edi --config config
            """)

    @Argument(help: "A file of X12 interchanges.")
    var file: String

    @OptionGroup var partners: PartnersOption

    func run() async throws {
        let results = try X12File.check(file, partners: try partners.load())
        var output = Output()
        for line in X12Findings.lines(results) { try output.line(line) }
        try output.finish()
        if !X12Findings.areGood(results) { throw ExitMapping.Answer.no.exitCode }
    }
}

/// `daybook x12 ack`: the TA1 and 999 that a file is answered with.
struct X12AckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Print the TA1 and 999 that a file is answered with.",
        discussion: """
            The 999 repeats bad values, so its output is for the file's sender alone. Exit code 1 \
            where no interchange begins in the file: nothing answers it.

            EXAMPLE
              daybook x12 ack claims.edi --config config --json
            """)

    @Argument(help: "A file of X12 interchanges.")
    var file: String

    @OptionGroup var partners: PartnersOption

    @OptionGroup var json: JSONOption

    func run() async throws {
        let results = try X12File.check(file, partners: try partners.load())
        var output = Output()
        if json.isWanted {
            try output.json(InterchangeResult.json(results))
        } else {
            for line in X12Findings.answers(results) { try output.line(line) }
        }
        try output.finish()
        if !results.contains(where: { $0.header != nil }) { throw X12File.isNone(file) }
    }
}

/// `daybook x12 show`: the segments of a file, one a line.
struct X12ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the segments of a file, one a line, with their places.",
        discussion: """
            With --values the elements are printed too: they are the data of patients. Exit code 1 \
            where no interchange begins in the file.

            EXAMPLE
              daybook x12 show claims.edi
            """)

    @Argument(help: "A file of X12 interchanges.")
    var file: String

    @Flag(help: "Print the elements' values too.")
    var values = false

    func run() async throws {
        var lines = X12Lines(hasValues: values)
        var parser = X12Parser()
        try X12File.read(file) { parser.consume($0, into: &lines) }
        parser.finish(into: &lines)
        var output = Output()
        for line in lines.lines { try output.line(line) }
        try output.finish()
        if lines.interchangeCount == 0 { throw X12File.isNone(file) }
    }
}
