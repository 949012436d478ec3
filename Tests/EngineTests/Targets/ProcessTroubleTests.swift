import Engine
import Events
import Foundation
import Glibc
import Testing

/// Programs that misbehave: what becomes of their runs, and that nothing of them is left.
@Suite(.timeLimit(.minutes(2)))
struct ProcessTroubleTests {
    @Test("a program that closes its output and goes on is awaited, and keeps what it wrote")
    func closesOutput() async throws {
        try await TargetFixture.with { fixture in
            mkfifo(fixture.base + "/gate", 0o600)
            let launched = try await fixture.target.launch(
                fixture.delivery(
                    script: """
                        echo before
                        exec 1>&- 2>&-
                        echo closed > closed
                        read code < gate
                        exit $code
                        """))
            try launched.proceed()
            _ = try await line(of: fixture.base + "/closed")
            // The exit code is one that it cannot have had before.
            try Data("6\n".utf8).write(to: URL(fileURLWithPath: fixture.base + "/gate"))
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == 6)
            #expect(failure.isDefinite)
            #expect(try fixture.text(failure.output) == "before\n")
        }
    }

    @Test("100 MB of output are cut at the limit; the program succeeds, and the room is given back")
    func floods() async throws {
        try await TargetFixture.with { fixture in
            let outcome = try await fixture.run(
                fixture.delivery(script: "head -c 100000000 /dev/zero"))
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(completion.output?.byteCount == 1 << 20)
            #expect(completion.output?.isTruncated == true)
            #expect(await fixture.target.discard(run: 1, attempt: 1) == nil)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/runs") == [])
        }
    }

    @Test(
        "daemons that a program leaves behind, forked twice into sessions of their own, are ended")
    func daemons() async throws {
        try await TargetFixture.with { fixture in
            let count = 50
            let outcome = try await fixture.run(
                fixture.delivery(
                    script: """
                        i=0
                        while [ $i -lt \(count) ]; do
                          (setsid sh -c 'echo $$ >> pids.new; exec sleep 1000' &)
                          i=$((i + 1))
                        done
                        until [ "$(wc -l < pids.new)" = \(count) ]; do :; done
                        mv pids.new pids
                        """))
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(completion.exitCode == 0)
            let pids = try await line(of: fixture.base + "/pids").split(separator: "\n")
                .compactMap { Int32($0) }
            #expect(pids.count == count)
            #expect(!pids.contains(where: isAlive))
        }
    }

    @Test("programs that start one another again when they are ended come to an end too")
    func respawns() async throws {
        try await TargetFixture.with { fixture in
            // Each makes another in a session of its own as it is told to end, and says so itself.
            let script = """
                cat > again.sh <<'END'
                trap 'setsid sh ./again.sh & echo $! >> pids; exit 0' TERM
                echo $$ >> pids
                while :; do sleep 1000 & wait; done
                END
                sh ./again.sh & sh ./again.sh &
                until [ -s pids ] && [ "$(wc -l < pids)" = 2 ]; do :; done
                echo ready > ready
                wait
                """
            let launched = try await fixture.target.launch(
                fixture.delivery(script: script, timeout: 60, grace: 1))
            try launched.proceed()
            _ = try await line(of: fixture.base + "/ready")
            await fixture.clock.sleepers(1)
            fixture.clock.advance(by: .seconds(60))
            await fixture.clock.sleepers(1)
            func pids() async throws -> [Int32] {
                try await line(of: fixture.base + "/pids").split(separator: "\n")
                    .compactMap { Int32($0) }
            }
            // The grace is not over before one was told to end and has made another.
            while try await pids().count < 3 { await Task.yield() }
            fixture.clock.advance(by: .seconds(1))
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.timeout)
            #expect(try await !pids().contains(where: isAlive))
        }
    }

    @Test("a result file of random bytes, or of nothing, is passed over: exit code 0 decides")
    func garbageResult() async throws {
        for (script, note) in [
            ("head -c 8192 /dev/urandom > $DAYBOOK_RESULT_FILE", "ignored"),
            (": > $DAYBOOK_RESULT_FILE", ""),
        ] {
            try await TargetFixture.with { fixture in
                let outcome = try await fixture.run(fixture.delivery(script: script))
                guard case .succeeded(let completion) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(completion.resultJSON == "")
                #expect(note.isEmpty ? completion.note == "" : completion.note.contains(note))
            }
        }
    }
}
