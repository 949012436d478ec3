import DaybookConfiguration
import Engine
import Exchange
import Synchronization

/// The exchange of files with partners, as settings have it.
extension DaybookService {
    /// Opens the exchange where a configuration has a partner, or a target of its kind, and it is
    /// not open yet; tells one that is open which schedules assemble.
    func takeUpExchange(_ set: ConfigurationSet, _ holder: ExchangeHolder) async throws {
        if let open = holder.open { return open.use(set.definitions) }
        let isWanted =
            !set.partners.isEmpty
            || set.definitions.contains { $0.target?.kind == EngineCore.exchangeKind }
        guard isWanted else { return }
        let (service, webhook) = try exchange(holder)
        service.use(set.definitions)
        holder.fill(service, webhook)
        service.start()
    }

    /// The same for a configuration that was read anew: it is in force already.
    func reloadExchange(_ set: ConfigurationSet, _ holder: ExchangeHolder) async {
        do {
            try await takeUpExchange(set, holder)
        } catch {
            logger.error("the exchange with partners is not open: \(error)")
        }
    }

    private func exchange(
        _ holder: ExchangeHolder
    ) throws -> (ExchangeService, PublicationWebhook?) {
        let settings = configuration.settings
        let logger = self.logger
        let clock = ContinuousClock()
        let store = try ExchangeStore(
            root: absolute(settings.exchangeFolder), cipher: try cipher(settings, holder.secrets))
        let webhook = try webhook(settings, holder.secrets, clock)
        let publisher = try Publisher(
            folder: settings.publishFolder.isEmpty ? nil : absolute(settings.publishFolder),
            webhook: webhook)
        var exchange = ExchangeService.Settings(
            lifecycle: try LifecycleSettings(
                hotDays: settings.hotDays, archiveDays: settings.archiveDays,
                deleteDays: settings.deleteDays))
        exchange.uploadByteCountMax = APIRouter.uploadByteCountMax
        exchange.settle = .seconds(settings.inboundSettleSeconds)
        exchange.uploadByteCountMax = settings.uploadMegabytesMax << 20
        let runtime = holder.runtime
        let service = try ExchangeService(
            engine: runtime, store: store,
            assembly: AssemblyTarget(
                submit: { try await runtime.submit($0) }, store: store, publisher: publisher,
                clock: clock),
            settings: exchange, clock: clock, now: { SystemClock().now() },
            warn: { logger.warning("exchange: \($0)") })
        return (service, webhook)
    }

    private func absolute(_ folder: String) -> String {
        folder.hasPrefix("/") ? folder : options.dataFolder + "/" + folder
    }

    private func cipher(
        _ settings: Settings, _ secrets: SecretResolver
    ) throws -> FileCipher? {
        if settings.exchangeKey.isEmpty { return nil }
        // Several keys, one a line: the first writes, all of them read.
        let lines = try secrets(settings.exchangeKey).split(whereSeparator: \.isNewline)
        return try FileCipher(
            keys: lines.map { line throws(ExchangeError) in
                try FileKey(
                    text: String(line), name: "the secret \(settings.exchangeKey) (exchangeKey)")
            })
    }

    private func webhook(
        _ settings: Settings, _ secrets: SecretResolver, _ clock: ContinuousClock
    ) throws -> PublicationWebhook? {
        if settings.publishURL.isEmpty { return nil }
        var signature: WebhookSignature?
        if !settings.publishKey.isEmpty {
            signature = WebhookSignature(secret: try secrets(settings.publishKey))
            guard signature != nil else {
                throw ServiceError(
                    "the secret \(settings.publishKey), which signs publications, is no key: give "
                        + "text, or whsec_ and base 64")
            }
        }
        return PublicationWebhook(
            url: settings.publishURL, signature: signature,
            now: { SystemClock().now() / 1_000_000 }, clock: clock)
    }
}

/// The exchange of a running engine: none as long as there is no partner.
final class ExchangeHolder: Sendable {
    let runtime: EngineRuntime
    let secrets: SecretResolver
    private let slot: ExchangeSlot
    private let state = Mutex<(ExchangeService, PublicationWebhook?)?>(nil)

    init(_ runtime: EngineRuntime, _ slot: ExchangeSlot, _ secrets: @escaping SecretResolver) {
        self.runtime = runtime
        self.slot = slot
        self.secrets = secrets
    }

    /// The exchange, where there is one.
    var open: ExchangeService? { state.withLock { $0?.0 } }

    /// Puts the exchange in; runs of its kind begin.
    func fill(_ service: ExchangeService, _ webhook: PublicationWebhook?) {
        state.withLock { $0 = (service, webhook) }
        slot.fill(service.tasks)
    }

    /// Ends the look for dropped files; before the engine stops.
    func stopWatching() async { await open?.stop() }

    /// Closes what publishes; after the engine has stopped.
    func close() async throws { try await state.withLock { $0?.1 }?.shutdown() }
}
