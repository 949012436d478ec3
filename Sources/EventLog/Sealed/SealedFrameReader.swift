/// Reads the frames of sealed segments, one at a time, into memory that it keeps.
///
/// A frame's checksum is compared before anything in it is looked at, every length before it is
/// used; whatever the bytes are, nothing outside the buffers is touched.
struct SealedFrameReader: ~Copyable {
    private var stored = ByteBlock(byteCount: 0)
    /// What of which file is in `stored`.
    private var descriptor: Int32 = -1
    private var start = 0
    private var count = 0
    private var raw = ByteBlock(byteCount: 0)
    private var rawByteCount = 0
    private var decoder: LZ4FrameDecoder?

    /// How a frame is checked.
    enum Check {
        /// Its CRC-32C, its header and lengths, and that it decompresses to the size it states.
        case fast
        /// All that, and the header's and the content's own checksums, by liblz4.
        case thorough
    }

    /// Whether more than one frame is read at once; not for who wants one record of a long log.
    var isReadingAhead = true

    /// What one read fetches.
    private static let readByteCount = 1_024 * 1_024

    init() {}

    /// Forgets what was read, before another file may have the same descriptor.
    mutating func forget() {
        descriptor = -1
        rawByteCount = 0
    }

    /// The records of the frame that `load` read last, back to back.
    var records: RawSpan {
        @_lifetime(borrow self)
        get { raw.bytes.extracting(0..<rawByteCount) }
    }

    /// Reads a frame of a segment whose file is open.
    ///
    /// - Throws: `damaged` with the frame's offset.
    mutating func load(
        _ frame: SealedFrame, of file: DiskFile, disk: any Disk, check: Check
    ) throws(SegmentScan.Unreadable) {
        rawByteCount = 0
        try fetch(frame, file, disk)
        if raw.byteCount == 0 { raw = ByteBlock(byteCount: LogFormat.frameRawByteCountMax) }
        let place = frame.offset - start
        switch check {
        case .fast:
            rawByteCount = try Self.unpack(stored, at: place, frame, into: &raw, at: 0)
        case .thorough:
            if decoder == nil { decoder = LZ4FrameDecoder() }
            rawByteCount = try Self.unpack(stored, at: place, frame, with: &decoder, into: &raw)
        }
    }

    /// Reads a frame, with the check `fast`, and decompresses about as much as its first records
    /// take, if they are as long as the others.
    ///
    /// - Throws: `damaged` with the frame's offset.
    mutating func loadStart(
        _ frame: SealedFrame, of file: DiskFile, disk: any Disk, records count: Int, of total: Int
    ) throws(SegmentScan.Unreadable) {
        rawByteCount = 0
        try fetch(frame, file, disk)
        if raw.byteCount == 0 { raw = ByteBlock(byteCount: LogFormat.frameRawByteCountMax) }
        let place = frame.offset - start
        rawByteCount = try Self.unpackStart(
            stored, at: place, frame, into: &raw, share: Double(count) / Double(max(total, 1)))
    }

    /// Reads a frame into memory of the caller's at `offset`, with the check `fast`.
    ///
    /// - Precondition: there is room for the largest frame.
    /// - Returns: how many bytes of records it gave.
    /// - Throws: `damaged` with the frame's offset.
    mutating func load(
        _ frame: SealedFrame, of file: DiskFile, disk: any Disk, into block: inout ByteBlock,
        at offset: Int
    ) throws(SegmentScan.Unreadable) -> Int {
        try fetch(frame, file, disk)
        return try Self.unpack(stored, at: frame.offset - start, frame, into: &block, at: offset)
    }

    /// Checks and decompresses a frame to `offset`; how many bytes it gives.
    private static func unpack(
        _ stored: borrowing ByteBlock, at place: Int, _ frame: SealedFrame,
        into block: inout ByteBlock, at offset: Int
    ) throws(SegmentScan.Unreadable) -> Int {
        let bytes = stored.bytes.extracting(place..<(place + frame.byteCount))
        let content = try check(bytes, frame)
        var target = block.mutableBytes
        guard content.unpack(bytes, into: &target, at: offset) else {
            throw .damaged("a frame cannot be decompressed", offset: frame.offset)
        }
        return content.contentByteCount
    }

    /// The same of its first bytes: a share of them, and some more.
    private static func unpackStart(
        _ stored: borrowing ByteBlock, at place: Int, _ frame: SealedFrame,
        into block: inout ByteBlock, share: Double
    ) throws(SegmentScan.Unreadable) -> Int {
        let bytes = stored.bytes.extracting(place..<(place + frame.byteCount))
        let content = try check(bytes, frame)
        let whole = content.contentByteCount
        let wanted = min(whole, Int(Double(whole) * min(share, 1)) + whole / 16 + 1_024)
        var target = block.mutableBytes
        guard content.unpack(bytes, into: &target, at: 0, byteCount: wanted) else {
            throw .damaged("a frame cannot be decompressed", offset: frame.offset)
        }
        return wanted
    }

    /// The same by liblz4's own reader of frames, with every checksum in them.
    private static func unpack(
        _ stored: borrowing ByteBlock, at place: Int, _ frame: SealedFrame,
        with decoder: inout LZ4FrameDecoder?, into block: inout ByteBlock
    ) throws(SegmentScan.Unreadable) -> Int {
        let bytes = stored.bytes.extracting(place..<(place + frame.byteCount))
        let content = try check(bytes, frame)
        var target = block.mutableBytes
        guard decoder?.decode(bytes, into: &target) == content.contentByteCount else {
            throw .damaged("a frame cannot be decompressed", offset: frame.offset)
        }
        return content.contentByteCount
    }

    /// Checks a frame before anything in it is looked at; the block in it.
    private static func check(
        _ bytes: RawSpan, _ frame: SealedFrame
    ) throws(SegmentScan.Unreadable) -> FrameBlock {
        guard Checksum.crc32c(bytes) == frame.crc else {
            throw .damaged("a frame does not match its checksum", offset: frame.offset)
        }
        guard let block = FrameBlock(bytes) else {
            throw .damaged(
                "a frame is not laid out as those of this version", offset: frame.offset)
        }
        return block
    }

    /// Makes the frame readable in `stored`, with what follows it.
    private mutating func fetch(
        _ frame: SealedFrame, _ file: DiskFile, _ disk: any Disk
    ) throws(SegmentScan.Unreadable) {
        do throws(DiskError) { try fill(from: frame, file, disk) } catch {
            throw .damaged("it cannot be read: \(error)", offset: frame.offset)
        }
        guard count - (frame.offset - start) >= frame.byteCount else {
            throw .damaged("it ends within a frame", offset: start + count)
        }
    }

    /// Reads from the frame on, where it is not in `stored`.
    private mutating func fill(
        from frame: SealedFrame, _ file: DiskFile, _ disk: any Disk
    ) throws(DiskError) {
        let isHere =
            descriptor == file.descriptor && frame.offset >= start
            && frame.byteCount <= start + count - frame.offset
        if isHere { return }
        let wanted =
            isReadingAhead ? Self.readByteCount : LogFormat.roundUp(frame.byteCount)
        if stored.byteCount != wanted { stored = ByteBlock(byteCount: wanted) }
        descriptor = -1
        count = try Self.read(file, at: frame.offset, disk, into: &stored)
        start = frame.offset
        descriptor = file.descriptor
    }

    private static func read(
        _ file: DiskFile, at offset: Int, _ disk: any Disk, into block: inout ByteBlock
    ) throws(DiskError) -> Int {
        var target = block.mutableBytes
        return try disk.read(file, at: offset, into: &target)
    }
}

/// The one block within a frame, found by a parser of our own that knows this one layout.
private struct FrameBlock {
    let contentByteCount: Int
    private let range: Range<Int>
    private let isCompressed: Bool

    /// Nil unless the frame is laid out exactly as docs/format/sealed.md says.
    init?(_ frame: RawSpan) {
        let header = LogFormat.frameHeaderByteCount
        guard frame.byteCount > LogFormat.frameOverheadByteCount,
            frame.load(0, as: UInt32.self) == LogFormat.dataFrameMagic,
            frame.load(4, as: UInt8.self) == LogFormat.frameFlags,
            frame.load(5, as: UInt8.self) == LogFormat.frameBlockDescriptor
        else { return nil }
        let content = frame.load(6, as: UInt64.self)
        let size = frame.load(header, as: UInt32.self)
        let stored = Int(size & 0x7FFF_FFFF)
        guard content >= 1, content <= UInt64(LogFormat.frameRawByteCountMax),
            stored == frame.byteCount - LogFormat.frameOverheadByteCount,
            frame.load(header + 4 + stored, as: UInt32.self) == 0
        else { return nil }
        contentByteCount = Int(content)
        range = (header + 4)..<(header + 4 + stored)
        isCompressed = size >> 31 == 0
    }

    /// Decompresses the block into `target` at `offset`; false if it does not give what it says.
    ///
    /// - Parameter byteCount: only its first bytes, at offset 0; nil for all of them.
    func unpack(
        _ frame: RawSpan, into target: inout MutableRawSpan, at offset: Int,
        byteCount: Int? = nil
    ) -> Bool {
        let block = frame.extracting(range)
        if let byteCount, byteCount < contentByteCount, isCompressed {
            return BlockCompression.decompressStart(block, into: &target, byteCount: byteCount)
        }
        guard isCompressed else {
            guard block.byteCount == contentByteCount else { return false }
            // Safe: slicing and copyMemory check the room; the buffers stay within the closures.
            unsafe target.withUnsafeMutableBytes { to in
                let out = unsafe UnsafeMutableRawBufferPointer(rebasing: to[offset...])
                unsafe block.withUnsafeBytes { from in unsafe out.copyMemory(from: from) }
            }
            return true
        }
        return BlockCompression.decompress(
            block, into: &target, at: offset, byteCount: contentByteCount)
    }
}
