import Projections

/// What acts on the next occurrence came to, by idempotency key: the last `countMax` of them since
/// the engine's start.
///
/// Such an act leaves no run that would remember its key; a request that is sent again because its
/// answer was lost comes soon, and must not skip or move another occurrence.
struct AnsweredActs: Sendable {
    static let countMax = 10_000

    private struct Key: Hashable, Sendable {
        var act: String
        var schedule: ScheduleKey
        var request: String
    }

    private var replies: [Key: Reply] = [:]
    /// The keys as they came, the oldest at `oldest`, going round.
    private var order: [Key] = []
    private var oldest = 0

    /// What this request came to before; nil where it is not known, or has no key.
    func reply(_ act: String, _ schedule: ScheduleKey, _ request: String) -> Reply? {
        request.isEmpty ? nil : replies[Key(act: act, schedule: schedule, request: request)]
    }

    /// A request was answered; one without a key is not remembered.
    mutating func note(
        _ act: String, _ schedule: ScheduleKey, _ request: String, _ reply: Reply
    ) {
        if request.isEmpty { return }
        let key = Key(act: act, schedule: schedule, request: request)
        if order.count < Self.countMax {
            order.append(key)
        } else {
            replies[order[oldest]] = nil
            order[oldest] = key
            oldest = (oldest + 1) % Self.countMax
        }
        replies[key] = reply
    }
}
