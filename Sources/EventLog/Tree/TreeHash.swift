/// A SHA-256 hash, as four words in the byte order of the file.
public struct TreeHash: Hashable, Sendable, BitwiseCopyable {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Whether both are the same 32 bytes.
    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// Half of it is as good as random.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    init() {}

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// The hash stored at `offset`.
    init(_ bytes: RawSpan, at offset: Int) {
        words = (
            bytes.load(offset, as: UInt64.self).littleEndian,
            bytes.load(offset + 8, as: UInt64.self).littleEndian,
            bytes.load(offset + 16, as: UInt64.self).littleEndian,
            bytes.load(offset + 24, as: UInt64.self).littleEndian
        )
    }

    /// The hash that 32 bytes are; nil where there are not 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        // Safe: the bytes of an array, which lives to the end of the call.
        self.init(unsafe bytes.span.bytes, at: 0)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var copy = words
        // Safe: reads the value's own 32 bytes within the closure.
        return unsafe withUnsafeBytes(of: &copy) { unsafe Array($0) }
    }

    /// SHA-256 of no bytes: the root of the empty tree (RFC 6962 section 2.1).
    package static var ofNothing: TreeHash { SHA256Hasher().finished() }

    /// The hash of a record: SHA-256(0x00 ‖ record) (RFC 6962 section 2.1).
    package static func leaf(_ record: RawSpan) -> TreeHash {
        var hasher = SHA256Hasher()
        hasher.update(byte: 0)
        hasher.update(record)
        return hasher.finish()
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
    package static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        var hasher = SHA256Hasher()
        hasher.update(node: (1, left.words, right.words))
        return hasher.finish()
    }
}

extension TreeHash: CustomStringConvertible {
    /// The bytes in hexadecimal.
    public var description: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}

/// The Merkle tree over the first `size` records of a log (RFC 6962 section 2.1).
public struct TreeHead: Hashable, Sendable {
    /// The number of records.
    public var size: UInt64
    /// The tree's root.
    public var root: TreeHash

    /// The tree of `size` records with this root.
    public init(size: UInt64, root: TreeHash) {
        self.size = size
        self.root = root
    }
}
