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

    private func stateBefore(_ sequence: SequenceNumber) throws(EventLogError) -> ProjectedState {
        guard let last = sequence.previous else { return ProjectedState() }
        var options = Replayer.Options()
        options.untilSequence = last.rawValue
        let data = DataFolder(path: folder, disk: RealDisk(), trust: .everything)
        do throws(ReplayError) {
            return try Replayer(data, options).run().state
        } catch {
            throw error.log
                ?? EventLogError(
                    .damaged,
                    "what is left of the log in \(folder) cannot be replayed: \(error). "
                        + "Nothing was changed; report this with the log")
        }
    }
}
