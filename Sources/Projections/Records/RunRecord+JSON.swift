import EventLog
import Events

extension RunRecord {
    /// The version of a line's form: rises when a member changes its meaning, not for a new one.
    package static let format = 1

    /// What a line begins with: by it a line is told from any other text.
    static func head(log: LogIdentity) -> String { "{\"format\":\(format),\"log\":\"\(log)\"," }

    /// A line without its end: every member in every line, in this order, null where it is not
    /// known or does not apply; `reference` only where there is one.
    ///
    /// - Parameters:
    ///   - log: the identity of the log.
    ///   - tags: those of the definition that it followed; nil where that is not known.
    package func json(log: LogIdentity, tags: [String]?) -> String {
        var text = JSONText()
        text.member("format", json: String(Self.format))
        text.member("log", text: "\(log)")
        text.member("sequence", json: String(sequence))
        text.member("kind", text: kind)
        text.member("status", text: status.rawValue)
        text.member("tenant", text: tenant)
        text.member("jobId", text: jobId)
        text.member("run", json: Self.number(run))
        text.member("trigger", json: Self.text(trigger))
        appendTimes(to: &text)
        appendAttempts(to: &text)
        text.member("sla", json: sla.map(JSONText.quoted) ?? "null")
        text.member("startBy", json: Self.moment(startBy))
        text.member("finishBy", json: Self.moment(finishBy))
        text.member("maxDurationMs", json: durationMax == 0 ? "null" : String(durationMax / 1_000))
        text.member("late", json: "\(isLate)")
        text.member("clocksMissed", json: Self.list(clocksMissed.map(JSONText.quoted)))
        text.member("dependencies", json: Self.list(dependencies.map(\.json)))
        text.member("reason", json: Self.freeText(reason))
        text.member("detail", json: Self.freeText(detail))
        text.member("originRun", json: Self.number(originRun))
        text.member("definition", json: Self.number(definition))
        text.member("cause", json: Self.number(cause))
        text.member("actor", json: Self.text(actor))
        text.member("ticket", json: Self.text(ticket))
        text.member("request", json: Self.text(request))
        text.member("endedBy", json: Self.text(endedBy))
        text.member("endTicket", json: Self.text(endTicket))
        text.member("tags", json: tags.map { Self.list($0.map(JSONText.quoted)) } ?? "null")
        text.member("whole", json: "\(isWhole)")
        // The log holds no protected health information; parameters and results stay out as well.
        text.member("phi", json: "false")
        // Most have none, and their lines are as they were before there were any.
        if !reference.isEmpty { text.member("reference", text: reference) }
        return text.object
    }

    /// `run`, `occurrence` for one that never became a run, or `range` for several.
    private var kind: String { run != 0 ? "run" : count > 1 ? "range" : "occurrence" }

    private func appendTimes(to text: inout JSONText) {
        text.member("scheduled", json: Self.moment(scheduled))
        text.member("scheduledLocal", json: Self.text(scheduledLocal))
        text.member("zone", json: Self.text(zone))
        text.member("fold", json: String(fold))
        text.member("fanOutKey", json: Self.text(fanOutKey))
        text.member("businessDate", json: Self.text(businessDate))
        text.member("count", json: String(count))
        text.member("first", json: Self.moment(first))
        text.member("last", json: Self.moment(last))
        text.member("due", json: Self.moment(due))
        text.member("firstDispatched", json: Self.moment(firstDispatched))
        text.member("firstStarted", json: Self.moment(firstStarted))
        text.member("started", json: Self.moment(started))
        text.member("completed", json: Self.moment(completed))
        text.member("startDelayMs", json: Self.milliseconds(from: scheduled, to: firstStarted))
        text.member("durationMs", json: duration.map { String($0 / 1_000) } ?? "null")
        text.member("totalMs", json: Self.milliseconds(from: due, to: completed))
    }

    private func appendAttempts(to text: inout JSONText) {
        text.member("attempts", json: String(attempts))
        text.member("retries", json: String(retries))
        text.member("execution", json: Self.number(execution))
        text.member("runKey", json: Self.text(runKey))
        text.member("targetKind", json: Self.text(targetKind))
        text.member("target", json: Self.text(targetName))
        text.member("exitCode", json: exitCode.map { String($0) } ?? "null")
        text.member("httpStatus", json: httpStatus.map { String($0) } ?? "null")
        text.member("outputPath", json: Self.text(output?.path ?? ""))
        text.member("outputSha256", json: Self.text(output?.sha256 ?? ""))
        text.member("outputBytes", json: output.map { String($0.byteCount) } ?? "null")
        text.member("outputTruncated", json: output.map { "\($0.isTruncated)" } ?? "null")
        text.member("failureClass", json: Self.text(failureClass))
        text.member("failure", json: Self.freeText(failure))
    }

    private static func text(_ value: String) -> String {
        value.isEmpty ? "null" : JSONText.quoted(value)
    }

    /// A text that people wrote is cut, so that a line has a bound.
    static func freeText(_ value: String) -> String {
        guard value.utf8.count > freeTextByteCountMax else { return text(value) }
        let bytes = Array(value.utf8)
        var end = freeTextByteCountMax
        // To the start of the scalar that the cut would split.
        while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return JSONText.quoted(String(decoding: bytes[..<end], as: UTF8.self) + "…")
    }

    private static let freeTextByteCountMax = 4_096

    static func number(_ value: UInt64) -> String { value == 0 ? "null" : String(value) }

    static func moment(_ value: Int64) -> String {
        value == 0 ? "null" : JSONText.quoted(UTCText.of(microseconds: value))
    }

    static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    private static func milliseconds(from start: Int64, to end: Int64) -> String {
        let (difference, overflow) = end.subtractingReportingOverflow(start)
        return start == 0 || end == 0 || overflow ? "null" : String(difference / 1_000)
    }
}

extension RunRecord.DependencyOutcome {
    var json: String {
        var text = JSONText()
        text.member("name", text: name)
        text.member("outcome", text: outcome)
        text.member("detail", json: RunRecord.freeText(detail))
        text.member("at", json: RunRecord.moment(at))
        return text.object
    }
}
