/// The moments at which the last attempts under a limit began: as many as its rate allows.
struct RecentStarts: Sendable {
    /// Before this moment any number may have begun.
    let knownFrom: Int64
    /// The moments, oldest at `first`, going round.
    private var times: [Int64] = []
    private var first = 0
    private var last: Int64 = 0
    private var window: Int64 = 0

    init(knownFrom: Int64) { self.knownFrom = knownFrom }

    /// The earliest moment from `now` on at which one more may begin.
    func nextFree(_ bound: RoomBound, at now: Int64) -> Int64 {
        // Within a window of the last unknown start, as many as are allowed may have begun.
        let unknown = knownFrom == 0 ? 0 : knownFrom &+ bound.window
        guard times.count >= bound.rateMax else { return max(now, unknown) }
        // Of the last `rateMax` the oldest must be out of the window.
        let oldest = times[(first + times.count - bound.rateMax) % times.count]
        return max(now, unknown, oldest &+ bound.window)
    }

    /// Whether one of them lies within a window.
    func isCounted(at now: Int64) -> Bool { last &+ window > now }

    /// Another one began.
    mutating func note(_ time: Int64, _ bound: RoomBound) {
        last = time
        window = max(window, bound.window)
        if times.count < bound.rateMax {
            if first > 0 {
                times = Array(times[first...] + times[..<first])
                first = 0
            }
            times.append(time)
        } else {
            times[first] = time
            first = (first + 1) % times.count
        }
    }
}

/// Runs that wait at one limit.
struct WaitingLine: Sendable {
    private struct Entry: Sendable {
        var rank: Int64
        var run: UInt64

        func isBefore(_ other: Entry) -> Bool { (rank, run) < (other.rank, other.run) }
    }

    /// What the last that came needs there.
    var bound: RoomBound?
    /// How many strays may still be taken, where the giving of room paused.
    var strays: Int?
    /// A binary heap for each tenant.
    private var heaps: [String: [Entry]] = [:]

    mutating func add(_ run: UInt64, tenant: String, rank: Int64) {
        var heap = heaps.removeValue(forKey: tenant) ?? []
        heap.append(Entry(rank: rank, run: run))
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
        heaps[tenant] = heap
    }

    /// The next run: of the tenant with the fewest active attempts, the lowest rank.
    func first(_ activeOfTenant: [String: Int]) -> UInt64? { choose(activeOfTenant)?.entry.run }

    private func choose(
        _ activeOfTenant: [String: Int]
    ) -> (tenant: String, active: Int, entry: Entry)? {
        var chosen: (tenant: String, active: Int, entry: Entry)?
        for (tenant, heap) in heaps {
            guard let entry = heap.first else { continue }
            let active = activeOfTenant[tenant, default: 0]
            if let best = chosen,
                (best.active, best.entry.rank, best.entry.run) < (active, entry.rank, entry.run)
            {
                continue
            }
            chosen = (tenant, active, entry)
        }
        return chosen
    }

    /// Takes the next run away.
    mutating func next(_ activeOfTenant: [String: Int]) -> UInt64? {
        guard let chosen = choose(activeOfTenant),
            var heap = heaps.removeValue(forKey: chosen.tenant)
        else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var index = 0
            while true {
                var child = 2 * index + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
                guard heap[child].isBefore(heap[index]) else { break }
                heap.swapAt(child, index)
                index = child
            }
            heaps[chosen.tenant] = heap
        }
        return chosen.entry.run
    }
}
