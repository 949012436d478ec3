import DaybookTestSupport
import EventLog
import Events
import Foundation
import Glibc
import Projections
import Testing

/// The exchange with partners in the whole program: files dropped, answered, assembled; commands; a
/// kill.
@Suite(.serialized) struct ExchangeServiceTests {
    static let inquiry = "valid/v07_276_three_claims_isa14.edi"

    static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    /// An engine with the partners of the vectors, which assembles each minute and at once.
    static func engine(assembles: Bool = true) throws -> ServedEngine {
        let engine = try ServedEngine()
        try engine.write(
            "config/daybook.yaml",
            "digestInterval: 1s\ninboundSettleSeconds: 0\nticketPattern: \".*\"\n")
        let partners = fixtures + "/x12-config/partners"
        for name in try FileManager.default.contentsOfDirectory(atPath: partners) {
            let text = try String(contentsOfFile: partners + "/" + name, encoding: .utf8)
            try engine.write("config/partners/" + name, text)
        }
        if assembles {
            try engine.write(
                "config/schedules/edi.yaml",
                """
                jobs:
                  - jobId: edi-outbound
                    every: 1m
                    targetPipeline: edi
                """)
            try engine.write(
                "config/targets.yaml", "targets:\n  edi:\n    exchange: { task: assemble }\n")
        }
        return engine
    }

    static func drop(_ engine: ServedEngine, _ file: String, _ partner: String) throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: fixtures + "/x12/" + file))
        let folder = engine.dataFolder + "/exchange/inbound/partner=" + partner
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        // As senders do it: under a name that is left alone, then renamed.
        let name = file.replacing("/", with: "-")
        try text.write(to: URL(fileURLWithPath: folder + "/" + name + ".tmp"))
        try FileManager.default.moveItem(
            atPath: folder + "/" + name + ".tmp", toPath: folder + "/" + name)
    }

    /// Asks, with calls of the API between, until the answer is right.
    static func wait(
        _ engine: ServedEngine, _ isThere: () throws -> Bool
    ) async throws {
        while try !isThere() {
            guard await engine.call("GET", "/health") != nil else {
                throw ServedEngine.Failure(description: "the engine is gone")
            }
        }
    }

    static func files(_ engine: ServedEngine, _ folder: String) -> [String] {
        let root = engine.dataFolder + "/exchange/" + folder
        return (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [])
            .filter { $0.hasSuffix(".edi") }.sorted()
    }

    @Test("a dropped file is answered with a TA1 and a 999, by the program as a whole")
    func answered() async throws {
        let engine = try Self.engine()
        try engine.start()
        try Self.drop(engine, Self.inquiry, "CLINICA")
        try await Self.wait(engine) { Self.files(engine, "outbound").count >= 1 }
        let ta1 = try #require(
            Self.files(engine, "outbound").first { $0.contains("_TA1_") })
        let text = engine.read("data/exchange/outbound/" + ta1)
        #expect(text.contains("TA1*000000107*250106*1530*A*000~"))
        let files = try engine.command("x12", "files", "--data", engine.dataFolder, "--json")
        #expect(files.code == 0, "\(files.output)")
        let received = try engine.command("x12", "received", "--data", engine.dataFolder)
        #expect(received.code == 0 && received.output.contains("CLINICA"), "\(received.output)")
        let outcomes = try engine.command(
            "x12", "outcomes", "--data", engine.dataFolder, "--type", "999")
        #expect(outcomes.code == 0, "\(outcomes.output)")
        #expect(try engine.stop() == 0)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }

    @Test("sent, repeated, found a duplicate, settled; held and released; by the command line")
    func commands() async throws {
        let engine = try Self.engine(assembles: false)
        try engine.start()
        let file = Self.fixtures + "/x12/" + Self.inquiry
        func run(_ words: String...) throws -> (code: Int32, output: String) {
            try engine.command(["x12"] + words + ["--data", engine.dataFolder])
        }
        let sent = try run("send", file, "--partner", "CLINICA", "--request", "a")
        #expect(sent.code == 0 && sent.output.contains("interchange 000000107: A 000"))
        #expect(sent.output.contains("group HR 107: A, 1 of 1 set accepted"), "\(sent.output)")
        let again = try run("send", file, "--partner", "CLINICA", "--request", "a")
        #expect(again.code == 0 && again.output.contains("it was received before"))
        let twice = try run("send", file, "--partner", "CLINICA")
        #expect(twice.output.contains("R 025, a duplicate"), "\(twice.output)")
        #expect(try run("send", file, "--partner", "NOBODY").code == 1)
        #expect(try run("send", engine.root + "/none", "--partner", "CLINICA").code == 2)
        let folder = try run("send", engine.root, "--partner", "CLINICA")
        #expect(folder.code == 2 && folder.output.contains("is a folder"), "\(folder.output)")
        let list = try engine.command(
            "x12", "duplicates", "--data", engine.dataFolder, "--json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [String: Any])
        let duplicates = object["duplicates"] as? [[String: Any]] ?? []
        #expect(duplicates.count == 2)
        for duplicate in duplicates {
            let number = (duplicate["duplicate"] as? NSNumber)?.stringValue ?? ""
            let settled = try run(
                "duplicates", "resolve", number, "--as", "ignored", "--ticket", "INC-1",
                "--reason", "sent twice")
            #expect(settled.code == 0, "\(settled.output)")
        }
        #expect(try run("duplicates").output == "none\n")
        let number = sent.output.split(separator: "\n").first?.split(separator: " ").last ?? ""
        let life = try run("files", String(number))
        #expect(life.code == 0 && life.output.contains("999"), "\(life.output)")
        #expect(try run("files", "999999").code == 1)
        let placed = try run(
            "hold", "place", "audit", "--partner", "CLINICA", "--from", "2026-01-01", "--ticket",
            "LEG-7", "--reason", "audit")
        #expect(placed.code == 0, "\(placed.output)")
        #expect(try run("hold").output.contains("LEG-7"))
        let released = try run(
            "hold", "release", "audit", "--ticket", "LEG-8", "--reason", "over")
        #expect(released.code == 0, "\(released.output)")
        #expect(try run("hold", "list").output == "no legal holds\n")
        let none = try run(
            "reassemble", "999999", "--ticket", "INC-1", "--reason", "a test")
        #expect(none.code == 1, "\(none.output)")
        let partners = await engine.call("GET", "/v1/partners")
        #expect((partners?.object["total"] as? NSNumber)?.intValue == 6)
        #expect(try engine.stop() == 0)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }

    @Test("outcomes whose partner is gone say what they wait for, and an alert says it too")
    func heldOutcomes() async throws {
        let engine = try Self.engine(assembles: false)
        try engine.start()
        let data = engine.dataFolder
        let sent = try engine.command(
            "x12", "send", Self.fixtures + "/x12/" + Self.inquiry, "--partner", "CLINICA",
            "--data", data)
        #expect(sent.code == 0, "\(sent.output)")
        let waiting = try engine.command("x12", "outcomes", "--data", data)
        #expect(waiting.output.contains("the next assembly"), "\(waiting.output)")
        try FileManager.default.removeItem(atPath: engine.root + "/config/partners/clinica.yaml")
        engine.send(signal: SIGHUP)
        #expect(engine.waitForLine(containing: "partners: 0 added, 0 changed, 1 removed"))
        let held = try engine.command("x12", "outcomes", "--data", data)
        #expect(held.output.contains("its partner, which is not defined any more"))
        let alerts = try engine.command("alerts", "list", "--data", data)
        #expect(alerts.output.contains("outcomesHeld"), "\(alerts.output)")
        #expect(try engine.stop() == 0)
        let verified = try engine.command("verify", data)
        #expect(verified.code == 0, "\(verified.output)")
    }

    /// Sends the head of a request, and gives what is answered before any body is sent.
    private static func answer(_ engine: ServedEngine, _ fields: String...) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        // Only a server that waits for the body is waited for so long.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(engine.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let token = engine.read("data/token").trimmingCharacters(in: .whitespacesAndNewlines)
        let head =
            ["POST /v1/x12/inbound?partner=CLINICA HTTP/1.1", "Host: localhost"]
            + ["Authorization: Bearer \(token)"] + fields + ["", ""]
        let bytes = Array(head.joined(separator: "\r\n").utf8)
        guard connected == 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ServedEngine.Failure(description: "the request could not be sent")
        }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test("a body that says itself to be too long is refused at once, and so is an empty key")
    func heads() throws {
        let engine = try Self.engine(assembles: false)
        try engine.start()
        let long = try Self.answer(engine, "Content-Length: 99999999999")
        #expect(long.hasPrefix("HTTP/1.1 413 "), "\(long)")
        let key = try Self.answer(engine, "Content-Length: 5", "Idempotency-Key:")
        #expect(key.hasPrefix("HTTP/1.1 400 "), "\(key)")
        #expect(try engine.stop() == 0)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }

    @Test("nothing of a patient stands in any file beside those of the exchange, or is logged")
    func noPatientData() async throws {
        let engine = try Self.engine()
        try engine.start()
        var secrets: Set<String> = []
        for folder in ["valid", "broken"] {
            let corpus = try FileManager.default.contentsOfDirectory(
                atPath: Self.fixtures + "/x12/" + folder)
            for file in corpus.filter({ $0.hasSuffix(".edi") }).sorted() {
                let path = Self.fixtures + "/x12/\(folder)/\(file)"
                let bytes = FileManager.default.contents(atPath: path) ?? Data()
                secrets.formUnion(PatientData.of([UInt8](bytes)))
                try Self.drop(engine, "\(folder)/\(file)", "CLINICA")
            }
        }
        #expect(secrets.count > 100)
        try await Self.wait(engine) { Self.files(engine, "inbound").isEmpty }
        var texts = [Array(engine.lines.joined(separator: "\n").utf8)]
        for path in ["/v1/alerts", "/v1/x12/files", "/v1/x12/received", "/v1/x12/duplicates"] {
            let answer = await engine.call("GET", path)
            let data = try JSONSerialization.data(withJSONObject: answer?.object ?? [:])
            texts.append([UInt8](data))
        }
        #expect(try engine.stop() == 0)
        let all = FileManager.default.enumerator(atPath: engine.dataFolder)?.allObjects
        for path in all as? [String] ?? [] where !path.hasPrefix("exchange/") {
            let bytes = FileManager.default.contents(atPath: engine.dataFolder + "/" + path)
            texts.append([UInt8](bytes ?? Data()))
        }
        // Blocks of the log may be compressed: its events are read one by one, too.
        let cat = try engine.command("log", "cat", "--data", engine.dataFolder, "--json")
        #expect(cat.code == 0)
        texts.append(Array(cat.output.utf8))
        for text in texts {
            #expect(PatientData.found(secrets, in: text).map(\.utf8.count) == [])
        }
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }

    @Test("killed again and again while files come in, it receives each of them once")
    func killed() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var random = SeededGenerator(seed: seed)
        let engine = try Self.engine()
        let corpus = try FileManager.default.contentsOfDirectory(
            atPath: Self.fixtures + "/x12/valid"
        ).filter { $0.hasSuffix(".edi") }.sorted()
        try engine.start()
        for (index, file) in corpus.enumerated() {
            try Self.drop(engine, "valid/" + file, "CLINICA")
            if index % 5 == 4 {
                // The moment of the kill: after so many answers.
                for _ in 0..<Int.random(in: 0...1_000, using: &random) {
                    _ = await engine.call("GET", "/health")
                }
                engine.kill()
                try engine.start()
            }
        }
        func isEmpty(_ folder: String) -> Bool { Self.files(engine, folder).isEmpty }
        try await Self.wait(engine) { isEmpty("inbound") }
        #expect(try engine.stop() == 0, "seed \(seed)")
        var received: [String: Int] = [:]
        var reader = try LogReader.open(
            folder: engine.dataFolder, disk: RealDisk(), trust: .everything)
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in
                var record: [UInt8] = []
                for index in 0..<bytes.byteCount {
                    record.append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
                }
                if let file = try Event(decoding: record).payload as? FileReceived {
                    received[file.sha256, default: 0] += 1
                }
            }
        }
        #expect(received.count == corpus.count, "seed \(seed)")
        #expect(received.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }
}
