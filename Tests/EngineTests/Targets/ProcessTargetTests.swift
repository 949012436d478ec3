import Engine
import Events
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProcessTargetTests {
    @Test("exit code 0 is a success, with output, hash and result")
    func success() async throws {
        try await TargetFixture.with { fixture in
            let outcome = try await fixture.run(
                fixture.delivery(
                    script: """
                        echo out; echo err >&2
                        echo '{"members": 12}' > "$DAYBOOK_RESULT_FILE"
                        """))
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(completion.exitCode == 0)
            #expect(completion.resultJSON == #"{"members": 12}"#)
            #expect(completion.note == "")
            #expect(try fixture.text(completion.output) == "out\nerr\n")
            // printf 'out\nerr\n' | sha256sum
            let sha256 = "9f345aa1474b011fb7f938c3c12eb48e8b583d94bdbe1235d9e972cfe5b1b4ef"
            #expect(completion.output?.path == "files/" + (completion.output?.sha256 ?? ""))
            #expect(completion.output?.byteCount == 8)
            #expect(completion.output?.isTruncated == false)
            #expect(completion.output?.sha256 == sha256)
        }
    }

    @Test("an exit code is a definite failure", arguments: [1, 3, 126, 127, 128, 193, 255])
    func exitCode(code: Int64) async throws {
        try await TargetFixture.with { fixture in
            let failure = try failure(
                await fixture.run(fixture.delivery(script: "exit \(code)")))
            #expect(failure.failureClass == TargetFailureClass.exit)
            #expect(failure.code == code)
            #expect(failure.isDefinite)
            #expect(failure.output == nil)
        }
    }

    @Test("a signal is a failure that is not definite", arguments: [SIGKILL, SIGSEGV, SIGTERM])
    func signals(signal: Int32) async throws {
        try await TargetFixture.with { fixture in
            let failure = try failure(
                await fixture.run(fixture.delivery(script: "echo said; kill -\(signal) $$")))
            #expect(failure.failureClass == TargetFailureClass.signal)
            #expect(failure.code == Int64(signal))
            #expect(!failure.isDefinite)
            #expect(try fixture.text(failure.output) == "said\n")
        }
    }

    @Test("SIGTERM to the whole group does not take the exit status away")
    func groupSignal() async throws {
        try await TargetFixture.with { fixture in
            let outcome = try await fixture.run(
                fixture.delivery(script: "trap 'exit 7' TERM; kill -TERM 0; wait"))
            let failure = try failure(outcome)
            #expect(failure.code == 7)
            #expect(failure.failureClass == TargetFailureClass.exit)
        }
    }

    @Test("a program that is not there, or a folder, is a definite failure before anything starts")
    func notFound() async throws {
        try await TargetFixture.with { fixture in
            for command in ["/no/such/program", "no-such-program", "./here", "/tmp"] {
                let delivery = fixture.delivery(script: "") { $0.binding.command = [command] }
                await #expect(throws: TargetFailure.self) {
                    try await fixture.target.launch(delivery)
                }
            }
            let delivery = fixture.delivery(script: "") { $0.binding.workingFolder = "nowhere" }
            let refusal = try #require(await fixture.refusal(delivery))
            #expect(refusal.isDefinite && refusal.failureClass == TargetFailureClass.spawn)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/runs") == [])
        }
    }

    @Test("the environment holds what is promised and nothing of the engine's own")
    func environment() async throws {
        try await TargetFixture.with { fixture in
            setenv("DAYBOOK_TEST_LEAK", "1", 1)
            defer { unsetenv("DAYBOOK_TEST_LEAK") }
            try FileManager.default.createDirectory(
                atPath: fixture.base + "/work", withIntermediateDirectories: true)
            let outcome = try await fixture.run(
                fixture.delivery(script: "env | sort; readlink /proc/self/fd/0") { delivery in
                    delivery.parameters = [
                        KeyValue("load-date", "2027-01-04"), KeyValue("n", "a b"),
                    ]
                    delivery.binding.settings = [KeyValue("DB_URL", "pg://u:${secret:db}@h/x")]
                    delivery.binding.workingFolder = "work"
                })
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let text = try fixture.text(completion.output)
            #expect(
                text == """
                    DAYBOOK_ATTEMPT=1
                    DAYBOOK_BUSINESS_DATE=2027-01-04
                    DAYBOOK_ENVIRONMENT=test
                    DAYBOOK_EXECUTION=1
                    DAYBOOK_JOB=834-nightly
                    DAYBOOK_LOG=\(fixture.log)
                    DAYBOOK_PARAM_LOAD_DATE=2027-01-04
                    DAYBOOK_PARAM_N=a b
                    DAYBOOK_RESULT_FILE=\(fixture.data)/runs/1-1/result.json
                    DAYBOOK_RUN=1
                    DAYBOOK_RUN_KEY=default/834-nightly/2027-01-04T08:00/-/1
                    DAYBOOK_SCHEDULED=2027-01-04T08:00:00+00:00
                    DAYBOOK_TENANT=default
                    DB_URL=pg://u:s3cret@h/x
                    HOME=\(fixture.root)
                    PATH=/usr/bin:/bin
                    PWD=\(fixture.base)/work
                    /dev/null

                    """)
        }
    }

    @Test("a binding that cannot be delivered is a definite failure that names the setting")
    func badBinding() async throws {
        try await TargetFixture.with { fixture in
            let settings = [
                KeyValue("A-B", "x"), KeyValue("DAYBOOK_RUN", "7"), KeyValue("X", "${secret:no}"),
                KeyValue("X", "${secret:db"), KeyValue("X", "a\0b"),
            ]
            for setting in settings {
                let delivery = fixture.delivery(script: "") { $0.binding.settings = [setting] }
                let refusal = try #require(await fixture.refusal(delivery))
                #expect(refusal.isDefinite && refusal.failureClass == TargetFailureClass.binding)
                #expect(refusal.message.contains(setting.name))
            }
            let twins = fixture.delivery(script: "") {
                $0.parameters = [KeyValue("a-b", "1"), KeyValue("a_b", "2")]
            }
            await #expect(throws: TargetFailure.self) { try await fixture.target.launch(twins) }
        }
    }

    @Test(
        "a result that is not taken says why, and the run still succeeds",
        arguments: [
            ("head -c 17000 /dev/zero | tr '\\0' ' ' > $DAYBOOK_RESULT_FILE", "larger"),
            ("echo '{\"a\":' > $DAYBOOK_RESULT_FILE", "not valid JSON"),
            ("printf '\\377' > $DAYBOOK_RESULT_FILE", "not UTF-8"),
            ("mkfifo $DAYBOOK_RESULT_FILE", "not a regular file"),
            ("ln -s /etc/hostname $DAYBOOK_RESULT_FILE", "not a regular file"),
            ("mkdir $DAYBOOK_RESULT_FILE", "not a regular file"),
        ])
    func badResult(script: String, why: String) async throws {
        try await TargetFixture.with { fixture in
            let outcome = try await fixture.run(fixture.delivery(script: script))
            guard case .succeeded(let completion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(completion.resultJSON == "")
            #expect(completion.note.contains(why))
            #expect(await fixture.target.discard(run: 1, attempt: 1) == nil)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/runs") == [])
        }
    }

    @Test("an output is cut at the limit, and the same output twice is one file")
    func truncation() async throws {
        try await TargetFixture.with(outputByteCountMax: 1000) { fixture in
            var files: Set<String> = []
            for run in 1...2 as ClosedRange<UInt64> {
                let outcome = try await fixture.run(
                    fixture.delivery(run: run, script: "head -c 1000000 /dev/zero"))
                guard case .succeeded(let completion) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(completion.output?.byteCount == 1000)
                #expect(completion.output?.isTruncated == true)
                files.insert(completion.output?.path ?? "")
            }
            let found = try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/files")
            #expect(found.map { "files/" + $0 } == Array(files))
        }
    }

    @Test("an attempt cannot be launched a second time")
    func launchedTwice() async throws {
        try await TargetFixture.with { fixture in
            let delivery = fixture.delivery(script: "true")
            let launched = try await fixture.target.launch(delivery)
            let refusal = try #require(await fixture.refusal(delivery))
            #expect(refusal.message.contains("reconcile"))
            await launched.terminate()
        }
    }

    private func failure(_ outcome: TargetOutcome) throws -> TargetFailure {
        guard case .failed(let failure) = outcome else {
            throw Unexpected(outcome: outcome)
        }
        return failure
    }

    struct Unexpected: Error {
        var outcome: TargetOutcome
    }
}
