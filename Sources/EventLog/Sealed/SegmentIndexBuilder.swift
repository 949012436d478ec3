/// Gathers which sequences of a segment concern which key.
///
/// Memory: a few bytes for each pair of record and key, and about 100 for each key, up to the
/// largest index that is read.
struct SegmentIndexBuilder: Sendable {
    private struct Posting: Sendable {
        var bytes: [UInt8] = []
        var last: UInt64 = 0
        var count: UInt32 = 0

        /// The sequences that were added, ascending.
        func sequences(base: UInt64) -> [SequenceNumber] {
            var found: [SequenceNumber] = []
            found.reserveCapacity(Int(count))
            var (sequence, step, shift) = (base, UInt64(0), UInt64(0))
            for byte in bytes {
                step |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte >= 0x80 { continue }
                sequence += step
                (step, shift) = (0, 0)
                found.append(SequenceNumber(sequence))
            }
            return found
        }

        /// Adds a sequence; how many bytes that took.
        mutating func add(_ sequence: UInt64, base: UInt64) -> Int {
            var rest = sequence - (count == 0 ? base : last)
            let before = bytes.count
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
            last = sequence
            count += 1
            return bytes.count - before
        }
    }

    private let firstSequence: UInt64
    private var postings: [UInt64: Posting] = [:]
    private var remote: Set<UInt64> = []
    private var byteCount = 0

    init(firstSequence: UInt64) { self.firstSequence = firstSequence }

    /// Whether it is too large to be an index; what is added then is not kept.
    var isTooLarge: Bool { layout.byteCount > LogFormat.indexByteCountMax }

    private var layout: IndexLayout {
        IndexLayout(
            keyCount: postings.count, postingByteCount: byteCount, remoteCount: remote.count)
    }

    /// Adds a record's keys; sequences come in ascending order, each once.
    mutating func add(_ description: RecordDescription, sequence: UInt64) {
        guard !description.keyHashes.isEmpty, !isTooLarge else { return }
        for hash in description.keyHashes {
            let base = firstSequence
            byteCount += postings[hash, default: Posting()].add(sequence, base: base)
        }
        for origin in description.origins where origin.since < firstSequence {
            remote.insert(origin.hash)
        }
    }

    /// The sequences of a key, by its hash, ascending.
    func sequences(ofHash hash: UInt64) -> [SequenceNumber] {
        postings[hash]?.sequences(base: firstSequence) ?? []
    }

    /// The index's bytes; nil where it is too large.
    func encoded(bindingTo footer: SealedFooter, vocabularyVersion: UInt64) -> [UInt8]? {
        guard !isTooLarge else { return nil }
        let keys = postings.keys.sorted()
        let layout = layout
        var writer = ByteWriter()
        writer.reserve(layout.byteCount)
        writer.append(LogFormat.indexMagic)
        writer.append(LogFormat.indexVersion)
        writer.append(footer.crc)
        writer.append(footer.identity)
        writer.append(footer.firstSequence)
        writer.append(footer.recordCount)
        writer.append(vocabularyVersion)
        writer.append(UInt32(keys.count))
        writer.append(UInt32(byteCount))
        var offset: UInt32 = 0
        for key in keys {
            guard let posting = postings[key] else { continue }
            writer.append(key)
            writer.append(offset)
            writer.append(posting.count)
            offset += UInt32(posting.bytes.count)
        }
        for key in keys { writer.append(postings[key]?.bytes ?? []) }
        appendTail(layout, &writer)
        return writer.bytes
    }

    /// Behind the pages: the remote keys, the checksums of pages, of the tail and of all.
    private func appendTail(_ layout: IndexLayout, _ writer: inout ByteWriter) {
        for hash in remote.sorted() { writer.append(hash) }
        for number in 0..<layout.pageCount {
            writer.append(writer.bytes.checksum(of: layout.page(number)))
        }
        writer.append(UInt32(remote.count))
        let header = writer.bytes.checksum(of: 0..<LogFormat.indexFixedByteCount)
        writer.append(
            writer.bytes.checksum(
                of: layout.pagedByteCount..<writer.bytes.count, seed: header))
        writer.append(writer.bytes.checksum())
    }
}
