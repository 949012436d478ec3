import EventLog
import Events
import Projections

/// The record with which a log goes on after a loss that was accepted.
public struct LossRecord: Sendable {
    private let folder: String
    private let ticket: String
    private let actor: String
    private let now: @Sendable () -> Int64

    /// A record for the log in a data folder, under a change ticket.
    ///
    /// - Parameter actor: who accepts the loss.
    /// - Parameter now: the machine's clock, µs.
    public init(
        folder: String, ticket: String, actor: String,
        now: @escaping @Sendable () -> Int64 = LogSources.system.nowMicroseconds
    ) {
        self.folder = folder
        self.ticket = ticket
        self.actor = actor
        self.now = now
    }

    /// Makes the record's bytes from what is known of the loss.
    ///
    /// Replays what is left of the log: its time never decreases, and its losses are numbered.
    /// - Throws: `damaged` where what is left cannot be replayed.
    public func make(_ facts: LossFacts) throws(EventLogError) -> [UInt8] {
        let state = try stateBefore(facts.recordSequence)
        var lost = LossAccepted()
        lost.ordinal = state.status.originOrdinal + 1
        lost.firstLost = facts.firstLost.rawValue
        lost.lastLost = facts.lastLost?.rawValue ?? facts.firstLost.rawValue
        lost.checkpointSize = facts.checkpointSize ?? 0
        lost.checkpointRoot = facts.checkpointRoot ?? []
        lost.detail = String(facts.found.prefix(2_000))
        lost.setAside = Array(facts.setAside.prefix(50))
        var envelope = Envelope()
        envelope.sequence = facts.recordSequence.rawValue
        envelope.time = max(now(), state.lastTime)
        envelope.tenant = "default"
        envelope.actor = actor
        envelope.ticket = ticket
        return Event(envelope, lost).encoded()
    }

    /// The state before a sequence; nothing from it on is read, for that is what is damaged.
    private func stateBefore(_ sequence: SequenceNumber) throws(EventLogError) -> ProjectedState {
        var state = ProjectedState()
        guard let last = sequence.previous else { return state }
        var reader = try LogReader.open(folder: folder, disk: RealDisk(), trust: .everything)
        var problem: ProjectionError?
        try reader.forEach { number, record in
            do throws(ProjectionError) { try state.apply(record) } catch { problem = error }
            return problem == nil && number < last
        }
        if let problem {
            throw EventLogError(
                .damaged,
                "what is left of the log in \(folder) cannot be replayed: \(problem). "
                    + "Nothing was changed; report this with the log")
        }
        return state
    }
}
