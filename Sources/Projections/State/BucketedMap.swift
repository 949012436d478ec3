import Crypto
import Events

/// An entry of a projection: a message with a key.
///
/// Its canonical encoding is what digests, snapshots and comparisons are made of.
public protocol ProjectionEntry: WireMessage {
    /// What it is found by.
    associatedtype Key: Equatable & Sendable
    /// The entry's key.
    var key: Key { get }
    /// The key's canonical bytes; entries are ordered by them, byte by byte.
    static func keyBytes(_ key: Key) -> [UInt8]
    /// The key for people.
    static func keyText(_ key: Key) -> String
    /// `KeyHash` over the key's canonical bytes, without making them.
    static func keyHash(_ key: Key) -> UInt64
    /// A quick hash of the key, for this process alone.
    static func placeHash(_ key: Key) -> UInt64
}

/// Where an entry of a map stands, for as long as it is there.
public struct EntryPlace: Sendable, Equatable {
    let slot: Int
}

/// A place that an entry remembers: no part of what it says, so all hints are equal.
struct PlaceHint: Sendable, Equatable {
    var place: EntryPlace?

    static func == (a: PlaceHint, b: PlaceHint) -> Bool { true }
}

/// A projection's entries, found by key or place, and spread over the buckets of a digest.
///
/// They stand in chunks that are copied when they are written to, so a copy of a map is cheap and
/// stays what it was while the map goes on. A bucket's digest is computed again only after one of
/// its entries changed, so that a digest of a million entries costs what changed since the last.
public struct BucketedMap<Entry: ProjectionEntry>: Sendable {
    private static var chunkSize: Int { 256 }
    private static var isFree: UInt32 { .max }

    /// Entries that are copied together, and the leaf of each; a free slot holds an entry that says
    /// nothing any more.
    private struct Chunk: Sendable {
        var entries: [Entry] = []
        var leaves: [UInt32] = []
    }

    private var chunks: [Chunk] = []
    private var slotCount = 0
    private var index = PlaceIndex()
    private var freeSlots: [Int32] = []
    private var digests: LeafDigests
    /// How many entries there are.
    public private(set) var count = 0

    /// An empty map.
    ///
    /// - Parameter bucketCount: a power of two, part of the digest's format.
    /// - Parameter leafCount: into how many leaves a bucket is divided; likewise.
    public init(bucketCount: Int, leafCount: Int = 1) {
        precondition(bucketCount > 0 && bucketCount & (bucketCount - 1) == 0)
        precondition(leafCount > 0 && leafCount & (leafCount - 1) == 0 && leafCount <= 65_536)
        digests = LeafDigests(bucketCount: bucketCount, leafCount: leafCount)
    }

    /// Where the entry of a key stands, or nil.
    ///
    /// The engine asks for it, across the border of the module; hence the versions for the maps
    /// that it asks most.
    /// - Complexity: O(1).
    @_specialize(where Entry == RunState)
    @_specialize(where Entry == ScheduleState)
    @_specialize(where Entry == DefinitionState)
    public func place(of key: Entry.Key) -> EntryPlace? {
        place(hash: Entry.placeHash(key)) { self[$0].key == key }
    }

    /// Where the entry with a `placeHash` stands that `isIt` confirms, or nil.
    ///
    /// It is given a place, not an entry, of which it would be given a copy.
    @inline(__always)
    func place(hash: UInt64, isIt: (EntryPlace) -> Bool) -> EntryPlace? {
        index.place(hash) { isIt(EntryPlace(slot: $0)) }.map { EntryPlace(slot: $0) }
    }

    /// The entry of a key.
    ///
    /// - Complexity: O(1).
    public subscript(_ key: Entry.Key) -> Entry? {
        @_specialize(where Entry == RunState)
        @_specialize(where Entry == ScheduleState)
        @_specialize(where Entry == DefinitionState)
        get { place(of: key).map { self[$0] } }
    }

    /// The entry at a place, to be changed in place; its key must stay.
    subscript(_ place: EntryPlace) -> Entry {
        _read { yield chunks[place.slot / Self.chunkSize].entries[place.slot % Self.chunkSize] }
        _modify {
            let (chunk, slot) = place.slot.quotientAndRemainder(dividingBy: Self.chunkSize)
            digests.touch(chunks[chunk].leaves[slot])
            yield &chunks[chunk].entries[slot]
        }
    }

    /// Puts an entry in the place of its key.
    ///
    /// - Returns: where it stands now.
    @discardableResult
    public mutating func insert(_ entry: consuming Entry) -> EntryPlace {
        let key = entry.key
        if let place = place(of: key) {
            self[place] = entry
            return place
        }
        return add(entry, key)
    }

    /// Adds an entry whose key is not there yet.
    @discardableResult
    mutating func add(_ entry: consuming Entry, _ key: Entry.Key) -> EntryPlace {
        let slot = takeSlot()
        chunks[slot / Self.chunkSize].entries[slot % Self.chunkSize] = entry
        return admit(slot, key)
    }

    /// Adds an entry whose key is not there yet, which `body` makes in its place, of an entry that
    /// says nothing any more.
    mutating func add<Failure: Error>(
        _ key: Entry.Key, _ body: (inout Entry) throws(Failure) -> Void
    ) throws(Failure) {
        let slot = takeSlot()
        try body(&chunks[slot / Self.chunkSize].entries[slot % Self.chunkSize])
        _ = admit(slot, key)
    }

    /// Counts the entry in a slot among those that are there.
    private mutating func admit(_ slot: Int, _ key: Entry.Key) -> EntryPlace {
        let leaf = digests.leaf(of: Entry.keyHash(key))
        chunks[slot / Self.chunkSize].leaves[slot % Self.chunkSize] = leaf
        digests.touch(leaf)
        if index.isFull {
            index.grow { [chunks] slot in Self.placeHash(slot, chunks) }
        }
        index.add(slot, Entry.placeHash(key))
        count += 1
        return EntryPlace(slot: slot)
    }

    private static func placeHash(_ slot: Int, _ chunks: [Chunk]) -> UInt64 {
        Entry.placeHash(chunks[slot / chunkSize].entries[slot % chunkSize].key)
    }

    private mutating func takeSlot() -> Int {
        if let slot = freeSlots.popLast() { return Int(slot) }
        let slot = slotCount
        slotCount += 1
        let chunk = slot / Self.chunkSize
        if chunk == chunks.count {
            chunks.append(Chunk())
            // The first chunk grows as it is filled: most maps stay small.
            if chunk > 0 {
                chunks[chunk].entries.reserveCapacity(Self.chunkSize)
                chunks[chunk].leaves.reserveCapacity(Self.chunkSize)
            }
        }
        chunks[chunk].entries.append(Entry())
        chunks[chunk].leaves.append(Self.isFree)
        return slot
    }

    /// Removes an entry and returns it.
    @discardableResult
    public mutating func remove(_ key: Entry.Key) -> Entry? {
        place(of: key).map { remove(at: $0) }
    }

    /// Removes the entry at a place and returns it.
    mutating func remove(at place: EntryPlace) -> Entry {
        var entry = Entry()
        remove(at: place, for: &entry)
        return entry
    }

    /// Removes the entry at a place in exchange for another, whose memory is used again when one
    /// is added (`add(_:_:)` with a body).
    mutating func remove(at place: EntryPlace, for entry: inout Entry) {
        let (chunk, slot) = place.slot.quotientAndRemainder(dividingBy: Self.chunkSize)
        digests.touch(chunks[chunk].leaves[slot])
        chunks[chunk].leaves[slot] = Self.isFree
        let hash = Entry.placeHash(chunks[chunk].entries[slot].key)
        let all = chunks
        index.remove(place.slot, hash) { Self.placeHash($0, all) }
        _ = consume all
        swap(&entry, &chunks[chunk].entries[slot])
        freeSlots.append(Int32(place.slot))
        count -= 1
    }

    /// Changes an entry in place; returns nil where there is none.
    public mutating func modify<Result, Failure: Error>(
        _ key: Entry.Key, _ body: (inout Entry) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let place = place(of: key) else { return nil }
        return try body(&self[place])
    }

    /// Every entry, in no order that means anything.
    public func forEach<Failure: Error>(
        _ body: (Entry) throws(Failure) -> Void
    ) throws(Failure) {
        for chunk in chunks {
            for (slot, leaf) in chunk.leaves.enumerated() where leaf != Self.isFree {
                try body(chunk.entries[slot])
            }
        }
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

    private static func ordered(_ entries: [Entry]) -> [Entry] {
        if entries.count < 2 { return entries }
        return entries.map { (Entry.keyBytes($0.key), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            .map(\.1)
    }

    /// The digest of each bucket (docs/format/digest.md): only what changed is computed again.
    ///
    /// - Complexity: O(entries of the leaves that changed), and four bytes read for each entry.
    public mutating func bucketDigests() -> [[UInt8]] {
        let changed = digests.takeChanged()
        if !changed.isEmpty {
            var entries: [UInt32: [Entry]] = [:]
            for leaf in changed { entries[leaf] = [] }
            for chunk in chunks {
                for (slot, leaf) in chunk.leaves.enumerated()
                where leaf != Self.isFree && digests.isTaken(leaf) {
                    entries[leaf, default: []].append(chunk.entries[slot])
                }
            }
            for (leaf, entries) in entries { digests.set(leaf, Self.digest(Self.ordered(entries))) }
        }
        return digests.buckets()
    }

    /// How many buckets there are: a part of the digest's rules.
    var bucketCount: Int { digests.bucketCount }

    /// The leaf that a key belongs to.
    func leaf(of key: Entry.Key) -> UInt32 { digests.leaf(of: Entry.keyHash(key)) }

    /// The slots of each bucket's entries.
    ///
    /// - Complexity: O(n); four bytes for each entry.
    func slotsByBucket() -> [[Int32]] {
        var slots = Array(repeating: [Int32](), count: bucketCount)
        for (number, chunk) in chunks.enumerated() {
            for (slot, leaf) in chunk.leaves.enumerated() where leaf != Self.isFree {
                slots[digests.bucket(of: leaf)].append(Int32(number * Self.chunkSize + slot))
            }
        }
        return slots
    }

    /// The entries of some slots, by key bytes.
    ///
    /// - Complexity: O(n log n).
    func sorted(_ slots: [Int32]) -> [Entry] {
        Self.ordered(slots.map { self[EntryPlace(slot: Int($0))] })
    }

    /// Adds the entries of a bucket, with the digests of its leaves, which the caller has computed
    /// from the entries' bytes; so the digest of what was loaded costs nothing more.
    ///
    /// - Returns: false where a key is not of this bucket or is there already.
    mutating func fill(
        bucket: Int, with entries: [Entry], digests leaves: [(leaf: UInt32, digest: [UInt8])]
    ) -> Bool {
        for entry in entries {
            let key = entry.key
            guard digests.bucket(of: leaf(of: key)) == bucket, place(of: key) == nil else {
                return false
            }
            add(entry, key)
        }
        for (leaf, digest) in leaves { digests.set(leaf, digest) }
        return true
    }

    /// Makes room in what finds so many entries, before any is there.
    mutating func reserve(_ entryCount: Int) { index.reserve(entryCount) }

    /// SHA-256 over entries, each with its length before it.
    private static func digest(_ entries: [Entry]) -> [UInt8] {
        var hash = SHA256()
        var writer = WireWriter()
        for entry in entries {
            writer.removeAll()
            writer.appendDelimited(entry)
            hash.update(data: writer.bytes)
        }
        return Array(hash.finalize())
    }
}
