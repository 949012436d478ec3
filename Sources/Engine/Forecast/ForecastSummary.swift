import Events
import Projections
import Timetable

/// How much runs at once in a forecast's time, of all schedules.
public struct ForecastLoad: Sendable, Equatable {
    /// A minute, and how many attempts start in it.
    public struct Minute: Sendable, Equatable {
        /// Its first moment, µs since 1970 UTC.
        public let start: Int64
        /// How many attempts start in it.
        public internal(set) var count: Int
    }

    /// How many minutes are kept.
    static let busiestMax = 10
    private static let minute: Int64 = 60_000_000

    /// The minutes in which most attempts start, the busiest first; at most ten.
    public private(set) var busiest: [Minute] = []
    /// The most attempts that run at the same time.
    public private(set) var concurrencyMax = 0
    /// When that is so first, µs since 1970 UTC; nil where nothing runs.
    public private(set) var concurrencyTime: Int64?
    private var current: Minute?

    /// An attempt starts.
    ///
    /// Times never decrease.
    mutating func noteStart(at time: Int64, _ activeCount: Int) {
        if activeCount > concurrencyMax {
            concurrencyMax = activeCount
            concurrencyTime = time
        }
        if let known = current, time - known.start < Self.minute {
            current?.count += 1
            return
        }
        finish()
        // No time of a log is before 1970.
        current = Minute(start: time - time % Self.minute, count: 1)
    }

    /// Takes the last minute in.
    mutating func finish() {
        guard let last = current else { return }
        current = nil
        let place = busiest.firstIndex { $0.count < last.count } ?? busiest.endIndex
        busiest.insert(last, at: place)
        if busiest.count > Self.busiestMax { busiest.removeLast() }
    }
}

/// An alert of a forecast that is no run's.
public struct ForecastAlert: Sendable, Equatable {
    /// When, µs since 1970 UTC.
    public var time: Int64 = 0
    /// The schedule; empty for none.
    public var jobId = ""
    /// Its kind, such as `definition` or `onMissed`.
    public var kind = ""
    /// `critical`, `high`, `medium` or `low`.
    public var severity = ""
    /// One sentence.
    public var message = ""

    /// An empty alert.
    public init() {}
}

/// A change of a zone's clocks in a forecast's time, and the occurrences that it touches.
public struct ForecastClockChange: Sendable, Equatable {
    /// A schedule with occurrences at the end of the gap, or in the time that comes twice.
    public struct Touched: Sendable, Equatable {
        /// The schedule's id.
        public let jobId: String
        /// How many of its occurrences.
        public internal(set) var count: Int
        /// The first of them in the zone, with how they are touched; at most four.
        public internal(set) var first: [(local: String, how: ForecastRow.ClockChange)]

        public static func == (a: Touched, b: Touched) -> Bool {
            a.jobId == b.jobId && a.count == b.count && a.first.elementsEqual(b.first, by: ==)
        }
    }

    static let firstMax = 4

    /// The zone.
    public let zone: String
    /// The first moment with the new offset, µs since 1970 UTC.
    public let time: Int64
    /// The same in the zone, ISO 8601 with the new offset.
    public let local: String
    /// Seconds ahead of UTC until then.
    public let offsetBefore: Int
    /// Seconds ahead of UTC from then on.
    public let offsetAfter: Int
    /// How many enabled schedules the zone has.
    public internal(set) var scheduleCount: Int
    /// Those that are touched, by id.
    public internal(set) var touched: [Touched] = []
}

/// A calendar that runs out in a forecast's time.
public struct ForecastCalendar: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The last date that it speaks of, `YYYY-MM-DD`.
    public let validThrough: String
    /// The enabled schedules that use it, by id: what becomes of their later occurrences is for the
    /// calendar to say, and they are skipped where it does not.
    public internal(set) var jobIds: [String]
}

/// A schedule without an occurrence in a forecast's time.
public struct ForecastIdle: Sendable, Equatable {
    /// The schedule's id.
    public let jobId: String
    /// Why, in a sentence.
    public let reason: String
}

/// What a forecast comes to.
public struct ForecastSummary: Sendable, Equatable {
    /// Occurrences by what becomes of them; an outcome that none has is not there.
    public internal(set) var counts: [ForecastRow.Outcome: UInt64] = [:]
    /// Runs that raise an alert, by which.
    public internal(set) var alertCounts: [ForecastRow.Alert: UInt64] = [:]
    /// The load, of all schedules.
    public internal(set) var load = ForecastLoad()
    /// Changes of the clocks, by time and zone.
    public internal(set) var clockChanges: [ForecastClockChange] = []
    /// Calendars that run out, by name.
    public internal(set) var calendars: [ForecastCalendar] = []
    /// Schedules without an occurrence, by id.
    public internal(set) var idle: [ForecastIdle] = []
    /// Alerts that are no run's, in the order in which they come.
    public internal(set) var alerts: [ForecastAlert] = []

    mutating func count(_ rows: [ForecastRow]) {
        for row in rows {
            counts[row.outcome, default: 0] += row.occurrences
            for alert in row.alerts { alertCounts[alert, default: 0] += 1 }
        }
    }
}
