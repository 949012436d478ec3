import Dispatch

/// What the writer knows of the room on its disk, and when it looks again.
struct SpaceWatch {
    /// The state; nil before the first look, which is always reported.
    private(set) var space: LogSpace?
    /// What was free when it looked last.
    private(set) var freeByteCount = Int.max
    /// Whether the next segment could not be made, and there was no reserve: nothing can be
    /// written.
    var isOutOfSegments = false
    private let configuration: LogConfiguration
    private var nextLook: UInt64 = 0

    /// A look costs a microsecond; a disk that fills faster than this is seen by the roll itself.
    static let lookMilliseconds = 1_000

    init(_ configuration: LogConfiguration) { self.configuration = configuration }

    /// Whether there is less room than there should be: then somebody waits for the news of more.
    var isShort: Bool { space == .low || space == .full }

    /// Asks the disk, if it is time.
    ///
    /// - Returns: the new state, if it changed.
    mutating func look(_ disk: any Disk, folder: String, isDue: Bool) -> LogSpaceReport? {
        let now = DispatchTime.now().uptimeNanoseconds
        guard isDue || now >= nextLook else { return nil }
        nextLook = now + UInt64(Self.lookMilliseconds) * 1_000_000
        do throws(DiskError) {
            freeByteCount = try disk.freeByteCount(of: folder)
        } catch {
            // What cannot be asked is as it was: the next segment's making says what is wrong.
            return nil
        }
        return settle()
    }

    /// The next segment could not be made.
    mutating func noteOutOfSegments() -> LogSpaceReport? {
        isOutOfSegments = true
        return settle()
    }

    private mutating func settle() -> LogSpaceReport? {
        let next = (space ?? .ample).next(
            freeByteCount: freeByteCount, isOutOfSegments: isOutOfSegments, configuration)
        guard next != space else { return nil }
        space = next
        return LogSpaceReport(
            space: next, freeByteCount: freeByteCount,
            wantedByteCount: configuration.lowSpaceByteCount)
    }
}
