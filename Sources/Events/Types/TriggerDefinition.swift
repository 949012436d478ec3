/// One of the things that make a schedule fire.
public struct TriggerDefinition: WireMessage {
    /// `cadence`, `every`, `rrule`, `afterCompletion`, `at`, `businessDay` or `monthDay`.
    public var kind = ""
    /// The cron expression, interval, rule, delay, moment or number.
    public var text = ""
    /// Whether a cron expression has six fields, the second first.
    public var hasSeconds = false
    /// The start of an interval, a rule or a delay, ISO 8601; empty for none.
    public var start = ""
    /// Times or dates that a rule leaves out.
    public var excluded: [String] = []
    /// Further times or dates of a rule.
    public var additional: [String] = []
    /// The time of a working day, `HH:MM` or `HH:MM:SS`.
    public var time = ""
    /// What happens to times that a clock change leaves out; empty for the kind's rule.
    public var onGap = ""
    /// What happens to times that come twice; empty for the kind's rule.
    public var onOverlap = ""
    public var unknownFields: [UInt8] = []

    /// An empty trigger.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "kind", &kind)
        try v.text(2, "text", &text)
        try v.bool(3, "seconds", &hasSeconds)
        try v.text(4, "start", &start)
        try v.texts(5, "exdates", &excluded)
        try v.texts(6, "rdates", &additional)
        try v.text(7, "time", &time)
        try v.text(8, "onGap", &onGap)
        try v.text(9, "onOverlap", &onOverlap)
    }
}

/// Occurrences that a schedule leaves out: those of a trigger, or those of some days.
public struct ExclusionDefinition: WireMessage {
    /// Those that fall together with this trigger's.
    public var trigger: TriggerDefinition?
    /// Those on the local dates from this one, `YYYY-MM-DD`; empty where `trigger` stands.
    public var from = ""
    /// Through this one.
    public var through = ""
    public var unknownFields: [UInt8] = []

    /// An empty exclusion.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.message(1, "trigger", &trigger)
        try v.text(2, "from", &from)
        try v.text(3, "through", &through)
    }
}
