/// A fixed time after each completion: the next run waits for the last one to end.
///
/// Until something has completed, it fires once, at `first`, where there is one.
public struct FixedDelay: Hashable, Sendable, CustomStringConvertible {
    /// The time from a completion to the next run, in microseconds, always positive.
    public let delayMicroseconds: Int64
    /// When the first run is; `nil` where it follows a completion too.
    public let first: Instant?

    /// Makes a delay; throws `invalidInterval` where it is not positive.
    public init(delayMicroseconds: Int64, first: Instant?) throws(TimetableError) {
        guard delayMicroseconds > 0 else {
            throw TimetableError(
                .invalidInterval, "a delay must be positive. Write for example 15m.",
                field: "afterCompletion")
        }
        self.delayMicroseconds = delayMicroseconds
        self.first = first
    }

    /// Reads the delay as `Interval` reads its period, such as `15m`.
    public init(parsing text: String, first: Instant?) throws(TimetableError) {
        let interval: Interval
        do throws(TimetableError) {
            interval = try Interval(parsing: text)
        } catch {
            var named = error
            named.field = "afterCompletion"
            throw named
        }
        try self.init(delayMicroseconds: interval.periodMicroseconds, first: first)
    }

    /// The delay in seconds, such as `900 s after completion`.
    public var description: String {
        let (whole, rest) = delayMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest == 0
            ? "\(whole) s after completion" : "\(delayMicroseconds) µs after completion"
    }

    /// The one run that is known: the first, where that is still to come when the last one
    /// completed, else the one that follows that completion; `nil` beyond the range of `Instant`.
    func moment(completedAt: Instant?) -> Instant? {
        guard let completedAt else { return first }
        if let first, first > completedAt { return first }
        let (sum, overflow) =
            completedAt.microseconds.addingReportingOverflow(delayMicroseconds)
        return overflow ? nil : Instant(microseconds: sum)
    }

    /// The run that is known, where it comes strictly after an instant.
    public func next(after instant: Instant, completedAt: Instant?) -> Instant? {
        moment(completedAt: completedAt).flatMap { $0 > instant ? $0 : nil }
    }

    /// The run that is known, where it comes at or before an instant.
    public func previous(atOrBefore instant: Instant, completedAt: Instant?) -> Instant? {
        moment(completedAt: completedAt).flatMap { $0 <= instant ? $0 : nil }
    }
}
