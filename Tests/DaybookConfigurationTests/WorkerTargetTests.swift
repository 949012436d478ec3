import DaybookConfiguration
import Events
import Testing

/// Targets that workers run.
@Suite struct WorkerTargetTests {
    private func load(_ target: String) throws -> LoadResult {
        let folder = try TemporaryFolder()
        try folder.write(
            "schedules/jobs.yaml",
            "jobs: [{ jobId: a, cadence: \"0 1 * * *\", targetPipeline: t }]\n")
        try folder.write("targets.yaml", "targets:\n  t: { worker: { \(target) } }\n")
        return try folder.load()
    }

    @Test("A worker target has a program, capabilities and a wait; its secrets are the worker's")
    func read() throws {
        let result = try load(
            "command: [run.sh], capabilities: [sftp, linux, sftp], leaseWait: 5m, "
                + "environment: { KEY: \"${secret:not-here}\" }")
        #expect(result.problems.map(\.description) == [])
        let binding = try #require(result.set?.definitions.first?.target)
        #expect(binding.kind == "worker" && binding.command == ["run.sh"])
        #expect(binding.capabilities == ["linux", "sftp"])
        #expect(binding.leaseWaitSeconds == 300)
        #expect(binding.timeoutSeconds == 3_600 && binding.graceSeconds == 10)
        #expect(binding.settings == [KeyValue("KEY", "${secret:not-here}")])
        let plain = try load("command: [run.sh], capabilities: []")
        #expect(plain.set?.definitions.first?.target?.leaseWaitSeconds == 3_600)
    }

    @Test(
        "What is wrong with a worker target is said, by its field",
        arguments: [
            ("command: [run.sh]", "targets.t.worker.capabilities"),
            ("capabilities: []", "targets.t.worker.command"),
            ("command: [run.sh], capabilities: [\"a b\"]", "targets.t.worker.capabilities[0]"),
            ("command: [run.sh], capabilities: [], leaseWait: 0s", "targets.t.worker.leaseWait"),
            ("command: [run.sh], capabilities: [], url: x", "targets.t.worker.url"),
            (
                "command: [run.sh], capabilities: [], environment: { A: \"${x}\" }",
                "targets.t.worker.environment.A"
            ),
        ])
    func problems(_ target: String, _ field: String) throws {
        let result = try load(target)
        #expect(result.problems.contains { $0.field == field }, "\(result.problems)")
    }
}
