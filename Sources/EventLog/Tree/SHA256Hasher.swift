import COpenSSL

/// SHA-256 (FIPS 180-4) by libcrypto, with its context on the stack.
///
/// The log hashes each record twice, on its writer's thread. swift-crypto allocates a context for
/// each hash and takes 480 ns for one of 200 bytes; this takes 130 ns.
struct SHA256Hasher {
    // A plain structure of integers, which libcrypto fills and reads within the calls below.
    private var context = SHA256_CTX()

    init() {
        // Safe: the call fills the context that it is given; none of the calls fails with one.
        _ = unsafe SHA256_Init(&context)
    }

    mutating func update(_ bytes: RawSpan) {
        // Safe: the buffer is read within the closure, with its size.
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    mutating func update(byte: UInt8) {
        // Safe: one byte of a local value, within the closure.
        unsafe withUnsafeBytes(of: byte) { _ = unsafe SHA256_Update(&context, $0.baseAddress, 1) }
    }

    /// Adds eight bytes in the order in which they stand in memory.
    mutating func update(word: UInt64) {
        // Safe: eight bytes of a local value, within the closure.
        unsafe withUnsafeBytes(of: word) { _ = unsafe SHA256_Update(&context, $0.baseAddress, 8) }
    }

    typealias Words = (UInt64, UInt64, UInt64, UInt64)

    /// Adds one byte and two hashes, in one call: with a whole block at hand, libcrypto copies
    /// nothing.
    mutating func update(node: (UInt8, Words, Words)) {
        var bytes = (UInt64(node.0).bigEndian, node.1, node.2)
        // Safe: 72 bytes of a local value, of which the last byte of the first word is the prefix.
        unsafe withUnsafeBytes(of: &bytes) { buffer in
            let node = unsafe UnsafeRawBufferPointer(rebasing: buffer[7...])
            _ = unsafe SHA256_Update(&context, node.baseAddress, node.count)
        }
    }

    /// The hash of what was added; the hasher is used up.
    mutating func finish() -> TreeHash {
        var words: Words = (0, 0, 0, 0)
        // Safe: 32 bytes of a local value, which is what the call writes.
        unsafe withUnsafeMutableBytes(of: &words) { buffer in
            let target = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            _ = unsafe SHA256_Final(target, &context)
        }
        return TreeHash(words: words)
    }

    /// `finish` for a hasher that nothing else is added to.
    consuming func finished() -> TreeHash {
        var hasher = self
        return hasher.finish()
    }
}
