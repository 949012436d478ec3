import DaybookConfiguration
import Dispatch
import Engine
import Foundation
import Logging
import Synchronization
import SystemPackage

/// A worker in service: its folder, its programs, its link to the engine, signals.
public struct WorkerService: Sendable {
    /// What the command line says.
    public struct Options: Sendable {
        /// What the worker is.
        public var worker: WorkerAgent.Settings
        /// The engine's address.
        public var server: String
        /// The file that holds the API's token.
        public var tokenFile: String
        /// The data folder, absolute.
        public var dataFolder: String
        /// Where relative commands and folders start, absolute.
        public var baseFolder: String
        /// The folder that has a file for each secret; nil for systemd's credentials.
        public var secretsFolder: String?
        /// How much of an attempt's output is kept, in bytes.
        public var outputByteCountMax: UInt64

        /// Options.
        public init(
            worker: WorkerAgent.Settings, server: String, tokenFile: String, dataFolder: String,
            baseFolder: String, secretsFolder: String?, outputByteCountMax: UInt64
        ) {
            self.worker = worker
            self.server = server
            self.tokenFile = tokenFile
            self.dataFolder = dataFolder
            self.baseFolder = baseFolder
            self.secretsFolder = secretsFolder
            self.outputByteCountMax = outputByteCountMax
        }
    }

    private let options: Options

    /// A worker with these options.
    public init(_ options: Options) { self.options = options }

    /// Runs until SIGTERM or SIGINT; then takes no more runs, and ends when those that run have.
    ///
    /// - Throws: `ServiceError` where it cannot start, or the engine does not want it.
    public func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalStream([SIGTERM, SIGINT])
        let logger = Logger(label: "daybook-worker") { StreamLogHandler.standardError(label: $0) }
        _ = try token()
        let threads: TargetThreads
        let agent: WorkerAgent
        let link = WorkerLink(address: options.server) { try token() }
        do {
            let folder = try WorkerFolder(options.dataFolder)
            threads = try TargetThreads()
            agent = WorkerAgent(
                options.worker, link: link, target: try target(threads), folder: folder,
                logger: logger)
        } catch {
            try await link.shutdown()
            throw ServiceError("\(error)")
        }
        let stopper = Task {
            for await number in signals.stream {
                logger.info("\(number == SIGINT ? "SIGINT" : "SIGTERM"): stopping")
                await agent.stop()
            }
        }
        var refusal: WorkerRefusal?
        do { try await agent.run() } catch let error as WorkerRefusal { refusal = error }
        signals.finish()
        stopper.cancel()
        await threads.shutdown()
        try await link.shutdown()
        if let refusal {
            throw ServiceError(
                "the engine at \(options.server) does not take this worker: \(refusal.message)")
        }
    }

    private func token() throws -> String {
        let remedy = "put the engine's token into it, mode 0600"
        guard let token = try APIToken.read(options.tokenFile, remedy: remedy) else {
            throw ServiceError("\(options.tokenFile) is not there; \(remedy)")
        }
        return token
    }

    private func target(_ threads: TargetThreads) throws -> ProcessTarget {
        let environment = ProcessInfo.processInfo.environment
        let folder = options.secretsFolder
        var settings = ProcessTarget.Settings(
            data: FilePath(options.dataFolder), base: FilePath(options.baseFolder),
            environment: ProcessTarget.minimalEnvironment(of: environment),
            outputByteCountMax: options.outputByteCountMax, clock: ContinuousClock()
        ) { name in
            // A name is that of a file: the engine's configuration allows no other.
            guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
                throw ServiceError("a secret's name is that of a file")
            }
            let source: SecretDefinition.Source =
                folder.map { .file($0 + "/" + name) } ?? .systemdCredential(name)
            let store = SecretStore(
                definitions: [SecretDefinition(name: name, source: source)],
                baseFolder: folder ?? "/", processEnvironment: environment)
            return try store.value(of: name)
        }
        settings.isTethered = true
        return try ProcessTarget(settings, threads: threads)
    }
}
