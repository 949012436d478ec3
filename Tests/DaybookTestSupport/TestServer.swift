import Foundation
import Glibc
import Synchronization

/// A small HTTP/1.1 server on a free port of loopback: one thread for each connection.
public final class TestServer: Sendable {
    /// What was asked.
    public struct Request: Sendable {
        /// The request line.
        public var line = ""
        /// The headers, their names in lower case.
        public var headers: [String: String] = [:]
        /// The body.
        public var body: [UInt8] = []
    }

    /// What it answers.
    public enum Reply: Sendable {
        /// A status, and a body.
        case answer(Int, headers: [String: String] = [:], body: String = "")
        /// Nothing, until the client goes away.
        case hang
        /// The head and a part of the body, then nothing.
        case stall
        /// The connection is closed without an answer.
        case close
        /// These bytes as they are; then the connection is used again.
        case raw([UInt8])
        /// The head, and then a byte now and then, until the client goes away.
        case drip
        /// A body without an end, as fast as it goes, until the client goes away.
        case flood
    }

    /// Its port.
    public let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Request) -> Reply
    private let state = Mutex<[Request]>([])

    /// The requests that came.
    public var requests: [Request] { state.withLock { $0 } }
    /// Where it is reached.
    public var url: String { "http://127.0.0.1:\(port)/hook" }

    /// A server that answers so.
    public init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        let (listener, port) = try Self.listen()
        self.listener = listener
        self.port = port
        self.answer = answer
        Thread.detachNewThread { self.accept() }
    }

    /// Stops listening: a client is refused from now on.
    public func close() {
        // Only shutdown ends an accept(2) that waits.
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    /// A listening socket on a port that the system chooses.
    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0 { return }
            Thread.detachNewThread {
                while self.exchange(connection) {}
                Glibc.close(connection)
            }
        }
    }

    private func exchange(_ connection: Int32) -> Bool {
        guard let request = read(connection) else { return false }
        state.withLock { $0.append(request) }
        switch answer(request) {
        case .answer(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            return write(connection, head + "\r\n" + body)
        case .stall:
            _ = write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            return read(connection) != nil
        case .hang:
            return read(connection) != nil
        case .close:
            return false
        case .raw(let bytes):
            return write(connection, bytes)
        case .drip:
            _ = write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            // Readable is a client that went away: it has nothing more to say.
            while poll(&entry, 1, 5) == 0, write(connection, " ") {}
            return false
        case .flood:
            let block = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
            _ = write(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while write(connection, block) {}
            return false
        }
    }

    private func write(_ connection: Int32, _ text: String) -> Bool {
        write(connection, Array(text.utf8))
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        var request = Request()
        var bodyStart: Int?
        while true {
            if let start = bodyStart {
                let length = Int(request.headers["content-length"] ?? "0") ?? 0
                if bytes.count - start >= length {
                    request.body = Array(bytes[start..<(start + length)])
                    return request
                }
            }
            let count = Glibc.read(connection, &chunk, chunk.count)
            if count <= 0 { return nil }
            bytes += chunk[..<count]
            // A TLS handshake (RFC 8446, 5.1): not spoken here.
            if bytes[0] == 22 { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            guard bodyStart == nil, let end = text.range(of: "\r\n\r\n") else { continue }
            bodyStart = text[..<end.upperBound].utf8.count
            var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
            request.line = lines.removeFirst()
            for line in lines {
                let parts = line.split(separator: ":", maxSplits: 1)
                request.headers[parts[0].lowercased()] =
                    parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            }
        }
    }
}
