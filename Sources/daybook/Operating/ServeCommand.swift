import ArgumentParser
import DaybookConfiguration
import Foundation
import Server

/// Runs the engine.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the engine with its API until SIGTERM or SIGINT.",
        discussion: """
            SIGHUP reads the configuration anew; a bad one changes nothing. The first start writes
            the API's bearer token into DATA/token (mode 0600).

            EXAMPLE
              daybook serve --config sample/config --data sample/data
            """)

    @Option(name: .customLong("config"), help: "The configuration's folder.")
    var configurationFolder: String

    @Option(name: .customLong("data"), help: "The data folder; made where there is none.")
    var dataFolder: String

    @Option(help: "The overlay in config/environments to apply.")
    var environment: String?

    func run() async throws {
        let options = DaybookService.Options(
            configurationFolder: absolute(configurationFolder),
            dataFolder: absolute(dataFolder), environmentName: environment,
            version: Daybook.version)
        do {
            try await DaybookService(options).run()
        } catch let error as ServiceError {
            throw CommandFailure.no(error.description)
        }
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
