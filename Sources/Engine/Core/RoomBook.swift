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

    /// Whether it is the engine's own.
    var isOfEngine: Bool { name.isEmpty && tenant.isEmpty }

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
    /// Whether it is how many begin that is bounded, and not how many run at once.
    package var isOfRate: Bool

    init(key: RoomKey, until: Int64?, detail: String) {
        self.key = key
        self.until = until
        self.detail = detail
        isOfRate = until != nil
    }

    /// There is room, but for others that have waited.
    init(behindOthersAt bound: RoomBound) {
        self.init(
            key: bound.key, until: nil, detail: "\(bound.key.sentence): others wait before it")
        isOfRate = bound.rateMax > 0
    }
}

/// Whether the next run that waits at a limit may go on.
package enum RoomOutlook: Sendable, Equatable {
    /// Nobody waits.
    case nobody
    /// It may.
    case open
    /// There is no room for it before a moment, µs; nil where an attempt must end first.
    case shut(until: Int64?)
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

    /// How many attempts run: what the engine's own limit bounds.
    private var activeCount = 0
    /// How many of them run under each other limit.
    private var active: [RoomKey: Int] = [:]
    private var activeOfTenant: [String: Int] = [:]
    /// What each active run took: its tenant and its limits.
    private var taken: [UInt64: Taken] = [:]
    private var recent: [RoomKey: RecentStarts] = [:]
    private var lines: [RoomKey: WaitingLine] = [:]
    /// The limit that each waiting run waits at, and all that it needs room at.
    private var waiting: [UInt64: Waiting] = [:]
    /// The timer that stands for each limit whose window must move on, and what it names.
    private var alarms: [RoomKey: (number: UInt64, time: Int64)] = [:]
    private var alarmKeys: [UInt64: RoomKey] = [:]
    private var alarmCount: UInt64 = 0
    /// What began before an engine's start is not known: until a window later nothing is let in
    /// that would be too much in the worst case.
    private let startsKnownFrom: Int64

    private struct Waiting: Sendable {
        /// The limit, as the run's definition has it.
        var at: RoomBound
        var needs: [RoomKey]
    }

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
        let count = activeCount(at: bound.key)
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

    private func activeCount(at key: RoomKey) -> Int {
        key.isOfEngine ? activeCount : active[key, default: 0]
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
        if !waiting.isEmpty { waiting[run] = nil }
        taken[run] = Taken(tenant: tenant, keys: bounds.map(\.key))
        activeCount += 1
        activeOfTenant[tenant, default: 0] += 1
        for bound in bounds where !bound.key.isOfEngine {
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
        activeCount -= 1
        for key in gone.keys where !key.isOfEngine {
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
        guard waiting[run]?.at.key != key, let bound = bounds.first(where: { $0.key == key })
        else { return }
        waiting[run] = Waiting(at: bound, needs: bounds.map(\.key))
        lines[key, default: WaitingLine()].add(run, tenant: tenant, rank: rank)
        lines[key]?.bound = bound
    }

    /// The limit at which a run waits; nil where it does not.
    package func place(of run: UInt64) -> RoomKey? { waiting[run]?.at.key }

    /// Whether the run whose turn it is at a limit may go on.
    package mutating func outlook(at key: RoomKey, now: Int64) -> RoomOutlook {
        guard !lines.isEmpty, lines[key] != nil else { return .nobody }
        while let run = lines[key]?.first(activeOfTenant) {
            if let known = waiting[run], known.at.key == key {
                return lack(known.at, at: now).map { .shut(until: $0.until) } ?? .open
            }
            // What is left of one that went on, or waits at another limit now.
            _ = lines[key]?.next(activeOfTenant)
        }
        lines[key] = nil
        return .nobody
    }

    /// The first of these limits at which runs that waited are about to go on: who comes now waits
    /// behind them.
    package func crowded(_ bounds: [RoomBound], at now: Int64) -> RoomBound? {
        if alarms.isEmpty { return nil }
        return bounds.first { bound in
            lines[bound.key] != nil && alarms[bound.key].map { $0.time <= now } ?? false
        }
    }

    /// Takes the run whose turn it is at a limit.
    package mutating func next(at key: RoomKey) -> UInt64? {
        guard lines[key] != nil else { return nil }
        while let run = lines[key]?.next(activeOfTenant) {
            guard waiting[run]?.at.key == key else { continue }
            waiting[run] = nil
            return run
        }
        lines[key] = nil
        return nil
    }

    /// How many runs may be taken from a line that then wait at another: more would find no room
    /// when they come back.
    ///
    /// What `keep` noted, where the giving of room goes on after a pause.
    package mutating func strayCountMax(at key: RoomKey) -> Int {
        guard let bound = lines[key]?.bound else { return 1 }
        if let kept = lines[key]?.strays {
            lines[key]?.strays = nil
            return kept
        }
        if bound.concurrentMax > 0 {
            return max(bound.concurrentMax - activeCount(at: key), 1)
        }
        return max(bound.rateMax, 1)
    }

    /// So many strays may still be taken when the giving of room at a limit goes on.
    package mutating func keep(strays: Int, at key: RoomKey) { lines[key]?.strays = strays }

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
