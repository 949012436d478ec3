import EventLog
import Events
import Projections

/// Reads a log as an auditor would, and checks what must hold of every log.
public struct LogAudit {
    /// What was found wrong.
    public struct Violation: Error, CustomStringConvertible {
        /// The findings, a line each.
        public let description: String
    }

    /// Runs that were made.
    public private(set) var runs = 0
    /// The schedule of each run.
    public private(set) var jobOfRun: [UInt64: String] = [:]
    /// How many runs ended in each way.
    public private(set) var statuses: [String: Int] = [:]
    /// The last digest that the engine recorded.
    public private(set) var lastDigest: DigestRecorded?
    /// The runs that are open at the end.
    public private(set) var open: Set<UInt64> = []
    /// How many events there are.
    public private(set) var eventCount = 0
    /// The last event's time, µs.
    public private(set) var lastTime: Int64 = 0
    private var occurrences: Set<String> = []
    private var ended: Set<UInt64> = []
    private var clocks: Set<String> = []
    private var state = ProjectedState()
    private var problems: [String] = []

    /// An audit of nothing.
    public init() {}

    /// Reads the whole log; every digest in it is compared with the state just before it.
    public mutating func read(_ disk: any Disk, folder: String) throws {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
        while try reader.nextBatch() != nil {
            try reader.forEachRecord { _, bytes in
                var record: [UInt8] = []
                for index in 0..<bytes.byteCount {
                    record.append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
                }
                let event = try Event(decoding: record)
                if let recorded = event.payload as? DigestRecorded {
                    lastDigest = recorded
                    let computed = state.digest()
                    if computed.total != recorded.digest {
                        let difference = DigestComparison.of(
                            recorded.projections, computed.projections)
                        problems.append(
                            "the digest at \(recorded.atSequence) differs: \(difference)")
                    }
                }
                try state.apply(bytes)
                note(event)
                eventCount += 1
                lastTime = event.envelope.time
            }
        }
    }

    private mutating func note(_ event: Event) {
        switch event.payload {
        case let due as RunDue:
            runs += 1
            jobOfRun[due.run] = due.jobId
            open.insert(due.run)
            if due.trigger == "schedule" || due.trigger == "catchUp" {
                let key = "\(event.envelope.tenant)/\(due.jobId)/\(due.scheduledLocal)/\(due.fold)"
                if !occurrences.insert(key).inserted { problems.append("\(key) became two runs") }
            }
        case let skipped as RunSkipped where skipped.run != 0: end(skipped.run, "skipped")
        case let missed as RunMissed where missed.run != 0: end(missed.run, "missed")
        case let succeeded as RunSucceeded: end(succeeded.run, "succeeded")
        case let dead as RunDead: end(dead.run, "dead")
        case let cancelled as RunCancelled: end(cancelled.run, "cancelled")
        case let late as RunLate: clock(late.run, "start")
        case let missed as RunSlaMissed: clock(missed.run, missed.clock)
        default: break
        }
    }

    private mutating func clock(_ run: UInt64, _ name: String) {
        if !clocks.insert("\(run)/\(name)").inserted {
            problems.append("run \(run): its \(name) clock was reported twice")
        }
    }

    private mutating func end(_ run: UInt64, _ status: String) {
        if !ended.insert(run).inserted { problems.append("run \(run) ended twice") }
        if open.remove(run) == nil { problems.append("run \(run) ended before it was due") }
        statuses[status, default: 0] += 1
    }

    /// Throws what was found wrong.
    public func check() throws {
        var left: Set<UInt64> = []
        state.openRuns.forEach { left.insert($0.run) }
        var all = problems
        if left != open { all.append("open runs differ: \(left.symmetricDifference(open))") }
        if !all.isEmpty {
            throw Violation(description: all.prefix(10).joined(separator: "\n"))
        }
    }
}
