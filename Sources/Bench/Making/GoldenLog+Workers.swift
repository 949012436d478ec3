import Engine
import Events

/// What the golden log has of workers: two of them, and a run that goes from one to the other.
extension GoldenLog {
    /// A worker leases a run, starts it and goes silent; another one does it.
    mutating func workers() throws {
        var configuration = GoldenSchedules.second
        configuration.definitions.append(GoldenSchedules.remote)
        try log.handle(.applyConfiguration(configuration))
        world.plans["remote"] = [.isSilent, .isSilent]
        let first = try register("edge-1")
        let reply = try log.handle(
            .runNow(Self.key("remote"), scheduled: nil, reason: "a test", Self.who))
        let run = reply.run ?? 0
        let lost = try lease("edge-1", first)
        try log.handle(
            .worker(
                .started(worker: "edge-1", lost, pid: 4_711, startTicks: 815, bootId: "boot")))
        try log.advance(to: log.now + 120_000_000)
        let second = try register("edge-2")
        try log.handle(.retryNow(run: run, reason: "edge-1 is gone", Self.who))
        let taken = try lease("edge-2", second)
        try log.handle(
            .worker(.completed(worker: "edge-1", lost, GoldenWorld.success())))
        try log.handle(
            .worker(.completed(worker: "edge-2", taken, GoldenWorld.success())))
        try log.handle(.worker(.leave(worker: "edge-2", session: second)))
    }

    /// - Returns: the session.
    private mutating func register(_ name: String) throws -> UInt64 {
        var registration = WorkerRegistration()
        registration.name = name
        registration.capabilities = ["linux", "sftp"]
        registration.version = "0.1.0"
        registration.host = "\(name).internal.example"
        registration.slots = 2
        registration.instance = "00112233445566778899aabbccddeeff"
        return try log.handle(.worker(.register(registration))).worker?.session ?? 0
    }

    private mutating func lease(_ name: String, _ session: UInt64) throws -> HeldLease {
        let reply = try log.handle(.worker(.lease(worker: name, session: session, [])))
        guard let granted = reply.worker?.granted else {
            return HeldLease(run: 0, attempt: 0, token: 0)
        }
        return HeldLease(
            run: granted.request.run, attempt: granted.request.attempt, token: granted.token)
    }
}

extension GoldenSchedules {
    /// A job that a worker runs.
    static var remote: ScheduleDefinition {
        var definition = definition("remote", "0 0 1 1 *")
        definition.target?.name = "edge-transfer"
        definition.target?.kind = "worker"
        definition.target?.capabilities = ["sftp"]
        definition.target?.leaseWaitSeconds = 3_600
        definition.retriesMax = 2
        definition.retryDelaysSeconds = [3_600]
        definition.alerts = []
        return definition
    }
}
