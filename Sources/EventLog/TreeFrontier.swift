import Crypto

/// A SHA-256 hash, as four words in the byte order of the file.
struct TreeHash: Hashable, Sendable, BitwiseCopyable {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    init() {}

    init(_ digest: SHA256Digest) {
        // Safe: a SHA-256 digest has 32 bytes, and the loads are within the closure.
        words = unsafe digest.withUnsafeBytes {
            unsafe $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        }
    }

    /// The hash stored at `offset`.
    init(_ bytes: RawSpan, at offset: Int) {
        words = (
            bytes.load(offset), bytes.load(offset + 8), bytes.load(offset + 16),
            bytes.load(offset + 24)
        )
        words = (
            words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian
        )
    }

    /// The 32 bytes.
    var bytes: [UInt8] {
        var copy = words
        // Safe: reads the value's own 32 bytes within the closure.
        return unsafe withUnsafeBytes(of: &copy) { unsafe Array($0) }
    }
}

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

    /// The hash of a record: SHA-256(0x00 ‖ record).
    static func leaf(_ record: RawSpan) -> TreeHash {
        var hasher = SHA256()
        update(&hasher, prefix: 0)
        // Safe: the bytes are read within the closure.
        unsafe record.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        return TreeHash(hasher.finalize())
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        var hasher = SHA256()
        update(&hasher, prefix: 1)
        var both = (left.words, right.words)
        // Safe: the bytes of a tuple of eight words, within the closure.
        unsafe withUnsafeBytes(of: &both) { unsafe hasher.update(bufferPointer: $0) }
        return TreeHash(hasher.finalize())
    }

    private static func update(_ hasher: inout SHA256, prefix: UInt8) {
        // Safe: one byte of a local value, within the closure.
        unsafe withUnsafeBytes(of: prefix) { unsafe hasher.update(bufferPointer: $0) }
    }

    /// Adds a leaf: each trailing one of the size is a subtree that is now complete.
    mutating func append(leaf: TreeHash) {
        var hash = leaf
        var rest = size
        while rest & 1 == 1 {
            hash = Self.node(peaks.removeLast(), hash)
            rest >>= 1
        }
        peaks.append(hash)
        size += 1
    }

    /// The root of the tree, as RFC 6962 defines it.
    package var root: [UInt8] {
        guard var hash = peaks.last else {
            return Array(SHA256().finalize())
        }
        for peak in peaks.dropLast().reversed() { hash = Self.node(peak, hash) }
        return hash.bytes
    }

    /// What a segment's first batch chains to: the first four bytes, as a little-endian integer, of
    /// SHA-256(size as 8 little-endian bytes ‖ peaks).
    var chain: UInt32 {
        var hasher = SHA256()
        // Safe: bytes of local values, within the closures.
        unsafe withUnsafeBytes(of: size.littleEndian) { unsafe hasher.update(bufferPointer: $0) }
        for peak in peaks {
            unsafe withUnsafeBytes(of: peak.words) { unsafe hasher.update(bufferPointer: $0) }
        }
        return UInt32(truncatingIfNeeded: TreeHash(hasher.finalize()).words.0.littleEndian)
    }
}
