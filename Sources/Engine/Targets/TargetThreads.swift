import NIOPosix

/// A few threads that may block, so that Swift's cooperative pool never does.
///
/// File copies, syncs and walks of `/proc` run here. Whoever makes one calls ``shutdown()``.
public final class TargetThreads: Sendable {
    private let pool: NIOThreadPool
    let exits: ExitWatcher

    /// Starts the threads.
    ///
    /// Two are enough to keep one disk busy while `/proc` is read.
    public init(threadCount: Int = 2) throws(TargetSetupError) {
        exits = try ExitWatcher()
        pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
    }

    /// Runs a blocking body on one of the threads.
    ///
    /// It always runs, even if the caller is cancelled: what it does must not be left half done.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            // After a shutdown the pool calls at once, on the caller's thread, with `.cancelled`.
            pool.submit { _ in continuation.resume(returning: body()) }
        }
    }

    /// Ends the threads after what they are doing.
    public func shutdown() async {
        await withCheckedContinuation { continuation in
            pool.shutdownGracefully { _ in continuation.resume() }
        }
        exits.shutdown()
    }
}

/// Why the targets cannot be set up.
public struct TargetSetupError: Error, Sendable, CustomStringConvertible {
    /// What failed, where, and what to do.
    public var message: String

    /// The message.
    public var description: String { message }

    init(_ message: String) {
        self.message = message
    }
}

extension Duration {
    /// Seconds from a binding.
    ///
    /// Ten years is as good as for ever, and no clock overflows.
    static func bounded(seconds: UInt64) -> Duration {
        .seconds(Int64(min(seconds, 315_360_000)))
    }
}
