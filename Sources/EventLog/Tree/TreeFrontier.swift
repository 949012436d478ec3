/// The right edge of the Merkle tree over all records so far (RFC 6962 section 2.1).
///
/// The peaks are the roots of the complete subtrees whose sizes are the set bits of `size`, the
/// largest (leftmost) first. That is all one needs to add leaves, and to know the root.
struct TreeFrontier: Hashable, Sendable {
    private(set) var size: UInt64 = 0
    private(set) var peaks: [TreeHash] = []

    init() { peaks.reserveCapacity(LogFormat.frontierPeakCountMax) }

    /// A frontier read back; nil unless there are as many peaks as `size` has set bits.
    init?(size: UInt64, peaks: [TreeHash]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
        self.peaks.reserveCapacity(LogFormat.frontierPeakCountMax)
    }

    /// Adds a leaf: each trailing one of the size is a subtree that is now complete.
    mutating func append(leaf: TreeHash) {
        var hash = leaf
        var rest = size
        while rest & 1 == 1 {
            hash = TreeHash.node(peaks.removeLast(), hash)
            rest >>= 1
        }
        peaks.append(hash)
        size += 1
    }

    /// Adds a leaf, and to `subtrees` the root of each whole subtree of 256, 65,536, … leaves that
    /// it completes: the hashes of tiles of level 1 and up.
    mutating func append(leaf: TreeHash, collecting subtrees: inout [TileSubtree]) {
        var hash = leaf
        var rest = size
        var level = 0
        while rest & 1 == 1 {
            hash = TreeHash.node(peaks.removeLast(), hash)
            rest >>= 1
            level += 1
            if level & 7 == 0 {
                subtrees.append(TileSubtree(level: level / 8, index: rest, hash: hash))
            }
        }
        peaks.append(hash)
        size += 1
    }

    /// The root of the tree, as RFC 6962 section 2.1 defines it.
    ///
    /// - Complexity: one hash for each peak but one, at most 63.
    var root: TreeHash {
        guard var hash = peaks.last else { return TreeHash.ofNothing }
        for peak in peaks.dropLast().reversed() { hash = TreeHash.node(peak, hash) }
        return hash
    }

    /// What a segment's first batch chains to: the first four bytes, as a little-endian integer, of
    /// SHA-256(size as 8 little-endian bytes ‖ peaks).
    var chain: UInt32 {
        var hasher = SHA256Hasher()
        hasher.update(word: size.littleEndian)
        for peak in peaks {
            hasher.update(word: peak.words.0)
            hasher.update(word: peak.words.1)
            hasher.update(word: peak.words.2)
            hasher.update(word: peak.words.3)
        }
        return UInt32(truncatingIfNeeded: hasher.finish().words.0.littleEndian)
    }
}

/// The root of a whole subtree of 2^(8 · level) leaves: one hash of a tile.
struct TileSubtree: Hashable, Sendable {
    /// The level of the tile that holds it, from 1.
    var level: Int
    /// Its place among the subtrees of its size, from 0.
    var index: UInt64
    var hash: TreeHash
}
