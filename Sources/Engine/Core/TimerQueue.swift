/// What a timer is for.
package enum TimerKind: Hashable, Sendable {
    /// A schedule's next occurrence, by the sequence of its definition and the number of its
    /// tenant (`TenantNumbers`).
    case occurrence(definition: UInt64, tenant: UInt16)
    /// A schedule's next reminder, likewise.
    case reminder(definition: UInt64, tenant: UInt16)
    /// A run's next attempt.
    case retry(run: UInt64)
    /// A run that waited when an engine before this one stopped is to go on.
    case takeUp(run: UInt64)
    /// A held run's wait is over.
    case holdEnd(run: UInt64)
    /// An external dependency is to be asked: its place in the run's definition.
    case poll(run: UInt64, dependency: UInt16)
    /// The run should have started.
    case startBy(run: UInt64)
    /// The run should have ended.
    case finishBy(run: UInt64)
    /// The attempt that runs should have ended.
    case duration(run: UInt64)
    /// A completion should have come.
    case callback(run: UInt64)
    /// A blackout that was declared until a moment is over: the sequence of its declaration.
    case blackoutEnd(declared: UInt64)
    /// A pause is over: its number in `EngineCore.pausesWithEnd`.
    case pauseEnd(number: UInt64)
    /// A limit's window has moved on: the number that the `RoomBook` gave.
    case room(alarm: UInt64)
    /// The calendars are to be looked at: how far they reach.
    case calendars
    /// Nobody acknowledged an alert in time.
    case escalation(alert: UInt64)
    /// The run will miss its SLA, does it take as long as usual.
    case foresight(run: UInt64)
    /// A run's lease, or its wait for a worker, may be over.
    case leaseEnd(run: UInt64)
    /// A worker may have been silent for too long: the sequence of its registration.
    case workerSilent(session: UInt64)
    /// Nobody decided an approval in time.
    case approvalEnd(approval: UInt64)
    /// An answer to a partner, or one of a partner, is due: the file that waits for it.
    case answerDue(number: UInt64)
    /// A sign of life is due.
    case alive
    /// The state's digest is due.
    case digest
    /// Control numbers are to be looked through for gaps.
    case controlGaps
    /// The inventory of control numbers is to be checked.
    case controlSync
}

/// Timers by time: a binary heap, so that a million schedules cost one step each when they are due
/// and nothing in between.
///
/// A timer is not removed when it loses its sense; it is looked at when its time comes, and whoever
/// takes it checks that it still holds. Where the time is far away, such timers would add up: once
/// the queue has doubled, `sweep` drops them.
///
/// - Complexity: O(log n) to add and to take, O(1) to look; 24 bytes for each.
package struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        let time: Int64
        /// The order of adding in the high 48 bits, which breaks ties, so that equal times are
        /// handled in one order; below it what the kind has beside its number.
        ///
        /// 2^48 timers are nine years of a million each second.
        let orderAndDetail: UInt64
        /// The kind in the high 6 bits, below it a sequence, which needs no more than 58.
        let kindAndNumber: UInt64

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : orderAndDetail < other.orderAndDetail
        }
    }

    private var heap: [Entry] = []
    private var nextOrder: UInt64 = 0
    private var sweepCount = TimerQueue.sweepCountMin

    /// Fewer timers than these are not worth a look.
    package static let sweepCountMin = 64

    /// An empty queue.
    package init() {}

    /// How many timers there are, dead ones too.
    package var count: Int { heap.count }

    /// The time of the first timer, µs.
    package var firstTime: Int64? { heap.first?.time }

    /// Makes room for so many more timers.
    package mutating func reserve(_ more: Int) { heap.reserveCapacity(heap.count + more) }

    /// Adds a timer.
    package mutating func add(_ kind: TimerKind, at time: Int64) {
        let (code, number, detail) = kind.packed
        // The order wraps after 2^48 timers: then a tie may fall the other way, once.
        let entry = Entry(
            time: time, orderAndDetail: nextOrder &<< 16 | UInt64(detail),
            kindAndNumber: UInt64(code) << 58 | number & TimerKind.numberMax)
        nextOrder &+= 1
        heap.append(entry)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    /// Takes the first timer whose time is at or before `now`.
    package mutating func take(through now: Int64) -> TimerKind? {
        guard let first = heap.first, first.time <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
        return Self.kind(first)
    }

    /// Drops the timers that have lost their sense, where there are twice as many as the last
    /// time.
    ///
    /// - Complexity: O(n), so O(1) for each timer added.
    package mutating func sweep(_ holds: (TimerKind) -> Bool) {
        guard heap.count > sweepCount else { return }
        heap.removeAll { !holds(Self.kind($0)) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
            sink(heap[index], from: index)
        }
        sweepCount = max(Self.sweepCountMin, 2 * heap.count)
    }

    private static func kind(_ entry: Entry) -> TimerKind {
        TimerKind(
            packed: UInt8(entry.kindAndNumber >> 58), entry.kindAndNumber & TimerKind.numberMax,
            UInt16(truncatingIfNeeded: entry.orderAndDetail))
    }

    /// Puts an entry in the place of another, and as far down as it belongs.
    private mutating func sink(_ entry: Entry, from start: Int = 0) {
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count && heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = entry
    }
}

extension TimerKind {
    /// The largest number that is packed: a sequence that no log reaches.
    fileprivate static let numberMax: UInt64 = (1 << 58) - 1

    fileprivate var packed: (code: UInt8, number: UInt64, detail: UInt16) {
        switch self {
        case .occurrence(let definition, let tenant): (0, definition, tenant)
        case .retry(let run): (1, run, 0)
        case .takeUp(let run): (2, run, 0)
        case .holdEnd(let run): (3, run, 0)
        case .poll(let run, let dependency): (4, run, dependency)
        case .startBy(let run): (5, run, 0)
        case .finishBy(let run): (6, run, 0)
        case .duration(let run): (7, run, 0)
        case .callback(let run): (8, run, 0)
        case .alive: (9, 0, 0)
        case .digest: (10, 0, 0)
        case .blackoutEnd(let declared): (11, declared, 0)
        case .calendars: (12, 0, 0)
        case .room(let alarm): (13, alarm, 0)
        case .pauseEnd(let number): (14, number, 0)
        case .escalation(let alert): (15, alert, 0)
        case .foresight(let run): (24, run, 0)
        case .reminder(let definition, let tenant): (19, definition, tenant)
        case .leaseEnd(let run): (16, run, 0)
        case .workerSilent(let session): (17, session, 0)
        case .controlGaps: (21, 0, 0)
        case .controlSync: (22, 0, 0)
        case .approvalEnd(let approval): (23, approval, 0)
        case .answerDue(let number): (25, number, 0)
        }
    }

    fileprivate init(packed code: UInt8, _ number: UInt64, _ detail: UInt16) {
        switch code {
        case 0: self = .occurrence(definition: number, tenant: detail)
        case 1: self = .retry(run: number)
        case 2: self = .takeUp(run: number)
        case 3: self = .holdEnd(run: number)
        case 4: self = .poll(run: number, dependency: detail)
        case 5: self = .startBy(run: number)
        case 6: self = .finishBy(run: number)
        case 7: self = .duration(run: number)
        case 8: self = .callback(run: number)
        case 9: self = .alive
        case 10: self = .digest
        case 11: self = .blackoutEnd(declared: number)
        case 13: self = .room(alarm: number)
        case 14: self = .pauseEnd(number: number)
        case 15: self = .escalation(alert: number)
        case 24: self = .foresight(run: number)
        case 19: self = .reminder(definition: number, tenant: detail)
        case 16: self = .leaseEnd(run: number)
        case 17: self = .workerSilent(session: number)
        case 21: self = .controlGaps
        case 22: self = .controlSync
        case 23: self = .approvalEnd(approval: number)
        case 25: self = .answerDue(number: number)
        default: self = .calendars
        }
    }
}
