/// Where the parts of an index stand in its file (docs/format/sealed.md).
struct IndexLayout: Sendable, Hashable {
    /// The number of keys.
    let keyCount: Int
    /// The bytes of the postings.
    let postingByteCount: Int
    /// The number of keys that began before the segment.
    let remoteCount: Int

    /// The parts of these sizes.
    init(keyCount: Int, postingByteCount: Int, remoteCount: Int) {
        self.keyCount = keyCount
        self.postingByteCount = postingByteCount
        self.remoteCount = remoteCount
    }

    /// The parts of a file of this size; nil where they do not fill it exactly.
    init?(_ header: IndexHeader, fileByteCount: Int) {
        let without = IndexLayout(
            keyCount: Int(header.keyCount), postingByteCount: Int(header.postingByteCount),
            remoteCount: 0)
        let rest = fileByteCount - without.byteCount
        guard rest >= 0, rest % 8 == 0 else { return nil }
        self.init(
            keyCount: without.keyCount, postingByteCount: without.postingByteCount,
            remoteCount: rest / 8)
    }

    /// Where the postings start, behind the keys.
    var postingStart: Int {
        LogFormat.indexFixedByteCount + LogFormat.indexKeyByteCount * keyCount
    }

    /// The bytes that stand in pages: header, keys and postings; behind them the tail starts.
    var pagedByteCount: Int { postingStart + postingByteCount }

    /// The number of pages.
    var pageCount: Int {
        (pagedByteCount + LogFormat.indexPageByteCount - 1) / LogFormat.indexPageByteCount
    }

    /// Where the pages' checksums start.
    var pageTable: Int { pagedByteCount + 8 * remoteCount }

    /// Where the number of remote keys stands, and behind it the tail's checksum.
    var tailEnd: Int { pageTable + 4 * pageCount }

    /// The bytes of the whole file.
    var byteCount: Int { tailEnd + 4 + 4 + 4 }

    /// Where a page stands.
    func page(_ number: Int) -> Range<Int> {
        let start = number * LogFormat.indexPageByteCount
        return start..<min(start + LogFormat.indexPageByteCount, pagedByteCount)
    }

    /// Checks the tail, which starts at `start` of `bytes`, and gives what stands in it.
    ///
    /// - Parameter header: the index's first 64 bytes, which its checksum covers too.
    func tail(
        _ bytes: RawSpan, from start: Int, header: RawSpan
    ) -> (remote: [UInt64], pages: [UInt32])? {
        let length = byteCount - 8 - pagedByteCount
        let seed = Checksum.crc32c(header.extracting(0..<LogFormat.indexFixedByteCount))
        let checked = bytes.extracting(start..<(start + length))
        guard Checksum.crc32c(checked, seed: seed) == bytes.load(start + length, as: UInt32.self),
            Int(bytes.load(start + length - 4, as: UInt32.self)) == remoteCount
        else { return nil }
        var remote: [UInt64] = []
        remote.reserveCapacity(remoteCount)
        for number in 0..<remoteCount {
            let hash = bytes.load(start + 8 * number, as: UInt64.self)
            if let last = remote.last, last >= hash { return nil }
            remote.append(hash)
        }
        let table = start + 8 * remoteCount
        let pages = (0..<pageCount).map { bytes.load(table + 4 * $0, as: UInt32.self) }
        return (remote, pages)
    }
}

/// What an index states about itself in its first bytes.
struct IndexHeader: Sendable, Hashable {
    /// The checksum in the footer of the segment that it was made from.
    let footerCRC: UInt32
    let identity: LogIdentity
    let firstSequence: SequenceNumber
    let endSequence: SequenceNumber
    let vocabularyVersion: UInt64
    let keyCount: UInt32
    let postingByteCount: UInt32

    /// Reads it from the start of an index.
    ///
    /// - Precondition: `indexFixedByteCount` bytes are there.
    init(_ span: RawSpan) throws(SegmentHeader.Problem) {
        guard span.load(0, as: UInt64.self) == LogFormat.indexMagic else {
            throw .bad("it is no index")
        }
        let version = span.load(8, as: UInt32.self)
        guard version == LogFormat.indexVersion else { throw .unknownVersion(version) }
        let first = span.load(32, as: UInt64.self)
        let (after, overflow) = first.addingReportingOverflow(span.load(40, as: UInt64.self))
        guard !overflow, after > first else { throw .bad("it contradicts itself") }
        footerCRC = span.load(12)
        identity = LogIdentity(
            low: span.load(16, as: UInt64.self), high: span.load(24, as: UInt64.self))
        firstSequence = SequenceNumber(first)
        endSequence = SequenceNumber(after)
        vocabularyVersion = span.load(48)
        keyCount = span.load(56)
        postingByteCount = span.load(60)
    }

    /// Whether it was made from this segment, with this vocabulary.
    func isOf(_ segment: SealedSegment, vocabularyVersion: UInt64) -> Bool {
        footerCRC == segment.footer.crc && identity == segment.header.identity
            && firstSequence == segment.firstSequence && endSequence == segment.endSequence
            && self.vocabularyVersion == vocabularyVersion
    }
}

/// One key of an index: where its sequences stand.
struct IndexEntry: Sendable, Hashable {
    let hash: UInt64
    /// In the postings.
    let offset: Int
    /// The number of sequences.
    let count: Int

    /// Reads the key at `place`.
    init(_ span: RawSpan, at place: Int) {
        hash = span.load(place)
        offset = Int(span.load(place + 8, as: UInt32.self))
        count = Int(span.load(place + 12, as: UInt32.self))
    }
}

/// Takes one key's sequences apart, and checks each step.
struct PostingReader {
    /// Where the next step stands.
    private(set) var offset: Int
    private let limit: Int
    private var last: UInt64
    private var isFirst = true
    private let end: UInt64

    /// Reads from `offset`, and never at `limit` or behind it.
    init(at offset: Int, limit: Int, of header: IndexHeader) {
        self.offset = offset
        self.limit = limit
        last = header.firstSequence.rawValue
        end = header.endSequence.rawValue
    }

    /// The next sequence; nil where what stands there is none.
    mutating func next(in bytes: [UInt8]) -> UInt64? {
        var step: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < limit, shift < 63 else { return nil }
            let byte = UInt64(bytes[offset])
            offset += 1
            step |= (byte & 0x7F) << shift
            if byte < 0x80 {
                // Only the shortest form is one (docs/format/sealed.md).
                if byte == 0 && shift > 0 { return nil }
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

    /// So many sequences; nil where they are not what they must be.
    mutating func all(_ count: Int, in bytes: [UInt8]) -> [SequenceNumber]? {
        var found: [SequenceNumber] = []
        // A sequence takes one byte at least, so memory follows from what was read.
        found.reserveCapacity(min(count, max(0, limit - offset)))
        for _ in 0..<count {
            guard let sequence = next(in: bytes) else { return nil }
            found.append(SequenceNumber(sequence))
        }
        return found
    }
}
