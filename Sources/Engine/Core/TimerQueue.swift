/// What a timer is for.
enum TimerKind: Hashable, Sendable {
    /// A schedule's next occurrence; the number is its definition's.
    case occurrence(ScheduleSlot, definition: UInt64)
    /// A run's next attempt.
    case retry(run: UInt64)
    /// A run that waited when an engine before this one stopped is to go on.
    case takeUp(run: UInt64)
    /// A held run's wait is over.
    case holdEnd(run: UInt64)
    /// An external dependency is to be asked.
    case poll(run: UInt64, dependency: String)
    /// The run should have started.
    case startBy(run: UInt64)
    /// The run should have ended.
    case finishBy(run: UInt64)
    /// An attempt should have ended.
    case duration(run: UInt64, attempt: UInt64)
    /// A completion should have come.
    case callback(run: UInt64, attempt: UInt64)
    /// A sign of life is due.
    case alive
    /// The state's digest is due.
    case digest
}

/// A schedule's place in the engine's table of compiled schedules.
typealias ScheduleSlot = Int

/// Timers by time: a binary heap, so that a million schedules cost one step each when they are due
/// and nothing in between.
///
/// A timer is never removed when it loses its sense; it is looked at when its time comes, and
/// whoever takes it checks that it still holds.
///
/// - Complexity: O(log n) to add and to take, O(1) to look.
struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        let time: Int64
        /// Breaks ties in the order of adding, so that equal times are handled in one order.
        let order: UInt64
        let kind: TimerKind

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var nextOrder: UInt64 = 0

    /// How many timers there are, dead ones too.
    var count: Int { heap.count }

    /// The time of the first timer, µs.
    var firstTime: Int64? { heap.first?.time }

    /// Adds a timer.
    mutating func add(_ kind: TimerKind, at time: Int64) {
        heap.append(Entry(time: time, order: nextOrder, kind: kind))
        nextOrder += 1
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the first timer whose time is at or before `now`.
    mutating func take(through now: Int64) -> TimerKind? {
        guard let first = heap.first, first.time <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.kind
    }

    private mutating func sink() {
        var index = 0
        while true {
            var smallest = index
            for child in (2 * index + 1)...(2 * index + 2) where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            if smallest == index { return }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }
}
