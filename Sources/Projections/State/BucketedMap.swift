import Crypto
import Events

/// An entry of a projection: a message with a key.
///
/// Its canonical encoding is what digests, snapshots and comparisons are made of.
public protocol ProjectionEntry: WireMessage {
    /// What it is found by.
    associatedtype Key: Hashable & Sendable
    /// The entry's key.
    var key: Key { get }
    /// The key's canonical bytes; entries are ordered by them, byte by byte.
    static func keyBytes(_ key: Key) -> [UInt8]
    /// The key for people.
    static func keyText(_ key: Key) -> String
    /// `KeyHash` over the key's canonical bytes, without making them.
    static func keyHash(_ key: Key) -> UInt64
}

/// FNV-1a, 64 bits: stable across processes and machines, unlike Swift's seeded hash.
public struct KeyHash {
    /// The hash of what was taken in so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of no bytes.
    public init() {}

    /// Takes in a byte.
    @inline(__always)
    public mutating func take(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3  // FNV multiplies modulo 2^64
    }

    /// Takes in a text's UTF-8 bytes.
    public mutating func take(_ text: String) {
        for byte in text.utf8 { take(byte) }
    }

    /// The hash of a number's eight bytes, the highest first.
    public static func of(_ number: UInt64) -> UInt64 {
        var hash = KeyHash()
        for shift in stride(from: 56, through: 0, by: -8) {
            hash.take(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        return hash.value
    }

    /// The hash of a schedule's key: tenant, zero, id.
    public static func of(_ key: ScheduleKey) -> UInt64 {
        var hash = KeyHash()
        hash.take(key.tenant)
        hash.take(0)
        hash.take(key.jobId)
        return hash.value
    }
}

/// A projection's entries, spread over a fixed number of buckets by a hash of the key's bytes.
///
/// A bucket's digest is computed again only after one of its entries changed, so that a digest of
/// a million entries costs what changed since the last one.
public struct BucketedMap<Entry: ProjectionEntry>: Sendable {
    private struct Bucket: Sendable {
        var entries: [Entry.Key: Entry] = [:]
        var digest: [UInt8]?
    }

    private var buckets: [Bucket]
    /// How many entries there are.
    public private(set) var count = 0

    /// An empty map with a fixed number of buckets (a power of two, part of the format).
    public init(bucketCount: Int) {
        precondition(bucketCount > 0 && bucketCount & (bucketCount - 1) == 0)
        buckets = Array(repeating: Bucket(), count: bucketCount)
    }

    /// How many buckets there are: a part of the digest's rules.
    var bucketCount: Int { buckets.count }

    /// The number of the bucket that a key belongs to.
    func bucketIndex(_ key: Entry.Key) -> Int {
        let hash = Entry.keyHash(key)
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(buckets.count - 1))
    }

    /// The entry of a key.
    ///
    /// - Complexity: O(1).
    public subscript(_ key: Entry.Key) -> Entry? { buckets[bucketIndex(key)].entries[key] }

    /// Puts an entry in the place of its key.
    public mutating func insert(_ entry: Entry) {
        let index = bucketIndex(entry.key)
        count -= buckets[index].entries.count
        buckets[index].entries[entry.key] = entry
        count += buckets[index].entries.count
        buckets[index].digest = nil
    }

    /// Removes an entry and returns it.
    @discardableResult
    public mutating func remove(_ key: Entry.Key) -> Entry? {
        let index = bucketIndex(key)
        guard let entry = buckets[index].entries.removeValue(forKey: key) else { return nil }
        count -= 1
        buckets[index].digest = nil
        return entry
    }

    /// Where an entry stands, until the map is changed other than through it.
    struct Position {
        fileprivate let bucket: Int
        fileprivate let index: Dictionary<Entry.Key, Entry>.Index
    }

    /// Where the entry of a key stands, or nil.
    func position(of key: Entry.Key) -> Position? {
        let bucket = bucketIndex(key)
        return buckets[bucket].entries.index(forKey: key).map {
            Position(bucket: bucket, index: $0)
        }
    }

    /// The entry at a position, to be changed in place: runs are too large to copy for each event.
    subscript(_ position: Position) -> Entry {
        _read { yield buckets[position.bucket].entries.values[position.index] }
        _modify {
            buckets[position.bucket].digest = nil
            yield &buckets[position.bucket].entries.values[position.index]
        }
    }

    /// Changes an entry in place; returns nil where there is none.
    public mutating func modify<Result, Failure: Error>(
        _ key: Entry.Key, _ body: (inout Entry) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let index = bucketIndex(key)
        guard let position = buckets[index].entries.index(forKey: key) else { return nil }
        let result = try body(&buckets[index].entries.values[position])
        buckets[index].digest = nil
        return result
    }

    /// Every entry, in no order that means anything.
    public func forEach(_ body: (Entry) -> Void) {
        for bucket in buckets { for entry in bucket.entries.values { body(entry) } }
    }

    /// Every entry, by key bytes.
    ///
    /// - Complexity: O(n log n).
    public func sorted() -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        forEach { entries.append($0) }
        return Self.ordered(entries)
    }

    private static func ordered(_ entries: some Sequence<Entry>) -> [Entry] {
        entries.map { (Entry.keyBytes($0.key), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            .map(\.1)
    }

    /// The SHA-256 of each bucket over its entries' canonical bytes in key order.
    ///
    /// Each entry has its length before it. Only buckets that changed are computed again.
    public mutating func bucketDigests() -> [[UInt8]] {
        for index in buckets.indices where buckets[index].digest == nil {
            var hash = SHA256()
            var writer = WireWriter()
            for entry in Self.ordered(buckets[index].entries.values) {
                writer.removeAll()
                writer.appendDelimited(entry)
                hash.update(data: writer.bytes)
            }
            buckets[index].digest = Array(hash.finalize())
        }
        return buckets.map { $0.digest ?? [] }
    }

    /// How many entries a bucket has.
    func entryCount(ofBucket bucket: Int) -> Int { buckets[bucket].entries.count }

    /// A bucket's entries, by key bytes: what its digest is made of, in that order.
    ///
    /// - Complexity: O(n log n) in the bucket's entries.
    func sorted(bucket: Int) -> [Entry] { Self.ordered(buckets[bucket].entries.values) }

    /// Puts a bucket's entries into a map where the bucket is empty, with their digest, which the
    /// caller has computed from their bytes; so the digest of what was loaded costs nothing more.
    ///
    /// - Returns: false where a key is not of this bucket or stands twice.
    mutating func fill(bucket: Int, with entries: [Entry], digest: [UInt8]) -> Bool {
        guard buckets.indices.contains(bucket), buckets[bucket].entries.isEmpty else {
            return false
        }
        buckets[bucket].entries.reserveCapacity(entries.count)
        for entry in entries {
            guard bucketIndex(entry.key) == bucket else { return false }
            buckets[bucket].entries[entry.key] = entry
        }
        count += entries.count
        buckets[bucket].digest = digest
        return buckets[bucket].entries.count == entries.count
    }
}
