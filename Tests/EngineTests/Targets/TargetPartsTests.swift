import Engine
import Events
import Foundation
import Glibc
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TargetPartsTests {
    @Test(
        "a process probe's answer is the first word of its standard output",
        arguments: [
            ("echo READY", ProbeAnswer.ready), ("echo ' WAIT until nine'; echo READY", .wait),
            ("echo READY >&2; echo WAIT", .wait), ("yes WAIT | head -n 1000000", .wait),
        ])
    func probe(script: String, expected: ProbeAnswer) async throws {
        try await TargetFixture.with { fixture in
            #expect(await fixture.target.probe(fixture.probe(script: script)) == expected)
            let left = try FileManager.default.contentsOfDirectory(
                atPath: fixture.data + "/runs")
            #expect(left == [])
        }
    }

    @Test(
        "a probe that fails, says nothing or is not there failed",
        arguments: [
            "echo READY; exit 1", "true", "echo READYISH", "kill -9 $$",
        ])
    func probeFailed(script: String) async throws {
        try await TargetFixture.with { fixture in
            guard case .failed = await fixture.target.probe(fixture.probe(script: script)) else {
                Issue.record("no failure")
                return
            }
            var missing = fixture.probe(script: "")
            missing.binding.command = ["/no/such/program"]
            guard case .failed = await fixture.target.probe(missing) else {
                Issue.record("no failure")
                return
            }
        }
    }

    @Test("a probe that hangs is ended after its timeout, with all that it started")
    func probeTimeout() async throws {
        try await TargetFixture.with { fixture in
            async let answer = fixture.target.probe(
                fixture.probe(script: "trap '' TERM; echo $$ > pid; echo READY; sleep 1000"))
            let pid = try #require(Int32(try await line(of: fixture.base + "/pid")))
            await fixture.clock.sleepers(1)
            fixture.clock.advance(by: .seconds(30))
            guard case .failed = await answer else {
                Issue.record("no failure")
                return
            }
            #expect(!isAlive(pid))
        }
    }

    @Test("a callback token is good for one attempt of one log, also after a restart")
    func token() throws {
        let data = FileManager.default.temporaryDirectory.path + "/daybook-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: data) }
        let tokens = try CallbackToken(data: FilePath(data))
        let token = tokens.token(logIdentity: "log", run: 7, attempt: 1)
        #expect(token.utf8.count == 64)
        let again = try CallbackToken(data: FilePath(data))
        #expect(again.isValid(token, logIdentity: "log", run: 7, attempt: 1))
        #expect(!again.isValid(token, logIdentity: "log", run: 7, attempt: 2))
        #expect(!again.isValid(token, logIdentity: "log", run: 71, attempt: 1))
        #expect(!again.isValid(token, logIdentity: "lo", run: 7, attempt: 1))
        for wrong in ["", "x", token.uppercased() + "0", String(token.dropLast()) + "g"] {
            #expect(!again.isValid(wrong, logIdentity: "log", run: 7, attempt: 1))
        }
        var info = stat()
        #expect(stat(data + "/callback.key", &info) == 0)
        #expect(info.st_mode & 0o777 == 0o600 && info.st_size == 32)
        // A damaged key is said, not replaced.
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: data + "/callback.key"))
        #expect(throws: TargetSetupError.self) { try CallbackToken(data: FilePath(data)) }
    }

    @Test("the engine's environment is cut to four variables")
    func minimal() {
        let minimal = ProcessTarget.minimalEnvironment(of: ["HOME": "/h", "TOKEN": "x"])
        #expect(minimal == ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/h"])
    }
}

extension TargetFixture {
    func probe(script: String) -> ProbeRequest {
        probe(delivery(script: script).binding)
    }

    func probe(url: String) -> ProbeRequest {
        var binding = TargetBinding()
        binding.kind = "http"
        binding.url = url
        return probe(binding)
    }

    private func probe(_ binding: TargetBinding) -> ProbeRequest {
        ProbeRequest(
            tenant: "default", jobId: "834-nightly", dependency: "warehouse",
            scheduled: "2027-01-04T08:00:00+00:00", businessDate: "2027-01-04",
            environmentName: "test", binding: binding, logIdentity: log)
    }
}
