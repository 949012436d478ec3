/// An engine that a test can kill: it launches one process target and does as it is told.
///
/// `target-helper launch DATA BASE RUN COMMAND…` prints `PID TICKS BOOT`, opens the gate for each
/// line `proceed`, discards nothing, and ends at end of file or when it is killed.
/// `target-helper bench DATA COUNT CONCURRENCY` runs /bin/true and prints the rate.
import Engine
import Events
import Foundation
import Glibc
import SystemPackage

func target(data: String, base: String) throws -> (ProcessTarget, TargetThreads) {
    let threads = try TargetThreads()
    let settings = ProcessTarget.Settings(
        data: FilePath(data), base: FilePath(base),
        environment: ProcessTarget.minimalEnvironment(of: ProcessInfo.processInfo.environment),
        outputByteCountMax: 1 << 20, clock: ContinuousClock(), secrets: { $0 })
    return (try ProcessTarget(settings, threads: threads), threads)
}

func delivery(run: UInt64, command: [String]) -> Delivery {
    var binding = TargetBinding()
    binding.name = "helper"
    binding.kind = "process"
    binding.command = command
    binding.graceSeconds = 5
    return Delivery(
        tenant: "default", jobId: "job", run: run, attempt: 1, execution: 1,
        runKey: "default/job/2027-01-04T08:00/-/1", scheduled: "2027-01-04T08:00:00+00:00",
        businessDate: "2027-01-04", environmentName: "test", binding: binding, parameters: [],
        callbackToken: "token", callbackURL: "http://127.0.0.1/", logIdentity: "helper-" + base)
}

/// The log's identity must differ between tests, so that none finds another's processes.
let arguments = CommandLine.arguments
let base = arguments.count > 3 ? arguments[3] : ""

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

switch arguments.dropFirst().first {
case "launch" where arguments.count > 5:
    let (target, _) = try target(data: arguments[2], base: base)
    let launched = try await target.launch(
        delivery(run: UInt64(arguments[4]) ?? 0, command: Array(arguments.dropFirst(5))))
    let identity = launched.identity
    say("\(identity.pid) \(identity.startTicks) \(identity.bootId)")
    while let line = readLine() {
        guard line == "proceed" else { continue }
        try launched.proceed()
        say("proceeded")
    }
case "bench" where arguments.count == 5:
    let (target, threads) = try target(data: arguments[2], base: "/")
    let count = UInt64(arguments[3]) ?? 0
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for run in 1...count {
            if run > UInt64(arguments[4]) ?? 1 { try await group.next() }
            group.addTask {
                let launched = try await target.launch(
                    delivery(run: run, command: ["/bin/true"]))
                try launched.proceed()
                guard case .succeeded = await launched.outcome() else {
                    throw CancellationError()
                }
                await target.discard(run: run, attempt: 1)
            }
        }
        try await group.waitForAll()
    }
    let took = clock.now - start
    let seconds =
        Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
    say("\(count) launches in \(seconds) s: \(Double(count) / seconds) a second")
    await threads.shutdown()
default:
    say("usage: target-helper launch DATA BASE RUN COMMAND… | bench DATA COUNT CONCURRENCY")
    exit(2)
}
