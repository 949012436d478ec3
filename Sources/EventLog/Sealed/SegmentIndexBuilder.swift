/// Gathers which sequences of a segment concern which key.
///
/// Memory: a few bytes for each pair of record and key, and about 100 for each key, up to the
/// largest index that is read.
struct SegmentIndexBuilder {
    private struct Posting {
        var bytes: [UInt8] = []
        var last: UInt64 = 0
        var count: UInt32 = 0

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
    private var byteCount = 0

    init(firstSequence: UInt64) { self.firstSequence = firstSequence }

    /// Whether it is too large to be an index; what is added then is not kept.
    var isTooLarge: Bool {
        let keys = LogFormat.indexKeyByteCount * postings.count
        return LogFormat.indexFixedByteCount + keys + byteCount + 4 > LogFormat.indexByteCountMax
    }

    /// Adds a record's keys; sequences come in ascending order, each once.
    mutating func add(_ keyHashes: [UInt64], sequence: UInt64) {
        guard !keyHashes.isEmpty, !isTooLarge else { return }
        for hash in keyHashes {
            let base = firstSequence
            byteCount += postings[hash, default: Posting()].add(sequence, base: base)
        }
    }

    /// The index's bytes; nil where it is too large.
    func encoded(bindingTo footer: SealedFooter, vocabularyVersion: UInt64) -> [UInt8]? {
        guard !isTooLarge else { return nil }
        let keys = postings.keys.sorted()
        var writer = ByteWriter()
        writer.reserve(
            LogFormat.indexFixedByteCount + LogFormat.indexKeyByteCount * keys.count + byteCount + 4
        )
        writer.append(LogFormat.indexMagic)
        writer.append(LogFormat.version)
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
        writer.append(writer.bytes.checksum())
        return writer.bytes
    }
}
