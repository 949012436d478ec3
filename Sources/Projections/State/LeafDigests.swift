import Crypto

/// The digests of a projection's leaves and buckets, and which of them have to be made again.
///
/// A bucket of one leaf has that leaf's digest; a bucket of several has the SHA-256 over theirs.
struct LeafDigests: Sendable {
    let bucketCount: Int
    private let leafCount: Int
    /// 32 bytes for each leaf; none before a leaf is given its digest.
    private var leafDigests: [UInt8] = []
    private var isChanged: [Bool]
    /// The leaves that changed since they were last taken, each once.
    private var changed: [UInt32] = []
    private var bucketDigests: [[UInt8]?]

    init(bucketCount: Int, leafCount: Int) {
        self.bucketCount = bucketCount
        self.leafCount = leafCount
        isChanged = Array(repeating: false, count: bucketCount * leafCount)
        bucketDigests = Array(repeating: nil, count: bucketCount)
    }

    /// The leaf for a key's hash: the bucket by its lower bits, the leaf in it by higher ones.
    @inline(__always)
    func leaf(of hash: UInt64) -> UInt32 {
        let folded = hash ^ hash >> 32
        let bucket = Int(truncatingIfNeeded: folded) & (bucketCount - 1)
        let leaf = Int(truncatingIfNeeded: folded >> 16) & (leafCount - 1)
        return UInt32(bucket * leafCount + leaf)
    }

    /// The bucket that a leaf is of.
    @inline(__always)
    func bucket(of leaf: UInt32) -> Int { Int(leaf) / leafCount }

    /// An entry of a leaf changed.
    @inline(__always)
    mutating func touch(_ leaf: UInt32) {
        let leaf = Int(leaf)
        if isChanged[leaf] { return }
        isChanged[leaf] = true
        changed.append(UInt32(leaf))
    }

    /// The leaves that changed; each is to be given its digest by `set`.
    mutating func takeChanged() -> [UInt32] {
        defer { changed.removeAll(keepingCapacity: true) }
        // One that was given its digest since it changed is none of them.
        return changed.filter { isChanged[Int($0)] }
    }

    /// Whether a leaf is one of those that were taken and have no digest yet.
    @inline(__always)
    func isTaken(_ leaf: UInt32) -> Bool { isChanged[Int(leaf)] }

    /// Gives a leaf its digest.
    mutating func set(_ leaf: UInt32, _ digest: [UInt8]) {
        if leafDigests.isEmpty { beginWithoutEntries() }
        let start = 32 * Int(leaf)
        leafDigests.replaceSubrange(start..<(start + 32), with: digest)
        isChanged[Int(leaf)] = false
        bucketDigests[Int(leaf) / leafCount] = nil
    }

    /// The digest of each bucket.
    mutating func buckets() -> [[UInt8]] {
        if leafDigests.isEmpty { beginWithoutEntries() }
        for bucket in 0..<bucketCount where bucketDigests[bucket] == nil {
            let byteCount = 32 * leafCount
            bucketDigests[bucket] = digest(
                of: leafDigests[(bucket * byteCount)..<((bucket + 1) * byteCount)])
        }
        return bucketDigests.map { $0 ?? [] }
    }

    /// Every leaf has the digest of no bytes, and all buckets the same one.
    private mutating func beginWithoutEntries() {
        let leaf = Array(SHA256().finalize())
        let bucket = Array(repeatElement(leaf, count: leafCount).joined())
        leafDigests = []
        leafDigests.reserveCapacity(bucket.count * bucketCount)
        for _ in 0..<bucketCount { leafDigests += bucket }
        bucketDigests = Array(repeating: digest(of: bucket[...]), count: bucketCount)
    }

    /// The digest of a bucket that has these leaves' digests.
    private func digest(of leaves: ArraySlice<UInt8>) -> [UInt8] {
        leafCount == 1 ? Array(leaves) : Array(SHA256.hash(data: Array(leaves)))
    }
}
