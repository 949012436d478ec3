import Synchronization

/// How far a verification has come.
public struct VerificationProgress: Sendable, Hashable {
    /// Records read and hashed so far.
    public var records: UInt64 = 0
    /// Bytes of segments read so far.
    public var bytes: UInt64 = 0
    /// Bytes of all segments.
    public var totalBytes: UInt64 = 0
}

/// Counts what all threads have read, and tells the caller.
final class VerificationMeter: Sendable {
    private let state: Mutex<VerificationProgress>
    private let report: (@Sendable (VerificationProgress) -> Void)?

    init(totalBytes: UInt64, report: (@Sendable (VerificationProgress) -> Void)?) {
        state = Mutex(VerificationProgress(totalBytes: totalBytes))
        self.report = report
    }

    private func add(records: UInt64, bytes: UInt64) {
        guard let report else { return }
        // Under the lock, so that the caller hears of one step at a time, in order.
        state.withLock { state in
            state.records += records
            state.bytes += bytes
            report(state)
        }
    }

    /// What one thread has read of one file.
    struct Part: ~Copyable {
        private let meter: VerificationMeter
        private var records: UInt64 = 0
        private var bytes: UInt64 = 0
        private var total: UInt64 = 0

        /// A step of the report: often enough for a rate, too seldom to cost anything.
        private static let stepByteCount: UInt64 = 1_024 * 1_024

        init(_ meter: VerificationMeter) { self.meter = meter }

        mutating func add(records: Int, bytes: Int) {
            self.records += UInt64(records)
            self.bytes += UInt64(bytes)
            total += UInt64(bytes)
            guard self.bytes >= Self.stepByteCount else { return }
            flush()
        }

        /// The file is done, with all that was not counted one by one.
        mutating func finish(fileByteCount: Int) {
            let all = UInt64(max(0, fileByteCount))
            bytes += all > total ? all - total : 0
            flush()
        }

        private mutating func flush() {
            meter.add(records: records, bytes: bytes)
            records = 0
            bytes = 0
        }
    }
}
