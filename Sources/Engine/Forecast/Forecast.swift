import Events
import Projections
import Timetable

/// Every run that will happen, be held, moved or not happen in some days to come, and why.
///
/// It is made by the engine's own core, driven by a virtual clock from a copy of a state: see
/// `ForecastSimulation`. Nothing is written, and the state that it is given is not changed.
public struct Forecast: Sendable {
    /// The first moment that is told, µs since 1970 UTC.
    public let from: Int64
    /// The end of what was asked for, µs since 1970 UTC, exclusive.
    public let to: Int64
    /// The end of what is told, µs since 1970 UTC: before `to` where the forecast was cut short.
    public let end: Int64
    /// Whether the limit on runs was reached before the end.
    public let isCutShort: Bool
    /// What applying the configuration came to, where there was one.
    public let applied: Reply
    /// The runs, by scheduled time and id: those that are open at the start too.
    public let rows: [ForecastRow]
    /// What they come to.
    public let summary: ForecastSummary
    /// What is taken for granted, in sentences.
    public let assumptions: [String]

    /// Makes a forecast.
    ///
    /// - Parameter typicalDuration: how long attempts of a schedule usually take, µs; nil where
    ///   that is not known. It is asked once for each schedule that runs.
    /// - Throws: `Rejection` where the options cannot be meant, the configuration cannot be applied
    ///   or there is no such schedule; `EngineDefect`; what `typicalDuration` throws.
    /// - Complexity: O(runs log schedules), some 25 µs for each run, and O(schedules);
    ///   memory for the rows and for what of the state changes. It does not block.
    public static func make(
        of subject: ForecastSubject, _ options: ForecastOptions,
        typicalDuration: @escaping (ScheduleKey) throws -> Int64? = { _ in nil }
    ) throws -> Forecast {
        try options.check()
        var simulation = ForecastSimulation(subject, options, typicalDuration)
        return try simulation.run()
    }

    /// That the forecast was cut short, in a sentence; nil where it was not.
    public var remark: String? {
        guard isCutShort else { return nil }
        return "the limit on runs was reached at \(UTCText.of(microseconds: end)): what is due "
            + "from then on is not told; ask for fewer days, or raise the limit"
    }
}
