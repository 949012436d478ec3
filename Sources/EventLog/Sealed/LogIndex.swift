/// Finds records of a log by key and by time: by the indexes and footers of its sealed segments,
/// and by an index in memory of what is not sealed yet.
///
/// Changes nothing; needs no lock. An index that is missing, bad or of another vocabulary is made
/// again in memory, and said to be so in `problems`; `SegmentIndex.renew` makes its file again.
///
/// ```swift
/// var index = try LogIndex.open(
///     folder: data, disk: RealDisk(), vocabulary: vocabulary, trust: .everything)
/// let newest = try index.sequences(
///     ofKey: "834-nightly", in: .zero..<index.end, order: .newestFirst, limit: 50)
/// ```
public struct LogIndex: Sendable {
    let paths: LogPaths
    let disk: any Disk
    let vocabulary: any RecordVocabulary
    private let follower: LogFollower
    /// The log as of the last `refresh`.
    private(set) var view = LogFollower.View()
    /// The indexes that could not be used, and why; a line each.
    public internal(set) var problems: [String] = []
    /// What was read of sealed segments, by their first sequence.
    var known: [SequenceNumber: Known] = [:]
    private var knownByteCount = 0
    /// An index up to this size is read and checked whole.
    package var wholeIndexByteCountMax = 64 * 1_024

    /// The most bytes of footers and indexes of sealed segments that are kept in memory.
    private static let knownByteCountMax = 64 * 1_024 * 1_024

    /// What was read of a sealed segment.
    struct Known {
        let segment: SealedSegment
        var index: LoadedIndex?
        var byteCount: Int
    }

    /// In which order sequences are given.
    public enum Order: Sendable, Hashable {
        /// Ascending.
        case oldestFirst
        /// Descending.
        case newestFirst
    }

    /// Opens the indexes of a data folder, and reads what is not sealed.
    ///
    /// Blocks, as `refresh` does.
    /// - Parameter trust: how much of what is not sealed is read.
    /// - Throws: as `refresh` does.
    public static func open(
        folder: String, disk: any Disk, vocabulary: any RecordVocabulary, trust: LogReader.Trust
    ) throws(EventLogError) -> LogIndex {
        var index = LogIndex(folder: folder, disk: disk, vocabulary: vocabulary, trust: trust)
        try index.refresh()
        return index
    }

    /// The indexes of a data folder, of which nothing is known before `refresh`.
    ///
    /// Copies of it read what is not sealed once for all of them.
    public init(
        folder: String, disk: any Disk, vocabulary: any RecordVocabulary, trust: LogReader.Trust
    ) {
        paths = LogPaths(data: folder)
        self.disk = disk
        self.vocabulary = vocabulary
        follower = LogFollower(paths, disk: disk, vocabulary: vocabulary, trust: trust)
    }

    /// Takes note of what was appended since, and of segments that were sealed since.
    ///
    /// Blocks: the first time it lists the folder and reads what is not sealed, some tenths of a
    /// second for 64 MiB; then it reads what was appended. Footers and indexes of sealed segments
    /// are read when they are first needed, and kept, up to 64 MiB of them.
    /// - Throws: as `LogReader` does.
    public mutating func refresh() throws(EventLogError) {
        rest()
        view = try follower.follow()
    }

    /// Lets go of what `refresh` gave, so that another copy need not copy it when it reads on:
    /// until the next `refresh` nothing is found.
    public mutating func rest() { view = LogFollower.View() }

    var places: [LogFollower.Place] { view.places }

    /// What is known of a segment that is not sealed, by its number in `places`.
    var unsealed: [Int: UnsealedSegment] { view.unsealed }

    /// The number of sealed segments.
    public var segmentCount: Int { places.count - unsealed.count }

    /// How many segments a range of sequences reaches over.
    public func segmentCount(from first: SequenceNumber, through last: SequenceNumber) -> Int {
        guard let low = number(holding: first), let high = number(holding: last) else { return 0 }
        return max(high - low + 1, 0)
    }

    /// The oldest sequence of the log.
    public var start: SequenceNumber { places.first?.first ?? .zero }

    /// The sequence after the newest record, as of `refresh`.
    public var end: SequenceNumber { places.last?.end ?? .zero }

    // MARK: segments

    /// The segments that have sequences of a range, by number.
    func numbers(overlapping range: Range<SequenceNumber>) -> Range<Int> {
        guard !range.isEmpty else { return 0..<0 }
        let low = Self.partition(places.count) { places[$0].end <= range.lowerBound }
        let high = Self.partition(places.count) { places[$0].first < range.upperBound }
        return low..<max(low, high)
    }

    /// The segment that has a sequence, by number.
    func number(holding sequence: SequenceNumber) -> Int? {
        let number = Self.partition(places.count) { places[$0].end <= sequence }
        return number < places.count && places[number].first <= sequence ? number : nil
    }

    /// A sealed segment's identity and footer, read once.
    mutating func segment(_ number: Int) throws(EventLogError) -> SealedSegment {
        let place = places[number]
        if let found = known[place.first] { return found.segment }
        let segment = try SealedSegment.open(place.first, paths, disk)
        guard segment.endSequence == place.end else {
            throw .foreign(
                "it ends before sequence \(segment.endSequence), and the next segment starts with "
                    + "\(place.end)", segment: segment.path, offset: 0)
        }
        let identity = segment.header.identity
        guard identity == view.identity else {
            throw .foreign(
                "it is of another log, \(identity)", segment: segment.path,
                offset: LogFormat.skippableHeaderByteCount + 16)
        }
        let byteCount = 64 * segment.footer.frames.count + 1_024
        makeRoom(byteCount)
        known[place.first] = Known(segment: segment, index: nil, byteCount: byteCount)
        return segment
    }

    /// Forgets everything once it is too much: simple, and it is read again in no time.
    mutating func makeRoom(_ byteCount: Int) {
        if knownByteCount + byteCount > Self.knownByteCountMax {
            known.removeAll()
            knownByteCount = 0
        }
        knownByteCount += byteCount
    }
}
