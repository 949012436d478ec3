/// Which sequences of a sealed segment concern which key; read whole and checked whole.
///
/// Derived: whatever is wrong with one, the segment itself says the same. `PagedIndex` reads of a
/// large one only what a question needs.
public struct SegmentIndex: Sendable {
    let header: IndexHeader
    /// The hashes of the keys that began before the segment, ascending.
    let remote: [UInt64]
    private let layout: IndexLayout
    private let bytes: [UInt8]

    /// The segment's first sequence.
    public var firstSequence: SequenceNumber { header.firstSequence }
    /// The sequence after the segment's last.
    public var endSequence: SequenceNumber { header.endSequence }
    /// The log that the segment is of.
    public var identity: LogIdentity { header.identity }
    /// Which vocabulary the keys are of.
    public var vocabularyVersion: UInt64 { header.vocabularyVersion }
    /// The number of keys.
    public var count: Int { layout.keyCount }
    /// The bytes that it takes in memory, and in its file.
    var byteCount: Int { bytes.count }

    /// Takes an index's bytes, and checks all of them; the reason where they are none.
    ///
    /// Whether it is the index of a segment that stands there is for `isOf` to say.
    init(_ bytes: [UInt8]) throws(SegmentHeader.Problem) {
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        guard span.byteCount >= LogFormat.indexByteCountMin,
            span.byteCount <= LogFormat.indexByteCountMax,
            span.load(0, as: UInt64.self) == LogFormat.indexMagic
        else { throw .bad("it is no index") }
        let end = span.byteCount - 4
        guard Checksum.crc32c(span.extracting(0..<end)) == span.load(end, as: UInt32.self) else {
            throw .bad("it does not match its checksum")
        }
        header = try IndexHeader(span)
        guard let layout = IndexLayout(header, fileByteCount: span.byteCount),
            let tail = layout.tail(span, from: layout.pagedByteCount, header: span)
        else { throw .bad("it contradicts itself") }
        for (number, crc) in tail.pages.enumerated()
        where Checksum.crc32c(span.extracting(layout.page(number))) != crc {
            throw .bad("its page \(number) does not match its checksum")
        }
        self.layout = layout
        self.bytes = bytes
        remote = tail.remote
        guard isOrdered() else { throw .bad("it contradicts itself") }
    }

    /// Whether it was made from this segment, with this vocabulary.
    func isOf(_ segment: SealedSegment, vocabularyVersion: UInt64) -> Bool {
        header.isOf(segment, vocabularyVersion: vocabularyVersion)
    }

    /// The sequences whose records may concern a key, ascending.
    ///
    /// Another key may have the same hash, so look at the record itself for the key.
    /// - Complexity: O(log keys + sequences).
    public func sequences(ofKey key: RawSpan) -> [SequenceNumber] {
        sequences(ofHash: IndexKey.hash(key))
    }

    /// The same for a key that is text.
    public func sequences(ofKey key: String) -> [SequenceNumber] {
        sequences(ofHash: IndexKey.hash(key))
    }

    func sequences(ofHash hash: UInt64) -> [SequenceNumber] {
        var low = 0
        var high = layout.keyCount
        while low < high {
            let middle = (low + high) / 2
            let key = key(middle)
            if key.hash == hash {
                var reader = postings(from: key.offset)
                return reader.all(key.count, in: bytes) ?? []
            }
            if key.hash < hash { low = middle + 1 } else { high = middle }
        }
        return []
    }

    /// The number of sequences of all keys together.
    package var postingCount: Int { (0..<layout.keyCount).reduce(0) { $0 + key($1).count } }

    // MARK: the bytes

    private func key(_ number: Int) -> IndexEntry {
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        return IndexEntry(
            span, at: LogFormat.indexFixedByteCount + LogFormat.indexKeyByteCount * number)
    }

    private func postings(from offset: Int) -> PostingReader {
        PostingReader(
            at: layout.postingStart + offset, limit: layout.pagedByteCount, of: header)
    }

    /// Whether the keys ascend, and the postings stand back to back and are what they must be.
    private func isOrdered() -> Bool {
        var offset = 0
        var last: UInt64?
        for number in 0..<layout.keyCount {
            let key = key(number)
            guard key.offset == offset, key.count > 0, last.map({ $0 < key.hash }) ?? true else {
                return false
            }
            var reader = postings(from: key.offset)
            for _ in 0..<key.count where reader.next(in: bytes) == nil { return false }
            offset = reader.offset - layout.postingStart
            last = key.hash
        }
        return offset == layout.postingByteCount
    }
}
