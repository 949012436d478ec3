import Engine
import Events
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProcessEndingTests {
    /// Ignores SIGTERM, as do its child and grandchild; the last left the group, as `timeout`
    /// does, and another left the session.
    private let stubborn = """
        trap '' TERM
        sh -c 'sleep 1000 & echo $! >> pids.new; wait' &
        echo $! >> pids.new
        timeout 1000 sleep 1001 &
        echo $! >> pids.new
        setsid sh -c 'echo $$ >> pids.new; echo ready > ready; exec sleep 1002' &
        cat ready 2>/dev/null
        until [ -s ready ] && [ $(wc -l < pids.new) = 4 ]; do :; done
        mv pids.new pids
        wait
        """

    @Test("a timeout ends a program that ignores SIGTERM, and all that it started")
    func timeout() async throws {
        try await TargetFixture.with { fixture in
            let launched = try await fixture.target.launch(
                fixture.delivery(script: stubborn, timeout: 60, grace: 5))
            try launched.proceed()
            let pids = try await pids(fixture)
            #expect(pids.count == 4)
            #expect(pids.allSatisfy(isAlive))
            await fixture.clock.sleepers(1)
            fixture.clock.advance(by: .seconds(60))
            await fixture.clock.sleepers(1)
            #expect(isAlive(launched.identity.pid))
            fixture.clock.advance(by: .seconds(5))
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.timeout)
            #expect(!failure.isDefinite)
            #expect(failure.duration == .seconds(65))
            #expect(!pids.contains(where: isAlive))
        }
    }

    @Test("what a program leaves behind when it ends is ended too")
    func leftovers() async throws {
        try await TargetFixture.with { fixture in
            let launched = try await fixture.target.launch(
                fixture.delivery(script: stubborn.replacing("\nwait", with: "\nexit 4")))
            try launched.proceed()
            let pids = try await pids(fixture)
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == 4)
            #expect(pids.count == 4)
            #expect(!pids.contains(where: isAlive))
        }
    }

    @Test("terminate ends a program within its grace")
    func terminate() async throws {
        try await TargetFixture.with { fixture in
            let launched = try await fixture.target.launch(
                fixture.delivery(script: "trap 'exit 0' TERM; echo on > on; sleep 1000 & wait"))
            try launched.proceed()
            _ = try await line(of: fixture.base + "/on")
            await launched.terminate(grace: .seconds(30))
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("a cancelled run is no success")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.cancelled)
            #expect(!failure.isDefinite)
        }
    }

    @Test("terminate before the gate opens: the program never runs, and that is definite")
    func terminateAtGate() async throws {
        try await TargetFixture.with { fixture in
            let launched = try await fixture.target.launch(
                fixture.delivery(script: "echo ran > ran"))
            await launched.terminate()
            #expect(throws: TargetFailure.self) { try launched.proceed() }
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.isDefinite)
            #expect(!isAlive(launched.identity.pid))
            #expect(!FileManager.default.fileExists(atPath: fixture.base + "/ran"))
        }
    }

    @Test("a program whose wrapper is killed is killed too, and lost")
    func wrapperKilled() async throws {
        try await TargetFixture.with { fixture in
            let launched = try await fixture.target.launch(
                fixture.delivery(script: "echo $$ > pid; exec sleep 1000"))
            try launched.proceed()
            let pid = try #require(Int32(try await line(of: fixture.base + "/pid")))
            kill(launched.identity.pid, SIGKILL)
            guard case .failed(let failure) = await launched.outcome() else {
                Issue.record("no failure")
                return
            }
            #expect(failure.failureClass == TargetFailureClass.lost)
            #expect(!failure.isDefinite)
            #expect(!isAlive(pid))
        }
    }

    private func pids(_ fixture: TargetFixture) async throws -> [Int32] {
        try await line(of: fixture.base + "/pids").split(separator: "\n").compactMap { Int32($0) }
    }
}
