import CLZ4

/// Makes LZ4 frames as docs/format/sealed.md has them: one block of at most 256 KiB each.
@safe
struct LZ4FrameEncoder: ~Copyable {
    // Safe: made in init, freed in deinit, used by one call at a time in between.
    private let context: OpaquePointer

    /// How hard the compressor tries (LZ4 HC).
    ///
    /// Measured with `lz4 -B5` on 114 MB of the engine's own events (700,000, 163 bytes each), one
    /// core of a 2-core machine, size and speed: level 1 19.8 % at 1,030 MB/s, 3 16.6 % at 237, 4
    /// 16.3 % at 265, 6 16.2 % at 167, 9 16.1 % at 78, 12 16.1 % at 16. Beyond 4 nothing is gained.
    static let level: Int32 = 4

    /// The most bytes that a frame of `byteCount` raw bytes may need while it is made.
    static let targetByteCount = 2 * LogFormat.frameRawByteCountMax

    /// Nil where there is no memory.
    init?() {
        var made: OpaquePointer?
        // Safe: the call stores a context, or an error is returned.
        let answer = unsafe LZ4F_createCompressionContext(&made, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(answer) == 0, let context = unsafe made else { return nil }
        unsafe self.context = context
    }

    deinit {
        // Safe: this is the only owner, and it ends here.
        _ = unsafe LZ4F_freeCompressionContext(context)
    }

    /// Makes one frame of `source` at the start of `target`; its size, or nil where that fails.
    mutating func encode(_ source: RawSpan, into target: inout MutableRawSpan) -> Int? {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max256KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        preferences.frameInfo.contentSize = UInt64(source.byteCount)
        preferences.compressionLevel = Self.level
        // Without it the last bytes would become a block of their own.
        preferences.autoFlush = 1
        // Safe: the context lives as long as self.
        let context = unsafe self.context
        // Safe: both buffers are used within the closures, with their sizes, which liblz4 checks.
        return unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to -> Int? in
                guard let out = to.baseAddress else { return nil }
                var count = unsafe LZ4F_compressBegin(context, out, to.count, &preferences)
                guard LZ4F_isError(count) == 0 else { return nil }
                let body = unsafe LZ4F_compressUpdate(
                    context, out + count, to.count - count, from.baseAddress, from.count, nil)
                guard LZ4F_isError(body) == 0 else { return nil }
                count += body
                let end = unsafe LZ4F_compressEnd(context, out + count, to.count - count, nil)
                guard LZ4F_isError(end) == 0 else { return nil }
                return count + end
            }
        }
    }
}

/// Reads LZ4 frames with liblz4's own reader of frames, which checks every checksum in them.
///
/// Unchecked: it is the only owner of its context and cannot be copied, so whoever has it has it
/// alone; liblz4 keeps nothing by thread.
@safe
struct LZ4FrameDecoder: ~Copyable, @unchecked Sendable {
    // Safe: made in init, freed in deinit, used by one call at a time in between.
    private let context: OpaquePointer

    /// Nil where there is no memory.
    init?() {
        var made: OpaquePointer?
        // Safe: the call stores a context, or an error is returned.
        let answer = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(answer) == 0, let context = unsafe made else { return nil }
        unsafe self.context = context
    }

    deinit {
        // Safe: this is the only owner, and it ends here.
        _ = unsafe LZ4F_freeDecompressionContext(context)
    }

    /// Decompresses exactly one frame to the start of `target`; the number of bytes, or nil where
    /// it is not one frame, or not as it was written.
    mutating func decode(_ frame: RawSpan, into target: inout MutableRawSpan) -> Int? {
        // Safe: the context lives as long as self.
        let context = unsafe self.context
        // Safe: both buffers are used within the closures, with their sizes, which liblz4 checks.
        return unsafe frame.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                unsafe LZ4F_resetDecompressionContext(context)
                guard let input = from.baseAddress, let output = to.baseAddress else { return nil }
                var read = 0
                var written = 0
                while true {
                    var taken = from.count - read
                    var given = to.count - written
                    let rest = unsafe LZ4F_decompress(
                        context, output + written, &given, input + read, &taken, nil)
                    guard LZ4F_isError(rest) == 0 else { return nil }
                    read += taken
                    written += given
                    if rest == 0 { return read == from.count ? written : nil }
                    // No more to read, or no more room: the frame is not what was announced.
                    if taken == 0, given == 0 { return nil }
                }
            }
        }
    }
}
