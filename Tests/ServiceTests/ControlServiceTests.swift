import DaybookTestSupport
import EventLog
import Events
import Foundation
import Projections
import Testing

/// Control numbers as programs and operations meet them: the API, the commands, and a kill.
@Suite(.serialized) struct ControlServiceTests {
    private static let isa = "ISA/ZZ:US/ZZ:THEM"

    private static func started(settings: String = "") throws -> ServedEngine {
        let engine = try ServedEngine()
        try engine.write("config/daybook.yaml", "digestInterval: 1s\n\(settings)")
        try engine.start()
        return engine
    }

    /// Runs a command against the engine.
    private static func run(
        _ engine: ServedEngine, _ words: String...
    ) throws -> (code: Int32, output: String) {
        try engine.command(["control"] + words + ["--data", engine.dataFolder])
    }

    private static func manual(
        _ engine: ServedEngine, _ words: String...
    ) throws -> (code: Int32, output: String) {
        try engine.command(
            ["control"] + words + ["--data", engine.dataFolder]
                + ["--ticket", "INC-7", "--reason", "agreed", "--actor", "ada"])
    }

    private static let issue = [
        "control", "issue", "--sender", "ZZ:US", "--receiver", "ZZ:THEM", "--group", "HN",
        "--partner", "THEM", "--type", "277CA",
    ]

    private static func interchange(_ isa: Int, gs: Int, sets: ClosedRange<Int>) -> String {
        let nine = String(repeating: "0", count: 9 - String(isa).count) + String(isa)
        let us = "US".padding(toLength: 15, withPad: " ", startingAt: 0)
        let them = "THEM".padding(toLength: 15, withPad: " ", startingAt: 0)
        let blank = String(repeating: " ", count: 10)
        let bodies = sets.map { set in
            let number = String(repeating: "0", count: 4 - String(set).count) + String(set)
            return "ST*277*\(number)*005010X214~BHT*0085*08*1*20270101*1200*TH~SE*3*\(number)~"
        }
        return "ISA*00*\(blank)*00*\(blank)*ZZ*\(us)*ZZ*\(them)*270101*1200*^*00501*\(nine)*0*P*:~"
            + "GS*HN*US*THEM*20270101*1200*\(gs)*X*005010X214~" + bodies.joined()
            + "GE*\(sets.count)*\(gs)~IEA*1*\(nine)~"
    }

    @Test("by the command line: given out, failed, found in a folder, explained, sent again, reset")
    func commands() throws {
        let engine = try Self.started()
        let first = try engine.command(
            Self.issue + ["--sets", "3", "--request", "a", "--data", engine.dataFolder])
        #expect(first.code == 0, "\(first.output)")
        let words = first.output.split(separator: "\n").last?.split(separator: " ")
        #expect(words == ["ST/THEM/277CA", "1", "1", "3"], "\(first.output)")
        let again = try engine.command(
            Self.issue + ["--sets", "3", "--request", "a", "--data", engine.dataFolder])
        #expect(again.output == first.output)
        let failed = try Self.manual(engine, "fail", Self.isa, "--numbers", "1")
        #expect(failed.code == 0, "\(failed.output)")
        let gaps = try Self.run(engine, "gaps")
        #expect(gaps.output.contains("minor") && gaps.output.contains("agreed"))
        #expect(gaps.output.contains("277CA"))
        // The file was made after all: it closes the gap of its interchange, its group and sets.
        try engine.write("out/deep/file.edi", Self.interchange(1, gs: 1, sets: 1...3))
        try engine.write("out/cut.edi", String(Self.interchange(1, gs: 1, sets: 1...3).dropLast(9)))
        try engine.write("out/notes.txt", "nothing of the kind")
        let trial = try Self.run(engine, "gaps", "--reconcile", engine.root + "/out", "--dry-run")
        #expect(trial.output.contains("5 numbers would be persisted"), "\(trial.output)")
        #expect(trial.output.contains("deep/file.edi") && !trial.output.contains("cut.edi"))
        for path in ["/none", "/out/notes.txt"] {
            let misuse = try Self.run(engine, "gaps", "--reconcile", engine.root + path)
            #expect(misuse.code == 2 && misuse.output.contains("is not a folder"))
        }
        let closed = try Self.run(engine, "gaps", "--reconcile", engine.root + "/out")
        #expect(closed.output.contains("5 numbers are persisted"), "\(closed.output)")
        #expect(try Self.run(engine, "gaps", "--days", "0").output == "no gaps\n")
        let list = try Self.run(engine, "list", "--type", "277CA")
        #expect(list.output.contains(Self.isa) && list.output.contains("GS/ZZ:US/ZZ:THEM/HN"))
        #expect(try Self.run(engine, "list", "--partner", "X").output == "no allocators\n")
        let resent = try Self.manual(
            engine, "resend", engine.root + "/out/deep/file.edi", "--partner", "THEM", "--type",
            "277CA")
        #expect(resent.code == 0, "\(resent.output)")
        let reset = try Self.manual(engine, "reset", Self.isa, "--next", "500")
        #expect(reset.code == 0 && reset.output.contains("gives out 500 next"))
        let usage = try Self.run(engine, "usage")
        #expect(usage.output.contains("999999999") && usage.output.contains("refuses"))
        try Self.explained(engine)
        #expect(try engine.stop() == 0)
        for words in [["replay", "--data", engine.dataFolder, "--compare"], ["verify"]] {
            let path = words == ["verify"] ? [engine.dataFolder] : []
            let result = try engine.command(words + path)
            #expect(result.code == 0, "\(result.output)")
        }
    }

    private static func explained(_ engine: ServedEngine) throws {
        let next = try engine.command(
            issue + ["--kind", "ISA", "--json", "--data", engine.dataFolder])
        #expect(next.output.contains("\"first\":500"), "\(next.output)")
        let refused = try run(engine, "explain", isa, "--numbers", "500")
        #expect(refused.code == 2 && refused.output.contains("ticket"))
        let explained = try manual(engine, "explain", isa, "--numbers", "500")
        #expect(explained.code == 0, "\(explained.output)")
        let gaps = try run(engine, "gaps", "--json")
        #expect(gaps.output.contains("\"explainedBy\":\"user:ada\""), "\(gaps.output)")
        #expect(try run(engine, "gaps", "--unexplained").output == "no gaps\n")
        let persisted = try manual(engine, "persist", isa, "--numbers", "500", "--file", "x.edi")
        #expect(persisted.code == 0, "\(persisted.output)")
        let unknown = try manual(engine, "fail", "ISA/A/B", "--numbers", "1")
        #expect(unknown.code == 1 && unknown.output.contains("daybook control list"))
    }

    @Test("by the API: what is wrong is said by the field, and the end of the numbers is a 409")
    func api() async throws {
        let engine = try Self.started(settings: "controlNumberMax: 9999\n")
        func post(_ path: String, _ body: [String: Any]) async -> (UInt, [String: Any]) {
            let answer = await engine.call("POST", "/v1/control-numbers" + path, body)
            return (answer?.status ?? 0, answer?.object ?? [:])
        }
        let item: [String: Any] = [
            "kind": "ISA", "sender": "ZZ:US", "receiver": "ZZ:THEM", "partner": "THEM",
            "type": "TA1", "count": 9_000,
        ]
        let bad: [[String: Any]] = [
            [:], ["numbers": []], ["numbers": "x"], ["numbers": [["kind": "XX"]]],
            ["numbers": [item.merging(["count": 0]) { $1 }]],
            ["numbers": [item.merging(["partner": ""]) { $1 }]],
            ["numbers": [item.merging(["type": "999X"]) { $1 }]],
            ["numbers": [item.merging(["sender": "ZZ:US~*"]) { $1 }]],
        ]
        for body in bad {
            let (status, object) = await post("", body)
            #expect(status == 400, "\(body): \(object)")
        }
        #expect(await post("", ["numbers": [item]]).0 == 200)
        let (status, object) = await post("", ["numbers": [item]])
        let error = object["error"] as? [String: Any]
        #expect(status == 409 && error?["code"] as? String == "ROLLOVER_REQUIRED", "\(object)")
        let alerts = await engine.call("GET", "/v1/alerts")?.object["alerts"] as? [[String: Any]]
        let kinds = (alerts ?? []).compactMap { $0["kind"] as? String }
        #expect(kinds.sorted() == ["ROLLOVER_REQUIRED", "controlNumberLimit"])
        #expect((alerts ?? []).allSatisfy { "\($0["playbook"] ?? "")".contains("OP-CTL-002") })
        #expect(await post("/persisted", ["numbers": [["first": 1]]]).0 == 400)
        for path in ["gaps?days=x", "gaps?limit=0", "usage?limit=0"] {
            #expect(await engine.call("GET", "/v1/control-numbers/\(path)")?.status == 400)
        }
        #expect(try engine.stop() == 0)
    }
}

/// Many callers on the whole program, which is killed again and again.
@Suite(.serialized) struct ControlKillTests {
    /// What a caller was told.
    private struct Told: Hashable {
        let allocator: String
        let number: UInt64
    }

    /// `DAYBOOK_CONTROL_KILLS=30` asks for the whole of it.
    private static var killCount: Int {
        ProcessInfo.processInfo.environment["DAYBOOK_CONTROL_KILLS"].flatMap(Int.init) ?? 6
    }

    private struct Unchecked: @unchecked Sendable {
        // Safe: `call` reads the root and the port, which never change.
        let value: ServedEngine
        init(_ value: ServedEngine) { self.value = value }
    }

    @Test(
        "64 callers, killed again and again: no number twice, and every missing one explained",
        arguments: [12, 1])
    func killed(allocators: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var random = SeededGenerator(seed: seed)
        let engine = try ServedEngine()
        try engine.write("config/daybook.yaml", "digestInterval: 1s\nsegmentMegabytes: 1\n")
        var told: [Told] = []
        for _ in 0..<Self.killCount {
            try engine.start()
            let enough = Int.random(in: 50...2_000, using: &random)
            let answers = await Self.callers(Unchecked(engine), allocators, until: enough)
            told += answers
        }
        #expect(told.count > 50 * Self.killCount / 2, "seed \(seed)")
        #expect(Set(told).count == told.count, "a number twice, seed \(seed)")
        try engine.start()
        try await Self.check(engine, told, "seed \(seed)")
        #expect(try engine.stop() == 0, "seed \(seed)")
        let replay = try engine.command("replay", "--data", engine.dataFolder, "--compare")
        #expect(replay.code == 0, "\(replay.output), seed \(seed)")
        let verdict = try engine.command("verify", engine.dataFolder)
        #expect(verdict.code == 0, "\(verdict.output), seed \(seed)")
    }

    /// 64 callers ask until so many were answered and the engine is killed.
    private static func callers(
        _ engine: Unchecked, _ allocators: Int, until enough: Int
    ) async -> [Told] {
        await withTaskGroup(of: [Told].self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var told: [Told] = []
                    // The kill ends it: then nobody answers.
                    while let numbers = await ask(engine.value, caller % allocators, told.count) {
                        told += numbers
                        if caller == 0, told.count >= max(1, enough / 64) { engine.value.kill() }
                    }
                    return told
                }
            }
            var all: [Told] = []
            for await one in group { all += one }
            return all
        }
    }

    /// One caller's step: a number, and for some of them an outcome.
    private static func ask(
        _ engine: ServedEngine, _ allocator: Int, _ step: Int
    ) async -> [Told]? {
        let item: [String: Any] = [
            "kind": "ISA", "sender": "ZZ:US", "receiver": "ZZ:P\(allocator)",
            "partner": "P\(allocator)", "type": "277CA",
        ]
        guard
            let answer = await engine.call(
                "POST", "/v1/control-numbers", ["numbers": [item]]),
            answer.status == 200, let list = answer.object["numbers"] as? [[String: Any]]
        else { return nil }
        let numbers = list.map { item in
            Told(
                allocator: item["allocator"] as? String ?? "",
                number: (item["first"] as? NSNumber)?.uint64Value ?? 0)
        }
        let outcome = ["persisted", "failed", nil][step % 3]
        if let outcome, let number = numbers.first {
            var body: [String: Any] = [
                "reason": "the kill test",
                "numbers": [["allocator": number.allocator, "first": number.number]],
            ]
            if outcome == "persisted" { body["file"] = "f" }
            _ = await engine.call("POST", "/v1/control-numbers/\(outcome)", body)
        }
        return numbers
    }

    /// Every number below `next` is persisted, or the gap view names it.
    private static func check(
        _ engine: ServedEngine, _ told: [Told], _ comment: Comment
    ) async throws {
        let list = await engine.call("GET", "/v1/control-numbers")
        let gaps = await engine.call(
            "GET", "/v1/control-numbers/gaps?open=true&days=0&limit=100000")
        let named = try #require(gaps?.object["gaps"] as? [[String: Any]])
        #expect(gaps?.object["total"] as? Int == named.count, comment)
        for item in try #require(list?.object["allocators"] as? [[String: Any]]) {
            func number(_ name: String) -> UInt64 { (item[name] as? NSNumber)?.uint64Value ?? 0 }
            let name = item["name"] as? String ?? ""
            let own = named.filter { $0["allocator"] as? String == name }
            let missing = own.reduce(UInt64(0)) {
                $0 + (($1["count"] as? NSNumber)?.uint64Value ?? 0)
            }
            #expect(number("issued") == number("next") - 1, "\(name), \(comment)")
            #expect(number("persisted") + missing == number("issued"), "\(name), \(comment)")
            #expect(missing == number("open") + number("missing"), "\(name), \(comment)")
            let heard = told.filter { $0.allocator == name }
            #expect(heard.allSatisfy { $0.number < number("next") }, "\(name), \(comment)")
        }
    }
}
