import Foundation
import Glibc

/// The bearer token of the operating API: 32 random bytes in `DATA/token`, mode 0600.
///
/// The first start writes it; whoever can read the data folder as its owner may operate the engine.
public struct APIToken: Sendable {
    /// The token, hex.
    public let text: String

    /// The file of a data folder.
    public static func path(_ dataFolder: String) -> String { dataFolder + "/token" }

    /// Reads the token of a data folder, or makes one where there is none.
    ///
    /// Blocks and syncs.
    ///
    /// - Throws: `ServiceError` where the file cannot be read or written, or is open to others.
    public init(dataFolder: String) throws {
        let path = Self.path(dataFolder)
        if let known = try Self.read(path) {
            text = known
            return
        }
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        text = bytes.map { String(format: "%02x", $0) }.joined()
        try Self.write(text, path)
    }

    /// Reads the token that an engine wrote; nil where there is none.
    ///
    /// - Parameter remedy: what is to be done about a file that holds none.
    public static func read(
        _ path: String, remedy: String = "remove it and start the engine again"
    ) throws -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & 0o077 == 0 else {
            throw ServiceError(
                "\(path) can be read by others; make it private: chmod 600 \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ServiceError("\(path) cannot be read; run as the user who owns it")
        }
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count >= 32 else {
            throw ServiceError("\(path) is too short for a token; \(remedy)")
        }
        return text
    }

    private static func write(_ text: String, _ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ServiceError("\(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let line = Array((text + "\n").utf8)
        guard Glibc.write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0
        else {
            throw ServiceError("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Whether a caller has it; takes the same time for every wrong one of its length.
    func matches(_ other: Substring) -> Bool {
        let mine = Array(text.utf8)
        let theirs = Array(other.utf8)
        guard mine.count == theirs.count else { return false }
        return zip(mine, theirs).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Why the service cannot go on: one sentence, with what to do.
public struct ServiceError: Error, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// An error.
    public init(_ description: String) { self.description = description }
}
