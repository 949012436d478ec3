import EventLog
import Events
import Projections

/// A day under way: everything before it is applied, everything in it is counted and listed.
///
/// Memory: the state, the runs that are open, a table by schedule; what grows with the day goes to
/// files at once.
struct DayFold {
    let day: UTCDay
    let folder: ExportFolder
    let runs: OutputFile
    private let changes: OutputFile
    private let acts: OutputFile
    private let alerts: OutputFile
    private var state = ProjectedState()
    private var tracker = RunTracker()
    private var tallies: [ScheduleKey: JobTally] = [:]
    private var typeCounts: [EventType: UInt64] = [:]
    private var staged: [String] = []
    private var firstTime: Int64 = 0
    private(set) var firstSequence: UInt64?
    private(set) var previousSequence: UInt64?
    /// Whether an event after the day was met.
    private(set) var isComplete = false

    init(_ day: UTCDay, _ folder: ExportFolder) throws(DiskError) {
        self.day = day
        self.folder = folder
        runs = try folder.file("runs.jsonl")
        changes = try folder.file("changes")
        acts = try folder.file("acts")
        alerts = try folder.file("alerts")
    }

    /// The last sequence of the day, or before it where the day has none.
    var lastSequence: UInt64? { state.lastSequence }

    /// Takes in a record; says stop at the first one after the day.
    mutating func take(_ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) -> LogScan.Step {
        let time = try RecordPeek(bytes, sequence).time
        if time >= day.end {
            isComplete = true
            guard state.lastSequence != nil else {
                throw ReplayError(
                    .notFound, sequence: sequence,
                    "the log begins on \(UTCDay(holding: time)), after \(day)")
            }
            return .stop
        }
        do throws(ProjectionError) { try state.apply(bytes) } catch { throw ReplayError(error) }
        let isInDay = time >= day.start
        if isInDay && firstSequence == nil {
            firstSequence = sequence
            firstTime = time
        }
        if !isInDay { previousSequence = sequence }
        do {
            try fold(bytes, isInDay: isInDay)
        } catch let error as WireError {
            throw .malformed(error, sequence)
        } catch let error as DiskError {
            throw .output(error)
        } catch {
            throw ReplayError(.notApplicable, sequence: sequence, "sequence \(sequence): \(error)")
        }
        return .more
    }

    private mutating func fold(_ bytes: RawSpan, isInDay: Bool) throws {
        let fields = try EventFields(bytes)
        let view = fields.view
        guard let type = view.type else { return }  // apply has refused it
        let ended = try tracker.take(type, view)
        guard isInDay else { return }
        typeCounts[type, default: 0] += 1
        if let ended {
            tallies[ScheduleKey(ended.tenant, ended.jobId), default: JobTally()].add(ended)
            try runs.appendLine(ended.json)
        }
        if Self.isListed(type, view) { try list(try Event(bytes, view.sequence), type) }
    }

    /// Whether an event may stand in one of the summary's lists.
    private static func isListed(_ type: EventType, _ view: borrowing EventView) -> Bool {
        switch type {
        case .configurationApplied, .calendarDefined, .calendarRemoved, .blackoutDeclared,
            .blackoutLifted, .alertRaised, .alertCleared, .alertAcknowledged, .alertEscalated,
            .engineStarted, .jobTypeDefined, .jobTypeRemoved:
            true
        case .controlNumbersIssued, .controlNumbersPersisted, .controlNumbersFailed:
            false
        default:
            type.isOfSchedule || !view.isActor("engine")
        }
    }

    /// A staged change counts when the event that ends its stage is there.
    private mutating func list(_ event: Event, _ type: EventType) throws {
        if type == .engineStarted { staged = [] }
        if let change = DayEvents.change(event) {
            if event.envelope.stage != 0 {
                staged.append(change)
            } else {
                for earlier in staged { try changes.appendElement(earlier) }
                staged = []
                try changes.appendElement(change)
            }
        }
        if let act = DayEvents.manualAct(event) { try acts.appendElement(act) }
        if let alert = DayEvents.alert(event) { try alerts.appendElement(alert) }
    }

    /// Writes the summary.
    mutating func summary(log: LogIdentity) throws(DiskError) -> OutputFile {
        let openRuns = try folder.file("open")
        for run in tracker.sorted { try openRuns.appendElement(run.json) }
        let sections = [
            ("scheduleChanges", changes), ("manualActs", acts), ("alerts", alerts),
            ("openRuns", openRuns),
        ]
        for (_, file) in sections { try file.finish() }
        let file = try folder.file("summary.json")
        try file.append("{\n")
        for (name, value) in facts(log) { try file.append("\"\(name)\":\(value),\n") }
        try file.append("\"jobs\":[")
        let keys = tallies.keys.sorted {
            ScheduleState.keyBytes($0).lexicographicallyPrecedes(ScheduleState.keyBytes($1))
        }
        for key in keys { try file.appendElement(tallies[key, default: JobTally()].json(key)) }
        try file.append("\n],\n")
        for (name, section) in sections {
            try file.append("\"\(name)\":[")
            try file.append(contentsOf: section)
            try file.append("\n],\n")
        }
        try file.append("\"state\":\(stateJSON())\n}\n")
        try file.finish()
        return file
    }

    /// The members that say what the day holds in numbers.
    private func facts(_ log: LogIdentity) -> [(String, String)] {
        let isEmpty = firstSequence == nil
        let counts = typeCounts.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\"\($0.key.name)\":\($0.value)" }
        let ended = RunStatus.allCases.filter(\.isTerminal).map { status in
            let sum = tallies.values.reduce(into: UInt64(0)) { $0.add($1.count(status)) }
            return "\"\(status.rawValue)\":\(sum)"
        }
        return [
            ("format", "1"), ("logIdentity", "\"\(log)\""), ("day", "\"\(day)\""),
            ("complete", "\(isComplete)"), ("events", "\(typeCounts.values.reduce(0, +))"),
            ("firstSequence", number(firstSequence)),
            ("firstTime", isEmpty ? "null" : moment(firstTime)),
            ("lastSequence", number(isEmpty ? nil : state.lastSequence)),
            ("lastTime", isEmpty ? "null" : moment(state.lastTime)),
            ("previousLastSequence", number(previousSequence)),
            ("eventCounts", "{" + counts.joined(separator: ",") + "}"),
            ("ended", "{" + ended.joined(separator: ",") + "}"),
            ("runLines", "\(runs.count)"), ("openRunCount", "\(tracker.open.count)"),
            ("openAlertCount", "\(state.openAlerts.count)"),
            ("deadLetterCount", "\(state.deadRuns.count)"),
        ]
    }

    private func number(_ value: UInt64?) -> String { value.map { String($0) } ?? "null" }

    private func moment(_ value: Int64) -> String {
        JSONText.quoted(UTCText.of(microseconds: value))
    }

    /// The digest of the state at the end of the day.
    private mutating func stateJSON() -> String {
        let digest = state.digest()
        let projections = digest.projections.map { projection in
            var item = JSONText()
            item.member("name", text: projection.name)
            item.member("version", json: String(projection.version))
            item.member("digest", text: JSONText.hex(projection.digest))
            return item.object
        }
        var text = JSONText()
        text.member("sequence", json: number(digest.sequence))
        text.member("digest", text: digest.hex)
        text.member("projections", json: "[" + projections.joined(separator: ",") + "]")
        return text.object
    }
}
