/// An occurrence that two versions of a zone's data place differently.
public struct MovedOccurrence: Hashable, Sendable {
    /// Its local time, which with zone and fold identifies it.
    public let local: CivilDateTime
    /// Which of two equal local times it is.
    public let fold: Int
    /// Where the old data placed it; `nil` where it did not happen.
    public let old: Instant?
    /// Where the new data place it; `nil` where it does not happen any more.
    public let new: Instant?
}

extension Trigger {
    /// The occurrences strictly after an instant and up to another that a new release of zone data
    /// moved, in order.
    ///
    /// Fixed instants and intervals do not move. An occurrence is in the list where either of its
    /// instants lies in the stretch. At most `limit` are listed.
    ///
    /// - Complexity: O(n) in the occurrences of the stretches where the data differ.
    public func movedOccurrences(
        from old: Zone, to new: Zone, after: Instant, through: Instant, limit: Int = 10_000
    ) -> [MovedOccurrence] {
        switch self {
        case .every, .at, .afterCompletion: return []
        case .cron, .businessDay, .recurrence: break
        }
        guard old.dataHash != new.dataHash, after < through else { return [] }
        var moved: [MovedOccurrence] = []
        var start = after
        while start < through, moved.count < limit {
            // Offsets are constant on both sides from here up to the next change of either, where
            // the next stretch begins: what happens then goes by the offset after it.
            let first = Instant(microseconds: start.microseconds + 1)
            let next = [old, new].compactMap { $0.nextTransition(after: first)?.instant }.min()
            let end = min(
                next.map { Instant(microseconds: $0.microseconds - 1) } ?? through, through)
            let isQuiet =
                old.offsetSeconds(at: first) == new.offsetSeconds(at: first)
                && ZoneMoves.isSameAround(first, old, new)
            if !isQuiet { moved += differences(old, new, after: start, through: end) }
            start = max(end, first)
        }
        return Array(ZoneMoves.joined(moved).prefix(limit))
    }

    private func differences(
        _ old: Zone, _ new: Zone, after: Instant, through: Instant
    ) -> [MovedOccurrence] {
        func list(_ zone: Zone) -> [Occurrence] {
            var result: [Occurrence] = []
            for occurrence in occurrences(after: after, in: zone) {
                guard occurrence.instant <= through, result.count < 100_000 else { break }
                result.append(occurrence)
            }
            return result
        }
        let (before, now) = (list(old), list(new))
        let kept = Set(before.map(ZoneMoves.Place.init)).intersection(now.map(ZoneMoves.Place.init))
        let gone = before.filter { !kept.contains(ZoneMoves.Place($0)) }.map {
            MovedOccurrence(local: $0.local, fold: $0.fold, old: $0.instant, new: nil)
        }
        let come = now.filter { !kept.contains(ZoneMoves.Place($0)) }.map {
            MovedOccurrence(local: $0.local, fold: $0.fold, old: nil, new: $0.instant)
        }
        return gone + come
    }
}

private enum ZoneMoves {
    /// An occurrence with its instant.
    struct Place: Hashable {
        var local: CivilDateTime
        var fold: Int
        var instant: Instant

        init(_ occurrence: Occurrence) {
            (local, fold, instant) = (occurrence.local, occurrence.fold, occurrence.instant)
        }
    }

    /// Whether both zones come into a moment by the same change, or by none, in two days: about
    /// a change there may be moved ends of gaps, and second passes.
    static func isSameAround(_ moment: Instant, _ old: Zone, _ new: Zone) -> Bool {
        let day: Int64 = 2 * 86_400_000_000
        func change(_ zone: Zone) -> Zone.Transition? {
            guard let change = zone.previousTransition(atOrBefore: moment),
                moment.microseconds - change.instant.microseconds < day
            else { return nil }
            return change
        }
        return change(old) == change(new)
    }

    /// Joins where an occurrence was with where it is now, by local time and fold, in order.
    static func joined(_ moved: [MovedOccurrence]) -> [MovedOccurrence] {
        var result: [MovedOccurrence] = []
        var places: [CivilDateTime: [Int]] = [:]
        for entry in moved {
            let other = places[entry.local]?.first {
                result[$0].fold == entry.fold
                    && (result[$0].old == nil) == (entry.new == nil)
                    && (result[$0].old == nil || result[$0].new == nil)
            }
            if let other {
                result[other] = MovedOccurrence(
                    local: entry.local, fold: entry.fold, old: result[other].old ?? entry.old,
                    new: result[other].new ?? entry.new)
            } else {
                places[entry.local, default: []].append(result.count)
                result.append(entry)
            }
        }
        // An occurrence that is where it was is no difference: its halves met from two stretches.
        return result.filter { $0.old != $0.new }.sorted {
            ($0.old ?? $0.new ?? .unixEpoch) < ($1.old ?? $1.new ?? .unixEpoch)
        }
    }
}
