import Events
import Projections

/// The last gate: room for an attempt, by the limits that its definition names and the engine's
/// own.
extension EngineCore {
    /// What an attempt of a run needs room at; the engine's own bound stands first.
    ///
    /// It is alone where the run's definition is one that this machine cannot take.
    private func bounds(of run: RunState, _ schedule: CompiledSchedule?) -> [RoomBound] {
        var bounds = [RoomBound(key: RoomKey(), concurrentMax: settings.activeRunsMax)]
        if run.backfill != 0 {
            bounds.append(
                RoomBound(
                    key: RoomKey(
                        tenant: run.tenant, name: "backfill", value: String(run.backfill)),
                    concurrentMax: Int(clamping: max(run.backfillLanes, 1))))
        }
        for limit in schedule?.definition.rules?.limits ?? [] {
            var bound = RoomBound(
                key: RoomKey(tenant: run.tenant, name: limit.name, value: value(of: limit, run)))
            bound.concurrentMax = Int(clamping: limit.concurrentMax)
            bound.rateMax = Int(clamping: limit.rateMax)
            bound.window = Int64(clamping: limit.windowSeconds) * 1_000_000
            bounds.append(bound)
        }
        return bounds
    }

    private func value(of limit: RunLimit, _ run: RunState) -> String {
        switch limit.by {
        case "": ""
        case RunLimit.byJob: run.jobId
        default: run.parameters.first { $0.name == limit.by }?.value ?? ""
        }
    }

    /// Whether a run has no room yet; then it is held, and waits for its turn.
    ///
    /// Where others that waited are about to go on, it waits behind them, unless it is one of
    /// those.
    mutating func lacksRoom(
        _ run: RunState, _ schedule: CompiledSchedule, isItsTurn: Bool
    ) throws -> Bool {
        let bounds = bounds(of: run, schedule)
        let crowded = isItsTurn ? nil : room.crowded(bounds, at: now)
        let full = room.lack(bounds, at: now)
        guard let lack = full ?? crowded.map(RoomLack.init(behindOthersAt:)) else { return false }
        let since = run.status == .retryScheduled ? run.retryAt : run.dueAt
        room.wait(
            run.run, at: lack.key, needs: bounds, tenant: run.tenant,
            rank: RoomBook.rank(
                since: since,
                priority: run.backfill != 0 ? 1 : schedule.definition.rules?.priority ?? 0))
        if let until = lack.until { lookAgain(at: lack.key, at: until) }
        try hold(
            run.run, gate: lack.isOfRate ? "rate" : "concurrency", detail: lack.detail,
            until: lack.until ?? 0)
        return true
    }

    /// An attempt holds room from now on.
    mutating func takeRoom(
        _ run: RunState, _ schedule: CompiledSchedule?, isBeginning: Bool
    ) {
        activeRuns.insert(run.run)
        room.take(
            run.run, tenant: run.tenant, bounds(of: run, schedule), at: now,
            isBeginning: isBeginning)
    }

    /// Attempts may begin under these limits.
    mutating func giveRoom(at keys: [RoomKey]) throws {
        for key in keys { try giveRoom(at: key) }
    }

    /// A limit's window has moved on.
    mutating func roomCame(_ number: UInt64) throws {
        if let key = room.alarmCame(number) { try giveRoom(at: key) }
    }

    /// So many runs that waited at a limit go on in one decision at most: then others that are due
    /// have their turn, however many may go on at once.
    private static let runsGivenRoomMax = 2

    /// Takes runs that wait at a limit as far as they get, until there is no room for the next.
    private mutating func giveRoom(at key: RoomKey) throws {
        if room.outlook(at: key, now: now) == .nobody { return }
        var strays = room.strayCountMax(at: key)
        var count = 0
        while strays > 0, !isDraining, !isDiskFull {
            switch room.outlook(at: key, now: now) {
            case .nobody: return
            case .shut(let until):
                // Where an attempt must end first, its end does it.
                if let until { lookAgain(at: key, at: until) }
                return
            case .open: break
            }
            if count == Self.runsGivenRoomMax {
                room.keep(strays: strays, at: key)
                return lookAgain(at: key, at: now)
            }
            guard let number = room.next(at: key) else { return }
            guard let run = state.openRuns[number],
                run.status == .held || run.status == .retryScheduled
            else { continue }
            count += 1
            try passGates(number, isItsTurn: true)
            let place = room.place(of: number)
            if place == key { return }
            if place != nil { strays -= 1 }
        }
        if strays == 0, let time = room.lookAgain(at: key, now: now) {
            lookAgain(at: key, at: time)
        }
    }

    private mutating func lookAgain(at key: RoomKey, at time: Int64) {
        if let number = room.alarm(at: key, time: time) {
            timers.add(.room(alarm: number), at: time)
        }
    }
}
