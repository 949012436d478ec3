import DaybookConfiguration
import Dispatch
import Engine
import EventLog
import Events
import Foundation
import Hummingbird
import Logging
import Projections
import ServiceLifecycle
import SystemPackage
import Timetable

/// The whole program in service: configuration, engine, targets, API, signals.
public struct DaybookService: Sendable {
    /// What the command line says.
    public struct Options: Sendable {
        /// The configuration's folder, absolute.
        public var configurationFolder: String
        /// The data folder, absolute.
        public var dataFolder: String
        /// The overlay; nil leaves it to the environment and `daybook.yaml`.
        public var environmentName: String?
        /// The program's version.
        public var version: String

        /// Options.
        public init(
            configurationFolder: String, dataFolder: String, environmentName: String?,
            version: String
        ) {
            self.configurationFolder = configurationFolder
            self.dataFolder = dataFolder
            self.environmentName = environmentName
            self.version = version
        }
    }

    let options: Options
    private let zones: ZoneCatalog
    let configuration: ConfigurationSet
    let logger: Logger

    /// Reads the configuration.
    ///
    /// - Throws: `ServiceError` with every problem, where it has errors.
    public init(_ options: Options) throws {
        self.options = options
        zones = try ZoneCatalog()
        configuration = try Self.load(options, zones)
        let faults = FolderPlaces.faults(
            configuration.settings, dataFolder: options.dataFolder)
        guard faults.isEmpty else {
            throw ServiceError(
                "\(options.configurationFolder) does not fit the data folder "
                    + "\(options.dataFolder):\n\(faults.joined(separator: "\n"))")
        }
        var logger = Logger(label: "daybook") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: configuration.settings.logLevel) ?? .info
        self.logger = logger
    }

    /// Reads the folder, or says everything that is wrong with it.
    static func load(_ options: Options, _ zones: ZoneCatalog) throws -> ConfigurationSet {
        let result = loadConfiguration(
            folder: options.configurationFolder, environmentName: options.environmentName,
            zones: zones, processEnvironment: ProcessInfo.processInfo.environment)
        guard let set = result.set else {
            let lines = result.problems.map(\.description).joined(separator: "\n")
            throw ServiceError(
                "\(options.configurationFolder) is not applied:\n\(lines)\n"
                    + "put it right; `daybook check` shows the same list")
        }
        return set
    }

    /// Runs until SIGTERM or SIGINT, then stops cleanly; SIGHUP reads the configuration anew.
    ///
    /// - Throws: what keeps it from starting.
    public func run() async throws {
        // A client that hangs up, or a program that closes its gate, must not end the engine.
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalStream([SIGTERM, SIGINT, SIGHUP])
        try PortProbe.check(
            host: configuration.settings.host, port: configuration.settings.port)
        let threads = try TargetThreads()
        let opened = try await open(threads)
        let runtime = opened.runtime
        for warning in configuration.warnings { logger.warning("\(warning)") }
        if configuration.settings.checkpointKey.isEmpty {
            logger.warning(
                """
                no checkpointKey is set, so no checkpoints are signed: nobody outside can see \
                whether the log was altered. Make a key with `daybook log key`
                """)
        }
        logger.info("configuration: \(runtime.applied.message)")
        let address = "http://\(configuration.settings.host):\(configuration.settings.port)"
        let server = serviceGroup(opened)
        var reason = "the API ended"
        var isFailed = false
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await server.run()
                } catch {
                    logger.error("the API at \(address): \(error)")
                }
                return true
            }
            group.addTask { await handleSignals(signals, opened) }
            let tidying = Task { await keepTidy(opened.runtime) { signals.isEnding } }
            if await group.next() == true, !signals.isEnding {
                logger.error("the API at \(address) ended; the engine stops")
                isFailed = true
            } else {
                reason = "signal"
            }
            tidying.cancel()
            await tidying.value
            // The API answers until the engine has stopped: a completion may still come.
            do {
                try await stop(opened, reason: reason, threads)
            } catch {
                logger.error("the stop was not clean: \(error)")
                isFailed = true
            }
            signals.finish()
            await server.triggerGracefulShutdown()
        }
        if isFailed {
            throw ServiceError("the service at \(address) ended by a failure; see above")
        }
    }

    private struct Opened: Sendable {
        let runtime: EngineRuntime
        let targets: Made.Targets
        let token: APIToken
        let names: NamesInForce
        let exchange: ExchangeHolder
    }

    /// The key of checkpoints, if the settings name one.
    private func signer(_ settings: Settings, _ store: SecretStore) throws -> NoteSigner? {
        if settings.checkpointKey.isEmpty { return nil }
        let text = try store.value(of: settings.checkpointKey)
        do {
            let lines = text.split(whereSeparator: \.isNewline)
            return try NoteSigner(parsing: lines.count == 1 ? String(lines[0]) : text)
        } catch {
            throw ServiceError(
                "the secret \(settings.checkpointKey), the key of checkpoints: \(error)")
        }
    }

    /// Opens the log, makes the targets, starts the engine.
    private func open(_ threads: TargetThreads) async throws -> Opened {
        let folder = options.dataFolder
        let settings = configuration.settings
        let base = baseFolder
        let environment = ProcessInfo.processInfo.environment
        let store = SecretStore(
            definitions: settings.secrets, baseFolder: base, processEnvironment: environment)
        let secrets: SecretResolver = { try store.value(of: $0) }
        let contacts = ContactBook(configuration, base: base)
        let made = Made()
        let bell = LeaseBell()
        let exchange = ExchangeSlot()
        let logger = self.logger
        var parts = EngineRuntime.Parts(folder: folder, zones: zones) { log in
            let process = try ProcessTarget(
                ProcessTarget.Settings(
                    data: FilePath(folder), base: FilePath(base),
                    environment: ProcessTarget.minimalEnvironment(of: environment),
                    outputByteCountMax: UInt64(clamping: settings.outputBytesMax),
                    clock: ContinuousClock(), secrets: secrets), threads: threads)
            let http = try HTTPTarget(
                HTTPTarget.Settings(
                    data: FilePath(folder), clock: ContinuousClock(),
                    now: { SystemClock().now() / 1_000_000 }, secrets: secrets),
                threads: threads)
            let token = try CallbackToken(data: FilePath(folder))
            let (notifications, sender) = Self.notifications(contacts, log, secrets, logger)
            made.set(
                .init(
                    process: process, http: http, token: token, notifications: notifications,
                    sender: sender, bell: bell))
            return TargetPort(
                TargetPort.Parts(
                    process: process, http: http, token: token, log: log,
                    publicURL: Self.publicAddress(settings),
                    folders: WorkFolders(root: workFolder, threads: threads),
                    notifications: notifications, bell: bell, exchange: exchange,
                    logger: logger))
        } onFatal: { error in
            // The outcome of a write is unknown: nothing may be said or done any more. A restart
            // recovers from the log (docs/architecture.md).
            FileHandle.standardError.write(Data("daybook: stopping at once: \(error)\n".utf8))
            _exit(70)
        }
        try fill(&parts, store)
        parts.facts.version = options.version
        parts.facts.host = ProcessInfo.processInfo.hostName
        parts.facts.processId = UInt64(getpid())
        parts.facts.bootId = bootId()
        let runtime = try EngineRuntime.open(parts)
        let recovery = runtime.log.recovery
        if recovery.verdict != RecoveryReport.Verdict.clean {
            logger.warning("recovery: \(recovery)")
        }
        guard let targets = made.get() else {
            throw ServiceError("the targets were not made; report this defect")
        }
        let open = try await runtime.read { state in
            var open: [(run: UInt64, attempt: UInt64)] = []
            state.openRuns.forEach { open.append(($0.run, $0.attempt)) }
            return open
        }
        for why in runtime.droppedSnapshots { logger.warning("a snapshot was dropped: \(why)") }
        for why in await targets.process.discardAll(except: open) { logger.warning("\(why)") }
        let holder = ExchangeHolder(runtime, exchange, secrets)
        try await takeUpExchange(configuration, holder)
        return Opened(
            runtime: runtime, targets: targets, token: try APIToken(dataFolder: folder),
            names: NamesInForce(configuration.names), exchange: holder)
    }

    /// What the settings say of the log, its care and the engine's decisions.
    private func fill(_ parts: inout EngineRuntime.Parts, _ store: SecretStore) throws {
        let settings = configuration.settings
        parts.logConfiguration.segmentByteCount = settings.segmentMegabytes << 20
        parts.logConfiguration.lowSpaceByteCount = settings.lowSpaceMegabytes << 20
        parts.logConfiguration.fullSpaceByteCount = settings.fullSpaceMegabytes << 20
        parts.checkpointSigner = try signer(settings, store)
        parts.checkpointInterval = .seconds(settings.checkpointIntervalSeconds)
        parts.scrubInterval = settings.scrubDays > 0 ? .seconds(settings.scrubDays * 86_400) : nil
        parts.scrubBytesPerSecond = settings.scrubMegabytes << 20
        parts.runRecords = Self.runRecords(settings, store, dataFolder: options.dataFolder)
        parts.settings = Self.decisions(settings)
        parts.configuration = Self.input(configuration)
    }

    /// Where run records go.
    private static func runRecords(
        _ settings: Settings, _ store: SecretStore, dataFolder: String
    ) -> RunRecordSettings? {
        switch settings.runRecords {
        case "file":
            let folder = settings.runRecordsFolder
            return RunRecordSettings(
                .file(folder: folder.hasPrefix("/") ? folder : dataFolder + "/" + folder))
        case "stdout": return RunRecordSettings(.standardOutput)
        case "http":
            let name = settings.runRecordsKey
            let token: @Sendable () throws -> String = { try store.value(of: name) }
            return RunRecordSettings(
                .http(url: settings.runRecordsURL, token: name.isEmpty ? nil : token))
        default: return nil
        }
    }

    /// What tells people.
    private static func notifications(
        _ contacts: ContactBook, _ log: LogIdentity, _ secrets: @escaping SecretResolver,
        _ logger: Logger
    ) -> (NotificationPort, ChannelSender) {
        let sender = ChannelSender(
            ChannelSender.Settings(
                clock: ContinuousClock(), now: { SystemClock().now() / 1_000_000 },
                secrets: secrets))
        return (
            NotificationPort(contacts, log: "\(log)", sender: sender, logger: logger), sender
        )
    }

    /// What relative paths are relative to: the folder that holds the configuration.
    private var baseFolder: String {
        URL(fileURLWithPath: options.configurationFolder).deletingLastPathComponent().path
    }

    private static func publicAddress(_ settings: Settings) -> String {
        settings.publicURL.isEmpty ? "http://\(settings.host):\(settings.port)" : settings.publicURL
    }

    private func bootId() -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The API as a service that ends when it is told to.
    private func serviceGroup(_ opened: Opened) -> ServiceGroup {
        let settings = configuration.settings
        let router = APIRouter(
            runtime: opened.runtime, token: opened.token, callbackToken: opened.targets.token,
            logIdentity: "\(opened.runtime.log.identity)", dataFolder: options.dataFolder,
            zones: zones, settings: Self.decisions(settings), version: options.version,
            playbookURL: settings.playbookURL, names: opened.names, bell: opened.targets.bell,
            exchange: opened.exchange, now: { SystemClock().now() })
        var quiet = logger
        quiet.logLevel = .error
        let folder = options.dataFolder
        let endpoint = Endpoint(dataFolder: folder)
        let app = Application(
            router: router.router(),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: "daybook"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.port
                endpoint.write("http://\(settings.host):\(port)")
                logger.info("ready at http://\(settings.host):\(port), data in \(folder)")
            },
            logger: quiet)
        return ServiceGroup(
            configuration: .init(services: [app], gracefulShutdownSignals: [], logger: quiet))
    }

    /// Takes signals until one of them ends the service.
    private func handleSignals(_ signals: SignalStream, _ opened: Opened) async -> Bool {
        for await number in signals.stream {
            if number == SIGHUP {
                await reload(opened)
                continue
            }
            logger.info("\(number == SIGINT ? "SIGINT" : "SIGTERM"): stopping")
            signals.noteEnding()
            return false
        }
        return false
    }

    /// Reads the configuration anew; a bad one changes nothing.
    private func reload(_ opened: Opened) async {
        do {
            let set = try Self.load(options, zones)
            for warning in set.warnings { logger.warning("\(warning)") }
            let reply = try await opened.runtime.submit(.applyConfiguration(Self.input(set)))
            opened.names.replace(set.names)
            opened.targets.notifications.replace(ContactBook(set, base: baseFolder))
            logger.info("configuration: \(reply.message)")
            await reloadExchange(set, opened.exchange)
            if set.settings != configuration.settings {
                logger.warning("daybook.yaml has other settings now: they hold after a restart")
            }
        } catch {
            logger.error("the configuration in force stays: \(error)")
        }
    }

    private func stop(
        _ opened: Opened, reason: String, _ threads: TargetThreads
    ) async throws {
        let grace = Duration.seconds(configuration.settings.shutdownGraceSeconds)
        opened.targets.bell.close()
        await opened.exchange.stopWatching()
        let left = try await opened.runtime.stop(reason: reason, grace: grace)
        opened.targets.notifications.drain()
        opened.targets.notifications.close()
        try await opened.targets.sender.shutdown()
        try await opened.targets.http.shutdown()
        try await opened.exchange.close()
        await threads.shutdown()
        let names = left.prefix(20).map(String.init).joined(separator: ", ")
        let told = Counted.are(left.count, "run")
        logger.info(
            left.isEmpty
                ? "stopped; no run is open"
                : "stopped; \(told) open for the next start: \(names)")
    }
}
