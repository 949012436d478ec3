import Crypto
import EventLog
import Events
import Synchronization

/// One bucket of one projection, as it stands in a snapshot: a header of 24 bytes, then the
/// entries, each with its length before it, in the order of their keys.
struct SnapshotGroup: Sendable, Equatable {
    static let headerByteCount = 24
    /// More than any bucket has, and little enough to be read in one piece.
    static let byteCountMax = 1 << 30

    /// The number of the projection in the snapshot's head, from 0.
    var projection = 0
    /// The bucket.
    var bucket = 0
    /// The bytes of its entries.
    var byteCount = 0
    /// How many entries there are.
    var entryCount = 0
    /// CRC-32C of the header's first 20 bytes and the entries.
    var crc: UInt32 = 0
    /// Where the entries start in the file.
    var offset = 0

    /// The header without its checksum.
    var headerStart: [UInt8] {
        LittleEndian.bytes(UInt64(projection), 4) + LittleEndian.bytes(UInt64(bucket), 4)
            + LittleEndian.bytes(UInt64(byteCount), 8)
            + LittleEndian.bytes(UInt64(entryCount), 4)
    }

    /// The whole header.
    var header: [UInt8] { headerStart + LittleEndian.bytes(UInt64(crc), 4) }

    /// The checksum for these entries.
    func checksum(_ entries: [UInt8]) -> UInt32 {
        let start = headerStart
        // Safe: every byte of both arrays is initialised.
        let seed = Checksum.crc32c(unsafe start.span.bytes)
        // Safe: as above.
        return Checksum.crc32c(unsafe entries.span.bytes, seed: seed)
    }

    /// A group at an offset; nil where its header cannot be one.
    init?(header: [UInt8], offset: Int, fileByteCount: Int) {
        guard header.count == Self.headerByteCount else { return nil }
        let byteCount = LittleEndian.integer(header, 8, 8)
        guard byteCount <= UInt64(min(Self.byteCountMax, fileByteCount - offset)) else {
            return nil
        }
        projection = Int(LittleEndian.integer(header, 0, 4))
        bucket = Int(LittleEndian.integer(header, 4, 4))
        self.byteCount = Int(byteCount)
        entryCount = Int(LittleEndian.integer(header, 16, 4))
        crc = UInt32(LittleEndian.integer(header, 20, 4))
        self.offset = offset
    }

    /// A group that is being made.
    init() {}

    /// Whether it comes before another in a file.
    func precedes(_ other: SnapshotGroup) -> Bool {
        (projection, bucket) < (other.projection, other.bucket)
    }

    /// Runs `body` over the place of each entry; returns false where they are not as many entries
    /// as the header says, back to back.
    func forEachEntry<Failure: Error>(
        in bytes: [UInt8], _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var offset = 0
        var count = 0
        while offset < bytes.count {
            // A length of up to five bytes: as much as a group can hold.
            var length = 0
            var shift = 0
            while true {
                guard offset < bytes.count, shift <= 28 else { return false }
                let byte = bytes[offset]
                offset += 1
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            guard length <= bytes.count - offset, count < entryCount else { return false }
            try body(offset..<(offset + length))
            offset += length
            count += 1
        }
        return count == entryCount
    }
}

/// Integers as snapshots hold them: the lowest byte first.
enum LittleEndian {
    static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    /// - Precondition: the bytes lie within the array.
    static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }
}

/// A map that is filled bucket by bucket.
final class MapLoader<Entry: ProjectionEntry>: Sendable {
    private let map: Mutex<BucketedMap<Entry>>
    private let empty: BucketedMap<Entry>
    private let prepare: @Sendable (inout [Entry]) -> Void

    /// - Parameter entryCount: how many entries will come.
    /// - Parameter prepare: changes how entries are stored, not what they say.
    init(
        _ empty: BucketedMap<Entry>, entryCount: Int,
        prepare: @escaping @Sendable (inout [Entry]) -> Void = { _ in }
    ) {
        self.empty = empty
        self.prepare = prepare
        var map = empty
        map.reserve(entryCount)
        self.map = Mutex(map)
    }

    /// The map; the loader is empty afterwards, so that the map has one owner.
    func take() -> BucketedMap<Entry> {
        map.withLock { map in
            defer { map = empty }
            return map
        }
    }

    /// The entries of a group, and where each ends.
    private func decode(
        _ group: SnapshotGroup, _ bytes: [UInt8]
    ) -> (entries: [Entry], ends: [Int])? {
        var entries: [Entry] = []
        var ends: [Int] = []
        var reader = WireReader(bytes)
        // An entry has a byte or more, so a wrong count reserves no more than there is.
        entries.reserveCapacity(min(group.entryCount, bytes.count))
        do throws(WireError) {
            let isWhole = try group.forEachEntry(in: bytes) { range throws(WireError) in
                // By hand, so that reading is compiled for this type of entry.
                try reader.find(range)
                var entry = Entry()
                try entry.fields(&reader)
                entry.unknownFields = try reader.unknownFields()
                entries.append(entry)
                ends.append(range.upperBound)
            }
            return isWhole ? (entries, ends) : nil
        } catch {
            return nil
        }
    }

    /// See `StateLoading.load`.
    func load(_ group: SnapshotGroup, _ bytes: [UInt8]) -> String? {
        guard let decoded = decode(group, bytes) else { return "its entries cannot be read" }
        let ends = decoded.ends
        var entries = decoded.entries
        // One entry of each bucket shows that this build writes entries as it reads them.
        var writer = WireWriter()
        if let first = entries.first { writer.appendDelimited(first) }
        guard bytes.starts(with: writer.bytes) else {
            return "its entries are not in this build's form"
        }
        let digests = leafDigests(entries, ends, bytes)
        prepare(&entries)
        let isFilled = map.withLock {
            [entries] in $0.fill(bucket: group.bucket, with: entries, digests: digests)
        }
        return isFilled ? nil : "an entry stands in a bucket that is not its own, or twice"
    }

    /// The digests of the leaves that the entries are of: each over its entries' bytes, with their
    /// lengths, in the order of the keys, which is the group's.
    private func leafDigests(
        _ entries: [Entry], _ ends: [Int], _ bytes: [UInt8]
    ) -> [(leaf: UInt32, digest: [UInt8])] {
        var places = entries.indices.map { (leaf: empty.leaf(of: entries[$0].key), index: $0) }
        places.sort { ($0.leaf, $0.index) < ($1.leaf, $1.index) }
        var digests: [(leaf: UInt32, digest: [UInt8])] = []
        var hash = SHA256()
        for (number, place) in places.enumerated() {
            let start = place.index == 0 ? 0 : ends[place.index - 1]
            hash.update(data: bytes[start..<ends[place.index]])
            if number + 1 == places.count || places[number + 1].leaf != place.leaf {
                digests.append((place.leaf, Array(hash.finalize())))
                hash = SHA256()
            }
        }
        return digests
    }

    /// See `StateLoading.entries`.
    func entries(_ projection: String, _ group: SnapshotGroup, _ bytes: [UInt8]) -> [StateEntry]? {
        decode(group, bytes)?.entries.map { StateEntry(projection, $0) }
    }
}
