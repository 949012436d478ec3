import Engine
import Events
import Replay
import Timetable

/// Every occurrence of a date.
extension WhyNotDesk {
    /// So many runs of a date are read at once.
    private static let runsMax = 1_000

    /// Tells of the occurrences of a date, by the definitions that held in it, and of its other
    /// runs.
    mutating func answer(_ date: CivilDate, _ answer: inout WhyNot) throws {
        let history = question.history
        let start = Self.start(of: date, in: zone)
        let end = Self.start(of: date.adding(days: 1), in: zone)
        let occurrences = try occurrences(from: start, before: end, &answer.more)
        let last = answer.more > 0 ? occurrences.last?.at ?? end - 1 : end - 1
        var query = History.Query()
        query.jobId = job
        query.from = start
        query.to = last
        query.limit = Self.runsMax
        let page = try history.runs(query)
        let isWhole = page.nextCursor == nil
        var items: [WhyNot.Item] = []
        var told: Set<UInt64> = []
        for (at, moment) in occurrences {
            var outcomes = page.runs.filter { Self.tells($0, of: at) }
            if outcomes.isEmpty && !isWhole { outcomes = try self.outcomes(of: at) }
            told.formUnion(outcomes.compactMap(\.run))
            if outcomes.isEmpty {
                items.append(try withoutOutcome(at, moment))
            } else {
                items += outcomes.map { brief($0, of: at) }
            }
        }
        // By hand, moved, or by another definition.
        for run in page.runs {
            if let number = run.run, !told.contains(number), (start..<end).contains(run.scheduled) {
                items.append(brief(run, of: run.scheduled))
            }
        }
        // Equal times stay in the order of the runs.
        items.sort { $0.at != $1.at ? $0.at < $1.at : ($0.run ?? 0) < ($1.run ?? 0) }
        if items.isEmpty {
            answer.remarks.append("No occurrence and no run of '\(job)' falls on \(date).")
            items = [try withoutOutcome(start, self.moment(before: start + 1))]
        }
        if answer.more > 0 {
            answer.remarks.append(
                "Only the first \(WhyNot.itemsMax) occurrences of that date are told of; ask for a "
                    + "time of day.")
        }
        answer.items = items
    }

    /// The first occurrences of a stretch, each with the definition that held before it.
    private mutating func occurrences(
        from start: Int64, before end: Int64, _ more: inout Int
    ) throws -> [(at: Int64, moment: JobMoment)] {
        var found: [(Int64, JobMoment)] = []
        var from = start
        while from < end {
            let moment = try self.moment(before: from)
            let next = try question.history.change(of: job, from: from, before: end)
            // A change holds for what comes after it.
            let until = next.map { min($0.time + 1, end) } ?? end
            if let change = moment.change, let definition = change.definition, definition.isEnabled,
                case .success(let times) = try times(of: change, definition, at: from),
                !times.triggers.followsCompletion
            {
                var current = Instant(microseconds: from - 1)
                while let occurrence = times.next(after: current),
                    occurrence.instant.microseconds < until
                {
                    current = occurrence.instant
                    if found.count < WhyNot.itemsMax {
                        found.append((current.microseconds, moment))
                    } else {
                        more += 1
                    }
                }
            }
            from = until
        }
        return found
    }

    private static func start(of date: CivilDate, in zone: Zone) -> Int64 {
        switch zone.resolve(CivilDateTime(date: date, time: .midnight)) {
        case .unique(let instant), .overlap(let instant, _), .gap(_, _, let instant):
            instant.microseconds
        }
    }
}
