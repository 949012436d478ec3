import DaybookTestSupport
import Engine
import Events
import Foundation
import Glibc
import Testing

/// The engine is a process of its own here, and is killed.
@Suite(.timeLimit(.minutes(2)))
struct ReconcileTests {
    @Test(
        "an engine killed before its gate opened: the program never ran", arguments: [true, false])
    func killedAtGate(isStartedDurable: Bool) async throws {
        try await TargetFixture.with { fixture in
            let helper = try Helper(fixture, script: "echo ran > ran")
            let identity = try helper.identity()
            #expect(isAlive(identity.pid))
            helper.kill()
            let found = await fixture.reconcile(isStartedDurable ? identity : nil)
            guard case .gone(let failure, neverBegan: true) = found else {
                Issue.record("\(found)")
                return
            }
            #expect(failure.isDefinite)
            #expect(!isAlive(identity.pid))
            #expect(!FileManager.default.fileExists(atPath: fixture.base + "/ran"))
            // The same attempt can be launched again.
            guard case .succeeded = try await fixture.run(fixture.delivery(script: "true")) else {
                Issue.record("not launched again")
                return
            }
        }
    }

    @Test("a running program is adopted, and its exit code is the true one")
    func adopted() async throws {
        try await TargetFixture.with { fixture in
            let helper = try Helper(
                fixture, script: "mkfifo go; echo on > on; read x < go; echo $x; exit 9")
            let identity = try helper.identity()
            try helper.proceed()
            _ = try await line(of: fixture.base + "/on")
            helper.kill()
            let found = await fixture.reconcile(identity)
            guard case .adopted(let adopted) = found else {
                Issue.record("\(found)")
                return
            }
            #expect(isAlive(identity.pid))
            try "hello\n".write(toFile: fixture.base + "/go", atomically: false, encoding: .utf8)
            guard case .failed(let failure) = await adopted.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == 9)
            #expect(failure.isDefinite)
            #expect(try fixture.text(failure.output) == "hello\n")
        }
    }

    @Test("an adopted program has the rest of its timeout")
    func adoptedTimeout() async throws {
        try await TargetFixture.with { fixture in
            let helper = try Helper(fixture, script: "echo on > on; sleep 1000")
            let identity = try helper.identity()
            try helper.proceed()
            _ = try await line(of: fixture.base + "/on")
            helper.kill()
            guard case .adopted(let adopted) = await fixture.reconcile(identity, timeout: 100)
            else {
                Issue.record("not adopted")
                return
            }
            await fixture.clock.sleepers(1)
            // Less than the whole timeout: it has run for a moment already.
            fixture.clock.advance(by: .seconds(100) - .nanoseconds(1))
            guard case .failed(let failure) = await adopted.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.timeout)
            #expect(!isAlive(identity.pid))
        }
    }

    @Test("a program that ended while no engine was there says how", arguments: [0, 5])
    func ended(code: Int64) async throws {
        try await TargetFixture.with { fixture in
            let helper = try Helper(
                fixture, script: "echo '[1]' > $DAYBOOK_RESULT_FILE; echo bye; exit \(code)")
            let identity = try helper.identity()
            try helper.proceed()
            helper.kill()
            // The wrapper writes it last.
            _ = try await line(of: fixture.data + "/runs/1-1/status")
            // Twice: an engine that is killed before the outcome is durable asks again.
            for _ in 1...2 {
                var found = await fixture.reconcile(identity)
                if case .adopted(let adopted) = found {
                    // The wrapper had written its status and was not gone yet.
                    found = .ended(await adopted.outcome())
                }
                switch found {
                case .ended(.succeeded(let completion)):
                    #expect(code == 0)
                    #expect(completion.resultJSON == "[1]")
                    #expect(try fixture.text(completion.output) == "bye\n")
                case .ended(.failed(let failure)):
                    #expect(failure.code == code && code != 0)
                    #expect(try fixture.text(failure.output) == "bye\n")
                default:
                    Issue.record("\(found)")
                }
            }
            #expect(await fixture.target.discardAll(except: [(2, 1)]) == [])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/runs") == [])
        }
    }

    @Test("wrapper and engine killed: the program is found and ended", arguments: [true, false])
    func bothKilled(hasIdentity: Bool) async throws {
        try await TargetFixture.with { fixture in
            let helper = try Helper(
                fixture, script: "setsid sh -c 'echo $$ > pid; exec sleep 1000' & exec sleep 1000")
            let identity = try helper.identity()
            try helper.proceed()
            let pid = try #require(Int32(try await line(of: fixture.base + "/pid")))
            helper.kill()
            kill(identity.pid, SIGKILL)
            var found = await fixture.reconcile(hasIdentity ? identity : nil)
            if case .adopted(let dying) = found, case .failed(let failure) = await dying.outcome() {
                // It was killed and not gone yet.
                found = .gone(failure, neverBegan: false)
            }
            guard case .gone(let failure, neverBegan: false) = found else {
                Issue.record("\(found)")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.lost)
            #expect(!failure.isDefinite)
            #expect(!isAlive(pid))
        }
    }

    @Test("another boot's process id is nobody's: the stranger that has it now lives on")
    func otherBoot() async throws {
        try await TargetFixture.with { fixture in
            let stranger = try await fixture.target.launch(
                fixture.delivery(run: 2, script: "true"))
            var identity = stranger.identity
            identity.bootId = "00000000-0000-0000-0000-000000000000"
            guard case .gone(let failure, neverBegan: false) = await fixture.reconcile(identity)
            else {
                Issue.record("not gone")
                return
            }
            #expect(!failure.isDefinite)
            var reused = stranger.identity
            reused.startTicks -= 1
            guard case .gone(_, neverBegan: true) = await fixture.reconcile(reused) else {
                Issue.record("not gone")
                return
            }
            #expect(isAlive(stranger.identity.pid))
            await stranger.terminate()
        }
    }

    @Test("killed at any instant, a program runs at most once and nothing of it stays unseen")
    func killedAnywhere() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        try await TargetFixture.with { fixture in
            for run in 1...24 as ClosedRange<UInt64> {
                let helper = try Helper(
                    fixture, run: run, script: "echo $$ >> ran-\(run); read x < /proc/self/stat")
                try helper.input.fileHandleForWriting.write(contentsOf: Data("proceed\n".utf8))
                // The fault's instant: from before main to after the program.
                let instant = Int.random(in: 0...120_000, using: &random)
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(instant)) {
                        continuation.resume()
                    }
                }
                helper.kill()
                // Its output is durable here: what it did not say, it did not do.
                let identity = try? helper.identity()
                let found = await fixture.reconcile(identity, run: run)
                switch found {
                case .adopted(let adopted): _ = await adopted.outcome()
                case .ended, .gone: break
                }
                let ran = fixture.base + "/ran-\(run)"
                let lines = (try? String(contentsOfFile: ran, encoding: .utf8)) ?? ""
                let pids = lines.split(separator: "\n").compactMap { Int32($0) }
                #expect(pids.count <= 1, "seed \(seed)")
                #expect(!pids.contains(where: isAlive), "seed \(seed)")
                if let identity { #expect(!isAlive(identity.pid), "seed \(seed)") }
                if case .gone(_, neverBegan: true) = found {
                    #expect(pids.isEmpty, "seed \(seed)")
                }
            }
        }
    }
}
