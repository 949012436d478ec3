import Dispatch

/// Work that blocks, in reading, syncing and long computing, on threads of its own, so that Swift's
/// cooperative pool stays free.
enum Blocking {
    /// Where such work runs; what runs at once is bounded by whoever begins it.
    static let threads = BlockingThreads()

    /// Does something there.
    @discardableResult
    static func run<Answer: Sendable>(
        _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withTaskExecutorPreference(threads) { try work() }
    }
}

/// Runs tasks on threads that may block.
final class BlockingThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "daybook-exchange", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
