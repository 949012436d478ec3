import Events

extension ProjectedState {
    /// A run is created.
    ///
    /// Its occurrence must be later than the last one that was decided.
    mutating func applyDue(_ view: borrowing EventView) throws {
        guard view.uint(1) == view.sequence else {
            throw impossible(view, "a run's number is its event's sequence")
        }
        guard let schedule = try place(ofSchedule: view) else { throw unknownSchedule(view) }
        if view.isText(10, "reminder") { return try applyReminder(view, schedule) }
        let isAsked =
            view.isText(10, "manual") || view.isText(10, "requeue") || view.isText(10, "backfill")
        if !isAsked { try decide(view, schedule, try view.text(8), through: view.int(4)) }
        guard let definition = definitions.place(of: view.uint(11)) else {
            throw impossible(view, "definition \(view.uint(11)) is not known")
        }
        definitions[definition].openRuns += 1
        schedules[schedule].open += 1
        try openRuns.add(view.sequence) { run throws(WireError) in
            try run.become(due: view, isAsked: isAsked, schedule: schedule)
        }
    }

    /// A reminder is created: it counts as none of its schedule's runs.
    private mutating func applyReminder(
        _ view: borrowing EventView, _ schedule: EntryPlace
    ) throws {
        guard let definition = definitions.place(of: view.uint(11)) else {
            throw impossible(view, "definition \(view.uint(11)) is not known")
        }
        // Several may be due at one moment, all of them in one decision.
        let isAsked = view.uint(17) != 0
        guard isAsked || view.int(4) >= schedules[schedule].remindedThrough else {
            throw impossible(
                view,
                "the reminder of '\(schedules[schedule].jobId)' at "
                    + "\(UTCText.of(microseconds: view.int(4))) was decided before")
        }
        if !isAsked { schedules[schedule].remindedThrough = view.int(4) }
        definitions[definition].openRuns += 1
        try openRuns.add(view.sequence) { run throws(WireError) in
            try run.become(due: view, isAsked: isAsked, schedule: schedule)
            run.schedulePlace.place = nil
        }
    }

    /// Where the schedule stands that a record names: its tenant, and the payload's field.
    func place(
        ofSchedule view: borrowing EventView, field: Int = 2
    ) throws(WireError) -> EntryPlace? {
        let tenant = try view.envelopeRange(3)
        let jobId = try view.textRange(field)
        let bytes = view.bytes
        var hash = PlaceHash()
        hash.take(bytes, tenant.offset, tenant.byteCount)
        hash.take(bytes, jobId.offset, jobId.byteCount)
        return schedules.place(hash: hash.value) { place in
            schedules[place].jobId.isSame(as: bytes, jobId)
                && schedules[place].tenant.isSame(as: bytes, tenant)
        }
    }

    private func unknownSchedule(_ view: borrowing EventView) -> any Error {
        do {
            return impossible(view, "schedule '\(try view.text(2))' does not exist")
        } catch { return error }
    }

    private mutating func decide(
        _ view: borrowing EventView, _ schedule: EntryPlace, _ fanOutKey: String,
        through scheduled: Int64
    ) throws {
        guard schedules[schedule].decide(fanOutKey, through: scheduled) else {
            throw impossible(
                view,
                "the occurrence of '\(schedules[schedule].jobId)' at "
                    + "\(UTCText.of(microseconds: scheduled)) was decided before")
        }
    }

    /// Occurrences that end without running: one that is a run already, or a range of them.
    mutating func applyUnrun(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.uint(1)
        let isSkip = type == .runSkipped
        if number != 0 {
            guard let place = openRuns.place(of: number),
                openRuns[place].status == .due || openRuns[place].status == .held
                    || (isSkip && openRuns[place].status == .dispatched)
            else { throw impossible(view, "run \(number) is not waiting") }
            openRuns[place].status = isSkip ? .skipped : .missed
            end(place, view, isDead: false)
            return
        }
        guard let schedule = try place(ofSchedule: view) else { throw unknownSchedule(view) }
        let count = max(view.uint(11), 1)
        try decide(view, schedule, try view.text(8), through: view.int(13))
        guard schedules[schedule].count(count, skipped: isSkip) else {
            throw impossible(
                view, "it counts \(count) occurrences of '\(schedules[schedule].jobId)'")
        }
    }

    /// Everything that happens to a run that exists.
    mutating func applyRun(_ type: EventType, _ view: borrowing EventView) throws {
        let number = view.uint(1)
        if type == .runCompletionIgnored { return }  // it changes nothing, by definition
        if type == .runRequeued {
            guard deadRuns.remove(number) != nil else {
                throw impossible(view, "run \(number) is not in the dead-letter queue")
            }
            return
        }
        guard let place = openRuns.place(of: number) else {
            throw impossible(view, "run \(number) is not open")
        }
        let isOver = try openRuns[place].apply(type, view)
        if !leaseHolders.isEmpty && (isOver || !openRuns[place].status.isActive) {
            // A worker's completion names its lease; a lease that is over by itself does not.
            if let held = lease(ofRun: number), try view.request == String(held.lease.token) {
                openRuns[place].concludedBy = held.lease.token
            }
            dropLease(ofRun: number)
        }
        if isOver {
            end(place, view, isDead: type == .runDead)
        } else if type == .runFailed && view.bool(20) {
            let run = openRuns[place]
            if let schedule = run.schedulePlace.place ?? schedules.place(of: run.schedule) {
                schedules[schedule].noteFailure(at: view.time)
            }
        }
    }

    /// A run is over: it leaves the open ones.
    private mutating func end(_ place: EntryPlace, _ view: borrowing EventView, isDead: Bool) {
        // What goes from the finished ones leaves its memory to the open ones.
        var run = isDead ? RunState() : finishedRuns.takeOldest()
        openRuns.remove(at: place, for: &run)
        run.endedAt = view.time
        run.lastSequence = view.sequence
        if let definition = definitions.place(of: run.definition) {
            definitions[definition].openRuns -= 1
            if isUnused(definition) { _ = definitions.remove(at: definition) }
        }
        if !run.isReminder,
            let schedule = run.schedulePlace.place ?? schedules.place(of: run.schedule)
        {
            schedules[schedule].noteEnd(run, failures: isDead ? view.uint(6) : 0)
            if run.status == .succeeded, view.uint(17) > 0 {
                schedules[schedule].usual.microseconds = view.uint(15)
                schedules[schedule].usual.deviation = view.uint(16)
                schedules[schedule].usual.count = view.uint(17)
            }
            run.schedulePlace.place = nil
            if schedules[schedule].isForgettable(at: view.time) {
                _ = schedules.remove(at: schedule)
            }
        }
        if isDead { deadRuns.insert(run) } else { finishedRuns.add(&run) }
    }
}

extension RunState {
    /// Becomes the run that a `run due` event makes, in the memory of one that is no more.
    ///
    /// - Parameter isAsked: somebody asked for it, so who did is kept.
    /// - Parameter schedule: where its schedule stands.
    mutating func become(
        due view: borrowing EventView, isAsked: Bool, schedule: EntryPlace
    ) throws(WireError) {
        var memory = TextRow(count: Text.allCases.count)
        swap(&memory, &texts)
        self = RunState()
        swap(&memory, &texts)
        schedulePlace.place = schedule
        run = view.sequence
        scheduled = view.int(4)
        fold = view.uint(7)
        definition = view.uint(11)
        startBy = view.int(15)
        finishBy = view.int(16)
        originRun = view.uint(17)
        durationMicrosecondsMax = view.uint(19)
        dueAt = view.time
        lastSequence = view.sequence
        let row = ParameterRow(view)
        var ranges = InlineArray<19, FieldRange>(repeating: FieldRange())
        ranges[Text.tenant.rawValue] = FieldRange(try view.envelopeRange(3))
        ranges[Text.jobId.rawValue] = FieldRange(try view.textRange(2))
        ranges[Text.scheduledLocal.rawValue] = FieldRange(try view.textRange(5))
        ranges[Text.zone.rawValue] = FieldRange(try view.textRange(6))
        ranges[Text.fanOutKey.rawValue] = FieldRange(try view.textRange(8))
        ranges[Text.businessDate.rawValue] = FieldRange(try view.textRange(9))
        ranges[Text.trigger.rawValue] = FieldRange(try view.textRange(10))
        ranges[Text.reference.rawValue] = FieldRange(try view.textRange(28))
        if let range = row.range { ranges[Text.parameters.rawValue] = range }
        if isAsked {
            passesBlackouts = view.bool(21)
            backfill = view.uint(22)
            backfillLanes = view.uint(23)
            ranges[Text.actor.rawValue] = FieldRange(try view.envelopeRange(4))
            ranges[Text.ticket.rawValue] = FieldRange(try view.envelopeRange(5))
            ranges[Text.request.rawValue] = FieldRange(try view.envelopeRange(6))
        }
        // Room for its run key and boot id, which nearly every run gets.
        texts.fill(from: view.bytes, ranges.span, spare: 128)
        if row.range == nil { parameters = try view.messages(14) }
    }
}

extension String {
    /// Whether the text has exactly the bytes of a range.
    func isSame(as bytes: RawSpan, _ range: (offset: Int, byteCount: Int)) -> Bool {
        var text = self
        return text.withUTF8 { buffer in
            let part = bytes.extracting(range.offset..<(range.offset + range.byteCount))
            // Safe: the buffer's bytes are initialised, and the span stays in the closure.
            return unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer)).isSame(as: part)
        }
    }
}
