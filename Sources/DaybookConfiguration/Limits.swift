/// How much of anything a configuration may hold, so that reading one takes bounded time and
/// memory whatever stands in it.
enum Limits {
    /// More triggers or exclusions than these in one schedule are a mistake.
    static let triggerCountMax = 100
    /// A JSON file: room for some 20,000 schedules in one file.
    static let jsonByteCountMax = 16 << 20
    /// A YAML file.
    ///
    /// Yams reads about 1 MB a second, so this bounds the time of one file.
    static let yamlByteCountMax = 4 << 20
    /// An iCalendar file, as the parser has it.
    static let icsByteCountMax = 8 << 20
    /// Calendars of which one is made.
    static let calendarPartCountMax = 50
    /// All files of a folder together.
    static let totalByteCountMax = 64 << 20
    /// Files in one folder.
    static let fileCountMax = 5_000
    /// Maps and lists within each other; the deepest that is known has 7.
    static let nestingDepthMax = 32
    /// Values in one file; bounds the memory of its tree.
    static let nodeCountMax = 2_000_000
    /// Problems that are kept; a person mends no more at once.
    static let problemCountMax = 1_000
    /// Names that are compared to find what somebody meant; a fraction of a second.
    static let comparisonCountMax = 100_000
    /// Unknown fields that are listed for one map.
    static let unknownFieldCountMax = 20
    /// An identifier in UTF-8 (jobId, calendar, pipeline, contact, parameter, secret).
    static let identifierByteCountMax = 128
    /// A definition as JSON.
    ///
    /// A record has at most 65,535 bytes, and a `schedule.updated` may hold
    /// a definition three times over: as it is, and each field as it was and as it became.
    static let definitionByteCountMax = 16_384
    /// A calendar in its wire form, for the same reason; room for some 3,500 holidays.
    static let calendarByteCountMax = 48_000
    /// A secret's value.
    static let secretByteCountMax = 65_536
    /// The longest interval or timeout: ten years of 365.25 days, in seconds.
    static let durationSecondsMax: UInt64 = 315_576_000
    /// Schedules of one configuration.
    static let jobCountMax = 100_000
}
