import ArgumentParser
import DaybookConfiguration
import Exchange
import Timetable
import X12

/// The configuration whose partners a file is checked by.
struct PartnersOption: ParsableArguments {
    @Option(help: "The configuration's folder; only its partners are used.")
    var config = "config"

    @Option(help: "The environment whose overlay applies; default: as daybook.yaml says.")
    var environment: String?

    func validate() throws {
        if config.isEmpty {
            throw ValidationError("--config is empty; give the configuration's folder")
        }
    }

    /// Reads the folder as the engine would, and takes its partners.
    func load() throws -> X12Partners {
        let set = try ConfigurationOption.load(config, environment, try ZoneCatalog())
        guard !set.partners.isEmpty else {
            throw CommandFailure.no(
                "\(config) has no partners. Add a file for each to \(config)/partners, or name "
                    + "another folder with --config")
        }
        return X12Partners(set.partners)
    }
}
