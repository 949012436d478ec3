import ArgumentParser
import DaybookConfiguration
import Foundation
import Timetable

/// The configuration that a command reads.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration's folder.")
    var path: String

    @Option(help: "The environment whose overlay applies; default: as daybook.yaml says.")
    var environment: String?

    func validate() throws {
        if path.isEmpty {
            throw ValidationError("--config is empty; give the configuration's folder")
        }
    }

    /// Reads the folder as the engine would.
    func load(_ zones: ZoneCatalog) throws(CommandFailure) -> ConfigurationSet {
        try Self.load(path, environment, zones)
    }

    /// Reads a folder; one with errors is a no, which names the first of them.
    static func load(
        _ folder: String, _ environment: String?, _ zones: ZoneCatalog
    ) throws(CommandFailure) -> ConfigurationSet {
        let result = loadConfiguration(
            folder: folder, environmentName: environment, zones: zones,
            processEnvironment: ProcessInfo.processInfo.environment)
        if let set = result.set { return set }
        let errors = result.problems.filter { $0.severity == .error }
        throw .no(
            "\(folder) cannot be read as a configuration "
                + "(\(Words.count(errors.count, "error"))). Mend what this lists: "
                + "daybook check --config \(Words.shell(folder))",
            detail: errors.prefix(1).map(\.description))
    }
}
