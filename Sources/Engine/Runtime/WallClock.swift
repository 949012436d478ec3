import Glibc

/// The time of day, as the engine is given it.
public protocol WallClock: Sendable {
    /// µs since 1970-01-01T00:00:00Z.
    func now() -> Int64
    /// µs of a clock that only passes, suspended time included.
    func passed() -> Int64
}

/// The machine's clocks (clock_gettime(2): CLOCK_REALTIME and CLOCK_BOOTTIME).
public struct SystemClock: WallClock {
    /// The clock.
    public init() {}

    public func now() -> Int64 { Self.read(CLOCK_REALTIME) }

    public func passed() -> Int64 { Self.read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}

/// Watches the time of day against the time that passed.
///
/// A step back is recorded, and event time holds until the clock catches up (the core never lets
/// it decrease). A step forward beyond the limit is not believed: time goes on as it passes, until
/// the clock is put right or the engine is started again.
struct ClockGuard {
    /// A difference below this is the clock being disciplined, not stepped, µs.
    static let tolerance: Int64 = 2_000_000
    /// A step forward by more than this is not believed, µs.
    static let forwardMax: Int64 = 300_000_000

    struct Step: Equatable {
        let kind: String
        let expected: Int64
        let seen: Int64
    }

    private var base: Int64
    private var passedAtBase: Int64
    private var isSuspect = false

    init(now: Int64, passed: Int64) {
        base = now
        passedAtBase = passed
    }

    /// The time to use, and the step that was just seen, if any.
    mutating func reading(now: Int64, passed: Int64) -> (time: Int64, step: Step?) {
        let expected = base + (passed - passedAtBase)
        if now > expected + Self.forwardMax {
            let step =
                isSuspect ? nil : Step(kind: "forward", expected: expected, seen: now)
            isSuspect = true
            return (expected, step)
        }
        isSuspect = false
        base = now
        passedAtBase = passed
        let isBack = now < expected - Self.tolerance
        return (now, isBack ? Step(kind: "back", expected: expected, seen: now) : nil)
    }
}
