import EventLog
import Events
import Projections

/// What a schedule said at a moment of the past, and whether it was paused.
public struct JobMoment: Sendable {
    /// A change of what a schedule says.
    public struct Change: Sendable {
        /// The event's sequence, by which the definition is known.
        public let sequence: UInt64
        /// Its time, µs since 1970 UTC.
        public let time: Int64
        /// `schedule created`, `updated` or `removed`.
        public let type: EventType
        /// What it says from then on; nil where it was removed.
        public let definition: ScheduleDefinition?
        /// Who changed it, with the author and the ticket where there are any.
        public let authority: String
        /// Why; of a removal.
        public let reason: String
    }

    /// A pause.
    public struct Pause: Sendable {
        /// The event's sequence.
        public let sequence: UInt64
        /// Its time, µs since 1970 UTC.
        public let time: Int64
        /// When it ends by itself, µs; 0 where a person must end it.
        public let until: Int64
        /// Why.
        public let reason: String
        /// Who paused it, and under which ticket.
        public let authority: String
    }

    /// Where the search for a pause was given up.
    public struct Limit: Sendable {
        /// So many of the schedule's records were looked at.
        public let recordCount: Int
        /// The oldest of them.
        public let sequence: UInt64
        /// Its time, µs since 1970 UTC.
        public let time: Int64
    }

    /// The last change before the moment; nil where the schedule was not there yet.
    public let change: Change?
    /// The pause that held then; nil where there was none, or none was found.
    public let pause: Pause?
    /// Where the search for a pause was given up, so that there may be one; nil where it was not.
    public let limit: Limit?

    /// So many of a schedule's records are looked at for a pause: those of a month and more for a
    /// job of each minute, which has two for every occurrence that it skips.
    public static let recordsMax = 100_000
}

extension History {
    /// How a schedule stood just before a moment.
    ///
    /// A run says which definition it follows, and that there was no pause: so the way back through
    /// the schedule's records mostly ends at its first run.
    ///
    /// - Parameters:
    ///   - moment: µs since 1970 UTC; only events before it count.
    ///   - recordsMax: about so many records are looked at before the search for a pause ends.
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(the schedule's records back to its last run that was not skipped in a
    ///   pause, and `recordsMax` at most where its definition is found in them); before the
    ///   first question, the bytes that are not sealed yet.
    public func job(
        _ jobId: String, tenant: String = "default", before moment: Int64,
        recordsMax: Int = JobMoment.recordsMax
    ) throws(ReplayError) -> JobMoment {
        try index.ask(folder) { (source) throws(ReplayError) in
            var search = JobSearch(tenant: tenant, jobId: jobId, recordsMax: recordsMax)
            return try search.back(from: moment, &source)
        }
    }

    /// The first change of a schedule at or after a moment and before another.
    ///
    /// - Throws: `log`, `notApplicable`.
    /// - Complexity: O(the schedule's records up to it); before the first question, the bytes that
    ///   are not sealed yet.
    public func change(
        of jobId: String, tenant: String = "default", from moment: Int64, before end: Int64
    ) throws(ReplayError) -> JobMoment.Change? {
        try index.ask(folder) { (source) throws(ReplayError) in
            let search = JobSearch(tenant: tenant, jobId: jobId)
            return try search.ahead(from: moment, before: end, &source)
        }
    }
}

/// A search in the records of one schedule.
private struct JobSearch {
    /// What a record says of the schedule.
    private enum Fact {
        case change(sequence: UInt64, bytes: [UInt8])
        case paused(sequence: UInt64, bytes: [UInt8])
        case resumed
        /// An occurrence became a run on time or later, by a definition.
        case due(run: UInt64, definition: UInt64)
        case skippedInPause(run: UInt64)
    }

    private let tenant: String
    private let jobId: String
    private let key: String
    private var change: JobMoment.Change?
    private var definition: UInt64?
    private var isPauseKnown = false
    private var pause: JobMoment.Pause?
    private var skippedInPause: Set<UInt64> = []
    private let recordsMax: Int
    private var recordCount = 0
    private var oldest: (sequence: UInt64, time: Int64)?

    /// So many records are asked for at once.
    private static let chunk = 64

    init(tenant: String, jobId: String, recordsMax: Int = JobMoment.recordsMax) {
        self.tenant = tenant
        self.jobId = jobId
        self.recordsMax = recordsMax
        key = EventVocabulary.key(tenant: tenant, jobId: jobId)
    }

    private var isOver: Bool {
        (change != nil || definition != nil) && (isPauseKnown || recordCount >= recordsMax)
    }

    mutating func back(
        from moment: Int64, _ source: inout HistorySource
    ) throws(ReplayError) -> JobMoment {
        let (before, overflow) = moment.subtractingReportingOverflow(1)
        var end = overflow ? 0 : min(source.end, try source.upperBound(of: before))
        while !isOver {
            let sequences = try source.newest(key, below: end, limit: Self.chunk)
            guard let oldest = sequences.last else { break }
            end = oldest
            var found: [(fact: Fact, place: (sequence: UInt64, time: Int64))] = []
            try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
                guard let (time, fact) = try fact(sequence, bytes), time < moment else { return }
                found.append((fact, (sequence, time)))
            }
            for one in found where !isOver { try take(one.fact, one.place) }
        }
        if change == nil, let definition { try look(up: definition, &source) }
        var limit: JobMoment.Limit?
        if !isPauseKnown, recordCount >= recordsMax, let oldest {
            limit = JobMoment.Limit(
                recordCount: recordCount, sequence: oldest.sequence, time: oldest.time)
        }
        return JobMoment(change: change, pause: pause, limit: limit)
    }

    /// The definition that a run named.
    private mutating func look(
        up sequence: UInt64, _ source: inout HistorySource
    ) throws(ReplayError) {
        var record: [UInt8]?
        try source.forEachRecord(at: [sequence]) { (_, bytes) throws(ReplayError) in
            record = bytes.copied()
        }
        if let record { change = try Self.change(sequence, record) }
    }

    func ahead(
        from moment: Int64, before end: Int64, _ source: inout HistorySource
    ) throws(ReplayError) -> JobMoment.Change? {
        guard var next = try source.first(atOrAfter: moment) else { return nil }
        var found: (sequence: UInt64, bytes: [UInt8])?
        var isPast = false
        while next < source.end, found == nil, !isPast {
            let sequences = try source.oldest(key, from: next, limit: Self.chunk)
            guard let last = sequences.last else { break }
            next = last + 1
            try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
                guard found == nil, let (time, fact) = try fact(sequence, bytes) else { return }
                if time >= end { isPast = true }
                if time >= moment, !isPast, case .change(let sequence, let bytes) = fact {
                    found = (sequence, bytes)
                }
            }
        }
        guard let found else { return nil }
        return try Self.change(found.sequence, found.bytes)
    }

    private mutating func take(
        _ fact: Fact, _ place: (sequence: UInt64, time: Int64)
    ) throws(ReplayError) {
        recordCount += 1
        oldest = place
        switch fact {
        case .change(let sequence, let bytes):
            let change = try Self.change(sequence, bytes)
            if self.change == nil && definition == nil { self.change = change }
            // A schedule is created, and removed, without a pause.
            if change.type != .scheduleUpdated { isPauseKnown = true }
        case .paused(let sequence, let bytes):
            if !isPauseKnown { pause = try Self.pause(sequence, bytes) }
            isPauseKnown = true
        case .resumed: isPauseKnown = true
        case .due(let run, let definition):
            if change == nil && self.definition == nil { self.definition = definition }
            if !skippedInPause.contains(run) { isPauseKnown = true }
        case .skippedInPause(let run): skippedInPause.insert(run)
        }
    }

    // MARK: records

    /// What a record says, if it is of the schedule and says anything of use, and its time.
    private func fact(
        _ sequence: UInt64, _ bytes: RawSpan
    ) throws(ReplayError) -> (time: Int64, fact: Fact)? {
        do throws(WireError) {
            let fields = try EventFields(bytes)
            let view = fields.view
            // By bytes: two texts can be equal and have different ones.
            guard let type = view.type, type.isOfSchedule || type.isOfRun,
                try view.jobId(type).utf8.elementsEqual(jobId.utf8),
                try view.tenant.utf8.elementsEqual(tenant.utf8)
            else { return nil }
            switch type {
            case .scheduleCreated, .scheduleUpdated, .scheduleRemoved:
                return (view.time, .change(sequence: sequence, bytes: bytes.copied()))
            case .scheduleDisabled:
                return (view.time, .paused(sequence: sequence, bytes: bytes.copied()))
            case .scheduleEnabled: return (view.time, .resumed)
            case .runDue:
                // A run of a time to come, and one that a person wants, is made in a pause too.
                let trigger = try view.text(10)
                guard view.int(4) <= view.time, trigger == "schedule" || trigger == "catchUp"
                else { return nil }
                return (view.time, .due(run: view.sequence, definition: view.uint(11)))
            case .runSkipped:
                guard try view.text(3) == "paused", view.uint(1) != 0 else { return nil }
                return (view.time, .skippedInPause(run: view.uint(1)))
            default: return nil
            }
        } catch { throw .malformed(error, sequence) }
    }

    private static func change(
        _ sequence: UInt64, _ bytes: [UInt8]
    ) throws(ReplayError) -> JobMoment.Change {
        let event = try Event(bytes.span.bytes, sequence)
        let (envelope, payload) = (event.envelope, event.payload)
        var definition: ScheduleDefinition?
        var (author, reason) = ("", "")
        if let created = payload as? ScheduleCreated {
            (definition, author) = (created.definition, created.author)
        } else if let updated = payload as? ScheduleUpdated {
            (definition, author) = (updated.definition, updated.author)
        } else if let removed = payload as? ScheduleRemoved {
            (reason, author) = (removed.reason, removed.author)
        }
        return JobMoment.Change(
            sequence: sequence, time: envelope.time, type: event.type, definition: definition,
            authority: authority(envelope, author: author), reason: reason)
    }

    private static func pause(
        _ sequence: UInt64, _ bytes: [UInt8]
    ) throws(ReplayError) -> JobMoment.Pause? {
        let event = try Event(bytes.span.bytes, sequence)
        guard let paused = event.payload as? ScheduleDisabled else { return nil }
        return JobMoment.Pause(
            sequence: sequence, time: event.envelope.time, until: paused.until,
            reason: paused.reason, authority: authority(event.envelope, author: ""))
    }

    private static func authority(_ envelope: Envelope, author: String) -> String {
        let actor = envelope.actor.isEmpty ? "engine" : envelope.actor
        return "by \(actor)" + (author.isEmpty ? "" : ", written by \(author)")
            + (envelope.ticket.isEmpty ? "" : ", ticket \(envelope.ticket)")
    }
}
