/// A count of attempts that a limit bounds: the engine's own, or one of a tenant's.
package struct RoomKey: Hashable, Sendable {
    /// The tenant; empty for the engine's own.
    package var tenant = ""
    /// The limit's name; empty for the engine's own.
    package var name = ""
    /// What it is counted by; empty for one count of all.
    package var value = ""

    /// A key.
    package init(tenant: String = "", name: String = "", value: String = "") {
        self.tenant = tenant
        self.name = name
        self.value = value
    }

    /// How it is named in sentences.
    package var sentence: String {
        if name.isEmpty { return "the engine" }
        return value.isEmpty ? "limit '\(name)'" : "limit '\(name)' for '\(value)'"
    }
}

/// What an attempt needs room at, and how much there is.
package struct RoomBound: Sendable {
    package var key: RoomKey
    /// So many attempts run at once at most; 0 for no bound.
    package var concurrentMax = 0
    /// So many begin in a window at most; 0 for no bound.
    package var rateMax = 0
    /// The window, µs.
    package var window: Int64 = 0

    /// A bound.
    package init(key: RoomKey, concurrentMax: Int = 0) {
        self.key = key
        self.concurrentMax = concurrentMax
    }
}

/// Where an attempt finds no room.
package struct RoomLack: Sendable {
    package var key: RoomKey
    /// When there is some again, µs; nil where an attempt must end first.
    package var until: Int64?
    /// In words.
    package var detail: String
}

/// How many attempts run under each limit, how many began lately, and which runs wait for room.
///
/// A run waits at one limit, the first that has no room for it. Of those that wait the next is of
/// the tenant with the fewest attempts, and of that tenant's the one with the lowest rank: its age
/// and its priority, see `rank`.
///
/// - Complexity: O(log n) for one run, O(tenants) to choose.
package struct RoomBook: Sendable {
    /// Each step of priority counts as so much waiting, µs.
    package static let priorityStep: Int64 = 60_000_000
    /// The priority of a schedule that does not say one.
    package static let priorityDefault: Int64 = 5

    private var active: [RoomKey: Int] = [:]
    private var activeOfTenant: [String: Int] = [:]
    /// What each active run took: its tenant and its limits.
    private var taken: [UInt64: Taken] = [:]
    private var recent: [RoomKey: RecentStarts] = [:]
    private var lines: [RoomKey: WaitingLine] = [:]
    /// The limit that each waiting run waits at, and all that it needs room at.
    private var waiting: [UInt64: (at: RoomKey, needs: [RoomKey])] = [:]
    /// The timer that stands for each limit whose window must move on, and what it names.
    private var alarms: [RoomKey: (number: UInt64, time: Int64)] = [:]
    private var alarmKeys: [UInt64: RoomKey] = [:]
    private var alarmCount: UInt64 = 0
    /// What began before an engine's start is not known: until a window later nothing is let in
    /// that would be too much in the worst case.
    private let startsKnownFrom: Int64

    private struct Taken: Sendable {
        var tenant: String
        var keys: [RoomKey]
    }

    /// - Parameter lastTime: the last moment at which attempts may have begun that are not in this
    ///   book, µs; 0 for never.
    package init(lastTime: Int64 = 0) { startsKnownFrom = lastTime }

    /// Where a run stands among those that wait: the moment since which it waits, moved by its
    /// priority.
    ///
    /// So everybody's turn comes, however many of a higher priority follow.
    package static func rank(since: Int64, priority: UInt64) -> Int64 {
        let steps = (priority == 0 ? priorityDefault : Int64(clamping: priority)) - priorityDefault
        return since &- steps &* priorityStep
    }

    /// How many runs wait.
    package var waitingCount: Int { waiting.count }

    /// The first bound that has no room at a moment.
    package mutating func lack(_ bounds: [RoomBound], at now: Int64) -> RoomLack? {
        for bound in bounds {
            if let lack = lack(bound, at: now) { return lack }
        }
        return nil
    }

    private mutating func lack(_ bound: RoomBound, at now: Int64) -> RoomLack? {
        let count = active[bound.key, default: 0]
        if bound.concurrentMax > 0 && count >= bound.concurrentMax {
            return RoomLack(
                key: bound.key, until: nil,
                detail: "\(bound.key.sentence): "
                    + (count == 1 ? "one attempt runs already" : "\(count) attempts run already"))
        }
        guard bound.rateMax > 0 else { return nil }
        let free = starts(bound.key).nextFree(bound, at: now)
        if free <= now { return nil }
        return RoomLack(
            key: bound.key, until: free,
            detail: "\(bound.key.sentence): \(bound.rateMax) attempts began in the last "
                + "\(bound.window / 1_000_000) seconds")
    }

    private func starts(_ key: RoomKey) -> RecentStarts {
        recent[key] ?? RecentStarts(knownFrom: startsKnownFrom)
    }

    /// An attempt takes room.
    ///
    /// - Parameter isBeginning: it begins now, so it counts for rates.
    package mutating func take(
        _ run: UInt64, tenant: String, _ bounds: [RoomBound], at now: Int64, isBeginning: Bool
    ) {
        if taken[run] != nil { return }
        waiting[run] = nil
        taken[run] = Taken(tenant: tenant, keys: bounds.map(\.key))
        activeOfTenant[tenant, default: 0] += 1
        for bound in bounds {
            active[bound.key, default: 0] += 1
            guard isBeginning, bound.rateMax > 0 else { continue }
            recent[bound.key, default: RecentStarts(knownFrom: startsKnownFrom)]
                .note(now, bound)
        }
    }

    /// An attempt gives its room back, or a run that is over its place in a line.
    ///
    /// - Returns: the limits at which another may go on now.
    package mutating func release(_ run: UInt64) -> [RoomKey] {
        guard let gone = taken.removeValue(forKey: run) else {
            // Others may have been passed over for it.
            return waiting.removeValue(forKey: run)?.needs ?? []
        }
        if let count = activeOfTenant[gone.tenant] {
            activeOfTenant[gone.tenant] = count > 1 ? count - 1 : nil
        }
        for key in gone.keys {
            if let count = active[key] { active[key] = count > 1 ? count - 1 : nil }
        }
        return gone.keys
    }

    /// A run waits at a limit, one of those that it needs room at.
    ///
    /// What is left of it in another line is passed over when its turn comes there.
    package mutating func wait(
        _ run: UInt64, at key: RoomKey, needs bounds: [RoomBound], tenant: String, rank: Int64
    ) {
        if waiting[run]?.at == key { return }
        waiting[run] = (key, bounds.map(\.key))
        lines[key, default: WaitingLine()].add(run, tenant: tenant, rank: rank)
        lines[key]?.bound = bounds.first { $0.key == key }
    }

    /// The limit at which a run waits; nil where it does not.
    package func place(of run: UInt64) -> RoomKey? { waiting[run]?.at }

    /// Takes the run whose turn it is at a limit.
    package mutating func next(at key: RoomKey) -> UInt64? {
        guard lines[key] != nil else { return nil }
        while let run = lines[key]?.next(activeOfTenant) {
            guard waiting[run]?.at == key else { continue }
            waiting[run] = nil
            return run
        }
        lines[key] = nil
        return nil
    }

    /// How many runs may be taken from a line that then wait at another: more would find no room
    /// when they come back.
    package func strayCountMax(at key: RoomKey) -> Int {
        guard let bound = lines[key]?.bound else { return 1 }
        if bound.concurrentMax > 0 {
            return max(bound.concurrentMax - active[key, default: 0], 1)
        }
        return max(bound.rateMax, 1)
    }

    /// When a line whose limit is a rate is to be looked at again, µs; nil where nobody waits in
    /// it, or an attempt's end will do it.
    package func lookAgain(at key: RoomKey, now: Int64) -> Int64? {
        guard let bound = lines[key]?.bound, bound.rateMax > 0 else { return nil }
        return now + max(bound.window / Int64(bound.rateMax), 1_000)
    }

    /// The number for a timer that looks at a limit at a moment; nil where one stands that comes no
    /// later, however many runs wait there.
    package mutating func alarm(at key: RoomKey, time: Int64) -> UInt64? {
        if let standing = alarms[key] {
            if standing.time <= time { return nil }
            alarmKeys[standing.number] = nil
        }
        alarmCount += 1
        alarms[key] = (alarmCount, time)
        alarmKeys[alarmCount] = key
        return alarmCount
    }

    /// The limit that a timer named; nil where an earlier one took its place.
    package mutating func alarmCame(_ number: UInt64) -> RoomKey? {
        guard let key = alarmKeys.removeValue(forKey: number) else { return nil }
        alarms[key] = nil
        return key
    }

    /// Forgets what began so long ago that it bounds nothing any more: a limit by a parameter may
    /// have any number of values.
    ///
    /// - Complexity: O(limits whose rate was counted lately).
    package mutating func forgetOld(at now: Int64) {
        recent = recent.filter { $0.value.isCounted(at: now) }
    }

    /// For how many limits it is known what began lately.
    package var recentCount: Int { recent.count }
}

/// The moments at which the last attempts under a limit began: as many as its rate allows.
private struct RecentStarts: Sendable {
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
private struct WaitingLine: Sendable {
    private struct Entry: Sendable {
        var rank: Int64
        var run: UInt64

        func isBefore(_ other: Entry) -> Bool { (rank, run) < (other.rank, other.run) }
    }

    /// What the last that came needs there.
    var bound: RoomBound?
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

    /// Takes the next run: of the tenant with the fewest active attempts, the lowest rank.
    mutating func next(_ activeOfTenant: [String: Int]) -> UInt64? {
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
        guard let chosen, var heap = heaps.removeValue(forKey: chosen.tenant) else { return nil }
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
