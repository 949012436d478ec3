/// Which sequences of a sealed segment concern which key; read whole and checked whole.
///
/// Derived: whatever is wrong with one, the segment itself says the same.
public struct SegmentIndex: Sendable {
    /// The segment's first sequence.
    public let firstSequence: SequenceNumber
    /// The sequence after the segment's last.
    public let endSequence: SequenceNumber
    /// The log that the segment is of.
    public let identity: LogIdentity
    /// Which vocabulary the keys are of.
    public let vocabularyVersion: UInt64
    /// The checksum in the footer of the segment that it was made from.
    let footerCRC: UInt32
    private let bytes: [UInt8]
    private let keyCount: Int

    /// The number of keys.
    public var count: Int { keyCount }
    /// The bytes that it takes in memory, and in its file.
    var byteCount: Int { bytes.count }

    /// Takes an index's bytes, and checks all of them; the reason where they are none.
    ///
    /// Whether it is the index of a segment that stands there is for `isOf` to say.
    init(_ bytes: [UInt8]) throws(SegmentHeader.Problem) {
        let fixed = LogFormat.indexFixedByteCount
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        guard span.byteCount >= fixed + 4, span.byteCount <= LogFormat.indexByteCountMax,
            span.load(0, as: UInt64.self) == LogFormat.indexMagic
        else { throw .bad("it is no index") }
        let end = span.byteCount - 4
        guard Checksum.crc32c(span.extracting(0..<end)) == span.load(end, as: UInt32.self) else {
            throw .bad("it does not match its checksum")
        }
        let version = span.load(8, as: UInt32.self)
        guard version == LogFormat.version else { throw .unknownVersion(version) }
        let first = span.load(32, as: UInt64.self)
        let (after, overflow) = first.addingReportingOverflow(span.load(40, as: UInt64.self))
        let keyCount = Int(span.load(56, as: UInt32.self))
        let postings = Int(span.load(60, as: UInt32.self))
        guard !overflow, after > first,
            fixed + LogFormat.indexKeyByteCount * keyCount + postings == end
        else { throw .bad("it contradicts itself") }
        footerCRC = span.load(12)
        identity = LogIdentity(
            low: span.load(16, as: UInt64.self), high: span.load(24, as: UInt64.self))
        firstSequence = SequenceNumber(first)
        endSequence = SequenceNumber(after)
        vocabularyVersion = span.load(48)
        self.keyCount = keyCount
        self.bytes = bytes
        guard isOrdered(postingByteCount: postings) else { throw .bad("it contradicts itself") }
    }

    /// Whether it was made from this segment, with this vocabulary.
    func isOf(_ segment: SealedSegment, vocabularyVersion: UInt64) -> Bool {
        footerCRC == segment.footer.crc && identity == segment.header.identity
            && firstSequence == segment.firstSequence && endSequence == segment.endSequence
            && self.vocabularyVersion == vocabularyVersion
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
        let bytes = Array(key.utf8)
        // Safe: the bytes of an array, which lives to the end of the call.
        return sequences(ofKey: unsafe bytes.span.bytes)
    }

    func sequences(ofHash hash: UInt64) -> [SequenceNumber] {
        var low = 0
        var high = keyCount
        while low < high {
            let middle = (low + high) / 2
            let key = key(middle)
            if key.hash == hash { return decoded(middle) ?? [] }
            if key.hash < hash { low = middle + 1 } else { high = middle }
        }
        return []
    }

    /// The number of sequences of all keys together.
    package var postingCount: Int { (0..<keyCount).reduce(0) { $0 + key($1).count } }

    // MARK: the bytes

    private func key(_ number: Int) -> (hash: UInt64, offset: Int, count: Int) {
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        let place = LogFormat.indexFixedByteCount + LogFormat.indexKeyByteCount * number
        return (
            span.load(place, as: UInt64.self), Int(span.load(place + 8, as: UInt32.self)),
            Int(span.load(place + 12, as: UInt32.self))
        )
    }

    /// Whether the keys ascend, and the postings stand back to back and are what they must be.
    private func isOrdered(postingByteCount: Int) -> Bool {
        var offset = 0
        var last: UInt64?
        for number in 0..<keyCount {
            let key = key(number)
            guard key.offset == offset, key.count > 0, last.map({ $0 < key.hash }) ?? true,
                let end = postingEnd(number, key.offset, key.count)
            else { return false }
            offset = end
            last = key.hash
        }
        return offset == postingByteCount
    }

    /// Where a posting ends, if its sequences ascend within the segment.
    private func postingEnd(_ number: Int, _ offset: Int, _ count: Int) -> Int? {
        var reader = PostingReader(bytes, self, offset)
        for _ in 0..<count where reader.next(in: bytes) == nil { return nil }
        return reader.offset - reader.base
    }

    private func decoded(_ number: Int) -> [SequenceNumber]? {
        let key = key(number)
        var found: [SequenceNumber] = []
        found.reserveCapacity(key.count)
        var reader = PostingReader(bytes, self, key.offset)
        for _ in 0..<key.count {
            guard let sequence = reader.next(in: bytes) else { return nil }
            found.append(SequenceNumber(sequence))
        }
        return found
    }

    /// Takes one key's sequences apart, and checks each step.
    private struct PostingReader {
        let base: Int
        let limit: Int
        var offset: Int
        var last: UInt64
        var isFirst = true
        let end: UInt64

        init(_ bytes: [UInt8], _ index: SegmentIndex, _ start: Int) {
            base =
                LogFormat.indexFixedByteCount + LogFormat.indexKeyByteCount * index.keyCount
            limit = bytes.count - 4
            offset = base + start
            last = index.firstSequence.rawValue
            end = index.endSequence.rawValue
        }

        mutating func next(in bytes: [UInt8]) -> UInt64? {
            var step: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                guard offset < limit, shift < 63 else { return nil }
                let byte = UInt64(bytes[offset])
                offset += 1
                step |= (byte & 0x7F) << shift
                if byte < 0x80 {
                    // Only the shortest form, as of records.
                    guard byte > 0 || shift == 0 else { return nil }
                    break
                }
                shift += 7
            }
            let (sequence, overflow) = last.addingReportingOverflow(step)
            guard !overflow, sequence < end, isFirst || step > 0 else { return nil }
            last = sequence
            isFirst = false
            return sequence
        }
    }
}
