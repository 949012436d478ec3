import CLZ4

/// LZ4 blocks (lz4_Block_format.md), for the rare body that would leave a sector of zeros.
package enum BlockCompression {
    /// The most bytes that `byteCount` can become (LZ4_COMPRESSBOUND).
    package static func bound(_ byteCount: Int) -> Int { byteCount + byteCount / 255 + 16 }

    /// Compresses `source` into `target` at `offset` and returns the size, or nil if it does not
    /// fit.
    ///
    /// - Parameter thorough: look at every position (LZ4 HC). A run of zeros then never survives as
    /// literals, which the fast search, that skips ahead in incompressible bytes, does not promise.
    package static func compress(
        _ source: RawSpan, into target: inout MutableRawSpan, at offset: Int, thorough: Bool
    ) -> Int? {
        // Safe: both buffers are used within the closures, with their sizes; LZ4 checks the
        // target's.
        let written = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to -> Int32 in
                let out = unsafe UnsafeMutableRawBufferPointer(rebasing: to[offset...])
                let source = unsafe from.baseAddress?.assumingMemoryBound(to: CChar.self)
                let target = unsafe out.baseAddress?.assumingMemoryBound(to: CChar.self)
                let (size, room) = (Int32(from.count), Int32(out.count))
                return thorough
                    ? unsafe LZ4_compress_HC(source, target, size, room, LZ4HC_CLEVEL_DEFAULT)
                    : unsafe LZ4_compress_default(source, target, size, room)
            }
        }
        return written > 0 ? Int(written) : nil
    }

    /// Decompresses `source` into `target` at `offset`; false if it does not give `byteCount`
    /// bytes.
    ///
    /// - Precondition: `target` has room for them.
    package static func decompress(
        _ source: RawSpan, into target: inout MutableRawSpan, at offset: Int = 0, byteCount: Int
    ) -> Bool {
        precondition(offset >= 0 && byteCount <= target.byteCount - offset)
        // Safe: as above; LZ4_decompress_safe never leaves either buffer, whatever the bytes are.
        let written = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                let out = unsafe UnsafeMutableRawBufferPointer(rebasing: to[offset...])
                return unsafe LZ4_decompress_safe(
                    from.baseAddress?.assumingMemoryBound(to: CChar.self),
                    out.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(from.count), Int32(byteCount))
            }
        }
        return Int(written) == byteCount
    }

    /// Decompresses the start of `source` into the start of `target`; false if it does not give
    /// `byteCount` bytes.
    ///
    /// - Precondition: `target` has room for them.
    static func decompressStart(
        _ source: RawSpan, into target: inout MutableRawSpan, byteCount: Int
    ) -> Bool {
        precondition(byteCount >= 0 && byteCount <= target.byteCount)
        // Safe: as above.
        let written = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                unsafe LZ4_decompress_safe_partial(
                    from.baseAddress?.assumingMemoryBound(to: CChar.self),
                    to.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(from.count), Int32(byteCount), Int32(to.count))
            }
        }
        return Int(written) == byteCount
    }
}
