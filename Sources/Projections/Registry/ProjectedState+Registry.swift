import Events

extension ProjectedState {
    mutating func applyEngine(_ type: EventType, _ view: borrowing EventView) throws {
        var status = self.status
        switch type {
        case .engineStarted:
            status.startedSequence = view.sequence
            status.startedAt = view.time
            status.aliveAt = view.time
            status.isRunning = true
            status.term = view.uint(5)
            status.zoneDataVersion = try view.text(7)
            status.isSchedulingOn = view.bool(9)
        case .engineStopped:
            status.isRunning = false
            status.aliveAt = view.time
        case .engineAlive:
            status.aliveAt = view.time
        case .zoneDataChanged:
            status.zoneDataVersion = try view.text(2)
        case .configurationApplied:
            status.configurationDigest = try view.text(1)
            status.configurationCommit = try view.text(2)
            status.configurationSequence = view.sequence
        case .spaceChanged:
            status.space = try view.text(1)
        case .scrubCompleted:
            status.scrubbedAt = view.time
            status.scrubProblemCount = view.uint(6)
        case .checkpointSigned:
            status.checkpointSize = view.uint(1)
        case .checkpointKeyChanged:
            status.checkpointKey = try view.text(2)
        case .lossAccepted:
            status.originOrdinal = view.uint(1)
            status.checkpointSize = 0
        default:
            return  // recovered, clock stepped, digest recorded: facts that no state follows from
        }
        engine.insert(status)
    }

    mutating func applyCalendar(_ type: EventType, _ view: borrowing EventView) throws {
        let tenant = try view.tenant
        if type == .calendarRemoved {
            let name = try view.text(1)
            guard calendars.remove(ScheduleKey(tenant, name)) != nil else {
                throw impossible(view, "calendar '\(name)' is not defined")
            }
            return
        }
        var state = CalendarState()
        state.tenant = tenant
        state.sequence = view.sequence
        state.calendar = try CalendarDefinition(decoding: view.content(1))
        calendars.insert(state)
    }

    mutating func applySchedule(_ type: EventType, _ view: borrowing EventView) throws {
        let key = ScheduleKey(try view.tenant, try view.text(1))
        switch type {
        case .scheduleCreated:
            var state = schedules[key] ?? ScheduleState()
            guard state.jobId.isEmpty || state.isRemoved else {
                throw impossible(view, "schedule '\(key.jobId)' exists")
            }
            state.tenant = key.tenant
            state.jobId = key.jobId
            state.isRemoved = false
            state.isPaused = false
            state.failuresInRow = 0
            state.pauseReason = ""
            state.pausedBy = ""
            state.pausedAt = 0
            state.pausedUntil = 0
            try define(&state, view)
            schedules.insert(state)
        case .scheduleUpdated:
            var state = try known(key, view)
            retire(state.definitionSequence)
            try define(&state, view)
            schedules.insert(state)
        case .scheduleRemoved:
            var state = try known(key, view)
            retire(state.definitionSequence)
            state.isRemoved = true
            if state.isForgettable(at: view.time) {
                _ = schedules.remove(key)
            } else {
                schedules.insert(state)
            }
        case .scheduleDisabled:
            var state = try known(key, view)
            guard !state.isPaused else { throw impossible(view, "'\(key.jobId)' is paused") }
            state.isPaused = true
            state.pauseReason = try view.text(2)
            state.pausedBy = try view.actor
            state.pausedAt = view.time
            state.pausedUntil = view.int(3)
            schedules.insert(state)
        default:
            var state = try known(key, view)
            guard state.isPaused else { throw impossible(view, "'\(key.jobId)' is not paused") }
            state.isPaused = false
            state.failuresInRow = 0
            state.pauseReason = ""
            state.pausedBy = ""
            state.pausedAt = 0
            state.pausedUntil = 0
            schedules.insert(state)
        }
    }

    private func known(_ key: ScheduleKey, _ view: borrowing EventView) throws -> ScheduleState {
        guard let state = schedules[key], !state.isRemoved else {
            throw impossible(view, "schedule '\(key.jobId)' does not exist")
        }
        return state
    }

    private mutating func define(
        _ state: inout ScheduleState, _ view: borrowing EventView
    ) throws(WireError) {
        state.isFromAPI = try DefinitionFacts(view.bytes, view.range(2)).isFromAPI
        state.definitionSequence = view.sequence
        state.definedAt = view.time
        var definition = DefinitionState()
        definition.sequence = view.sequence
        definition.definition = view.content(2)
        definition.isCurrent = true
        insert(definition)
    }

    /// Puts a definition in its place, stored by what it shares with others.
    package mutating func insert(_ definition: consuming DefinitionState) {
        definitionPieces.share(&definition)
        definitions.insert(definition)
    }

    /// A definition is no longer in force: it goes, unless open runs follow it.
    private mutating func retire(_ sequence: UInt64) {
        guard let place = definitions.place(of: sequence) else { return }
        definitions[place].isCurrent = false
        if isUnused(place) { _ = definitions.remove(at: place) }
    }

    /// Whether nothing needs a definition any more.
    func isUnused(_ definition: EntryPlace) -> Bool {
        !definitions[definition].isCurrent && definitions[definition].openRuns == 0
    }
}
