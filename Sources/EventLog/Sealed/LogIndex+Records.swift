// The records that an index names, read without those between.

extension LogIndex {
    /// Runs `body` over the records at these sequences, in the order given.
    ///
    /// A frame, or a batch of what is not sealed, is read once where its sequences stand together,
    /// and no further than the last of them. Where there are many, a second thread reads half of
    /// them. The bytes are there during the call only.
    /// - Returns: how many frames and batches were read.
    /// - Throws: `sequenceAbsent` for one that no segment has; `damaged`,
    ///   `foreignOrMissing`, `inputOutput`; what `body` throws, as it is.
    /// - Complexity: O(frames that hold one of them), each at most 256 KiB. Memory, where there are
    ///   many: half of the records.
    @discardableResult
    public mutating func forEachRecord<Failure: Error>(
        at sequences: [SequenceNumber], mapping: (EventLogError) -> Failure,
        _ body: (SequenceNumber, RawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let pieces: [RecordPiece]
        do throws(EventLogError) { pieces = try self.pieces(of: sequences) } catch {
            throw mapping(error)
        }
        // Half of them by another thread, where that saves more than it costs.
        let middle = pieces.count < Self.aloneMax ? pieces.count : (pieces.count + 1) / 2
        let rest = FetchedRecords(pieces[middle...], disk)
        defer { rest.wait() }
        var fetch = RecordFetch(disk: disk)
        for piece in pieces[..<middle] {
            do throws(EventLogError) { try fetch.load(piece) } catch { throw mapping(error) }
            for sequence in piece.sequences { try body(sequence, fetch.record(sequence)) }
        }
        if let failure = try rest.forEach(body) { throw mapping(failure) }
        return pieces.count
    }

    /// So many frames are read on the caller's thread: some tenths of a millisecond.
    private static var aloneMax: Int { 8 }

    /// Where records stand, those of one frame or batch together where their sequences are.
    private mutating func pieces(
        of sequences: [SequenceNumber]
    ) throws(EventLogError) -> [RecordPiece] {
        var pieces: [RecordPiece] = []
        var next = 0
        while next < sequences.count {
            let range: Range<SequenceNumber>
            let place: RecordPiece.Place
            (place, range) = try self.place(of: sequences[next])
            let first = next
            while next < sequences.count, range.contains(sequences[next]) { next += 1 }
            pieces.append(
                RecordPiece(place: place, range: range, sequences: sequences[first..<next]))
        }
        return pieces
    }

    private mutating func place(
        of sequence: SequenceNumber
    ) throws(EventLogError) -> (RecordPiece.Place, Range<SequenceNumber>) {
        guard let number = number(holding: sequence) else {
            throw EventLogError(
                .sequenceAbsent, "no segment in \(paths.log) holds sequence \(sequence)")
        }
        if let active = unsealed[number], let file = active.file {
            let batch = active.batchNumber(holding: sequence)
            return (.batch(active, file, batch), active.sequences(ofBatch: batch))
        }
        let segment = try segment(number)
        let frame = segment.frameNumber(holding: sequence)
        let first = SequenceNumber(segment.footer.frames[frame].firstSequence)
        let end = first.advanced(by: segment.recordCount(ofFrame: frame))
        return (.frame(segment, frame), first..<end)
    }

    /// The first sequence of the frame that holds one, or of some batches of what is not sealed:
    /// where to begin in order to read everything backwards.
    ///
    /// - Throws: `damaged`, `foreignOrMissing` where the segment is; `inputOutput`.
    public mutating func frameStart(
        holding sequence: SequenceNumber
    ) throws(EventLogError) -> SequenceNumber? {
        guard let number = number(holding: sequence) else { return nil }
        if let active = unsealed[number] { return active.start(near: sequence) }
        let found = try segment(number)
        let frame = found.frameNumber(holding: sequence)
        return SequenceNumber(found.footer.frames[frame].firstSequence)
    }
}
