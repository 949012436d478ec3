import ArgumentParser
import Foundation

/// A file is written.
struct ControlPersistCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "persist",
        abstract: "Say that the file with these numbers is written.",
        discussion: """
            EXAMPLE
              daybook control persist ISA/ZZ:US/ZZ:THEM --numbers 120 --file out/277CA_120.edi
            """)

    @OptionGroup var numbers: ControlNumbersOption
    @Option(help: "The file.")
    var file = ""
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/control-numbers/persisted", json,
            with: ["numbers": numbers.body, "file": file])
    }
}

/// A file was not made.
struct ControlFailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail",
        abstract: "Say that the file with these numbers was not made: a gap, with its cause.",
        discussion: """
            EXAMPLE
              daybook control fail ISA/ZZ:US/ZZ:THEM --numbers 121 --reason "envelope was invalid"
            """)

    @OptionGroup var numbers: ControlNumbersOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/control-numbers/failed", json, with: ["numbers": numbers.body])
    }
}

/// Somebody knows why numbers are missing.
struct ControlExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain numbers that are missing; they stay in the gap view, with your name.",
        discussion: """
            EXAMPLE
              daybook control explain ISA/ZZ:US/ZZ:THEM --numbers 120-125 --ticket INC-88 \
            --reason "assembly was stopped by hand, partner was told"
            """)

    @OptionGroup var numbers: ControlNumbersOption
    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await act.perform(
            engine, "/v1/control-numbers/explained", json, with: ["numbers": numbers.body])
    }
}

/// The next generation of an allocator.
struct ControlResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Begin the next generation of an allocator.",
        discussion: """
            Agree on it with the partner first: numbers that were used before come again.

            EXAMPLE
              daybook control reset ISA/ZZ:US/ZZ:THEM --next 1 --ticket CHG-1234 \
            --reason "rollover, agreed with THEM for 2027-01-04"
            """)

    @Argument(help: "The allocator's name, as daybook control list shows it.")
    var allocator: String

    @Option(help: "The number that is given out next, from 1 (default: the allocator's start).")
    var next: UInt64?

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func validate() throws {
        if next == 0 {
            throw ValidationError("--next is 1 or more; leave it out for the allocator's start")
        }
    }

    func run() async throws {
        try await act.perform(
            engine, "/v1/control-numbers/reset", json,
            with: next.map { ["allocator": allocator, "next": $0] } ?? ["allocator": allocator])
    }
}

/// A file goes out once more.
struct ControlResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Record that a file is sent again under its own numbers, which it is read for.",
        discussion: """
            Every number of the file must be persisted. A file that must be made anew gets new \
            numbers; these are never used for another file.

            EXAMPLE
              daybook control resend out/THEM_277CA_000000120.edi --partner THEM --type 277CA \
            --ticket CHG-1234 --reason "THEM lost the file"
            """)

    @Argument(help: "The file.")
    var file: String

    @Option(help: "The partner, by which its ST02 are found.")
    var partner: String

    @Option(help: "Its transaction type.")
    var type: String

    @OptionGroup var act: ActOptions
    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let interchanges = try EnvelopeNumbers.read(file)
        guard !interchanges.isEmpty, interchanges.allSatisfy(\.isWhole) else {
            throw CommandFailure.no(
                "\(file) is not a whole X12 file; daybook x12 check says what is wrong with it")
        }
        let list = try await engine.get("/v1/control-numbers?limit=1000")
        let known = Set(list.list("allocators").map { $0.cell("name") })
        var ranges: [FoundNumbers] = []
        for interchange in interchanges {
            for found in interchange.numbers(partner: partner, type: type) {
                guard let name = found.names.first(where: known.contains) else {
                    throw CommandFailure.no(
                        "\(file) has number \(found.first) of \(found.names[0]), "
                            + "and there is no such allocator")
                }
                ranges.append(FoundNumbers(names: [name], first: found.first, count: found.count))
            }
        }
        try await act.perform(
            engine, "/v1/control-numbers/resend", json,
            with: [
                "file": URL(fileURLWithPath: file).lastPathComponent,
                "numbers": ranges.map(\.body),
            ])
    }
}
