import Events
import Foundation

/// A lease as the engine hands it out: all that running the program needs (docs/workers.md).
struct WorkerOrder: Codable, Sendable {
    /// What to run.
    struct Target: Codable, Sendable {
        var name: String
        var command: [String]
        var workingFolder: String
        var environment: [String: String]
        var timeoutSeconds: UInt64
        var graceSeconds: UInt64
    }

    var run: UInt64
    var attempt: UInt64
    var token: UInt64
    var leaseMilliseconds: UInt64
    var execution: UInt64
    var tenant: String
    var jobId: String
    var runKey: String
    var log: String
    var scheduled: String
    var businessDate: String
    var environment: String
    var target: Target
    var parameters: [String: String]

    /// How long the lease holds without being renewed.
    var leaseLength: Duration { .milliseconds(Int64(clamping: min(leaseMilliseconds, 1 << 40))) }

    var binding: TargetBinding {
        var binding = TargetBinding()
        binding.name = target.name
        binding.kind = EngineCore.workerKind
        binding.command = target.command
        binding.workingFolder = target.workingFolder
        binding.settings = target.environment.map { KeyValue($0.key, $0.value) }
            .sorted { $0.name < $1.name }
        binding.timeoutSeconds = target.timeoutSeconds
        binding.graceSeconds = target.graceSeconds
        return binding
    }

    var delivery: Delivery {
        var delivery = Delivery(
            tenant: tenant, jobId: jobId, run: run, attempt: attempt, execution: execution,
            runKey: runKey, scheduled: scheduled, businessDate: businessDate,
            environmentName: environment, binding: binding,
            parameters: parameters.map { KeyValue($0.key, $0.value) }
                .sorted { $0.name < $1.name },
            callbackToken: "", callbackURL: "", logIdentity: log)
        delivery.fencingToken = token
        return delivery
    }

    /// Whether another lease was of the same attempt.
    func isSameAttempt(as other: WorkerOrder) -> Bool {
        run == other.run && attempt == other.attempt && token != other.token
    }

    var held: WorkerHeldMessage { .init(run: run, attempt: attempt, token: token) }
}

/// A lease that the worker names.
struct WorkerHeldMessage: Codable, Sendable {
    var run: UInt64
    var attempt: UInt64
    var token: UInt64
}

/// What a worker sends when it registers.
struct WorkerHello: Encodable, Sendable {
    var name: String
    var capabilities: [String]
    var version: String
    var host: String
    var slots: Int
    var instance: String
    var held: [WorkerHeldMessage]
}

/// What it sends with a heartbeat, and when it asks for a run.
struct WorkerWord: Encodable, Sendable {
    var session: UInt64
    var held: [WorkerHeldMessage] = []
    var waitSeconds: UInt64?
}

/// What the engine answers to those.
struct WorkerSessionAnswer: Decodable, Sendable {
    /// An attempt that is to be ended.
    struct Ending: Decodable, Sendable {
        var token: UInt64
        var forced: Bool
    }

    var session: UInt64
    var leaseMilliseconds: UInt64
    var heartbeatMilliseconds: UInt64
    var end: [Ending]
    var lost: [UInt64]
    var lease: WorkerOrder?
}

/// What a worker says of a process that stands at its gate.
struct WorkerStartReport: Encodable, Sendable {
    var attempt: UInt64
    var token: UInt64
    var pid: UInt64
    var startTicks: UInt64
    var bootId: String
}

/// How far a program is.
struct WorkerProgressReport: Encodable, Sendable, Equatable {
    var attempt: UInt64
    var token: UInt64
    var percent: UInt64?
    var message: String

    /// Reads a line: a whole number from 0 to 100, where it starts with one, and a text.
    init(_ order: WorkerOrder, line: String) {
        attempt = order.attempt
        token = order.token
        let first = line.prefix { $0.isNumber }
        var rest = Substring(line)
        if let number = UInt64(first), number <= 100 {
            percent = number
            rest = line.dropFirst(first.count)
            if rest.hasPrefix("%") { rest = rest.dropFirst() }
        }
        var text = rest.trimmingCharacters(in: .whitespaces)
        while text.utf8.count > Self.messageByteCountMax { text.removeLast() }
        message = text
    }

    private static let messageByteCountMax = 256
}

/// How an attempt ended.
struct WorkerEndReport: Sendable {
    /// The JSON of the report.
    let body: Data

    /// - Parameter lostTouch: the worker ended the program, because it could not renew the lease.
    init(_ order: WorkerOrder, _ outcome: TargetOutcome, lostTouch: Bool) {
        var fields: [String: Any] = ["attempt": order.attempt, "token": order.token]
        switch outcome {
        case .succeeded(let completion):
            fields["status"] = "succeeded"
            fields["exitCode"] = completion.exitCode
            fields["note"] = completion.note
            fields["durationUs"] = Self.microseconds(completion.duration)
            fields["output"] = Self.output(completion.output)
            // It was checked when it was read.
            fields["result"] = try? JSONSerialization.jsonObject(
                with: Data(completion.resultJSON.utf8), options: .fragmentsAllowed)
        case .failed(let failure):
            fields["status"] = "failed"
            let isLost = failure.failureClass == TargetFailureClass.lost
            fields["failureClass"] = isLost ? "killed" : failure.failureClass
            if lostTouch && failure.failureClass == TargetFailureClass.cancelled {
                fields["failureClass"] = "lease"
                fields["message"] =
                    "the worker could not renew its lease, and ended the program"
            } else {
                fields["message"] = failure.message
            }
            fields["definite"] = failure.isDefinite
            if let code = failure.code, code >= 0 { fields["exitCode"] = code }
            fields["note"] = failure.note
            fields["durationUs"] = Self.microseconds(failure.duration)
            fields["output"] = Self.output(failure.output)
        case .accepted:
            preconditionFailure("a program does not accept, it ends")
        }
        do {
            body = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
        } catch {
            preconditionFailure("numbers and texts are JSON: \(error)")
        }
    }

    private static func output(_ file: OutputFile?) -> [String: Any]? {
        guard let file else { return nil }
        return [
            "sha256": file.sha256, "byteCount": file.byteCount, "truncated": file.isTruncated,
        ]
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return max(seconds * 1_000_000 + attoseconds / 1_000_000_000_000, 0)
    }
}
