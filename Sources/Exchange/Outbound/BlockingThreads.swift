import Dispatch

/// Runs tasks that block, in reading, syncing and long computing, on threads of their own, so that
/// Swift's cooperative pool stays free.
///
/// What runs on them at once is bounded by whoever begins tasks.
final class BlockingThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "daybook-exchange", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
