import DaybookTestSupport
import EventLog
import Events
import Projections
import Testing

/// Projections that a digest and a snapshot have only where they are not empty.
@Suite struct LaterProjectionTests {
    private static let folder = "/data"
    private static let log = LogIdentity(low: 5, high: 9)

    /// The state of some events, one a second.
    private func state(_ payloads: [any EventPayload]) throws -> ProjectedState {
        var state = ProjectedState()
        for payload in payloads {
            var envelope = Envelope()
            envelope.sequence = state.nextSequence
            envelope.time = Int64(envelope.sequence + 1) * 1_000_000
            envelope.tenant = "default"
            envelope.actor = "user:anna"
            try state.apply(Event(envelope, payload).encoded().span.bytes)
        }
        return state
    }

    private func report(_ name: String, _ date: String, _ status: String) -> DependencyReported {
        var event = DependencyReported()
        event.name = name
        event.businessDate = date
        event.status = status
        return event
    }

    private func requested(_ number: UInt64) -> ApprovalRequested {
        var event = ApprovalRequested()
        event.approval = number
        event.name = "pause"
        event.until = 9_000_000
        event.requester = "user:anna"
        event.act = ActRequest()
        event.act?.act = "pause"
        event.act?.subject = "job"
        return event
    }

    private func names(_ state: ProjectedState) -> [String] {
        var state = state
        return state.digest().projections.map(\.name)
    }

    /// Writes a state as a snapshot, and loads it again.
    private func loaded(_ state: ProjectedState) throws -> ProjectedState {
        let disk = SimulatedDisk()
        _ = try disk.createFolder(Self.folder)
        try Snapshot.write(state, log: Self.log, dataFolder: Self.folder, disk: disk)
        let found = try Snapshot.newest(
            log: Self.log, within: Snapshot.Bound(), dataFolder: Self.folder, disk: disk)
        #expect(found.sequence == state.lastSequence && found.unusable.isEmpty)
        return found.state
    }

    @Test("they stand in digest and snapshot while they have entries, and not before or after")
    func appear() throws {
        let alive = EngineAlive()
        var expired = ApprovalExpired()
        expired.approval = 1
        let states = [
            try state([alive]), try state([alive, requested(1)]),
            try state([alive, requested(1), report("a", "2026-03-02", "READY")]),
            try state([alive, requested(1), report("a", "2026-03-02", "READY"), expired]),
        ]
        let later = states.map { state in
            names(state).filter { ["approvals", "dependencies"].contains($0) }
        }
        #expect(later == [[], ["approvals"], ["approvals", "dependencies"], ["dependencies"]])
        for state in states {
            #expect(names(state) == names(state).sorted())
            var (before, after) = (state, try loaded(state))
            #expect(before.digest() == after.digest())
            #expect(after.approvals.sorted() == state.approvals.sorted())
            #expect(after.dependencies.sorted() == state.dependencies.sorted())
            var entries: [String] = []
            after.forEachStateEntry { entries.append($0.projection) }
            #expect(entries.count == state.entryCount)
        }
    }

    @Test("the newest business dates are kept, in their order, each with its last status")
    func dates() throws {
        let days = (1...31).flatMap { day in
            ["04", "03", "05"].map { "2026-\($0)-\(day < 10 ? "0" : "")\(day)" }
        }
        let events = days.map { report("a", $0, "WAIT") } + [report("a", "2026-05-09", "READY")]
        let kept = try state(events).dependencies.sorted()[0].dates
        #expect(kept.map(\.businessDate) == Array(days.sorted().suffix(DependencyState.datesMax)))
        #expect(kept.filter { $0.status == "READY" }.map(\.businessDate) == ["2026-05-09"])
    }

    @Test("what is not open cannot be decided, and a number is its event's sequence")
    func impossible() throws {
        var granted = ApprovalGranted()
        granted.approval = 0
        #expect(throws: ProjectionError.self) { try state([EngineAlive(), granted]) }
        #expect(throws: ProjectionError.self) { try state([EngineAlive(), requested(7)]) }
    }
}
