/// The sizes of a log.
///
/// They concern only what is written from now on.
public struct LogConfiguration: Sendable, Hashable {
    /// The size of a new segment: a multiple of 4,096, from 8,192.
    ///
    /// 64 MiB: a second or so of the fastest writing, so that a roll is rare and what is not sealed
    /// stays small.
    public var segmentByteCount: Int

    /// How much an opening reads.
    public var recoveryScope: RecoveryScope

    /// Below this many free bytes on its file system the log says that space is low.
    ///
    /// 1 GiB: hours of a large company's events, time enough to make room.
    public var lowSpaceByteCount = 1 << 30
    /// Below this many free bytes the log says that its disk is full; from here on it lives on what
    /// is set aside: the rest of its segment, the next one, and the reserve.
    public var fullSpaceByteCount = 1 << 28

    /// How much of a log is checked.
    public enum RecoveryScope: Sendable, Hashable {
        /// The headers of all segments and every byte of the last: all that a crash can concern.
        case lastSegment
        /// Every byte of every segment, and the tree.
        case everySegment
    }

    /// A configuration; the sizes are checked when a log is opened.
    public init(
        segmentByteCount: Int = 64 * 1_024 * 1_024, recoveryScope: RecoveryScope = .lastSegment
    ) {
        self.segmentByteCount = segmentByteCount
        self.recoveryScope = recoveryScope
    }

    /// The largest write: 4 MiB, or what a small segment has room for.
    public var writeByteCountMax: Int {
        min(LogFormat.writeByteCountMax, segmentByteCount - LogFormat.blockByteCount)
    }

    /// The largest decision, in bytes: one that surely fits a write, however it compresses.
    public var decisionByteCountMax: Int {
        LogFormat.bodyByteCountMax(writeByteCount: writeByteCountMax)
    }

    func check() throws(EventLogError) {
        guard segmentByteCount % LogFormat.blockByteCount == 0,
            segmentByteCount >= LogFormat.segmentByteCountMin,
            segmentByteCount <= LogFormat.segmentByteCountMax
        else {
            throw EventLogError(
                .configurationInvalid,
                "a segment of \(segmentByteCount) bytes is not possible. Choose a multiple"
                    + " of 4,096 from \(LogFormat.segmentByteCountMin) to "
                    + "\(LogFormat.segmentByteCountMax)."
            )
        }
    }
}

/// Where a log takes what it cannot know by itself: time, randomness and its own name.
public struct LogSources: Sendable {
    /// The time, in microseconds since 1970, UTC; used only as a note in segment headers.
    public var nowMicroseconds: @Sendable () -> Int64
    /// The identity of a log that is new.
    public var newIdentity: @Sendable () -> LogIdentity
    /// Who holds the lock, as others will read it.
    public var holder: String

    /// Sources as given.
    public init(
        nowMicroseconds: @escaping @Sendable () -> Int64,
        newIdentity: @escaping @Sendable () -> LogIdentity, holder: String
    ) {
        self.nowMicroseconds = nowMicroseconds
        self.newIdentity = newIdentity
        self.holder = holder
    }
}
