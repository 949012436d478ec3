import Dispatch

/// When the writer's thread should wait a moment before it takes the queue.
///
/// Callers that wait for durability one record at a time come back right after they were told.
/// Taking the queue at once would halve the batches: one half of the callers is always a sync late.
/// Waiting for those just told, for a third of a sync at most, lets nearly all share one. Where
/// they do not come back, waiting is given up for longer and longer.
struct Gathering {
    /// How many records must be queued before the thread goes on at once.
    private(set) var wanted = 0
    private var limitNanoseconds: UInt64 = 0
    private var misses = 0
    private var skips = 0

    /// Fewer callers than this gain less than the waking costs.
    static let waiterCountMin = 8
    /// The longest wait, however slow the disk is.
    private static let nanosecondsMax: UInt64 = 500_000

    /// After a batch whose callers have been told.
    mutating func begin(waiterCount: Int, since start: DispatchTime) {
        guard waiterCount >= Self.waiterCountMin else { return }
        guard skips == 0 else {
            skips -= 1
            return
        }
        let elapsed = DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds
        limitNanoseconds = min(elapsed / 3, Self.nanosecondsMax)
        wanted = waiterCount
    }

    func deadline() -> DispatchTime {
        DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + limitNanoseconds)
    }

    /// After the wait.
    mutating func end(isComplete: Bool) {
        wanted = 0
        misses = isComplete ? 0 : min(misses + 1, 6)
        skips = isComplete ? 0 : 1 << misses
    }
}
