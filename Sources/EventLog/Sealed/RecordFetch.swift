import Synchronization

/// Some records of one frame, or of one batch of a segment that is not sealed.
struct RecordPiece: Sendable {
    enum Place: Sendable {
        /// A segment, and the number of a frame in it.
        case frame(SealedSegment, Int)
        /// A segment, its file, and the number of a batch in it.
        case batch(UnsealedSegment, UnsealedSegment.OpenFile, Int)
    }

    let place: Place
    /// What the frame or batch holds.
    let range: Range<SequenceNumber>
    /// What is wanted of it: at least one.
    let sequences: ArraySlice<SequenceNumber>

    /// How many of its records have to be told apart.
    var recordCount: Int {
        Int((sequences.max() ?? range.lowerBound).rawValue - range.lowerBound.rawValue) + 1
    }

    var totalCount: Int { Int(range.upperBound.rawValue - range.lowerBound.rawValue) }
}

/// One frame or batch in memory, as far as it is needed, and where each of its records stands.
struct RecordFetch: ~Copyable {
    private let disk: any Disk
    private var reader = SealedFrameReader()
    private var file: DiskFile?
    /// Where batches are read, of the last segment that is not sealed.
    private var cursor: SegmentCursor?
    /// The records of the batch that is in memory, if it is one.
    private var batchBytes: [UInt8]?
    private var first = SequenceNumber.zero
    /// Where its records stand.
    private var places: [Range<Int>] = []

    init(disk: any Disk) {
        self.disk = disk
        reader.isReadingAhead = false
    }

    deinit { if let file { disk.close(file) } }

    /// Reads a piece.
    ///
    /// - Throws: `damaged` where it is; `inputOutput`.
    mutating func load(_ piece: RecordPiece) throws(EventLogError) {
        places.removeAll(keepingCapacity: true)
        first = piece.range.lowerBound
        switch piece.place {
        case .frame(let segment, let number): try load(segment, number, piece)
        case .batch(let segment, let file, let number): try load(segment, file, number)
        }
    }

    /// A record of the piece that was read last.
    @_lifetime(borrow self)
    func record(_ sequence: SequenceNumber) -> RawSpan {
        let place = places[Int(sequence.rawValue - first.rawValue)]
        guard let batchBytes else { return reader.records.extracting(place) }
        // Safe: the bytes of an array that this value holds, which the span borrows.
        let span = unsafe batchBytes.span.bytes.extracting(place)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    private mutating func load(
        _ segment: SealedSegment, _ number: Int, _ piece: RecordPiece
    ) throws(EventLogError) {
        batchBytes = nil
        let file = try open(segment)
        let frame = segment.footer.frames[number]
        let count = piece.recordCount
        do throws(SegmentScan.Unreadable) {
            try reader.loadStart(
                frame, of: file, disk: disk, records: count, of: piece.totalCount)
            if split(count) { return }
            // They are longer than the others.
            try reader.load(frame, of: file, disk: disk, check: .fast)
        } catch { throw EventLogError(error, path: segment.path) }
        guard split(count) else {
            throw .damaged(
                "a frame's records cannot be told apart", segment: segment.path,
                offset: frame.offset)
        }
    }

    private mutating func load(
        _ segment: UnsealedSegment, _ file: UnsealedSegment.OpenFile, _ number: Int
    ) throws(EventLogError) {
        let place = segment.batches[number].place
        var cursor = self.cursor.take() ?? segment.cursor(file)
        if cursor.path != file.path { cursor = segment.cursor(file) }
        cursor.move(to: place)
        let frame: SegmentCursor.Frame
        // Fresh, so that no more than the batch is read: the next one stands anywhere.
        do throws(DiskError) { frame = try cursor.next(isFresh: true) } catch {
            throw .damaged("it cannot be read: \(error)", segment: file.path, offset: place.offset)
        }
        // It was good when it was read before.
        guard case .batch(let batch) = frame,
            Self.split(cursor.body(of: batch), batch.recordCount, into: &places)
        else {
            throw .damaged(
                "a batch is not what it was", segment: file.path, offset: place.offset)
        }
        batchBytes = cursor.body(of: batch).copied()
        self.cursor = consume cursor
    }

    /// Notes where the first records of the frame stand; false if they are not all there.
    private mutating func split(_ count: Int) -> Bool {
        var found: [Range<Int>] = []
        swap(&found, &places)
        defer { swap(&found, &places) }
        return Self.split(reader.records, count, into: &found)
    }

    private static func split(
        _ records: RawSpan, _ count: Int, into places: inout [Range<Int>]
    ) -> Bool {
        places.removeAll(keepingCapacity: true)
        var splitter = RecordSplitter(records)
        while places.count < count, let place = splitter.nextChecked(in: records) {
            places.append(place)
        }
        return places.count == count
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

/// Records that are read on a thread of their own, and copied.
final class FetchedRecords: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var records: [(sequence: SequenceNumber, range: Range<Int>)] = []
        var failure: EventLogError?
    }

    /// What the thread does; it lives as long as the thread.
    private final class Work: Sendable {
        let pieces: ArraySlice<RecordPiece>
        let disk: any Disk
        let state = Mutex(State())

        init(_ pieces: ArraySlice<RecordPiece>, _ disk: any Disk) {
            self.pieces = pieces
            self.disk = disk
        }

        func run() {
            var found = State()
            var fetch = RecordFetch(disk: disk)
            do throws(EventLogError) {
                for piece in pieces {
                    try fetch.load(piece)
                    for sequence in piece.sequences {
                        let start = found.bytes.count
                        found.bytes += fetch.record(sequence).copied()
                        found.records.append((sequence, start..<found.bytes.count))
                    }
                }
            } catch { found.failure = error }
            let done = found
            state.withLock { $0 = done }
        }
    }

    private let work: Work
    private let thread: LogThread?

    /// Begins to read, if there is anything to read.
    init(_ pieces: ArraySlice<RecordPiece>, _ disk: any Disk) {
        let work = Work(pieces, disk)
        self.work = work
        // Where the system allows no more threads, they are read by who asks for them.
        thread = pieces.isEmpty ? nil : try? LogThread { work.run() }
    }

    /// Waits until nothing is read any more.
    func wait() { thread?.join() }

    /// Waits for the records and runs `body` over them; what kept the rest from being read.
    func forEach<Failure: Error>(
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) -> EventLogError? {
        wait()
        if thread == nil { work.run() }
        let found = work.state.withLock { $0 }
        for (sequence, range) in found.records {
            // Safe: the bytes of an array, which lives to the end of the call.
            try body(sequence, unsafe found.bytes.span.bytes.extracting(range))
        }
        return found.failure
    }
}
