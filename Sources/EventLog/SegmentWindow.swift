/// Reads a file through a window of memory that moves forward.
struct SegmentWindow: ~Copyable {
    let disk: any Disk
    let file: DiskFile
    private var block: ByteBlock
    /// Where in the file the window starts, and how many bytes of it are filled.
    private var start = 0
    private var count = 0

    /// What one read fetches: many batches at once, yet within a processor's cache.
    static let byteCountUsual = 1_024 * 1_024

    init(disk: any Disk, file: DiskFile, byteCount: Int = 16 * LogFormat.blockByteCount) {
        self.disk = disk
        self.file = file
        block = ByteBlock(byteCount: byteCount)
    }

    /// Makes `byteCount` bytes at `offset` readable; returns how many there are before the file
    /// ends.
    ///
    /// - Parameter isFresh: read them again even if they are here: someone may have written them.
    mutating func load(
        at offset: Int, byteCount: Int, isFresh: Bool = false
    ) throws(DiskError) -> Int {
        if !isFresh, offset >= start, offset + byteCount <= start + count { return byteCount }
        let usual = isFresh ? 0 : min(Self.byteCountUsual, max(block.byteCount, 2 * count))
        let wanted = LogFormat.roundUp(max(byteCount, usual))
        if wanted > block.byteCount { block = ByteBlock(byteCount: wanted) }
        count = 0
        start = offset
        count = try fill(at: offset)
        return min(byteCount, count)
    }

    private mutating func fill(at offset: Int) throws(DiskError) -> Int {
        let (disk, file) = (disk, file)
        var target = block.mutableBytes
        return try disk.read(file, at: offset, into: &target)
    }

    /// Bytes that `load` made readable.
    @_lifetime(borrow self)
    func bytes(at offset: Int, byteCount: Int) -> RawSpan {
        precondition(offset >= start && offset + byteCount <= start + count)
        return block.bytes.extracting((offset - start)..<(offset - start + byteCount))
    }
}
