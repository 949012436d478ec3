import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import Server

/// How a command finds the running engine: by its data folder, or by an address and a token.
struct EngineConnection: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: """
            The engine's data folder, which holds its address and token (default: DAYBOOK_DATA, \
            then ./data, then ./sample/data).
            """)
    var dataFolder: String?

    @Option(help: "The engine's address (default: DAYBOOK_URL, then the data folder's).")
    var url: String?

    private static let answerByteCountMax = 64 << 20

    private func environment(_ name: String) -> String? { Self.environment(name) }

    private static func environment(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name]
        return value?.isEmpty == false ? value : nil
    }

    /// The data folder that was named, or the first usual one in which an engine ran.
    private func folder() -> String? { Self.folder(named: dataFolder) }

    private static func folder(named name: String?) -> String? {
        if let named = name ?? environment("DAYBOOK_DATA") { return named }
        return ["data", "sample/data"].first {
            FileManager.default.fileExists(atPath: APIToken.path($0))
        }
    }

    /// The folder to read evidence from.
    func localFolder() throws -> String { try Self.localFolder(named: dataFolder) }

    /// The same for a command that has no engine's address.
    static func localFolder(named name: String?) throws -> String {
        if let folder = folder(named: name) { return folder }
        throw CommandFailure.misuse("which folder? Give --data DIR; its log is read")
    }

    private func address() throws -> String {
        if let url = url ?? environment("DAYBOOK_URL") { return url }
        guard let folder = folder() else {
            throw CommandFailure.misuse(
                "no engine is known here. Give --data DIR (the folder that `daybook serve` was "
                    + "given), or --url and DAYBOOK_TOKEN.")
        }
        guard let known = Endpoint(dataFolder: folder).read() else {
            throw CommandFailure.no(
                "no engine has run on \(folder). Start one: "
                    + "daybook serve --config DIR --data \(folder)")
        }
        return known
    }

    private func token() throws -> String {
        if let token = environment("DAYBOOK_TOKEN") { return token }
        guard let folder = folder() else {
            throw CommandFailure.misuse("no token: give --data DIR, or set DAYBOOK_TOKEN")
        }
        do {
            if let token = try APIToken.read(APIToken.path(folder)) { return token }
        } catch {
            throw CommandFailure.no("\(error)")
        }
        throw CommandFailure.no("\(APIToken.path(folder)) is not there. Has an engine run?")
    }

    /// Asks the engine.
    func get(_ path: String) async throws -> Answer { try await send(path, nil, nil) }

    /// Tells the engine to do something.
    func post(
        _ path: String, _ body: [String: any Sendable], request: String? = nil
    ) async throws -> Answer {
        try await send(path, body.filter { $0.value as? String != "" }, request)
    }

    private func send(
        _ path: String, _ body: [String: any Sendable]?, _ key: String?
    ) async throws -> Answer {
        guard let body else { return try await send("GET", path, text: nil, request: key) }
        let data = try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys])
        return try await send(
            "POST", path, text: String(decoding: data, as: UTF8.self), request: key)
    }

    /// Sends a request with JSON text as body.
    func send(
        _ method: String, _ path: String, text: String?, request key: String? = nil
    ) async throws -> Answer {
        try Self.check(path, key)
        let address = try address()
        var request = HTTPClientRequest(url: address + path)
        request.headers.add(name: "Authorization", value: "Bearer \(try token())")
        request.method = .init(rawValue: method)
        if let text {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: text))
        }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        let status: UInt
        let data: Data
        do {
            (status, data) = try await Self.exchange(request)
        } catch {
            throw CommandFailure.no(
                "the engine at \(address) does not answer (\(error)). Is it running? "
                    + "Start it with daybook serve.")
        }
        return try Answer(status: status, data: data, address: address)
    }

    /// Sends a file as body, read while it is sent.
    func upload(
        _ path: String, file: String, request key: String?
    ) async throws -> Answer {
        try Self.check(path, key)
        let handle = try InputFile.open(file, kind: "file")
        let size = try InputFile.size(handle, file)
        let address = try address()
        var request = HTTPClientRequest(url: address + path)
        request.headers.add(name: "Authorization", value: "Bearer \(try token())")
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.method = .POST
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .stream(FileBody(handle: handle), length: .known(Int64(clamping: size)))
        let status: UInt
        let data: Data
        do {
            (status, data) = try await Self.exchange(request, timeout: .hours(1))
        } catch {
            throw CommandFailure.no(
                "the engine at \(address) did not answer (\(error)). Send the file again with the "
                    + "same --request: it is received once.")
        }
        return try Answer(status: status, data: data, address: address)
    }

    /// Refuses what the engine could not tell from something else: an empty name in a path, and a
    /// key that is none.
    private static func check(_ path: String, _ key: String?) throws(CommandFailure) {
        let names = path.prefix { $0 != "?" }
        if names.contains("//") || names.hasSuffix("/") {
            throw .misuse("a name is empty; say which one is meant")
        }
        if let key, !(1...256).contains(key.utf8.count) {
            throw .misuse("--request is a key of 1 to 256 bytes; leave it out for none")
        }
    }

    /// One request.
    ///
    /// An engine that is not there is said at once, not tried again.
    private static func exchange(
        _ request: HTTPClientRequest, timeout: TimeAmount = .seconds(30)
    ) async throws -> (UInt, Data) {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let response = try await client.execute(request, timeout: timeout)
            let buffer = try await response.body.collect(upTo: answerByteCountMax)
            try await client.shutdown()
            return (response.status.code, Data(buffer.readableBytesView))
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// What the engine answered: a JSON object.
    struct Answer {
        /// The answer as it came, one line.
        let text: String
        /// The object.
        let object: [String: Any]

        init(status: UInt, data: Data, address: String) throws {
            text = String(decoding: data, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let parsed = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
            object = parsed ?? [:]
            if (200..<300).contains(status), parsed != nil { return }
            let error = object["error"] as? [String: Any]
            let message = error?["message"] as? String ?? "it answered with status \(status)"
            let isMisuse = status == 400
            throw isMisuse ? CommandFailure.misuse(message) : CommandFailure.no(message)
        }

        /// The objects of a list.
        func list(_ name: String) -> [[String: Any]] { object[name] as? [[String: Any]] ?? [] }

        /// The sentence of an act.
        var message: String { object["message"] as? String ?? text }
    }
}

/// The bytes of a file, piece by piece.
private struct FileBody: AsyncSequence, Sendable {
    private static let pieceByteCount = 256 << 10
    let handle: FileHandle

    struct AsyncIterator: AsyncIteratorProtocol {
        let handle: FileHandle

        mutating func next() async throws -> ByteBuffer? {
            guard let data = try handle.read(upToCount: pieceByteCount), !data.isEmpty else {
                return nil
            }
            return ByteBuffer(bytes: data)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: handle) }
}

extension [String: Any] {
    /// A field as text; a dash where it is absent.
    func cell(_ name: String) -> String {
        switch self[name] {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: "-"
        }
    }
}
