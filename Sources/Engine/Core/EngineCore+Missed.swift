import Events
import Projections
import Timetable

/// Occurrences that nobody was there to run, and who hears of them.
extension EngineCore {
    mutating func missRange(
        _ schedule: CompiledSchedule, _ span: OccurrenceSpan, _ detail: String
    ) throws {
        guard let first = span.first, let last = span.last else { return }
        var missed = RunMissed()
        missed.jobId = schedule.key.jobId
        missed.reason = "engineDown"
        missed.detail = detail
        missed.zone = schedule.definition.zone
        missed.fanOutKey = schedule.element
        missed.scheduledLocal = last.localText
        missed.count = UInt64(span.count)
        missed.first = first.instant.microseconds
        missed.last = last.instant.microseconds
        missed.reference = schedule.definition.rules?.reference ?? ""
        let sequence = try emit(missed)
        try reportMissed(
            schedule, span.count, first, last, cause: sequence, severity: "high", detail)
    }

    /// One alert for an outage, however many occurrences it concerns.
    mutating func reportMissed(
        _ schedule: CompiledSchedule, _ count: Int, _ first: Occurrence, _ last: Occurrence,
        cause: UInt64, severity: String, _ what: String
    ) throws {
        let isOpen = alertsOfJob[schedule.key]?.contains { state.alerts[$0]?.kind == "onMissed" }
        if isOpen == true { return }
        let range =
            count == 1
            ? "the occurrence of \(first.localText) of '\(schedule.key.jobId)' was"
            : "\(count) occurrences of '\(schedule.key.jobId)' from \(first.localText) to "
                + "\(last.localText) were"
        try raise(
            schedule, run: 0, kind: "onMissed", severity: severity, cause: cause,
            "\(range) missed: the engine was not running; \(what)")
    }
}
