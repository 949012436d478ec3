import Events

extension Forecast {
    /// The forecast as one JSON object.
    ///
    /// - Complexity: O(rows), about 500 bytes each; `forEachJSONPart` needs no memory for them.
    public var json: String {
        var text = ""
        forEachJSONPart { text += $0 }
        return text
    }

    /// Gives the same object in parts, a row each after the first: joined they are it.
    ///
    /// - Throws: what `body` throws.
    public func forEachJSONPart<Failure: Error>(
        _ body: (String) throws(Failure) -> Void
    ) throws(Failure) {
        try body(head.dropLast() + ",\"rows\":[")
        for (place, row) in rows.enumerated() { try body(place == 0 ? row.json : "," + row.json) }
        try body("]}")
    }

    /// Everything but the rows, as an object.
    private var head: String {
        var text = JSONText()
        text.member("from", text: UTCText.of(microseconds: from))
        text.member("to", text: UTCText.of(microseconds: to))
        text.member("end", text: UTCText.of(microseconds: end))
        text.member("cutShort", json: "\(isCutShort)")
        text.member("assumptions", json: JSONList.of(assumptions.map(JSONText.quoted)))
        text.member("summary", json: summary.json)
        return text.object
    }
}

extension ForecastSummary {
    /// The summary as one JSON object; every outcome and alert stands in it.
    public var json: String {
        var text = JSONText()
        text.member(
            "outcomes",
            json: JSONList.counts(
                ForecastRow.Outcome.allCases.map { ($0.rawValue, counts[$0] ?? 0) }))
        text.member(
            "runsWithAlert",
            json: JSONList.counts(
                ForecastRow.Alert.allCases.map { ($0.rawValue, alertCounts[$0] ?? 0) }))
        text.member("load", json: load.json)
        text.member("clockChanges", json: JSONList.of(clockChanges.map(\.json)))
        text.member("calendarsThatRunOut", json: JSONList.of(calendars.map(\.json)))
        text.member("withoutOccurrence", json: JSONList.of(idle.map(\.json)))
        text.member("alerts", json: JSONList.of(alerts.map(\.json)))
        return text.object
    }
}

extension ForecastLoad {
    fileprivate var json: String {
        var text = JSONText()
        text.member("maxConcurrent", json: String(concurrencyMax))
        text.member(
            "maxConcurrentAt",
            json: concurrencyTime.map { JSONText.quoted(UTCText.of(microseconds: $0)) } ?? "null")
        let minutes = busiest.map { minute in
            var item = JSONText()
            item.member("minute", text: UTCText.of(microseconds: minute.start))
            item.member("starts", json: String(minute.count))
            return item.object
        }
        text.member("busiestMinutes", json: JSONList.of(minutes))
        return text.object
    }
}

extension ForecastClockChange {
    fileprivate var json: String {
        var text = JSONText()
        text.member("timeZone", text: zone)
        text.member("at", text: UTCText.of(microseconds: time))
        text.member("local", text: local)
        text.member("offsetBeforeSeconds", json: String(offsetBefore))
        text.member("offsetAfterSeconds", json: String(offsetAfter))
        text.member("schedules", json: String(scheduleCount))
        let items = touched.map { schedule in
            var item = JSONText()
            item.member("jobId", text: schedule.jobId)
            item.member("occurrences", json: String(schedule.count))
            let first = schedule.first.map { occurrence in
                var one = JSONText()
                one.member("local", text: occurrence.local)
                one.member("clockChange", text: occurrence.how.rawValue)
                return one.object
            }
            item.member("first", json: JSONList.of(first))
            return item.object
        }
        text.member("touched", json: JSONList.of(items))
        return text.object
    }
}

extension ForecastCalendar {
    fileprivate var json: String {
        var text = JSONText()
        text.member("name", text: name)
        text.member("validThrough", text: validThrough)
        text.member("jobIds", json: JSONList.of(jobIds.map(JSONText.quoted)))
        return text.object
    }
}

extension ForecastIdle {
    fileprivate var json: String {
        var text = JSONText()
        text.member("jobId", text: jobId)
        text.member("reason", text: reason)
        return text.object
    }
}

extension ForecastAlert {
    fileprivate var json: String {
        var text = JSONText()
        text.member("time", text: UTCText.of(microseconds: time))
        text.member("jobId", text: jobId)
        text.member("kind", text: kind)
        text.member("severity", text: severity)
        text.member("message", text: message)
        return text.object
    }
}

/// JSON of several values.
enum JSONList {
    /// An array of values that are JSON already.
    static func of(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    /// An object of numbers, in the order given.
    static func counts(_ items: [(name: String, count: UInt64)]) -> String {
        "{" + items.map { "\(JSONText.quoted($0.name)):\($0.count)" }.joined(separator: ",") + "}"
    }
}
