import Synchronization

/// What the parts of one run tell each other.
final class AssemblyProgress: Sendable {
    private struct State {
        var failed: Set<UInt64> = []
        var isStorageFailing = false
        var isPublishingFailing = false
    }

    private let state = Mutex(State())

    /// Leaves a file for a later run.
    ///
    /// It is noted before the engine is told, which then may hand the file out again.
    func leave(_ file: UInt64) { state.withLock { _ = $0.failed.insert(file) } }

    func isLeft(_ file: UInt64) -> Bool { state.withLock { $0.failed.contains(file) } }

    /// Nothing can be written at present: no more files are begun.
    var isStorageFailing: Bool {
        get { state.withLock { $0.isStorageFailing } }
        set { state.withLock { $0.isStorageFailing = newValue } }
    }

    /// Nobody could be told of any file of an order: the rest is left to the next run.
    var isPublishingFailing: Bool {
        get { state.withLock { $0.isPublishingFailing } }
        set { state.withLock { $0.isPublishingFailing = newValue } }
    }
}
