/// A timer as it is kept: 24 bytes.
struct TimerEntry: Sendable {
    let time: Int64
    /// The order of adding in the high 48 bits, which breaks ties, so that equal times are handled
    /// in one order; below it what the kind has beside its number.
    ///
    /// 2^48 timers are nine years of a million each second.
    let orderAndDetail: UInt64
    /// The kind in the high 6 bits, below it a sequence, which needs no more than 58.
    let kindAndNumber: UInt64

    func isBefore(_ other: TimerEntry) -> Bool {
        time != other.time ? time < other.time : orderAndDetail < other.orderAndDetail
    }
}

/// The timers of one lane of a `TimerQueue`, by time: a binary heap.
struct TimerLane: Sendable {
    private var heap: [TimerEntry] = []

    /// How many there are.
    var count: Int { heap.count }
    /// The one that comes first.
    var first: TimerEntry? { heap.first }

    /// Makes room for so many more.
    mutating func reserve(_ more: Int) { heap.reserveCapacity(heap.count + more) }

    /// Adds one.
    ///
    /// - Returns: whether it is the first now.
    mutating func add(_ entry: TimerEntry) -> Bool {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
        return index == 0
    }

    /// Takes the first one away, where there is one.
    mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        sink(last, from: 0)
    }

    /// Drops those that have lost their sense.
    mutating func sweep(_ holds: (TimerEntry) -> Bool) {
        heap.removeAll { !holds($0) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
            sink(heap[index], from: index)
        }
    }

    /// Puts an entry in the place of another, and as far down as it belongs.
    private mutating func sink(_ entry: TimerEntry, from start: Int) {
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

/// The lane of each tenant's occurrences and runs, and of those under each of its limits
/// (`TimerQueue`).
struct TimerLanes: Sendable {
    private struct Limit: Hashable, Sendable {
        let tenant: UInt16
        let name: String
    }

    /// By the tenant's number: of what no limit bounds; 0 where there is none yet.
    private var plain: [Int] = []
    private var limited: [Limit: Int] = [:]
    private var next = TimerQueue.firstFreeLane

    /// The lane of a tenant's occurrences, given to it when it is first asked for.
    ///
    /// - Parameter limit: the first limit that their definitions name; empty where they name none.
    mutating func lane(_ tenant: UInt16, limit: String) -> Int {
        if limit.isEmpty {
            let place = Int(tenant)
            while plain.count <= place { plain.append(0) }
            if plain[place] == 0 { plain[place] = take() }
            return plain[place]
        }
        let limit = Limit(tenant: tenant, name: limit)
        if let known = limited[limit] { return known }
        let lane = take()
        limited[limit] = lane
        return lane
    }

    private mutating func take() -> Int {
        defer { next += 1 }
        return next
    }
}
