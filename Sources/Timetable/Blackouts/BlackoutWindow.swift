/// The times of a blackout: once, or again and again.
public enum BlackoutWindow: Hashable, Sendable {
    /// From a moment on until another, which is outside; `nil` until somebody ends it.
    case once(from: Instant, until: Instant?)
    /// From each occurrence on, for so many microseconds.
    case recurring(TriggerSet, microseconds: Int64)

    /// Where a stretch of blackout ends.
    public enum End: Hashable, Sendable {
        /// At a moment, the first one outside.
        case at(Instant)
        /// Nobody knows: somebody must end it.
        case open
    }

    /// When the blackout that covers an instant ends; `nil` where none covers it.
    ///
    /// Windows that touch or overlap are one.
    ///
    /// - Complexity: O(windows that touch), each a search of the trigger; at most a thousand.
    public func end(covering instant: Instant, in zone: Zone) -> End? {
        switch self {
        case .once(let from, let until):
            guard instant >= from else { return nil }
            guard let until else { return .open }
            return instant < until ? .at(until) : nil
        case .recurring(let set, let length):
            guard let start = set.previous(atOrBefore: instant, in: zone)?.instant else {
                return nil
            }
            var end = start.microseconds &+ length
            guard instant.microseconds < end else { return nil }
            var last = start
            for _ in 0..<1_000 {
                guard let next = set.next(after: last, in: zone)?.instant,
                    next.microseconds <= end
                else { break }
                last = next
                end = next.microseconds &+ length
            }
            return .at(Instant(microseconds: end))
        }
    }

    /// The first moment after an instant at which a window begins; `nil` where none does.
    public func nextStart(after instant: Instant, in zone: Zone) -> Instant? {
        switch self {
        case .once(let from, _): from > instant ? from : nil
        case .recurring(let set, _): set.next(after: instant, in: zone)?.instant
        }
    }
}
