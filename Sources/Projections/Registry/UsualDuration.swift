/// How long the runs of a job usually take: the smoothed mean and deviation of RFC 6298, section 2,
/// that TCP sets its timer by.
public struct UsualDuration: Sendable, Equatable {
    /// The mean, µs.
    public var microseconds: UInt64 = 0
    /// How far runs usually are from it, µs.
    public var deviation: UInt64 = 0
    /// Of how many runs, at most `countMax`.
    public var count: UInt64 = 0

    /// More are not counted: by then the first weigh nothing.
    public static let countMax: UInt64 = 100
    /// Of fewer runs nothing is foretold.
    public static let countMin: UInt64 = 5

    /// Nothing is known.
    public init() {}

    /// How long a run takes at most, with few exceptions, µs: the mean and four deviations; nil
    /// where too few runs are known.
    public var longest: Int64? {
        guard count >= Self.countMin else { return nil }
        let (spread, tooWide) = deviation.multipliedReportingOverflow(by: 4)
        let (sum, tooLong) = microseconds.addingReportingOverflow(spread)
        return tooWide || tooLong ? nil : Int64(exactly: sum)
    }

    /// The same after one more run.
    ///
    /// - Parameter taken: how long it took, µs.
    public func adding(_ taken: UInt64) -> UsualDuration {
        var next = self
        next.count = min(count + 1, Self.countMax)
        guard count > 0 else {
            next.microseconds = taken
            next.deviation = taken / 2
            return next
        }
        let distance = taken > microseconds ? taken - microseconds : microseconds - taken
        next.deviation = deviation - deviation / 4 + distance / 4
        next.microseconds = microseconds - microseconds / 8 + taken / 8
        return next
    }
}
