import Events
import Projections
import Timetable

/// Turns what a simulated engine decides into the rows of a forecast.
///
/// It reads the events themselves, so whatever the engine gives as a reason is told, also reasons
/// that it learns later. Numbers of fields are those of the payloads' `fields`.
struct ForecastRecorder {
    private let options: ForecastOptions
    /// Runs from this number on exist in the simulation alone.
    private let firstRun: UInt64
    private(set) var clocks: ForecastClocks
    /// The rows so far, in the order in which they were decided.
    private(set) var rows: [ForecastRow] = []
    /// How many runs were made, those that are not told too.
    private(set) var runCount = 0
    private(set) var load = ForecastLoad()
    private(set) var alerts: [ForecastAlert] = []
    /// What is due from this moment on is not told, µs.
    var end: Int64
    /// The row of each run that is told and not over.
    private var places: [UInt64: Int] = [:]
    /// What each of them waits for, or waited for, and since when.
    private var waits: [UInt64: (what: String, since: Int64)] = [:]

    static let onTime = "it runs at its scheduled time"

    init(_ options: ForecastOptions, _ clocks: ForecastClocks, firstRun: UInt64) {
        self.options = options
        self.firstRun = firstRun
        self.clocks = clocks
        end = options.to
    }

    /// Whether runs that are told are not over.
    var hasOpenRows: Bool { !places.isEmpty }

    /// Takes a run on that is open when the forecast begins.
    mutating func take(open run: RunState) {
        guard isTold(run.tenant, run.jobId) else { return }
        var row = ForecastRow()
        row.tenant = run.tenant
        row.jobId = run.jobId
        row.scheduled = run.scheduled
        row.firstScheduled = run.scheduled
        row.scheduledLocal = run.scheduledLocal
        row.zone = run.zone
        row.fanOutKey = run.fanOutKey
        row.businessDate = run.businessDate
        row.trigger = run.trigger
        row.openRun = run.run
        if run.startedAt > 0 { row.expectedStart = run.startedAt }
        row.reason = "it was open when the forecast begins (\(run.statusText))"
        if run.status == .held {
            row.outcome = .held
            waits[run.run] = (Self.held(run.gate), run.dueAt)
        }
        if run.isLate { row.add(.late) }
        for clock in run.clocksMissed { row.add(clock == "finishBy" ? .sla : .duration) }
        places[run.run] = rows.count
        rows.append(row)
    }

    /// Takes a decision in.
    ///
    /// - Parameter activeCount: how many attempts run after it.
    mutating func take(_ decision: Decision, activeCount: Int) throws {
        let bytes = decision.body.span.bytes
        var offset = 0
        for _ in 0..<decision.recordCount {
            var cursor = WireCursor(bytes, offset: offset, byteCount: bytes.byteCount - offset)
            let byteCount = Int(clamping: try cursor.varint())
            let start = cursor.offset
            offset = start + byteCount
            let fields = try EventFields(bytes.extracting(start..<offset))
            try take(fields.view, activeCount)
        }
    }

    /// The attempt of a run will end then.
    mutating func note(end: Int64, of run: UInt64) {
        if let place = places[run] { rows[place].expectedEnd = end }
    }

    private mutating func take(_ view: borrowing EventView, _ activeCount: Int) throws {
        guard let type = view.type else { return }
        switch type {
        case .runDue:
            runCount += 1
            try takeDue(view)
        case .runSkipped, .runMissed: try takeUnrun(type, view)
        case .runDispatched:
            if isToldTime(view.time) && view.time < options.to {
                load.noteStart(at: view.time, activeCount)
            }
            takeDispatched(view)
        case .runHeld:
            try takeWait(view, .held, until: view.int(5), Self.held(try view.text(3)))
        case .runDeferred: try takeWait(view, .moved, until: view.int(3), "is put off")
        case .runSucceeded: settle(view, nil)
        case .runDead:
            settle(view, .fails, "it fails (\(try view.text(4)))" + more(try view.text(5)))
        case .runCancelled:
            settle(view, .cancelled, "it is cancelled" + more(try view.text(4)))
        case .runLate: alert(view, .late)
        case .runSlaMissed: alert(view, view.isText(3, "finishBy") ? .sla : .duration)
        case .alertRaised: try takeAlert(view)
        default: break  // what leads to none of these, or follows from them
        }
    }

    private func isTold(_ tenant: String, _ jobId: String) -> Bool {
        options.job.map { ElementId.matches(jobId, job: $0.jobId) && $0.tenant == tenant } ?? true
    }

    /// Whether what is decided at a moment is told: an engine that starts just before the first
    /// moment decides at its start what was overdue.
    private func isToldTime(_ time: Int64) -> Bool { time >= options.from - 1 }

    /// An occurrence became a run.
    private mutating func takeDue(_ view: borrowing EventView) throws {
        let (tenant, jobId) = (try view.tenant, try view.text(2))
        guard isToldTime(view.time), view.int(4) < end, isTold(tenant, jobId) else { return }
        var row = ForecastRow()
        row.tenant = tenant
        row.jobId = jobId
        row.scheduled = view.int(4)
        row.firstScheduled = row.scheduled
        row.scheduledLocal = try view.text(5)
        row.zone = try view.text(6)
        row.fanOutKey = try view.text(8)
        row.businessDate = try view.text(9)
        row.trigger = try view.text(10)
        row.reason = Self.onTime
        row.rolledFrom = try view.text(20)
        if !row.rolledFrom.isEmpty {
            row.outcome = .moved
            row.reason = "it is moved here from \(row.rolledFrom), which is no business day"
        }
        if row.trigger == "catchUp" {
            let count = max(view.uint(12), 1)
            row.reason =
                count == 1
                ? "it runs at once: no engine ran when it was due"
                : "it runs at once, for \(count) occurrences that were due from "
                    + "\(clocks.local(view.int(13), row.zone)) on, while no engine ran"
        }
        row.clockChange = try clocks.entry(row.zone).touch(row.scheduled)?.how
        places[view.sequence] = rows.count
        rows.append(row)
    }

    /// A run, or a range of occurrences, that is left out.
    private mutating func takeUnrun(_ type: EventType, _ view: borrowing EventView) throws {
        let outcome = type == .runSkipped ? ForecastRow.Outcome.skipped : .missed
        let reason =
            "it is \(outcome.rawValue) (\(try view.text(3)))" + more(try view.text(10))
        if view.uint(1) != 0 { return settle(view, outcome, reason) }
        let (tenant, jobId) = (try view.tenant, try view.text(2))
        guard isToldTime(view.time), view.int(13) < end, isTold(tenant, jobId) else { return }
        var row = ForecastRow()
        row.tenant = tenant
        row.jobId = jobId
        row.scheduled = view.int(13)
        row.firstScheduled = view.int(12)
        row.scheduledLocal = try view.text(5)
        row.zone = try view.text(6)
        row.fanOutKey = try view.text(8)
        row.businessDate = String(row.scheduledLocal.prefix(10))
        row.occurrences = max(view.uint(11), 1)
        row.outcome = outcome
        row.reason = reason
        rows.append(row)
    }

    private static func held(_ gate: String) -> String { "waits at the \(gate) gate" }

    /// A run waits at a gate, or is put off; field 4 says more in both events.
    private mutating func takeWait(
        _ view: borrowing EventView, _ outcome: ForecastRow.Outcome, until: Int64, _ what: String
    ) throws {
        let run = view.uint(1)
        guard let place = places[run] else { return }
        if rows[place].outcome != .moved { rows[place].outcome = outcome }
        rows[place].until = until > 0 ? until : nil
        let more = unnumbered(try view.text(4))
        let wait = more.isEmpty ? what : "\(what) (\(more))"
        waits[run] =
            waits[run].map { ("\($0.what), then \(wait)", $0.since) } ?? (wait, view.time)
    }

    private mutating func takeDispatched(_ view: borrowing EventView) {
        let run = view.uint(1)
        guard let place = places[run], rows[place].expectedStart == nil else { return }
        rows[place].expectedStart = view.time
        guard let (what, since) = waits[run] else {
            let delay = view.time - rows[place].scheduled
            if delay > 0 && rows[place].reason == Self.onTime {
                rows[place].reason =
                    "it runs \(Duration.microseconds(delay)) after its scheduled time"
            }
            return
        }
        if since == view.time && rows[place].outcome == .held {
            rows[place].outcome = .runs
            rows[place].until = nil
            rows[place].reason = "it \(what), and is let through at once"
            return
        }
        rows[place].until = view.time
        let wait = "it \(what) until \(clocks.local(view.time, rows[place].zone)), then runs"
        rows[place].reason =
            rows[place].rolledFrom.isEmpty ? wait : "\(rows[place].reason); \(wait)"
    }

    /// A run is over; nil where it ended as its row says.
    private mutating func settle(
        _ view: borrowing EventView, _ outcome: ForecastRow.Outcome?, _ reason: String = ""
    ) {
        let run = view.uint(1)
        guard let place = places.removeValue(forKey: run) else { return }
        waits[run] = nil
        if let outcome {
            rows[place].outcome = outcome
            rows[place].reason = reason
        }
        let isRun = rows[place].expectedStart != nil || outcome == .fails || outcome == .cancelled
        rows[place].expectedEnd = isRun ? view.time : nil
    }

    private mutating func alert(_ view: borrowing EventView, _ alert: ForecastRow.Alert) {
        if let place = places[view.uint(1)] { rows[place].add(alert) }
    }

    /// An alert that is no run's: a schedule that cannot run, occurrences that were missed.
    private mutating func takeAlert(_ view: borrowing EventView) throws {
        let jobId = try view.text(2)
        guard view.uint(3) == 0, view.time < end, isTold(try view.tenant, jobId) else { return }
        var alert = ForecastAlert()
        alert.time = view.time
        alert.jobId = jobId
        alert.kind = try view.text(4)
        alert.severity = try view.text(5)
        alert.message = unnumbered(try view.text(6))
        alerts.append(alert)
    }

    /// The simulation is over: what still waits says so, and the rows come into their order.
    mutating func finish() {
        for (run, place) in places where rows[place].expectedStart == nil {
            let bound = rows[place].until.map {
                ", until \(clocks.local($0, rows[place].zone)) at the latest"
            }
            let wait = waits[run]?.what ?? "waits to be taken up"
            if rows[place].outcome == .runs { rows[place].outcome = .held }
            rows[place].reason =
                "it \(wait)\(bound ?? ""), and has not run when the forecast ends"
        }
        places = [:]
        waits = [:]
        // Where the forecast was cut short, not all of what is due just then was decided.
        rows.removeAll { $0.scheduled >= end }
        rows.sort(by: ForecastRow.isBefore)
    }

    private func more(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        return ": " + unnumbered(text.hasSuffix(".") ? String(text.dropLast()) : text)
    }

    /// A text without the numbers of runs that exist in the simulation alone: the engine's will
    /// have others.
    private func unnumbered(_ text: String) -> String {
        guard text.contains("run ") else { return text }
        return text.replacing(/\brun (\d+)/) { match in
            let number = UInt64(match.1) ?? 0
            return number < firstRun ? String(match.0) : "a run to come"
        }
    }
}
