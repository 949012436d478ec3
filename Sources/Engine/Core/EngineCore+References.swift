import Events
import Projections

/// What one customer's reference stands for: schedules, and their runs.
extension EngineCore {
    /// One request ends at most so many schedules, and so many runs: they are one decision.
    static let referencedMax = 500

    /// Ends all that a customer's reference stands for: its schedules are removed (those of the
    /// configuration paused), or all of them paused; open runs are cancelled.
    ///
    /// - Complexity: O(schedules and runs of the reference).
    mutating func cancelReference(
        _ reference: String, tenant: String, pauses: Bool, _ reason: String, _ who: Authority
    ) throws {
        guard !reason.isEmpty else { throw Rejection(.invalid, "this needs a reason") }
        let (live, runs) = try referenced(reference, tenant, pauses: pauses)
        let isMore = live.count > Self.referencedMax || runs.count > Self.referencedMax
        self.tenant = tenant
        var (removed, paused) = (0, 0)
        for key in live.prefix(Self.referencedMax) {
            if state.schedules[key]?.isFromAPI == true && !pauses {
                try remove(key, reason, who)
                removed += 1
            } else {
                var disabled = ScheduleDisabled()
                disabled.jobId = key.jobId
                disabled.reason = reason
                try emit(disabled, by: who)
                paused += 1
            }
        }
        authority = who
        var cancelled = 0
        for number in runs.sorted().prefix(Self.referencedMax) {
            // Those that waited ended with their schedule.
            cancelled += 1
            guard let run = state.openRuns[number], !run.isCancelRequested else { continue }
            try requestEnd(run, reason)
        }
        authority = .engine
        reply(
            "reference '\(reference)': \(Counted.text(removed, "schedule")) removed, "
                + "\(paused) paused, "
                + "\(Counted.text(cancelled, "run")) cancelled or to end"
                + (isMore ? "; there is more: ask again" : ""))
    }

    /// What an end of a reference is about: the schedules that are to be removed or paused, and the
    /// open runs.
    ///
    /// - Throws: `Rejection` where there is neither.
    func referenced(
        _ reference: String, _ tenant: String, pauses: Bool
    ) throws -> (schedules: [ScheduleKey], runs: [UInt64]) {
        guard !reference.isEmpty else { throw Rejection(.invalid, "a reference is missing") }
        let found = try schedules(of: reference, tenant)
        var runs: [UInt64] = []
        for (key, _) in found {
            for number in (openOfJob[key] ?? []).union(remindersOfJob[key] ?? []) {
                guard let run = state.openRuns[number], !run.isCancelRequested,
                    run.reference == reference
                else { continue }
                runs.append(number)
            }
        }
        let live = found.filter { key, definition in
            guard let known = state.schedules[key], !known.isRemoved,
                known.definitionSequence == definition
            else { return false }
            return known.isFromAPI && !pauses ? true : !known.isPaused
        }
        guard !runs.isEmpty || !live.isEmpty else {
            throw Rejection(
                .notFound, "nothing of the reference '\(reference)' is open or to come")
        }
        return (live.map(\.key), runs)
    }

    /// The schedules of a reference, by the definitions that have it: in force, or followed by
    /// open runs.
    private func schedules(
        of reference: String, _ tenant: String
    ) throws -> [(key: ScheduleKey, definition: UInt64)] {
        var found: [(ScheduleKey, UInt64)] = []
        for sequence in references.definitions(tenant, reference) {
            guard let bytes = state.definitions[sequence]?.definition,
                try DefinitionFacts(bytes.span.bytes, (0, bytes.count)).reference == reference
            else { continue }
            let key = ScheduleKey(tenant, try ScheduleOutline(decoding: bytes).jobId)
            let isInForce = state.schedules[key]?.definitionSequence == sequence
            let isFollowed = (openOfJob[key] ?? []).union(remindersOfJob[key] ?? []).contains {
                state.openRuns[$0]?.definition == sequence
            }
            if isInForce || isFollowed { found.append((key, sequence)) }
        }
        return found
    }
}
