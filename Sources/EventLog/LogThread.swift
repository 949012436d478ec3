import Glibc
import Synchronization

/// A thread of its own that runs one closure: blocking calls never sit on Swift's shared pool.
package final class LogThread: Sendable {
    private let handle: Mutex<pthread_t?>

    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts the thread.
    ///
    /// - Throws: `inputOutput` where the system allows no more threads.
    package init(_ run: @escaping @Sendable () -> Void) throws(EventLogError) {
        var thread = pthread_t()
        // Safe: the new thread takes over the one reference that is passed to it.
        let work = unsafe Unmanaged.passRetained(Work(run))
        let answer = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        guard answer == 0 else {
            unsafe work.release()
            throw EventLogError(
                disk: DiskError(
                    operation: "start", path: "a thread", errno: .init(rawValue: answer)))
        }
        handle = Mutex(thread)
    }

    /// Gives the calling thread a third of the claim to the processor that others have (nice 5);
    /// with much less it would never get done on a machine that is always busy.
    ///
    /// On Linux `setpriority` with 0 is of the calling thread alone (setpriority(2), notes). Where
    /// it is refused, the thread works all the same.
    static func yieldToOthers() { _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 5) }

    /// Waits until the closure has returned; at once where someone waited before.
    package func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        // Safe: each thread is joined once, since the handle was taken out.
        if let thread { pthread_join(thread, nil) }
    }
}
