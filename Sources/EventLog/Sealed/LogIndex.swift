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
    private let paths: LogPaths
    private let disk: any Disk
    private let vocabulary: any RecordVocabulary
    private var segments: [SealedSegment] = []
    /// The oldest record of the log.
    private var start = SequenceNumber.zero
    /// The first sequence of which no sealed segment tells.
    public private(set) var indexedEnd = SequenceNumber.zero
    /// The indexes that could not be used, and why; a line each.
    public private(set) var problems: [String] = []
    /// Indexes that were read, the one that was used last at the end.
    private var cached: [SegmentIndex] = []

    /// The most bytes of indexes that are kept in memory.
    private static let cachedByteCountMax = 64 * 1_024 * 1_024

    /// In which order sequences are given.
    public enum Order: Sendable, Hashable {
        /// Ascending.
        case oldestFirst
        /// Descending.
        case newestFirst
    }

    /// Opens the indexes of a data folder.
    ///
    /// Blocks: it reads the footer of each sealed segment.
    /// - Throws: `damaged`, `foreignOrMissing` where a sealed segment is; `inputOutput`.
    public static func open(
        folder: String, disk: any Disk, vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> LogIndex {
        var index = LogIndex(LogPaths(data: folder), disk, vocabulary)
        try index.refresh()
        return index
    }

    private init(_ paths: LogPaths, _ disk: any Disk, _ vocabulary: any RecordVocabulary) {
        self.paths = paths
        self.disk = disk
        self.vocabulary = vocabulary
    }

    /// Takes note of segments that were sealed since.
    ///
    /// - Throws: as `open` does.
    public mutating func refresh() throws(EventLogError) {
        let forms: [SegmentForms]
        do throws(DiskError) { forms = try paths.forms(on: disk) ?? [] } catch {
            throw EventLogError(disk: error)
        }
        var known: [SequenceNumber: SealedSegment] = [:]
        for segment in segments { known[segment.firstSequence] = segment }
        segments.removeAll()
        start = forms.first?.name ?? .zero
        indexedEnd = start
        // Without a gap: a segment that is not sealed yet ends what is indexed.
        for form in forms where form.hasSealed && form.name == indexedEnd {
            let segment: SealedSegment
            if let sealed = known[form.name] {
                segment = sealed
            } else {
                segment = try opened(form.name)
            }
            segments.append(segment)
            indexedEnd = segment.endSequence
        }
    }

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
        let bytes = Array(key.utf8)
        // Safe: the bytes of an array, which lives to the end of the call.
        return try sequences(ofKey: unsafe bytes.span.bytes, in: range, order: order, limit: limit)
    }

    /// The same for a key of any bytes.
    public mutating func sequences(
        ofKey key: RawSpan, in range: Range<SequenceNumber>, order: Order, limit: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        let hash = IndexKey.hash(key)
        var found: [SequenceNumber] = []
        let candidates = segments.filter {
            $0.firstSequence < range.upperBound && $0.endSequence > range.lowerBound
        }
        for segment in order == .oldestFirst ? candidates : candidates.reversed() {
            guard found.count < limit else { break }
            let all = try index(of: segment).sequences(ofHash: hash).filter(range.contains)
            let rest = limit - found.count
            found += order == .oldestFirst ? all.prefix(rest) : all.reversed().prefix(rest)
        }
        return found
    }

    /// The first record at or after a time, µs since 1970; nil where there is none yet.
    ///
    /// It takes the frame from the footers and reads on from there: records without a time are
    /// passed over. It expects times that never decrease.
    /// - Complexity: O(frames of the log), and reading one frame where the time lies in a sealed
    ///   segment; the active segments otherwise.
    /// - Throws: as `LogReader` does.
    public func firstSequence(
        atOrAfter time: Int64, trust: LogReader.Trust
    ) throws(EventLogError) -> SequenceNumber? {
        var reader = try LogReader.open(folder: paths.data, disk: disk, trust: trust)
        let from = lastFrame(before: time)
        if let from { try reader.seek(to: from) }
        var description = RecordDescription()
        var found: SequenceNumber?
        try reader.forEach { sequence, bytes in
            description.clear()
            vocabulary.describe(bytes, into: &description)
            guard let here = description.time, here >= time else { return true }
            found = sequence
            return false
        }
        return found
    }

    /// The first sequence of the last frame that is known to begin before a time.
    private func lastFrame(before time: Int64) -> SequenceNumber? {
        func isBefore(_ other: Int64) -> Bool { other != LogFormat.noTime && other < time }
        for segment in segments.reversed() where isBefore(segment.footer.firstTime) {
            // All of it: what follows it is where to look.
            if isBefore(segment.footer.lastTime) { return segment.endSequence }
            let frame = segment.footer.frames.last { isBefore($0.time) }
            return frame.map { SequenceNumber($0.firstSequence) }
        }
        return nil
    }

    // MARK: indexes

    private mutating func index(of segment: SealedSegment) throws(EventLogError) -> SegmentIndex {
        let place = cached.firstIndex {
            $0.isOf(segment, vocabularyVersion: vocabulary.version)
        }
        if let place {
            let index = cached.remove(at: place)
            cached.append(index)
            return index
        }
        let index = try readOrBuild(segment)
        cached.append(index)
        while cached.count > 1, cached.reduce(0, { $0 + $1.byteCount }) > Self.cachedByteCountMax {
            cached.removeFirst()
        }
        return index
    }

    private mutating func readOrBuild(
        _ segment: SealedSegment
    ) throws(EventLogError) -> SegmentIndex {
        let path = paths.index(segment.firstSequence)
        do throws(DiskError) {
            switch try SegmentIndex.read(segment.firstSequence, paths: paths, disk: disk) {
            case .success(let index)?
            where index.isOf(segment, vocabularyVersion: vocabulary.version):
                return index
            case .success?: note("\(path) is of another segment or vocabulary")
            case .failure(.bad(let detail))?, .failure(.contradiction(let detail))?:
                note("\(path) is bad: \(detail)")
            case .failure(.unknownVersion(let version))?: note("\(path) has version \(version)")
            case nil: note("\(path) is missing")
            }
        } catch {
            note("\(path): \(error)")
        }
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

    private func opened(_ name: SequenceNumber) throws(EventLogError) -> SealedSegment {
        let found: Result<SealedSegment, SegmentScan.Unreadable>
        do throws(DiskError) {
            found = try SealedSegment.open(name, path: paths.sealed(name), disk: disk)
        } catch { throw EventLogError(disk: error) }
        do throws(SegmentScan.Unreadable) { return try found.get() } catch {
            throw EventLogError(error, path: paths.sealed(name))
        }
    }
}
