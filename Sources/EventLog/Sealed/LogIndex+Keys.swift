// Which records concern a key, by the indexes of the segments.

extension LogIndex {
    /// The sequences whose records may concern a key.
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

    /// The sequences whose records may concern a key that was added with `since`, ascending.
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
            if places[number].first > since, unsealed[number] == nil {
                guard try index(ofSegment: number).isRemote(hash) else { continue }
            }
            found += try sequences(ofHash: hash, inSegment: number).filter(range.contains)
        }
        return found
    }

    // MARK: indexes

    private mutating func sequences(
        ofHash hash: UInt64, inSegment number: Int
    ) throws(EventLogError) -> [SequenceNumber] {
        if let segment = unsealed[number] { return segment.sequences(ofHash: hash) }
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
        if let index = known[places[number].first]?.index { return index }
        let segment = try segment(number)
        let index: LoadedIndex
        if let found = read(segment) { index = found } else { index = .whole(try built(segment)) }
        remember(index, of: number)
        return index
    }

    private mutating func remember(_ index: LoadedIndex, of number: Int) {
        let name = places[number].first
        guard var entry = known[name] else { return }
        makeRoom(index.byteCount)
        entry.index = index
        entry.byteCount += index.byteCount
        known[name] = entry
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
