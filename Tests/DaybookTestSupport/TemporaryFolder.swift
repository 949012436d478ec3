import EventLog
import Glibc

/// A folder on the real disk that is removed with all it holds when the closure ends.
public enum TemporaryFolder {
    /// Runs `body` with the path of a new folder.
    public static func with<Answer>(_ body: (String) throws -> Answer) throws -> Answer {
        let path = try make()
        defer { remove(path) }
        return try body(path)
    }

    /// Runs `body` with the path of a new folder.
    public static func with<Answer>(
        isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Answer
    ) async throws -> Answer {
        let path = try make()
        defer { remove(path) }
        return try await body(path)
    }

    private static func make() throws -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let path = base + "/daybook-test-\(UInt64.random(in: 0...UInt64.max))"
        _ = try RealDisk().createFolder(path)
        return path
    }

    private static func remove(_ path: String) {
        let disk = RealDisk()
        // Best effort: a leftover of a test does no harm.
        for name in (try? disk.list(path)) ?? [] {
            if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        rmdir(path)
    }
}
