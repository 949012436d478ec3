/// Finds records of a log by key and by time, by the indexes and footers of its sealed segments.
///
/// Changes nothing; needs no lock. An index that is missing, bad or of another vocabulary is made
/// again in memory, and said to be so in `problems`; `SegmentIndex.renew` makes its file again.
///
/// ```swift
/// var index = try LogIndex.open(folder: data, disk: RealDisk(), vocabulary: vocabulary)
/// let newest = try index.sequences(
///     ofKey: "834-nightly", in: .zero..<index.indexedEnd, order: .newestFirst, limit: 50)
/// // The records of index.unindexed are to be read one by one.
/// ```
public struct LogIndex: Sendable {
    let paths: LogPaths
    let disk: any Disk
    let vocabulary: any RecordVocabulary
    /// The sealed segments, oldest first, without a gap.
    private(set) var places: [Place] = []
    /// The first sequence of which no sealed segment tells.
    public private(set) var indexedEnd = SequenceNumber.zero
    /// The indexes that could not be used, and why; a line each.
    public private(set) var problems: [String] = []
    /// The log that the segments are of, as soon as one was opened.
    private var identity: LogIdentity?
    /// What was read of segments, by their number in `places`.
    private var known: [Int: Known] = [:]
    private var knownByteCount = 0
    /// An index up to this size is read and checked whole.
    package var wholeIndexByteCountMax = 64 * 1_024

    /// The most bytes of footers and indexes that are kept in memory.
    private static let knownByteCountMax = 64 * 1_024 * 1_024

    /// A sealed segment, by names alone.
    struct Place: Sendable, Hashable {
        let first: SequenceNumber
        /// What the next one's name says; nil where the footer has to say it.
        let end: SequenceNumber
    }

    /// What was read of a segment.
    private struct Known {
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

    /// Opens the indexes of a data folder.
    ///
    /// Blocks: it lists the folder. Footers and indexes are read when they are first needed, and
    /// kept, up to 64 MiB of them.
    /// - Throws: `damaged`, `foreignOrMissing` where a sealed segment is; `inputOutput`.
    public static func open(
        folder: String, disk: any Disk, vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> LogIndex {
        var index = LogIndex(LogPaths(data: folder), disk, vocabulary)
        try index.list()
        return index
    }

    private init(_ paths: LogPaths, _ disk: any Disk, _ vocabulary: any RecordVocabulary) {
        self.paths = paths
        self.disk = disk
        self.vocabulary = vocabulary
    }

    private mutating func list() throws(EventLogError) {
        let forms: [SegmentForms]
        do throws(DiskError) { forms = try paths.forms(on: disk) ?? [] } catch {
            throw EventLogError(disk: error)
        }
        indexedEnd = forms.first?.name ?? .zero
        for (number, form) in forms.enumerated() {
            // Where both stand, the active form is the original.
            guard form.hasOnlySealed, form.name == indexedEnd else { break }
            let isFollowed = number + 1 < forms.count && forms[number + 1].hasOnlySealed
            // Of the last one the footer says it: a folder that changes while it is listed may
            // show neither name of the segment behind (readdir(3)).
            let end = isFollowed ? forms[number + 1].name : try opened(form.name).endSequence
            places.append(Place(first: form.name, end: end))
            indexedEnd = end
        }
    }

    /// Takes note of segments that were sealed since.
    ///
    /// Blocks: where there is none it asks for one file.
    /// - Throws: as `open` does.
    public mutating func refresh() throws(EventLogError) {
        while true {
            do throws(DiskError) {
                disk.close(try disk.open(paths.segment(indexedEnd), .read))
                return
            } catch {
                guard error.errno == .noSuchFileOrDirectory else {
                    throw EventLogError(disk: error)
                }
            }
            do throws(DiskError) {
                disk.close(try disk.open(paths.sealed(indexedEnd), .read))
            } catch {
                if error.errno == .noSuchFileOrDirectory { return }
                throw EventLogError(disk: error)
            }
            let segment = try opened(indexedEnd)
            places.append(Place(first: segment.firstSequence, end: segment.endSequence))
            try keep(segment, as: places.count - 1)
            indexedEnd = segment.endSequence
        }
    }

    /// The number of sealed segments.
    public var segmentCount: Int { places.count }

    /// How many sealed segments a range of sequences reaches over.
    public func segmentCount(from first: SequenceNumber, through last: SequenceNumber) -> Int {
        guard let low = number(holding: first), let high = number(holding: last) else { return 0 }
        return max(high - low + 1, 0)
    }

    /// The oldest sequence of the log.
    public var start: SequenceNumber { places.first?.first ?? indexedEnd }

    /// The sequences that no index tells of: those of the active segments, from `lowerBound` to the
    /// end of the log, wherever that is.
    public var unindexed: PartialRangeFrom<SequenceNumber> { indexedEnd... }

    /// The sequences in sealed segments whose records may concern a key.
    ///
    /// Another key may have the same hash: look at each record for the key itself. Segments are
    /// looked into only until `limit` is reached.
    /// - Throws: `damaged` where an index had to be made again, and the segment is bad;
    ///   `inputOutput`.
    public mutating func sequences(
        ofKey key: String, in range: Range<SequenceNumber>, order: Order, limit: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        try sequences(ofHash: IndexKey.hash(key), in: range, order: order, limit: limit)
    }

    /// The same for a key of any bytes.
    public mutating func sequences(
        ofKey key: RawSpan, in range: Range<SequenceNumber>, order: Order, limit: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        try sequences(ofHash: IndexKey.hash(key), in: range, order: order, limit: limit)
    }

    private mutating func sequences(
        ofHash hash: UInt64, in range: Range<SequenceNumber>, order: Order, limit: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        var found: [SequenceNumber] = []
        let numbers = numbers(overlapping: range)
        for step in 0..<numbers.count where found.count < limit {
            let number =
                order == .oldestFirst
                ? numbers.lowerBound + step : numbers.upperBound - 1 - step
            let all = try sequences(ofHash: hash, inSegment: number).filter(range.contains)
            let rest = limit - found.count
            found += order == .oldestFirst ? all.prefix(rest) : all.reversed().prefix(rest)
        }
        return found
    }

    /// The sequences in sealed segments whose records may concern a key that was added with
    /// `since`, ascending.
    ///
    /// It looks into the segment of `since`, and into those later ones whose index names the key
    /// among those that began before: however far apart they are.
    /// - Parameter since: the same as when the key was added.
    /// - Complexity: O(segments after `since`) in memory, once the ends of their indexes were read.
    /// - Throws: as the others do.
    public mutating func sequences(
        ofKey key: String, since: SequenceNumber, in range: Range<SequenceNumber>
    ) throws(EventLogError) -> [SequenceNumber] {
        let hash = IndexKey.hash(key)
        let from = max(since, start)
        let numbers = numbers(
            overlapping: max(from, range.lowerBound)..<max(from, range.upperBound))
        var found: [SequenceNumber] = []
        for number in numbers {
            if places[number].first > since {
                guard try index(ofSegment: number).isRemote(hash) else { continue }
            }
            found += try sequences(ofHash: hash, inSegment: number).filter(range.contains)
        }
        return found
    }

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
        if let found = known[number] { return found.segment }
        let segment = try opened(places[number].first)
        guard segment.endSequence == places[number].end else {
            throw .foreign(
                "it ends before sequence \(segment.endSequence), and the next segment starts with "
                    + "\(places[number].end)", segment: segment.path, offset: 0)
        }
        try keep(segment, as: number)
        return segment
    }

    private mutating func keep(
        _ segment: SealedSegment, as number: Int
    ) throws(EventLogError) {
        guard segment.header.identity == identity ?? segment.header.identity else {
            throw .foreign(
                "it is of another log, \(segment.header.identity)", segment: segment.path,
                offset: LogFormat.skippableHeaderByteCount + 16)
        }
        identity = segment.header.identity
        let byteCount = 64 * segment.footer.frames.count + 1_024
        makeRoom(byteCount)
        known[number] = Known(segment: segment, index: nil, byteCount: byteCount)
    }

    /// Forgets everything once it is too much: simple, and it is read again in no time.
    private mutating func makeRoom(_ byteCount: Int) {
        if knownByteCount + byteCount > Self.knownByteCountMax {
            known.removeAll()
            knownByteCount = 0
        }
        knownByteCount += byteCount
    }

    private func opened(_ name: SequenceNumber) throws(EventLogError) -> SealedSegment {
        let found: Result<SealedSegment, SegmentScan.Unreadable>
        do throws(DiskError) {
            found = try SealedSegment.open(name, path: paths.sealed(name), disk: disk)
        } catch { throw EventLogError(disk: error) }
        do throws(SegmentScan.Unreadable) { return try found.get() } catch {
            throw EventLogError(error, path: paths.sealed(name))
        }
    }

    // MARK: indexes

    private mutating func sequences(
        ofHash hash: UInt64, inSegment number: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        switch try index(ofSegment: number) {
        case .whole(let index): return index.sequences(ofHash: hash)
        case .paged(let index):
            do throws(PagedIndex.Failure) {
                return try index.sequences(ofHash: hash, disk: disk)
            } catch {
                switch error {
                case .disk(let error): note("\(index.path): \(error)")
                case .bad(let detail): note("\(index.path) is bad: \(detail)")
                }
            }
            let made = LoadedIndex.whole(try built(segment(number)))
            remember(made, of: number)
            guard case .whole(let index) = made else { return [] }
            return index.sequences(ofHash: hash)
        }
    }

    private mutating func index(ofSegment number: Int) throws(EventLogError) -> LoadedIndex {
        if let index = known[number]?.index { return index }
        let segment = try segment(number)
        let index: LoadedIndex
        if let found = read(segment) { index = found } else { index = .whole(try built(segment)) }
        remember(index, of: number)
        return index
    }

    private mutating func remember(_ index: LoadedIndex, of number: Int) {
        guard var entry = known[number] else { return }
        makeRoom(index.byteCount)
        entry.index = index
        entry.byteCount += index.byteCount
        known[number] = entry
    }

    /// Reads the index of a segment: whole where it is small, and both ends of it otherwise; nil
    /// where it has to be made again.
    private mutating func read(_ segment: SealedSegment) -> LoadedIndex? {
        let path = paths.index(segment.firstSequence)
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            defer { disk.close(file) }
            let byteCount = try disk.byteCount(of: file)
            let found: Result<LoadedIndex, SegmentHeader.Problem>
            if byteCount <= wholeIndexByteCountMax {
                found = try SegmentIndex.read(
                    segment.firstSequence, file: file, byteCount: byteCount, disk: disk
                ).map { .whole($0) }
            } else {
                found = try PagedIndex.open(
                    segment.firstSequence, file: file, byteCount: byteCount, disk: disk
                ).map { .paged($0) }
            }
            return accepted(found, path, segment)
        } catch {
            note(
                error.errno == .noSuchFileOrDirectory
                    ? "\(path) is missing" : "\(path): \(error)")
            return nil
        }
    }

    private mutating func accepted(
        _ found: Result<LoadedIndex, SegmentHeader.Problem>, _ path: String,
        _ segment: SealedSegment
    ) -> LoadedIndex? {
        switch found {
        case .success(let index):
            if index.header.isOf(segment, vocabularyVersion: vocabulary.version) { return index }
            note("\(path) is of another segment or vocabulary")
        case .failure(.bad(let detail)), .failure(.contradiction(let detail)):
            note("\(path) is bad: \(detail)")
        case .failure(.unknownVersion(let version)):
            note("\(path) has version \(version)")
        }
        return nil
    }

    private func built(_ segment: SealedSegment) throws(EventLogError) -> SegmentIndex {
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(segment.path, .read) } catch {
            throw EventLogError(disk: error)
        }
        defer { disk.close(file) }
        let bytes = try SegmentIndex.build(
            segment, file: file, disk: disk, vocabulary: vocabulary)
        do throws(SegmentHeader.Problem) { return try SegmentIndex(bytes) } catch {
            throw .damaged("no index can be made of it", segment: segment.path, offset: 0)
        }
    }

    private mutating func note(_ problem: String) {
        if problems.count < 1_000, !problems.contains(problem) { problems.append(problem) }
    }
}
