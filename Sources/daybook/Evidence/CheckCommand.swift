import ArgumentParser
import DaybookConfiguration
import Events
import Foundation
import Timetable

/// `daybook check`: every problem of a configuration.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration: every problem, with file and line.",
        discussion: """
            Reads the folder as the engine would and changes nothing. Exit code 0: it can be \
            applied (warnings do not stop it); 1: it cannot.

            EXAMPLE
              daybook check --config config --environment prod
            """)

    @Option(help: "The configuration's folder.")
    var config: String

    @Option(help: "The environment whose overlay applies; default: as daybook.yaml says.")
    var environment: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        if config.isEmpty {
            throw ValidationError("--config is empty; give the configuration's folder")
        }
    }

    func run() async throws {
        let result = loadConfiguration(
            folder: config, environmentName: environment, zones: try ZoneCatalog(),
            processEnvironment: ProcessInfo.processInfo.environment)
        let errors = result.problems.count { $0.severity == .error }
        let warnings = result.problems.count - errors
        let schedules = result.set?.definitions.count
        let partners = result.set?.partners.count
        var output = Output()
        if json.isWanted {
            var text = JSONText()
            let problems = result.problems.map(Self.json).joined(separator: ",")
            text.member("problems", json: "[\(problems)]")
            text.member("errors", json: String(errors))
            text.member("warnings", json: String(warnings))
            text.member("schedules", json: schedules.map { String($0) } ?? "null")
            text.member("partners", json: partners.map { String($0) } ?? "null")
            try output.json(text.object)
        } else {
            for problem in result.problems { try output.line(line(problem)) }
            let counts = "\(Words.count(errors, "error")), \(Words.count(warnings, "warning"))"
            let applied = schedules.map { ", " + Words.count($0, "schedule") } ?? ""
            let exchanged = (partners ?? 0) == 0 ? "" : ", " + Words.count(partners ?? 0, "partner")
            try output.line(counts + applied + exchanged)
        }
        try output.finish()
        if errors > 0 || result.set == nil { throw ExitMapping.Answer.no.exitCode }
    }

    /// As compilers write it; the file from where the command stands, so that editors can open it.
    private func line(_ problem: ConfigurationProblem) -> String {
        if problem.file == "environment" { return problem.description }
        var shown = problem
        let folder = config.hasSuffix("/") ? String(config.dropLast()) : config
        shown.file = problem.file.isEmpty ? config : "\(folder)/\(problem.file)"
        return shown.description
    }

    private static func json(_ problem: ConfigurationProblem) -> String {
        var text = JSONText()
        text.member("severity", text: problem.severity.rawValue)
        text.member("file", text: problem.file)
        text.member("line", json: String(problem.line))
        text.member("column", json: String(problem.column))
        text.member("field", text: problem.field)
        text.member("message", text: problem.message)
        text.member("remedy", text: problem.remedy)
        return text.object
    }
}
