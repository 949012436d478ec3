import Projections
import Timetable

/// What a forecast is made of: the schedules as they stand, and how an engine would decide.
public struct ForecastSubject: Sendable {
    /// The state from which the simulated engine starts; it is copied, and never changed.
    public var state: ProjectedState
    /// What the schedules are to be from the start on; nil leaves them as the state has them.
    public var configuration: ConfigurationInput?
    /// The zone data.
    public var zones: ZoneCatalog
    /// What decisions depend on; its intervals do not matter here.
    public var settings: DecisionSettings
    /// What is to be said of the state, in sentences: it stands among the assumptions.
    public var remarks: [String] = []

    /// A subject.
    public init(
        state: ProjectedState = ProjectedState(), configuration: ConfigurationInput? = nil,
        zones: ZoneCatalog, settings: DecisionSettings = DecisionSettings()
    ) {
        self.state = state
        self.configuration = configuration
        self.zones = zones
        self.settings = settings
    }
}

/// Which time a forecast is of, and what it assumes of the world.
public struct ForecastOptions: Sendable {
    /// The most days that a forecast reaches.
    public static let daysMax = 366
    /// A day, µs: a forecast's days are of 24 hours, whatever clocks do.
    static let day: Int64 = 86_400_000_000

    /// What an external dependency answers whenever it is asked.
    public enum ExternalAnswer: String, Sendable, CaseIterable {
        /// It is ready.
        case ready = "READY"
        /// It never is.
        case wait = "WAIT"
    }

    /// The first moment that is told, µs since 1970 UTC.
    public var from: Int64
    /// How many days of 24 hours are told, from 1 to `daysMax`.
    public var days: Int
    /// When the simulated engine starts, µs since 1970 UTC.
    ///
    /// What it decides before `from` is not told. A state's last event may be later: then it
    /// starts there.
    public var start: Int64
    /// The only schedule that is told; nil for all.
    public var job: ScheduleKey?
    /// So many runs are simulated at the most, which bounds time and memory: some 500 bytes each.
    public var runsMax = 250_000
    /// How long an attempt takes whose job has no history, µs.
    public var durationDefault: Int64 = 1_000_000
    /// What external dependencies answer.
    public var externalAnswer = ExternalAnswer.ready

    /// A forecast of so many days, whose engine starts just before, so that what is due at the
    /// first moment is told, and what is due at the end is not.
    public init(from: Int64, days: Int) {
        self.from = from
        self.days = days
        start = from - 1
    }

    /// The end of what is told, µs since 1970 UTC, exclusive.
    public var to: Int64 { from + Int64(days) * Self.day }

    /// Refuses what cannot be meant.
    func check() throws(Rejection) {
        guard (1...Self.daysMax).contains(days) else {
            throw Rejection(
                .invalid, "a forecast is of 1 to \(Self.daysMax) days, not of \(days)")
        }
        guard runsMax > 0 else {
            throw Rejection(.invalid, "a forecast is of at least one run, not of \(runsMax)")
        }
        guard durationDefault >= 0 else {
            throw Rejection(
                .invalid, "an attempt takes at least no time, not \(durationDefault) µs")
        }
    }
}
