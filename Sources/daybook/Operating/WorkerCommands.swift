import ArgumentParser
import Engine
import Foundation
import Server

/// Runs a worker.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run the programs of worker targets on this machine, for an engine elsewhere.",
        discussion: """
            It leases runs from the engine's API, one for each free slot, and ends a program whose \
            lease it cannot renew. SIGTERM: it takes no more, waits for what runs, and leaves.

            EXAMPLE
              daybook worker --name edge-1 --server https://daybook.example.org \\
                --token-file /etc/daybook/token --capability linux --capability sftp \\
                --data /var/lib/daybook-worker
            """)

    @Option(help: "Its name among the engine's workers: letters, digits, '.', '_' and '-'.")
    var name: String

    @Option(help: "The engine's address.")
    var server: String

    @Option(help: "The file that holds the API's bearer token, mode 0600.")
    var tokenFile: String

    @Option(
        name: .customLong("data"),
        help: "Its own folder, for outputs and running attempts; made where there is none.")
    var dataFolder: String

    @Option(
        name: .customLong("capability"),
        help: "Something that it can do, as targets ask for it; may be repeated.")
    var capabilities: [String] = []

    @Option(help: "So many runs at once, 1 to 100.")
    var slots = 1

    @Option(help: "Where relative commands and working folders start (default: this folder).")
    var base: String?

    @Option(help: "A folder with a file for each secret (default: systemd's credentials).")
    var secrets: String?

    @Option(help: "How long a stop waits for what runs, in seconds, before it gives it back.")
    var grace = 30

    @Option(help: "How many bytes of an attempt's output are kept.")
    var outputBytesMax: UInt64 = 10_485_760

    func validate() throws {
        guard (1...100).contains(slots) else {
            throw ValidationError("--slots: 1 to 100 are possible")
        }
        guard (0...86_400).contains(grace) else {
            throw ValidationError("--grace: 0 to 86400 seconds are possible")
        }
        guard outputBytesMax <= 1 << 30 else {
            throw ValidationError("--output-bytes-max: 1073741824 at the most")
        }
        for text in [name] + capabilities {
            guard (1...64).contains(text.utf8.count),
                text.utf8.allSatisfy({ Self.isPlain($0) })
            else {
                throw ValidationError(
                    "'\(text)': names have 1 to 64 letters, digits, '.', '_' and '-'")
            }
        }
        guard let url = URL(string: server), ["http", "https"].contains(url.scheme ?? ""),
            url.host?.isEmpty == false
        else { throw ValidationError("--server: give an address, as http://host:3080") }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    func run() async throws {
        let worker = WorkerAgent.Settings(
            name: name, capabilities: capabilities, slots: slots, version: Daybook.version,
            host: ProcessInfo.processInfo.hostName, grace: .seconds(grace))
        let options = WorkerService.Options(
            worker: worker, server: server, tokenFile: tokenFile,
            dataFolder: absolute(dataFolder), baseFolder: absolute(base ?? "."),
            secretsFolder: secrets.map(absolute), outputByteCountMax: outputBytesMax)
        do {
            try await WorkerService(options).run()
        } catch let error as ServiceError {
            throw CommandFailure.no(error.description)
        }
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

/// The workers that the engine knows.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "List the workers, what they can do and what they run.",
        discussion: """
            EXAMPLE
              daybook workers --data sample/data
            """)

    @OptionGroup var engine: EngineConnection
    @OptionGroup var json: JSONOption

    func run() async throws {
        let answer = try await engine.get("/v1/workers")
        var output = Output()
        if json.isWanted {
            try output.json(answer.text)
            return try output.finish()
        }
        let workers = answer.list("workers")
        var table = Table()
        table.add("WORKER", "STATUS", "HOST", "CAPABILITIES", "SLOTS", "SINCE", "RUNS")
        for worker in workers {
            let isOnline = worker.cell("status") == "online"
            let capabilities = worker["capabilities"] as? [String] ?? []
            table.add(
                worker.cell("name"),
                isOnline ? "online" : "offline (\(worker.cell("offlineReason")))",
                worker.cell("host"),
                capabilities.isEmpty ? "-" : capabilities.joined(separator: ","),
                worker.cell("slots"), worker.cell(isOnline ? "registeredAt" : "offlineAt"),
                Self.runs(worker))
        }
        if workers.isEmpty {
            try output.line("no worker has registered")
        } else {
            try output.table(table)
        }
        try output.finish()
    }

    private static func runs(_ worker: [String: Any]) -> String {
        let leases = worker["leases"] as? [[String: Any]] ?? []
        let texts = leases.map { lease in
            let percent = lease["percent"] == nil ? "" : " \(lease.cell("percent"))%"
            return "\(lease.cell("run")) \(lease.cell("jobId"))\(percent)"
        }
        return texts.isEmpty ? "-" : texts.joined(separator: ", ")
    }
}
