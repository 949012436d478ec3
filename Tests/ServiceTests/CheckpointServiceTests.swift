import EventLog
import Foundation
import Testing

/// Checkpoints as a running engine signs them.
@Suite(.serialized) struct CheckpointServiceTests {
    /// A served engine whose key is made by the command that people use.
    static func engine(name: String) throws -> (ServedEngine, VerifierKey) {
        let engine = try ServedEngine()
        try ServiceTests.configure(
            engine, jobs: ServiceTests.manual,
            settings: "checkpointKey: log-key\nsecrets:\n  log-key:\n    file: log.key\n")
        return (engine, try makeKey(engine, name: name))
    }

    static func makeKey(_ engine: ServedEngine, name: String) throws -> VerifierKey {
        let path = engine.root + "/log.key"
        try? FileManager.default.removeItem(atPath: path)
        let made = try engine.command("log", "key", "--name", name, "--out", path)
        #expect(made.code == 0, "\(made.output)")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        return try VerifierKey(parsing: made.output.trimmingCharacters(in: .newlines))
    }

    @Test("a first start and a clean stop sign checkpoints; another key of the name takes over")
    func signsAndRotates() throws {
        let (engine, first) = try Self.engine(name: "daybook.test/log")
        try engine.start()
        #expect(try engine.stop() == 0)
        let store = CheckpointStore(folder: engine.dataFolder, disk: RealDisk())
        let sizes = try store.sizes()
        #expect(!sizes.isEmpty)
        let second = try Self.makeKey(engine, name: "daybook.test/log")
        try engine.start()
        #expect(try engine.stop() == 0)
        #expect(try store.keys() == [first, second])
        let later = try store.sizes().filter { !sizes.contains($0) }
        #expect(!later.isEmpty)
        for size in sizes { _ = try store.note(size: size).verify(keys: [first]) }
        for size in later { _ = try store.note(size: size).verify(keys: [second]) }
        // The one of the stop covers everything.
        let stat = try engine.command("log", "cat", "--data", engine.dataFolder)
        #expect(UInt64(stat.output.split(separator: "\n").count) == later.last)
        let changes = try engine.command(
            "log", "cat", "--data", engine.dataFolder, "--type",
            "scheduler.audit.checkpoint_key_changed")
        #expect(changes.output.split(separator: "\n").count == 2, "\(changes.output)")
        try ServiceTests.audit(engine)
    }

    @Test("a key of another name is refused, and what is no key is said to be none")
    func refusesOtherKeys() throws {
        let (engine, _) = try Self.engine(name: "daybook.test/log")
        try engine.start()
        #expect(try engine.stop() == 0)
        _ = try Self.makeKey(engine, name: "daybook.test/other")
        let serve = ["serve", "--config", engine.root + "/config", "--data", engine.dataFolder]
        let other = try engine.command(serve[0], serve[1], serve[2], serve[3], serve[4])
        #expect(other.code == 1)
        #expect(other.output.contains("daybook.test/other"), "\(other.output)")
        try engine.write("log.key", "not a key\n")
        let none = try engine.command(serve[0], serve[1], serve[2], serve[3], serve[4])
        #expect(none.code == 1)
        #expect(none.output.contains("PRIVATE+KEY+"), "\(none.output)")
        try ServiceTests.audit(engine)
    }
}
