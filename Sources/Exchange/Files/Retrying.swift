/// How often something is tried, and how long is waited between.
public struct RetryPauses: Sendable, Equatable {
    /// How many attempts there are in all, at least 1.
    public let attempts: Int
    /// How long is waited after the first attempt; after each one more, twice as long as before.
    public let first: Duration

    /// Three attempts, 200 and 400 ms apart: what storage gets.
    public static let storage = RetryPauses(attempts: 3, first: .milliseconds(200))

    /// Pauses; fewer than 1 or more than 16 attempts count as these.
    public init(attempts: Int, first: Duration) {
        self.attempts = min(max(attempts, 1), 16)
        self.first = first
    }
}

/// Does something until it succeeds, as often as `pauses` says, where its error may be transient.
///
/// Any other error ends it at once, as does cancellation, with the last error. What it does must be
/// whole or absent after an error, and blocks while it lasts; the pauses do not.
/// - Returns: what it answered, and which attempt that was, 1 for the first.
public func retrying<Answer, C: Clock>(
    _ pauses: RetryPauses, clock: C, isolation: isolated (any Actor)? = #isolation,
    _ attempt: () throws(ExchangeError) -> Answer
) async throws(ExchangeError) -> (answer: Answer, attempts: Int) where C.Duration == Duration {
    var count = 1
    var pause = pauses.first
    while true {
        do throws(ExchangeError) {
            return (try attempt(), count)
        } catch {
            guard error.isTransient, count < pauses.attempts else { throw error }
            guard (try? await clock.sleep(for: pause)) != nil else { throw error }
        }
        count += 1
        pause *= 2
    }
}
