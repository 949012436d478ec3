import Engine
import Projections
import Replay

/// Forecasts with the durations that a log tells of.
public enum ForecastMaking {
    /// Makes a forecast whose attempts take as long as the last successes did.
    ///
    /// - Parameter history: the log to read; nil for none.
    /// - Throws: as `Forecast.make` does; `ReplayError` where the log cannot be read.
    public static func make(
        of subject: ForecastSubject, _ options: ForecastOptions, history: History?
    ) throws -> Forecast {
        guard let history else { return try Forecast.make(of: subject, options) }
        let durations = TypicalDurations(history)
        return try Forecast.make(of: subject, options) { try durations.duration(of: $0) }
    }

    /// Makes two forecasts that are compared: an attempt takes as long in both, whatever an engine
    /// beside them writes meanwhile.
    ///
    /// - Throws: as `make` does.
    public static func pair(
        of before: ForecastSubject, and after: ForecastSubject, _ options: ForecastOptions,
        history: History
    ) throws -> (before: Forecast, after: Forecast) {
        let durations = TypicalDurations(history)
        let known = SettledDurations { try durations.duration(of: $0) }
        return (
            try Forecast.make(of: before, options) { try known.duration(of: $0) },
            try Forecast.make(of: after, options) { try known.duration(of: $0) }
        )
    }
}
