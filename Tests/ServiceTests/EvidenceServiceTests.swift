import EventLog
import Foundation
import Testing

/// What an auditor and an operator do with the log of an engine that has stopped.
@Suite(.serialized) struct EvidenceServiceTests {
    struct Site {
        let engine: ServedEngine
        let key: VerifierKey
        var data: String { engine.dataFolder }

        func verify() throws -> [String: Any] {
            let result = try engine.command("verify", data, "--key", key.text, "--json")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        }

        func expectGood() throws {
            let verdict = try verify()
            #expect(verdict["verdict"] as? String == "good", "\(verdict)")
        }

        func files(_ suffix: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: data + "/log")
                .filter { $0.hasSuffix(suffix) }.sorted().map { data + "/log/" + $0 }
        }

        func flip(_ path: String, at offset: Int) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[offset] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
        }

        func run() throws {
            try engine.start()
            #expect(try engine.stop() == 0)
        }
    }

    /// A site whose engine ran and stopped twice, all but the newest segment sealed.
    static func site() throws -> Site {
        let (engine, key) = try CheckpointServiceTests.engine(name: "daybook.test/audit")
        let site = Site(engine: engine, key: key)
        try site.run()
        let sealed = try engine.command("log", "seal", "--data", engine.dataFolder)
        #expect(sealed.code == 0 && sealed.output.contains("sealed 0 to"), "\(sealed.output)")
        try site.run()
        return site
    }

    @Test("a record is proved to somebody who has nothing but the file, the record and the key")
    func proves() throws {
        let site = try Self.site()
        try site.expectGood()
        let (proof, record) = (site.engine.root + "/3.proof", site.engine.root + "/3.record")
        let proved = try site.engine.command(
            "prove", "--data", site.data, "--sequence", "3", "--out", proof, "--record", record)
        #expect(proved.code == 0, "\(proved.output)")
        let checked = try site.engine.command(
            "verify", proof, "--record", record, "--key", site.key.text)
        #expect(checked.code == 0, "\(checked.output)")
        try site.flip(record, at: 5)
        let refused = try site.engine.command(
            "verify", proof, "--record", record, "--key", site.key.text)
        #expect(refused.code == 1 && refused.output.contains("proof-invalid"), "\(refused.output)")
        let python = try Self.python([site.data, "--key", site.key.text])
        #expect(python == 0)

        let out = site.engine.root + "/public"
        let tiles = try site.engine.command("log", "tiles", "--data", site.data, "--out", out)
        #expect(tiles.code == 0, "\(tiles.output)")
        let note = try CheckpointNote.parse(
            Array(Data(contentsOf: URL(fileURLWithPath: out + "/checkpoint"))))
        _ = try note.verify(keys: [site.key])
        #expect(FileManager.default.fileExists(atPath: out + "/tile/entries"))
    }

    @Test("a witness's cosignature is added to a stored checkpoint, and the verdict says anchored")
    func cosigns() throws {
        let site = try Self.site()
        let store = CheckpointStore(folder: site.data, disk: RealDisk())
        let size = try #require(try store.sizes().last)
        let witness = try NoteSigner.generate(name: KeyName("witness.test/w1"), kind: .witness)
        let signature = try witness.cosign(
            try store.note(size: size).note.text, time: 1_790_000_000)
        try Data(signature.line).write(
            to: URL(fileURLWithPath: site.engine.root + "/answer"))
        let added = try site.engine.command(
            "log", "cosign", "--data", site.data, "--checkpoint", "\(size)", "--file",
            site.engine.root + "/answer", "--witness", witness.verifierKey.text)
        #expect(added.code == 0, "\(added.output)")
        let verdict = try site.engine.command(
            "verify", site.data, "--key", site.key.text, "--witness", witness.verifierKey.text,
            "--json")
        #expect(verdict.code == 0 && verdict.output.contains("\"anchored\""), "\(verdict.output)")
    }

    @Test(
        "a damaged segment is found, and taken from a copy; a copy that does not match is refused")
    func repairs() throws {
        let site = try Self.site()
        let copy = site.engine.root + "/copy"
        try FileManager.default.copyItem(atPath: site.data, toPath: copy)
        let sealed = try #require(try site.files(".lz4").first)
        try site.flip(sealed, at: 200)
        #expect(try site.verify()["verdict"] as? String == "bad")
        #expect(try Self.python([site.data, "--key", site.key.text]) == 1)
        let other = try Self.site()
        let refused = try site.engine.command(
            "log", "repair", "--data", site.data, "--from", other.data)
        #expect(refused.code == 1, "\(refused.output)")
        #expect(try site.verify()["verdict"] as? String == "bad")
        let repaired = try site.engine.command(
            "log", "repair", "--data", site.data, "--from", copy)
        #expect(repaired.code == 0, "\(repaired.output)")
        try site.expectGood()
        try site.run()
        try site.expectGood()
        try ServiceTests.audit(site.engine)
    }

    @Test("where there is no copy the log is cut under a ticket, and goes on as a successor")
    func cuts() throws {
        let site = try Self.site()
        let active = try #require(try site.files(".log").last)
        try site.flip(active, at: 4_096 + 90)
        let serve = try site.engine.command(
            "serve", "--config", site.engine.root + "/config", "--data", site.data)
        #expect(serve.code == 1 && serve.output.contains("log repair"), "\(serve.output)")
        let untold = try site.engine.command("log", "repair", "--data", site.data, "--cut")
        #expect(untold.code == 2, "\(untold.output)")
        let cut = try site.engine.command(
            "log", "repair", "--data", site.data, "--cut", "--ticket", "CHG-7")
        #expect(cut.code == 0 && cut.output.contains("lost: records"), "\(cut.output)")
        try site.run()
        let losses = try site.engine.command(
            "log", "cat", "--data", site.data, "--type", "scheduler.audit.loss_accepted")
        #expect(losses.output.contains("CHG-7") && losses.output.contains("\"ordinal\":1"))
        // The key of the successor stands in the folder; an auditor is given it anew.
        let keys = try CheckpointStore(folder: site.data, disk: RealDisk()).keys()
        #expect(keys.last?.name.description == "daybook.test/audit/successor-1")
        let verdict = try site.engine.command("verify", site.data, "--json")
        #expect(verdict.code == 0, "\(verdict.output)")
        try ServiceTests.audit(site.engine)
    }

    @Test("a log that is shorter than its checkpoint is refused, and goes on once that is accepted")
    func acceptsLoss() throws {
        let site = try Self.site()
        let active = try #require(try site.files(".log").last)
        // The active segment as it was when the last but one checkpoint was signed: its newest
        // batches never reached the medium.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: active))
        bytes.replaceSubrange(8_192..., with: Data(count: bytes.count - 8_192))
        try bytes.write(to: URL(fileURLWithPath: active))
        let serve = try site.engine.command(
            "serve", "--config", site.engine.root + "/config", "--data", site.data)
        #expect(serve.code == 1 && serve.output.contains("accept-loss"), "\(serve.output)")
        let accepted = try site.engine.command(
            "log", "accept-loss", "--data", site.data, "--ticket", "CHG-8")
        #expect(accepted.code == 0, "\(accepted.output)")
        try site.run()
        let verdict = try site.engine.command("verify", site.data, "--json")
        #expect(verdict.code == 0, "\(verdict.output)")
        try ServiceTests.audit(site.engine)
    }

    /// The independent reader, on the same folder; its exit code.
    static func python(_ arguments: [String]) throws -> Int32 {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/verify/daybook_verify.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
