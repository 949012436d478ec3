/// A segment that is not sealed, indexed in memory as far as it was read.
///
/// Memory: what `SegmentIndexBuilder` takes, and 40 bytes for each batch.
struct UnsealedSegment: Sendable {
    /// A batch of it.
    struct Batch: Sendable {
        let place: SegmentCursor.Place
        /// The time of its first record, or `LogFormat.noTime`.
        let time: Int64
    }

    private let header: SegmentHeader
    /// Open while somebody searches it: its records can be read though it is sealed meanwhile, and
    /// its file removed; nil where that happened before.
    private(set) var file: OpenFile?
    /// The sequence after the last record that was read.
    private(set) var end: SequenceNumber
    /// Those that hold records, in order.
    private(set) var batches: [Batch] = []
    private var index: SegmentIndexBuilder

    /// A file that is closed when nobody reads it any more.
    final class OpenFile: Sendable {
        fileprivate let disk: any Disk
        fileprivate let file: DiskFile
        var path: String { file.path }

        init(_ path: String, _ disk: any Disk) throws(DiskError) {
            self.disk = disk
            file = try disk.open(path, .read)
        }

        deinit { disk.close(file) }
    }

    /// A segment of which nothing was read.
    init(_ header: SegmentHeader) {
        self.header = header
        end = header.firstSequence
        index = SegmentIndexBuilder(firstSequence: header.firstSequence.rawValue)
    }

    /// The same to be searched.
    func opened(_ file: OpenFile?) -> UnsealedSegment {
        var segment = self
        segment.file = file
        return segment
    }

    /// A cursor for batches here and there; it lives no longer than the file is open.
    func cursor(_ file: OpenFile) -> SegmentCursor {
        SegmentCursor(
            disk: file.disk, file: file.file, header: header, reading: LogFormat.blockByteCount)
    }

    /// Adds the batch that a reader gave last.
    ///
    /// - Throws: `noSpace` where the index would be too large.
    mutating func add(
        _ batch: BatchHeader, of reader: borrowing LogReader, _ vocabulary: any RecordVocabulary,
        _ description: inout RecordDescription
    ) throws(EventLogError) {
        var time: Int64?
        reader.forEachRecord { sequence, bytes in
            description.clear()
            vocabulary.describe(bytes, into: &description)
            if time == nil { time = description.time ?? LogFormat.noTime }
            index.add(description, sequence: sequence.rawValue)
        }
        if index.isTooLarge { throw .indexTooLarge(segment: reader.segmentPath) }
        let place = SegmentCursor.Place(
            offset: reader.batchOffset, first: batch.firstSequence, chain: batch.chain,
            term: batch.term)
        batches.append(Batch(place: place, time: time ?? LogFormat.noTime))
        end = batch.endSequence
    }

    /// The sequences whose records may concern a key, by its hash, ascending.
    func sequences(ofHash hash: UInt64) -> [SequenceNumber] { index.sequences(ofHash: hash) }

    /// The time of its first record, or `LogFormat.noTime`.
    var firstTime: Int64 { batches.first?.time ?? LogFormat.noTime }

    /// The number of the batch that holds a sequence.
    ///
    /// - Precondition: it was read.
    func batchNumber(holding sequence: SequenceNumber) -> Int {
        LogIndex.partition(batches.count) { batches[$0].place.first <= sequence } - 1
    }

    /// What a batch holds.
    func sequences(ofBatch number: Int) -> Range<SequenceNumber> {
        let next = number + 1 < batches.count ? batches[number + 1].place.first : end
        return batches[number].place.first..<next
    }

    /// The first sequence of batches up to the one that holds a sequence: of so many that they have
    /// as many records as a frame of a sealed segment.
    func start(near sequence: SequenceNumber) -> SequenceNumber {
        var number = batchNumber(holding: sequence)
        while number > 0, sequence.rawValue - batches[number].place.first.rawValue < 2_048 {
            number -= 1
        }
        return batches[number].place.first
    }
}
