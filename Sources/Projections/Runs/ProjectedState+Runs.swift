import Events

extension ProjectedState {
    /// A run is created.
    ///
    /// Its occurrence must be later than the last one that was decided.
    mutating func applyDue(_ view: borrowing EventView) throws {
        let payload = view.payload
        guard payload.uint(1) == view.sequence else {
            throw impossible(view, "a run's number is its event's sequence")
        }
        var run = RunState()
        run.run = view.sequence
        run.tenant = try view.envelope.text(3)
        run.jobId = try payload.text(2)
        run.scheduled = payload.int(4)
        run.scheduledLocal = try payload.text(5)
        run.zone = try payload.text(6)
        run.fold = payload.uint(7)
        run.fanOutKey = try payload.text(8)
        run.businessDate = try payload.text(9)
        run.trigger = try payload.text(10)
        run.definition = payload.uint(11)
        run.parameters = try payload.messages(14)
        run.startBy = payload.int(15)
        run.finishBy = payload.int(16)
        run.originRun = payload.uint(17)
        run.durationMicrosecondsMax = payload.uint(19)
        run.dueAt = view.time
        run.lastSequence = view.sequence
        if run.trigger == "manual" || run.trigger == "requeue" {
            run.actor = try view.envelope.text(4)
            run.ticket = try view.envelope.text(5)
            run.request = try view.envelope.text(6)
        } else {
            try decide(view, run.schedule, run.fanOutKey, through: run.scheduled)
        }
        guard definitions.modify(run.definition, { $0.openRuns += 1 }) != nil else {
            throw impossible(view, "definition \(run.definition) is not known")
        }
        guard schedules.modify(run.schedule, { $0.open += 1 }) != nil else {
            throw impossible(view, "schedule '\(run.jobId)' does not exist")
        }
        openRuns.insert(run)
    }

    private mutating func decide(
        _ view: borrowing EventView, _ key: ScheduleKey, _ fanOutKey: String,
        through scheduled: Int64
    ) throws {
        guard let isNew = schedules.modify(key, { $0.decide(fanOutKey, through: scheduled) })
        else { throw impossible(view, "schedule '\(key.jobId)' does not exist") }
        guard isNew else {
            throw impossible(
                view,
                "the occurrence of '\(key.jobId)' at \(UTCText.of(microseconds: scheduled)) "
                    + "was decided before")
        }
    }

    /// Occurrences that end without running: one that is a run already, or a range of them.
    mutating func applyUnrun(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.payload.uint(1)
        let isSkip = type == .runSkipped
        if number != 0 {
            guard var run = openRuns.remove(number), run.status == .due || run.status == .held
            else { throw impossible(view, "run \(number) is not waiting") }
            run.status = isSkip ? .skipped : .missed
            end(run, view)
            return
        }
        let key = ScheduleKey(try view.envelope.text(3), try view.payload.text(2))
        let count = max(view.payload.uint(11), 1)
        try decide(view, key, try view.payload.text(8), through: view.payload.int(13))
        let isCounted = schedules.modify(key) { schedule in
            let counter = isSkip ? \ScheduleState.skipped : \ScheduleState.missed
            let (sum, overflows) = schedule[keyPath: counter].addingReportingOverflow(count)
            if !overflows { schedule[keyPath: counter] = sum }
            return !overflows
        }
        guard isCounted == true else {
            throw impossible(view, "it counts \(count) occurrences of '\(key.jobId)'")
        }
    }

    /// Everything that happens to a run that exists.
    mutating func applyRun(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.payload.uint(1)
        if type == .runCompletionIgnored { return }  // it changes nothing, by definition
        if type == .runRequeued {
            guard deadRuns.remove(number) != nil else {
                throw impossible(view, "run \(number) is not in the dead-letter queue")
            }
            return
        }
        guard let position = openRuns.position(of: number) else {
            throw impossible(view, "run \(number) is not open")
        }
        let isOver = try openRuns[position].apply(type, view)
        if isOver, let run = openRuns.remove(number) { end(run, view) }
    }

    /// A run is over: it leaves the open ones.
    private mutating func end(_ run: consuming RunState, _ view: borrowing EventView) {
        run.endedAt = view.time
        run.lastSequence = view.sequence
        _ = definitions.modify(run.definition) { $0.openRuns -= 1 }
        dropUnused(run.definition)
        _ = schedules.modify(run.schedule) { schedule in
            schedule.open -= 1
            schedule.lastRun = run.run
            schedule.lastStatus = run.statusText
            schedule.lastEndedAt = run.endedAt
            schedule.lastBusinessDate = run.businessDate
            switch run.status {
            case .succeeded:
                schedule.succeeded += 1
                if run.businessDate.utf8.lexicographicallyPrecedes(schedule.lastSuccessDate.utf8) {
                    break
                }
                schedule.lastSuccessDate = run.businessDate
            case .dead: schedule.dead += 1
            case .skipped: schedule.skipped += 1
            case .missed: schedule.missed += 1
            default: schedule.cancelled += 1
            }
        }
        if run.status == .dead {
            deadRuns.insert(run)
        } else {
            keepFinished(run)
        }
    }

    private mutating func keepFinished(_ run: RunState) {
        finishedRuns.insert(run)
        finishedOrder.append(run.run)
        if finishedRuns.count > Self.finishedRunsMax {
            finishedRuns.remove(finishedOrder[finishedHead])
            finishedHead += 1
            if finishedHead > Self.finishedRunsMax {
                finishedOrder.removeFirst(finishedHead)
                finishedHead = 0
            }
        }
    }
}
