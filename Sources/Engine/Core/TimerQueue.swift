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

/// Timers by time, so that a million schedules cost one step each when they are due and nothing in
/// between.
///
/// They stand in lanes, each by time; while timers of several lanes are due, each lane has its
/// turn. So what half a million occurrences under one limit have to wait for, others do not: those
/// of another limit, of another tenant, or of none, stand in a lane of their own (`TimerLanes`).
///
/// A timer is not removed when it loses its sense; it is looked at when its time comes, and whoever
/// takes it checks that it still holds. Where the time is far away, such timers would add up: once
/// the queue has doubled, `sweep` drops them.
///
/// - Complexity: O(log n) to add and to take, O(lanes that are due) to look; 24 bytes for each.
package struct TimerQueue: Sendable {
    /// The clocks of alerts, of workers and of the engine.
    static let clockLane = 0
    /// Limits that have room again.
    static let roomLane = 1
    /// The first of the lanes that are given to schedules and their runs.
    static let firstFreeLane = 2

    private var lanes: [TimerLane] = []
    /// The lanes whose first timer has not come, by that: a binary heap.
    private var ahead: [Int] = []
    /// Where each lane stands in it; -1 where it is due, or empty.
    private var places: [Int] = []
    /// The lanes that are due, in the order of their turns; those before `turn` had theirs.
    private var due: [Int] = []
    private var turn = 0
    /// How many timers there are, dead ones too.
    package private(set) var count = 0
    private var nextOrder: UInt64 = 0
    private var sweepCount = TimerQueue.sweepCountMin

    /// Fewer timers than these are not worth a look.
    package static let sweepCountMin = 64

    /// An empty queue.
    package init() {}

    /// The time of the first timer, µs.
    package var firstTime: Int64? {
        var first = ahead.first.flatMap { lanes[$0].first?.time }
        for lane in due[turn...] {
            if let time = lanes[lane].first?.time { first = min(first ?? time, time) }
        }
        return first
    }

    /// Makes room for so many more timers in a lane.
    package mutating func reserve(_ more: Int, lane: Int) {
        makeLane(lane)
        lanes[lane].reserve(more)
    }

    /// Adds a timer.
    ///
    /// - Parameter lane: where it stands; by its kind where none is given.
    package mutating func add(_ kind: TimerKind, at time: Int64, lane: Int? = nil) {
        let lane = lane ?? kind.lane
        makeLane(lane)
        let (code, number, detail) = kind.packed
        // The order wraps after 2^48 timers: then a tie may fall the other way, once.
        let entry = TimerEntry(
            time: time, orderAndDetail: nextOrder &<< 16 | UInt64(detail),
            kindAndNumber: UInt64(code) << 58 | number & TimerKind.numberMax)
        nextOrder &+= 1
        count += 1
        guard lanes[lane].add(entry) else { return }
        // A lane that is due stays where it is: its turn comes.
        if lanes[lane].count == 1 {
            putAhead(lane)
        } else if places[lane] >= 0 {
            rise(lane, from: places[lane])
        }
    }

    /// Takes the first timer of the lane whose turn it is, of those whose first timer's time is at
    /// or before `now`.
    package mutating func take(through now: Int64) -> TimerKind? {
        while let lane = ahead.first, let first = lanes[lane].first, first.time <= now {
            removeFirstAhead()
            due.append(lane)
        }
        while turn < due.count {
            let lane = due[turn]
            turn += 1
            // Only where `now` is earlier than it was has the time of one that is due not come.
            guard let first = lanes[lane].first, first.time <= now else {
                putAhead(lane)
                continue
            }
            lanes[lane].removeFirst()
            count -= 1
            if let next = lanes[lane].first {
                if next.time <= now { due.append(lane) } else { putAhead(lane) }
            }
            dropTurns()
            return Self.kind(first)
        }
        dropTurns()
        return nil
    }

    /// Drops the timers that have lost their sense, where there are twice as many as the last
    /// time.
    ///
    /// - Complexity: O(n), so O(1) for each timer added.
    package mutating func sweep(_ holds: (TimerKind) -> Bool) {
        guard count > sweepCount else { return }
        due = []
        turn = 0
        ahead = []
        count = 0
        for lane in lanes.indices {
            lanes[lane].sweep { holds(Self.kind($0)) }
            count += lanes[lane].count
            places[lane] = -1
            if lanes[lane].count > 0 { putAhead(lane) }
        }
        sweepCount = max(Self.sweepCountMin, 2 * count)
    }

    private static func kind(_ entry: TimerEntry) -> TimerKind {
        TimerKind(
            packed: UInt8(entry.kindAndNumber >> 58), entry.kindAndNumber & TimerKind.numberMax,
            UInt16(truncatingIfNeeded: entry.orderAndDetail))
    }

    private mutating func makeLane(_ lane: Int) {
        while lanes.count <= lane {
            lanes.append(TimerLane())
            places.append(-1)
        }
    }

    /// Forgets the turns that were had, once they are many.
    private mutating func dropTurns() {
        if turn == due.count {
            due.removeAll(keepingCapacity: true)
            turn = 0
        } else if turn >= 64 && 2 * turn >= due.count {
            due.removeFirst(turn)
            turn = 0
        }
    }

    private func isBefore(_ lane: Int, _ other: Int) -> Bool {
        guard let first = lanes[lane].first, let second = lanes[other].first else { return false }
        return first.isBefore(second)
    }

    private mutating func putAhead(_ lane: Int) {
        ahead.append(lane)
        rise(lane, from: ahead.count - 1)
    }

    private mutating func rise(_ lane: Int, from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard isBefore(lane, ahead[parent]) else { break }
            ahead[index] = ahead[parent]
            places[ahead[index]] = index
            index = parent
        }
        ahead[index] = lane
        places[lane] = index
    }

    private mutating func removeFirstAhead() {
        places[ahead[0]] = -1
        guard let last = ahead.popLast(), !ahead.isEmpty else { return }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < ahead.count else { break }
            if child + 1 < ahead.count && isBefore(ahead[child + 1], ahead[child]) { child += 1 }
            guard isBefore(ahead[child], last) else { break }
            ahead[index] = ahead[child]
            places[ahead[index]] = index
            index = child
        }
        ahead[index] = last
        places[last] = index
    }
}

extension TimerKind {
    /// The largest number that is packed: a sequence that no log reaches.
    fileprivate static let numberMax: UInt64 = (1 << 58) - 1

    /// The lane of one for which none is given.
    fileprivate var lane: Int {
        if case .room = self { TimerQueue.roomLane } else { TimerQueue.clockLane }
    }

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
