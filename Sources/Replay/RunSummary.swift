import Events
import Projections

/// One run as the log tells it, or a range of occurrences that ended together without running.
public struct RunSummary: Sendable, Equatable {
    /// The run's number; nil for a range of occurrences.
    public internal(set) var run: UInt64?
    /// The tenant.
    public internal(set) var tenant = ""
    /// The schedule's id.
    public internal(set) var jobId = ""
    /// Where it stands.
    public internal(set) var status = RunStatus.due
    /// Why there is a run: `schedule`, `catchUp`, `manual`, `requeue`, `backfill` or
    /// `reminder`; empty for a range.
    public internal(set) var trigger = ""
    /// The scheduled time, µs; of a range, the last one.
    public internal(set) var scheduled: Int64 = 0
    /// The same in the zone, with its offset.
    public internal(set) var scheduledLocal = ""
    /// The zone.
    public internal(set) var zone = ""
    /// 1 in the second pass of a repeated hour.
    public internal(set) var fold: UInt64 = 0
    /// The element of a fan-out.
    public internal(set) var fanOutKey = ""
    /// The business date.
    public internal(set) var businessDate = ""
    /// How many occurrences it stands for, 1 for an ordinary run.
    public internal(set) var occurrences: UInt64 = 1
    /// The scheduled time of the first of them, µs.
    public internal(set) var firstScheduled: Int64 = 0
    /// The sequence of the definition that it follows.
    public internal(set) var definition: UInt64 = 0
    /// The run that it stands for, for a requeue.
    public internal(set) var originRun: UInt64 = 0
    /// The run that a requeue made of it.
    public package(set) var requeuedAs: UInt64 = 0
    /// When it became due, µs.
    public internal(set) var dueAt: Int64 = 0
    /// When it was first dispatched, µs; 0 for never.
    public internal(set) var dispatchedAt: Int64 = 0
    /// When the last attempt started, µs; 0 for never.
    public internal(set) var startedAt: Int64 = 0
    /// When it ended, µs; 0 while it is open.
    public internal(set) var endedAt: Int64 = 0
    /// The last attempt, 0 where there was none.
    public internal(set) var attempts: UInt64 = 0
    /// How many times another attempt was scheduled.
    public internal(set) var retries: UInt64 = 0
    /// How long the last attempt took, µs; nil where that is not known.
    public internal(set) var durationMicroseconds: UInt64?
    /// `process` or `http`.
    public internal(set) var targetKind = ""
    /// The pipeline's name.
    public internal(set) var targetName = ""
    /// The idempotency key that the target received last.
    public internal(set) var runKey = ""
    /// The exit code of the last attempt.
    public internal(set) var exitCode: Int64?
    /// The HTTP status of the last attempt.
    public internal(set) var httpStatus: Int64?
    /// Where the last attempt's output is kept.
    public internal(set) var output: OutputReference?
    /// The class of the last failure.
    public internal(set) var failureClass = ""
    /// The last failure, in a sentence.
    public internal(set) var failure = ""
    /// What the customer can do about the last failure.
    public internal(set) var advice = ""
    /// The customer's reference.
    public internal(set) var reference = ""
    /// Why it was asked for, or why it ended as it did.
    public internal(set) var reason = ""
    /// More of the reason.
    public internal(set) var detail = ""
    /// Who asked for it or for its end, where a person did.
    public internal(set) var actor = ""
    /// With which ticket.
    public internal(set) var ticket = ""
    /// Whether its late start was reported.
    public internal(set) var isLate = false
    /// The clocks that ran out: `finishBy`, `duration`.
    public internal(set) var clocksMissed: [String] = []
    /// Its first event.
    public internal(set) var firstSequence: UInt64 = 0
    /// Its last event so far.
    public internal(set) var lastSequence: UInt64 = 0
    /// The time of its last event so far, µs.
    public internal(set) var lastTime: Int64 = 0

    init() {}
}

extension RunSummary {
    /// The summary as one JSON object: a line of `runs.jsonl`.
    ///
    /// Every member stands in every line, in this order; what is not known, or does not apply, is
    /// null. `reference`, `advice` and `reminder` follow only where there is one.
    public var json: String {
        var text = JSONText()
        text.member("kind", text: run == nil ? "range" : "run")
        text.member("run", json: run.map { String($0) } ?? "null")
        text.member("jobId", text: jobId)
        text.member("tenant", text: tenant)
        text.member("status", text: status.rawValue)
        text.member("trigger", json: Self.text(trigger))
        text.member("scheduled", json: Self.moment(scheduled))
        text.member("local", json: Self.text(scheduledLocal))
        text.member("zone", json: Self.text(zone))
        text.member("fold", json: String(fold))
        text.member("businessDate", json: Self.text(businessDate))
        text.member("occurrences", json: String(occurrences))
        text.member("firstScheduled", json: Self.moment(firstScheduled))
        text.member("due", json: Self.moment(dueAt))
        text.member("dispatched", json: Self.moment(dispatchedAt))
        text.member("started", json: Self.moment(startedAt))
        text.member("ended", json: Self.moment(endedAt))
        text.member("attempts", json: String(attempts))
        text.member("retries", json: String(retries))
        text.member("durationMs", json: durationMilliseconds.map { String($0) } ?? "null")
        appendOutcome(to: &text)
        return text.object
    }

    private func appendOutcome(to text: inout JSONText) {
        text.member("targetKind", json: Self.text(targetKind))
        text.member("target", json: Self.text(targetName))
        text.member("runKey", json: Self.text(runKey))
        text.member("exitCode", json: exitCode.map { String($0) } ?? "null")
        text.member("httpStatus", json: httpStatus.map { String($0) } ?? "null")
        text.member("outputPath", json: Self.text(output?.path ?? ""))
        text.member("outputSha256", json: Self.text(output?.sha256 ?? ""))
        text.member("outputBytes", json: output.map { String($0.byteCount) } ?? "null")
        text.member("outputTruncated", json: output.map { "\($0.isTruncated)" } ?? "null")
        text.member("failureClass", json: Self.text(failureClass))
        text.member("failure", json: Self.text(failure))
        text.member("reason", json: Self.text(reason))
        text.member("detail", json: Self.text(detail))
        text.member("actor", json: Self.text(actor))
        text.member("ticket", json: Self.text(ticket))
        text.member("late", json: "\(isLate)")
        text.member(
            "slaMissed", json: "[" + clocksMissed.map(JSONText.quoted).joined(separator: ",") + "]")
        text.member("originRun", json: originRun == 0 ? "null" : String(originRun))
        text.member("requeuedAs", json: requeuedAs == 0 ? "null" : String(requeuedAs))
        text.member("definition", json: definition == 0 ? "null" : String(definition))
        text.member("firstSequence", json: String(firstSequence))
        text.member("lastSequence", json: String(lastSequence))
        // The log holds no protected health information (DESIGN, section 4).
        text.member("phi", json: "false")
        if !reference.isEmpty { text.member("reference", text: reference) }
        if !advice.isEmpty { text.member("advice", text: advice) }
        if !fanOutKey.isEmpty {
            text.member(trigger == "reminder" ? "reminder" : "element", text: fanOutKey)
        }
    }

    /// How long the last attempt took, in whole milliseconds.
    public var durationMilliseconds: UInt64? { durationMicroseconds.map { $0 / 1_000 } }

    private static func text(_ value: String) -> String {
        value.isEmpty ? "null" : JSONText.quoted(value)
    }

    private static func moment(_ value: Int64) -> String {
        value == 0 ? "null" : JSONText.quoted(UTCText.of(microseconds: value))
    }
}
