import Events

extension Availability {
    /// The month as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("month", text: month.description)
        text.member("from", json: from.map { Self.moment($0) } ?? "null")
        text.member("to", json: from == nil ? "null" : Self.moment(to))
        text.member("coveredMs", json: String(coveredMicroseconds / 1_000))
        text.member("upMs", json: String(upMicroseconds / 1_000))
        text.member("downMs", json: String(downMicroseconds / 1_000))
        text.member("plannedDownMs", json: String(plannedMicroseconds / 1_000))
        text.member("availabilityPercent", json: percent ?? "null")
        let goals = Self.goals.map { goal in
            var item = JSONText()
            item.member("percent", json: goal.name)
            item.member("met", json: meets(goal).map { "\($0)" } ?? "null")
            return item.object
        }
        text.member("goals", json: "[" + goals.joined(separator: ",") + "]")
        text.member("outages", json: "[" + outages.map(\.json).joined(separator: ",") + "]")
        text.member("outageCount", json: String(outageCount))
        text.member("job", json: job.map(JSONText.quoted) ?? "null")
        text.member("runs", json: runs.json(onTimePercent))
        text.member("engineRunning", json: "\(isEngineRunning)")
        return text.object
    }

    fileprivate static func moment(_ microseconds: Int64) -> String {
        JSONText.quoted(UTCText.of(microseconds: microseconds))
    }
}

extension Outage {
    fileprivate var json: String {
        var text = JSONText()
        text.member("from", json: Availability.moment(from))
        text.member("to", json: Availability.moment(to))
        text.member("ms", json: String(microseconds / 1_000))
        text.member("cause", text: cause.rawValue)
        text.member("planned", json: "\(isPlanned)")
        text.member("reason", json: reason.isEmpty ? "null" : JSONText.quoted(reason))
        text.member("verdict", json: verdict.isEmpty ? "null" : JSONText.quoted(verdict))
        text.member("lastSequence", json: String(lastSequence))
        text.member("nextSequence", json: String(nextSequence))
        return text.object
    }
}

extension Punctuality {
    fileprivate func json(_ percent: String?) -> String {
        var text = JSONText()
        text.member("due", json: String(due))
        text.member("onTime", json: String(onTime))
        text.member("late", json: String(late))
        text.member("notStarted", json: String(notStarted))
        text.member("missed", json: String(missed))
        text.member("coalesced", json: String(coalesced))
        text.member("withdrawn", json: String(withdrawn))
        text.member("waiting", json: String(waiting))
        text.member("slaMissed", json: String(slaMissed))
        text.member("onTimePercent", json: percent ?? "null")
        return text.object
    }
}
