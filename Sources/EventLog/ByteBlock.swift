import Glibc

/// Bytes of our own at an address aligned to a block: what reads and writes go through.
///
/// The one owner of manual memory in this module. It begins as zeros and never changes its size.
///
/// Unchecked: it is the only owner of its memory and cannot be copied, so whoever has it has it
/// alone.
@safe
struct ByteBlock: ~Copyable, @unchecked Sendable {
    // Safe: never handed out but as a span that borrows self.
    private let memory: UnsafeMutableRawBufferPointer

    /// Allocates `byteCount` zeros.
    init(byteCount: Int) {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: byteCount, alignment: LogFormat.blockByteCount)
        // Safe: the memory was just allocated with this size. (memset, since the library's own loop
        // is slow in builds for debugging.)
        if let base = memory.baseAddress { unsafe memset(base, 0, byteCount) }
        unsafe self.memory = memory
    }

    deinit {
        // Safe: this is the only owner, and it ends here.
        unsafe memory.deallocate()
    }

    var byteCount: Int {
        // Safe: reads the size only.
        unsafe memory.count
    }

    /// All bytes, to read.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: the memory lives as long as self, which the span borrows.
            let span = unsafe RawSpan(_unsafeBytes: memory)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// All bytes, to change.
    var mutableBytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            // Safe: the memory lives as long as self, which the span borrows exclusively.
            let span = unsafe MutableRawSpan(_unsafeBytes: memory)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Copies `source` to `offset`.
    ///
    /// - Precondition: it fits.
    mutating func copy(_ source: RawSpan, to offset: Int) {
        precondition(offset >= 0 && source.byteCount <= byteCount - offset)
        // Safe: the bounds were checked, and a span of others cannot overlap memory of our own.
        // Safe: the range was checked above; both buffers outlive the copy.
        unsafe source.withUnsafeBytes { from in
            unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyMemory(from: from)
        }
    }

    /// Writes zeros over `range`.
    mutating func zero(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        // Safe: the range was checked.
        guard let base = unsafe memory.baseAddress else { return }
        unsafe memset(base + range.lowerBound, 0, range.count)
    }
}
