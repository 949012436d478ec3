import Engine
import EventLog
import Foundation
import Logging
import SystemPackage

/// What runs real programs for the dispatch benchmark, as the engine of `daybook serve` does.
struct DispatchBenchPrograms: Sendable {
    let threads: TargetThreads
    let http: HTTPTarget
    let sender: ChannelSender
    let port: TargetPort

    /// - Parameter folder: the data folder, whose log is open.
    init(folder: String, log: LogIdentity) throws {
        let data = FilePath(URL(fileURLWithPath: folder).path)
        let secrets: SecretResolver = { name in
            throw SnapshotBenchError(message: "there is no secret '\(name)' in a benchmark")
        }
        let now: @Sendable () -> Int64 = { SystemClock().now() / 1_000_000 }
        let logger = Logger(label: "bench")
        threads = try TargetThreads()
        let process = try ProcessTarget(
            ProcessTarget.Settings(
                data: data, base: data,
                environment: ProcessTarget.minimalEnvironment(
                    of: ProcessInfo.processInfo.environment),
                outputByteCountMax: 1 << 20, clock: ContinuousClock(), secrets: secrets),
            threads: threads)
        http = try HTTPTarget(
            HTTPTarget.Settings(data: data, clock: ContinuousClock(), now: now, secrets: secrets),
            threads: threads)
        sender = ChannelSender(
            ChannelSender.Settings(clock: ContinuousClock(), now: now, secrets: secrets))
        port = TargetPort(
            TargetPort.Parts(
                process: process, http: http, token: try CallbackToken(data: data), log: log,
                publicURL: "http://127.0.0.1",
                folders: WorkFolders(root: folder + "/work", threads: threads),
                notifications: NotificationPort(
                    ContactBook(), log: "\(log)", sender: sender, logger: logger),
                bell: LeaseBell(), exchange: ExchangeSlot(),
                logger: logger))
    }

    /// Ends what runs in the background.
    func close() async throws {
        try await sender.shutdown()
        try await http.shutdown()
        await threads.shutdown()
    }
}
