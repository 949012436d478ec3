import Synchronization

/// The deliveries that have no outcome yet: who waits for what, within the bounds.
///
/// Every delivery is entered once and leaves once, by whoever ends it first: its own task, a
/// withdrawal, or one that needs its room. So each has one last outcome.
final class DeliveryDesk: Sendable {
    typealias Delivery = NotificationPort.Delivery

    private enum Phase {
        /// It waits for its turn in its lane.
        case queued
        /// An attempt is under way.
        case attempting
        /// It failed, and waits for its pause to end.
        case resting
    }

    private struct Entry {
        var delivery: Delivery
        var phase = Phase.queued
        var isWithdrawn = false
        var task: Task<Void, Never>?
        /// Resumed with whether it is its turn.
        var turn: CheckedContinuation<Bool, Never>?
        let end: @Sendable (Delivery, NotificationFailure, UInt64) -> Void
    }

    private struct Lane {
        var attemptingCount = 0
        var waiting: [UInt64] = []
    }

    private struct LaneKey: Hashable {
        let contact: String
        let channel: String

        init(_ delivery: Delivery) {
            contact = delivery.contact
            channel = delivery.channel.name
        }
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var lanes: [LaneKey: Lane] = [:]
        /// For each notification the deliveries that have no last outcome.
        var remaining: [UInt64: UInt64] = [:]
        var nextTicket: UInt64 = 0
        var isClosed = false
    }

    /// What came of entering.
    enum Entrance {
        /// It is in, under this number.
        case entered(UInt64)
        /// There was no room, not even in the place of another: so many are left of its
        /// notification.
        case refused(remaining: UInt64)
    }

    /// Why a delivery was dropped.
    static let noRoom = NotificationFailure(
        .dropped, "too many notifications wait; more severe ones went first")

    private let waitingMax: Int
    private let laneWidth: Int
    private let state = Mutex(State())

    init(waitingMax: Int, laneWidth: Int) {
        self.waitingMax = waitingMax
        self.laneWidth = laneWidth
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Begins to count a notification's deliveries.
    func open(_ notification: UInt64, count: UInt64) {
        state.withLock { $0.remaining[notification, default: 0] += count }
    }

    /// Counts one delivery of a notification as over; returns how many are left.
    func settle(_ notification: UInt64) -> UInt64 {
        state.withLock { Self.settle(notification, &$0) }
    }

    private static func settle(_ notification: UInt64, _ state: inout State) -> UInt64 {
        let left = max(state.remaining[notification] ?? 1, 1) - 1
        state.remaining[notification] = left == 0 ? nil : left
        return left
    }

    /// Takes a delivery in; where there is no room, in the place of the oldest of the least severe
    /// that matter less.
    ///
    /// - Parameter end: called where somebody else than its task ends it.
    func enter(
        _ delivery: Delivery,
        end: @escaping @Sendable (Delivery, NotificationFailure, UInt64) -> Void
    ) -> Entrance {
        let (entrance, ended) = state.withLock { state -> (Entrance, (() -> Void)?) in
            var ended: (() -> Void)?
            if state.entries.count >= waitingMax {
                guard let victim = Self.victim(delivery.rank, state) else {
                    let left = Self.settle(delivery.request.notification, &state)
                    return (.refused(remaining: left), nil)
                }
                ended = Self.remove(victim, Self.noRoom, &state)
            }
            let ticket = state.nextTicket
            state.nextTicket += 1
            state.entries[ticket] = Entry(delivery: delivery, end: end)
            return (.entered(ticket), ended)
        }
        ended?()
        return entrance
    }

    /// The oldest of the least severe that are not being sent, if it matters less than `rank`.
    private static func victim(_ rank: Int, _ state: State) -> UInt64? {
        state.entries
            .filter { $0.value.phase != .attempting && $0.value.delivery.rank < rank }
            .min { ($0.value.delivery.rank, $0.key) < ($1.value.delivery.rank, $1.key) }?.key
    }

    /// Ends an entry from outside; what it returns is to be called without the lock.
    private static func remove(
        _ ticket: UInt64, _ failure: NotificationFailure, _ state: inout State
    ) -> (() -> Void)? {
        guard let entry = state.entries.removeValue(forKey: ticket) else { return nil }
        let left = settle(entry.delivery.request.notification, &state)
        return {
            entry.turn?.resume(returning: false)
            entry.task?.cancel()
            entry.end(entry.delivery, failure, left)
        }
    }

    /// Keeps the task of an entry, so that it can be cancelled.
    func keep(_ task: Task<Void, Never>, _ ticket: UInt64) {
        let isGone = state.withLock { state in
            state.entries[ticket]?.task = task
            return state.entries[ticket] == nil
        }
        // It may be over already; then this changes nothing.
        if isGone { task.cancel() }
    }

    /// Waits until an attempt may be made; false where somebody ended the delivery.
    func waitForTurn(_ ticket: UInt64) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                guard !state.isClosed, let entry = state.entries[ticket] else { return false }
                let key = LaneKey(entry.delivery)
                if state.lanes[key, default: Lane()].attemptingCount < laneWidth {
                    state.lanes[key, default: Lane()].attemptingCount += 1
                    state.entries[ticket]?.phase = .attempting
                    return true
                }
                state.lanes[key]?.waiting.append(ticket)
                state.entries[ticket]?.phase = .queued
                state.entries[ticket]?.turn = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// A failed attempt is over, and another is to follow: gives the turn on.
    ///
    /// - Returns: how many deliveries of the notification are left, this one among them; nil where
    ///   it is not to be tried again, or was ended.
    func rest(_ ticket: UInt64, _ delivery: Delivery) -> UInt64? {
        state.withLock { state in
            guard !state.isClosed, let entry = state.entries[ticket], !entry.isWithdrawn else {
                return nil
            }
            state.entries[ticket]?.phase = .resting
            state.entries[ticket]?.delivery = delivery
            giveTurn(LaneKey(delivery), &state)
            return state.remaining[delivery.request.notification] ?? 1
        }
    }

    /// A delivery is over, by its own doing.
    ///
    /// - Returns: how many deliveries of the notification are left; nil where somebody else ended
    ///   it, and said so, or everything is over.
    func leave(_ ticket: UInt64) -> UInt64? {
        state.withLock { state in
            guard !state.isClosed, let entry = state.entries.removeValue(forKey: ticket) else {
                return nil
            }
            if entry.phase == .attempting { giveTurn(LaneKey(entry.delivery), &state) }
            return Self.settle(entry.delivery.request.notification, &state)
        }
    }

    /// The next that waits in a lane has its turn.
    private func giveTurn(_ key: LaneKey, _ state: inout State) {
        guard var lane = state.lanes[key] else { return }
        lane.attemptingCount -= 1
        while !lane.waiting.isEmpty {
            let next = lane.waiting.removeFirst()
            guard let turn = state.entries[next]?.turn else { continue }
            state.entries[next]?.turn = nil
            state.entries[next]?.phase = .attempting
            lane.attemptingCount += 1
            turn.resume(returning: true)
            break
        }
        state.lanes[key] = lane.attemptingCount == 0 && lane.waiting.isEmpty ? nil : lane
    }

    /// Ends what rests of an alert, and lets what is being sent not be tried again.
    func withdraw(alert: UInt64) {
        let ended = state.withLock { state -> [() -> Void] in
            let own = state.entries.filter { entry in
                entry.value.delivery.request.occasion != .notice
                    && entry.value.delivery.request.alert.alert == alert
            }.keys.sorted()
            return own.compactMap { ticket in
                if state.entries[ticket]?.phase == .resting {
                    let failure = NotificationFailure(
                        .withdrawn, "the alert was cleared while it waited to be sent again")
                    return Self.remove(ticket, failure, &state)
                }
                state.entries[ticket]?.isWithdrawn = true
                return nil
            }
        }
        for end in ended { end() }
    }

    /// Ends everything without a word: the next start takes it up.
    func close() {
        let entries = state.withLock { state in
            defer { state.entries = [:] }
            state.isClosed = true
            return Array(state.entries.values)
        }
        for entry in entries {
            entry.turn?.resume(returning: false)
            entry.task?.cancel()
        }
    }
}
