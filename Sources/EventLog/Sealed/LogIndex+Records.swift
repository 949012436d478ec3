// The records that an index names, read without those between.

extension LogIndex {
    /// Runs `body` over the records at these sequences of sealed segments, in the order given.
    ///
    /// A frame is read once where its sequences stand together. The bytes are there during the
    /// call only.
    /// - Returns: how many frames were read.
    /// - Throws: `sequenceAbsent` for one that no sealed segment has; `damaged`,
    ///   `foreignOrMissing`, `inputOutput`; what `body` throws, as it is.
    /// - Complexity: O(frames that hold one of them), each at most 256 KiB.
    @discardableResult
    public mutating func forEachRecord<Failure: Error>(
        at sequences: [SequenceNumber], mapping: (EventLogError) -> Failure,
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var frames = FrameFetch(disk: disk)
        for sequence in sequences {
            if !frames.holds(sequence) {
                do throws(EventLogError) {
                    guard let number = number(holding: sequence) else {
                        throw EventLogError(
                            .sequenceAbsent,
                            "no sealed segment in \(paths.log) holds sequence \(sequence)")
                    }
                    try frames.fetch(sequence, of: segment(number))
                } catch { throw mapping(error) }
            }
            try frames.withRecord(sequence, body)
        }
        return frames.count
    }

    /// A reader of what no index tells of, from `indexedEnd` on.
    ///
    /// Where that segment stands, as it does, the folder is not listed, which takes milliseconds
    /// for thousands of segments.
    /// - Throws: as `LogReader` does.
    public func unindexedReader(trust: LogReader.Trust) throws(EventLogError) -> LogReader {
        let opened: OpenedSegment?
        do throws(EventLogError) {
            opened = try LogReader.openSegment(
                indexedEnd, paths: paths, disk: disk, mayBeTorn: true)
        } catch {
            opened = nil
        }
        if let opened {
            return LogReader(disk: disk, paths: paths, trust: trust, opened)
        }
        // It was torn while it was made, or is not there: the reader says what that means.
        var reader = try LogReader.open(folder: paths.data, disk: disk, trust: trust)
        try reader.seek(to: indexedEnd)
        return reader
    }

    /// The first sequence of the frame that holds one of a sealed segment: where to begin in order
    /// to read everything backwards.
    ///
    /// - Throws: `damaged`, `foreignOrMissing` where the segment is; `inputOutput`.
    public mutating func frameStart(
        holding sequence: SequenceNumber
    ) throws(EventLogError) -> SequenceNumber? {
        guard let number = number(holding: sequence) else { return nil }
        let found = try segment(number)
        let frame = found.frameNumber(holding: sequence)
        return SequenceNumber(found.footer.frames[frame].firstSequence)
    }
}

/// One frame in memory, and where each of its records stands.
private struct FrameFetch: ~Copyable {
    private let disk: any Disk
    private var reader = SealedFrameReader()
    private var file: DiskFile?
    private var first = SequenceNumber.zero
    /// Where the frame's records stand.
    private var places: [Range<Int>] = []
    /// How many frames were read.
    private(set) var count = 0

    init(disk: any Disk) {
        self.disk = disk
        reader.isReadingAhead = false
    }

    deinit { if let file { disk.close(file) } }

    func holds(_ sequence: SequenceNumber) -> Bool {
        sequence >= first && sequence.rawValue - first.rawValue < UInt64(places.count)
    }

    /// Reads the frame that holds a sequence of a segment.
    mutating func fetch(
        _ sequence: SequenceNumber, of segment: SealedSegment
    ) throws(EventLogError) {
        places.removeAll(keepingCapacity: true)
        let file = try open(segment)
        let number = segment.frameNumber(holding: sequence)
        let frame = segment.footer.frames[number]
        do throws(SegmentScan.Unreadable) {
            try reader.load(frame, of: file, disk: disk, check: .fast)
        } catch { throw EventLogError(error, path: segment.path) }
        var found: [Range<Int>] = []
        swap(&found, &places)
        let isWhole = Self.split(
            reader.records, count: segment.recordCount(ofFrame: number), into: &found)
        guard isWhole else {
            throw .damaged(
                "a frame's records cannot be told apart", segment: segment.path,
                offset: frame.offset)
        }
        swap(&found, &places)
        first = SequenceNumber(frame.firstSequence)
        count += 1
    }

    /// Notes where each record stands; whether there are so many, and nothing else.
    private static func split(
        _ records: RawSpan, count: Int, into places: inout [Range<Int>]
    ) -> Bool {
        var splitter = RecordSplitter(records)
        while let place = splitter.nextChecked(in: records) { places.append(place) }
        return places.count == count && splitter.offset == records.byteCount
    }

    func withRecord<Failure: Error>(
        _ sequence: SequenceNumber,
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let place = places[Int(sequence.rawValue - first.rawValue)]
        try body(sequence, reader.records.extracting(place))
    }

    private mutating func open(_ segment: SealedSegment) throws(EventLogError) -> DiskFile {
        if let file {
            if file.path == segment.path { return file }
            disk.close(file)
            reader.forget()
            self.file = nil
        }
        do throws(DiskError) {
            let file = try disk.open(segment.path, .read)
            self.file = file
            return file
        } catch { throw EventLogError(disk: error) }
    }
}
