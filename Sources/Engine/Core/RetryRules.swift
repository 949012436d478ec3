import Events
import Timetable

/// When a failed attempt is followed by another.
extension ScheduleDefinition {
    /// Whether a failure of a class is tried again at all.
    func triesAgain(after failureClass: String) -> Bool {
        guard let rules else { return true }
        if rules.finalClasses.contains(failureClass) { return false }
        return rules.retriedClasses.isEmpty || rules.retriedClasses.contains(failureClass)
    }

    /// What the customer can do about a failure of a class; empty for nothing.
    func advice(on failureClass: String) -> String {
        rules?.failureAdvice.first { $0.name == failureClass }?.value ?? ""
    }

    /// The delay before the next attempt, µs, after so many failures.
    ///
    /// What is taken off at random follows from the run and the failure, so that a replay of the
    /// same moments decides the same.
    func retryDelay(run: UInt64, failures: UInt64) -> Int64 {
        let second: Int64 = 1_000_000
        guard let backoff = rules?.backoff else {
            guard let last = retryDelaysSeconds.indices.last else { return 0 }
            let seconds = retryDelaysSeconds[min(Int(clamping: failures) - 1, last)]
            return Int64(clamping: min(seconds, 31_536_000)) * second
        }
        let longest = backoff.longestSeconds == 0 ? 86_400 : min(backoff.longestSeconds, 31_536_000)
        let factor = backoff.factorPercent == 0 ? 200 : backoff.factorPercent
        var micros = Int64(clamping: min(backoff.firstSeconds, longest)) * second
        let most = Int64(clamping: longest) * second
        for _ in 1..<max(failures, 1) {
            // The longest, or with 100 percent the first, is what it stays at.
            let (grown, overflows) = micros.multipliedReportingOverflow(by: Int64(clamping: factor))
            let next = overflows ? most : min(grown / 100, most)
            if next == micros { break }
            micros = next
        }
        let part = Int64(clamping: min(backoff.jitterPercent, 100))
        let off = TriggerSet.Jitter.microseconds(
            of: "\(run)/\(failures)", most: UInt64(micros / 100 * part))
        return micros - off
    }
}
