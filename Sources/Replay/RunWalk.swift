import EventLog
import Events
import Projections

/// A search for runs under way: it goes back through the log, and stops when the page is full.
///
/// Three ways lead back. **Along a schedule's records**, or all records where no schedule is named.
/// **Along the ends** of runs, where only dead, cancelled, skipped or missed ones are wanted, or
/// along the beginnings of those of one customer's reference: there are few, and an index names
/// them. By the **scheduled time** it begins a day after the range, since a run is made after its
/// scheduled time and mostly at once; the few that are made later, or before, have a key of their
/// own (`past:`, `ahead:`) and are asked for besides.
///
/// Why it may stop: going back, no run that was not seen yet has an event, and so a first event,
/// later than the oldest record that was read (event times never decrease); and its scheduled
/// time is not after its first event, but for those that were asked for besides.
struct RunWalk {
    private let query: History.Query
    private let before: RunPlace?
    private var found: FoundRuns
    /// Runs of which records were read, but not the first.
    private var pieces: [UInt64: RunPieces] = [:]
    /// Runs, and the sequences of ranges, that were offered, of which older records may still come.
    private var done: Set<UInt64> = []
    private var unknownEvents = 0
    /// The time of the oldest record that was read on the way back.
    private var floor = Int64.max
    /// Whether records that lie behind the start of the way back were not read.
    private var isPartial = false
    /// The keys of ends that the query is limited to; empty for the other ways.
    private let ends: [String]

    init(_ query: History.Query, before: RunPlace?) {
        var query = query
        if let jobId = query.jobId, let element = query.element {
            // The schedule of that element has an id, and so a key, of its own.
            query.jobId = ElementId(job: jobId, element: element).text
            query.element = nil
        }
        self.query = query
        self.before = before
        found = FoundRuns(query, before: before)
        ends = Self.ends(query)
    }

    private static func ends(_ query: History.Query) -> [String] {
        // A customer's runs are few, and an index names where they begin.
        if let reference = query.reference {
            return [EventVocabulary.key(tenant: query.tenant, reference: reference)]
        }
        guard let jobId = query.jobId else { return [] }
        let keys = query.statuses.map(\.rawValue).sorted().map {
            EventVocabulary.key(tenant: query.tenant, jobId: jobId, ended: $0)
        }
        return keys.contains { $0 == nil } ? [] : keys.compactMap(\.self)
    }

    /// Goes back as far as the page needs.
    mutating func run(_ source: inout HistorySource) throws(ReplayError) {
        var end = source.end
        if ends.isEmpty, let to = latest {
            let slack = query.clock == .scheduled ? EventVocabulary.pastMicroseconds : 0
            let (bound, overflow) = to.addingReportingOverflow(slack)
            if !overflow { end = try source.upperBound(of: bound) }
        }
        isPartial = end < source.end
        if query.clock == .scheduled { try takeOffTime(&source, end) }
        while try !isOver(&source) {
            let sequences = try chunk(&source, below: end)
            guard let oldest = sequences.last else {
                if query.clock == .event { try resolveAll(&source) }
                return
            }
            end = oldest
            try take(sequences, &source)
        }
    }

    /// The latest time that a run may have.
    private var latest: Int64? {
        [query.to, before?.time].compactMap(\.self).min()
    }

    /// Whether nothing that was not read yet can be in the page.
    private mutating func isOver(_ source: inout HistorySource) throws(ReplayError) -> Bool {
        if floor == .max { return false }
        // Where the index names the first events, a run that began before may have ended later.
        if query.reference != nil && query.clock == .event { return false }
        let isBeforeRange = query.from.map { floor < $0 } ?? false
        if query.clock == .event, ends.isEmpty,
            isBeforeRange || found.count + pieces.count > query.limit
        {
            // Their last events were read; the first ones may be far away.
            try resolveAll(&source)
        }
        return isBeforeRange || found.isFull(before: floor)
    }

    /// The next sequences on the way back, descending; none at the start of the log.
    private func chunk(
        _ source: inout HistorySource, below end: UInt64
    ) throws(ReplayError) -> [UInt64] {
        let count = min(max(query.limit &* 5, 64), 2_048)
        guard !ends.isEmpty else {
            guard let jobId = query.jobId else { return try source.frame(below: end) }
            let key = EventVocabulary.key(tenant: query.tenant, jobId: jobId)
            return try source.newest(key, below: end, limit: count)
        }
        var all: Set<UInt64> = []
        for key in ends {
            all.formUnion(try source.newest(key, below: end, limit: min(count, 256)))
        }
        // Below the newest `count` of all, some key may have others that were not read.
        return Array(all.sorted(by: >).prefix(min(count, 256)))
    }

    // MARK: records

    /// The event's type, if it is of a run of the schedules that are asked for.
    private mutating func wantedType(
        _ view: borrowing EventView
    ) throws(WireError) -> EventType? {
        guard let type = view.type else {
            unknownEvents += 1
            return nil
        }
        guard type.isOfRun else { return nil }
        // By bytes: two texts can be equal and have different ones.
        if let jobId = query.jobId, try !ElementId.matches(view.text(2), job: jobId) {
            return nil
        }
        if let element = query.element, try ElementId(view.text(2))?.element != element {
            return nil
        }
        return try view.tenant.utf8.elementsEqual(query.tenant.utf8) ? type : nil
    }

    private mutating func take(
        _ sequences: [UInt64], _ source: inout HistorySource
    ) throws(ReplayError) {
        var begun: [UInt64] = []
        var ended: [UInt64] = []
        try source.forEachRecord(at: sequences) { (sequence, bytes) throws(ReplayError) in
            do throws(WireError) {
                let fields = try EventFields(bytes)
                let view = fields.view
                floor = min(floor, view.time)
                guard let type = try wantedType(view) else { return }
                let number = view.uint(1)
                if type != .runDue && number == 0 {
                    if !done.contains(sequence) { found.offer(try RunSummary(type, view)) }
                    return
                }
                let run = type == .runDue ? view.sequence : number
                guard !done.contains(run) else { return }
                if ends.isEmpty {
                    pieces[run, default: RunPieces()].add(sequence, bytes.copied())
                    if type == .runDue { begun.append(run) }
                } else {
                    ended.append(run)
                }
            } catch { throw .malformed(error, sequence) }
        }
        for run in begun { try finish(run, &source) }
        for run in ended { try resolve(run, &source) }
    }

    /// Runs whose place in the log is not near their scheduled time.
    private mutating func takeOffTime(
        _ source: inout HistorySource, _ end: UInt64
    ) throws(ReplayError) {
        let job = query.jobId.map { (tenant: query.tenant, jobId: $0) }
        var sequences = try source.story(EventVocabulary.aheadKey(job), since: 0, below: end)
        if isPartial {
            for key in [EventVocabulary.pastKey(job), EventVocabulary.aheadKey(job)] {
                sequences += try source.story(key, since: 0, from: end)
            }
        }
        guard !sequences.isEmpty else { return }
        var runs: [UInt64] = []
        try source.forEachRecord(at: Set(sequences).sorted()) {
            (sequence, bytes) throws(ReplayError) in
            do throws(WireError) {
                let fields = try EventFields(bytes)
                let view = fields.view
                guard let type = try wantedType(view) else { return }
                if type == .runDue {
                    runs.append(view.sequence)
                } else if view.uint(1) == 0, done.insert(sequence).inserted {
                    found.offer(try RunSummary(type, view))
                }
            } catch { throw .malformed(error, sequence) }
        }
        for run in runs { try resolve(run, &source) }
    }

    // MARK: runs

    /// A run of which the first record was read, and so all that are newer, where the way back
    /// began at the end of the log.
    private mutating func finish(
        _ run: UInt64, _ source: inout HistorySource
    ) throws(ReplayError) {
        guard let known = pieces[run], let summary = try known.summary(of: run) else {
            pieces[run] = nil
            return
        }
        if isPartial, !summary.status.isTerminal || summary.status == .dead {
            return try resolve(run, &source)
        }
        pieces[run] = nil
        found.offer(summary)
    }

    /// Reads all of a run that was not read yet, and offers it.
    private mutating func resolve(
        _ run: UInt64, _ source: inout HistorySource
    ) throws(ReplayError) {
        guard done.insert(run).inserted else { return }
        var known = pieces.removeValue(forKey: run) ?? RunPieces()
        let rest = try source.story(EventVocabulary.key(run: run), since: run).filter {
            known.records[$0] == nil
        }
        try source.forEachRecord(at: rest) { (sequence, bytes) throws(ReplayError) in
            do throws(WireError) {
                let fields = try EventFields(bytes)
                let view = fields.view
                // Alerts and requeues have the run's key too, and so have other keys of its hash.
                guard let type = view.type, type.isOfRun, view.uint(1) == run else {
                    return
                }
            } catch { throw .malformed(error, sequence) }
            known.add(sequence, bytes.copied())
        }
        if let summary = try known.summary(of: run) { found.offer(summary) }
    }

    private mutating func resolveAll(_ source: inout HistorySource) throws(ReplayError) {
        for run in pieces.keys.sorted() { try resolve(run, &source) }
    }

    /// What was found.
    mutating func page(isEngineRunning: Bool) -> History.Page {
        found.page(isEngineRunning: isEngineRunning, unknownEvents: unknownEvents)
    }
}
