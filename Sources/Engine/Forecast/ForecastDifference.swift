import Events
import Projections

/// What differs between two forecasts of the same time, run by run.
///
/// A run is the same in both where its schedule, its scheduled time and its element of a fan-out
/// are.
public struct ForecastDifference: Sendable {
    /// A run that both forecasts have, and that goes otherwise.
    public struct Change: Sendable, Equatable {
        /// How it goes in the first one.
        public let before: ForecastRow
        /// How it goes in the second one.
        public let after: ForecastRow
        /// What of it differs: members of a row.
        public let fields: [String]
    }

    /// Runs that only the first forecast has, by scheduled time and id.
    public private(set) var onlyBefore: [ForecastRow] = []
    /// Runs that only the second one has.
    public private(set) var onlyAfter: [ForecastRow] = []
    /// Runs that go otherwise.
    public private(set) var changed: [Change] = []
    /// How many runs are the same.
    public private(set) var unchangedCount = 0
    /// The end of what was compared, µs since 1970 UTC: the earlier of the two forecasts' ends.
    public let end: Int64

    private struct Key: Hashable {
        let schedule: ScheduleKey
        let scheduled: Int64
        let fanOutKey: String
        let openRun: UInt64?
        let occurrences: UInt64

        init(_ row: ForecastRow) {
            schedule = row.schedule
            scheduled = row.scheduled
            fanOutKey = row.fanOutKey
            openRun = row.openRun
            occurrences = row.occurrences
        }
    }

    /// Compares two forecasts, as far as both of them tell.
    ///
    /// - Complexity: O(rows), in time and memory.
    public init(from before: Forecast, to after: Forecast) {
        end = min(before.end, after.end)
        var places: [Key: Int] = [:]
        places.reserveCapacity(before.rows.count)
        for (place, row) in before.rows.enumerated() where row.scheduled < end {
            places[Key(row)] = place
        }
        var isMatched = [Bool](repeating: false, count: before.rows.count)
        for row in after.rows where row.scheduled < end {
            guard let place = places[Key(row)] else {
                onlyAfter.append(row)
                continue
            }
            isMatched[place] = true
            let fields = Self.differences(before.rows[place], row)
            if fields.isEmpty {
                unchangedCount += 1
            } else {
                changed.append(Change(before: before.rows[place], after: row, fields: fields))
            }
        }
        for (place, row) in before.rows.enumerated()
        where row.scheduled < end && !isMatched[place] {
            onlyBefore.append(row)
        }
    }

    /// Whether every run is the same.
    public var isEmpty: Bool { onlyBefore.isEmpty && onlyAfter.isEmpty && changed.isEmpty }

    private static func differences(_ a: ForecastRow, _ b: ForecastRow) -> [String] {
        var fields: [String] = []
        if a.scheduledLocal != b.scheduledLocal { fields.append("scheduledLocal") }
        if a.zone != b.zone { fields.append("timeZone") }
        if a.businessDate != b.businessDate { fields.append("businessDate") }
        if a.rolledFrom != b.rolledFrom { fields.append("rolledFrom") }
        if a.trigger != b.trigger { fields.append("trigger") }
        if a.firstScheduled != b.firstScheduled { fields.append("firstScheduled") }
        if a.outcome != b.outcome { fields.append("outcome") }
        if a.until != b.until { fields.append("until") }
        if a.expectedStart != b.expectedStart { fields.append("expectedStart") }
        if a.expectedEnd != b.expectedEnd { fields.append("expectedEnd") }
        if a.reason != b.reason { fields.append("reason") }
        if a.alerts != b.alerts { fields.append("alerts") }
        return fields
    }

    /// The difference as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("end", text: UTCText.of(microseconds: end))
        text.member("unchanged", json: String(unchangedCount))
        text.member("onlyBefore", json: JSONList.of(onlyBefore.map(\.json)))
        text.member("onlyAfter", json: JSONList.of(onlyAfter.map(\.json)))
        let items = changed.map { change in
            var item = JSONText()
            item.member("fields", json: JSONList.of(change.fields.map(JSONText.quoted)))
            item.member("before", json: change.before.json)
            item.member("after", json: change.after.json)
            return item.object
        }
        text.member("changed", json: JSONList.of(items))
        return text.object
    }
}
