/// What the end of a sealed segment states about it (docs/format/sealed.md).
struct SealedFooter: Sendable {
    var identity: LogIdentity
    var firstSequence: UInt64
    var recordCount: UInt64
    /// The bytes of the record stream.
    var rawByteCount: UInt64
    var firstTime: Int64
    var lastTime: Int64
    /// The term of the last batch.
    var term: UInt64
    /// The checksum in the identity frame.
    ///
    /// (Over the whole payload, that checksum included, it would be the same for every identity.)
    var identityCRC: UInt32
    var frames: [SealedFrame]
    /// The tree at the segment's end.
    var frontier: TreeFrontier
    /// The checksum in the footer itself: what an index is bound to.
    var crc: UInt32 = 0
    /// Whether the root that stands there is that of the frontier beside it.
    var isRootOfFrontier = true

    /// The sequence after the last record.
    var endSequence: UInt64 { firstSequence + recordCount }

    /// The bytes of the whole skippable frame.
    var byteCount: Int {
        Self.byteCount(frameCount: frames.count, peakCount: frontier.peaks.count)
    }

    private static func byteCount(frameCount: Int, peakCount: Int) -> Int {
        LogFormat.skippableHeaderByteCount + LogFormat.footerFixedByteCount
            + LogFormat.frameEntryByteCount * frameCount + 32 * peakCount + 32 + 4
            + LogFormat.sealedEndByteCount
    }

    /// The whole skippable frame; keeps its checksum.
    mutating func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.reserve(byteCount)
        writer.append(LogFormat.footerFrameMagic)
        writer.append(UInt32(byteCount - LogFormat.skippableHeaderByteCount))
        writer.append(LogFormat.footerMagic)
        writer.append(LogFormat.version)
        writer.append(UInt32(frames.count))
        writer.append(identity)
        writer.append(firstSequence)
        writer.append(recordCount)
        writer.append(rawByteCount)
        writer.append(firstTime)
        writer.append(lastTime)
        writer.append(term)
        writer.append(identityCRC)
        writer.append(UInt32(0))
        for frame in frames {
            writer.append(UInt64(frame.offset))
            writer.append(frame.firstSequence)
            writer.append(frame.time)
            writer.append(UInt32(frame.byteCount))
            writer.append(frame.crc)
        }
        writer.append(frontier.peaks)
        writer.append([frontier.root])
        crc = writer.bytes.checksum(from: LogFormat.skippableHeaderByteCount)
        writer.append(crc)
        writer.append(UInt32(byteCount))
        writer.append(LogFormat.endOfFileMagic)
        return writer.bytes
    }

    /// Reads the whole skippable frame, and checks that it agrees with itself; that it agrees with
    /// the identity and the file is for the caller to check.
    static func decode(_ frame: RawSpan) throws(SegmentHeader.Problem) -> SealedFooter {
        let least = byteCount(frameCount: 1, peakCount: 1)
        guard frame.byteCount >= least else { throw .bad("its footer is cut short") }
        let header = LogFormat.skippableHeaderByteCount
        let bytes = frame.extracting(header..<frame.byteCount)
        guard frame.load(0, as: UInt32.self) == LogFormat.footerFrameMagic,
            Int(frame.load(4, as: UInt32.self)) == bytes.byteCount,
            bytes.load(0, as: UInt64.self) == LogFormat.footerMagic
        else { throw .bad("its footer does not start with the mark of one") }
        let crcOffset = bytes.byteCount - LogFormat.sealedEndByteCount - 4
        let crc = bytes.load(crcOffset, as: UInt32.self)
        guard Checksum.crc32c(bytes.extracting(0..<crcOffset)) == crc else {
            throw .bad("its footer does not match its checksum")
        }
        let version = bytes.load(8, as: UInt32.self)
        guard version == LogFormat.version else { throw .unknownVersion(version) }
        let frameCount = Int(bytes.load(12, as: UInt32.self))
        let first = bytes.load(32, as: UInt64.self)
        let count = bytes.load(40, as: UInt64.self)
        let (end, overflow) = first.addingReportingOverflow(count)
        guard frameCount >= 1, frameCount <= LogFormat.frameCountMax, count >= 1, !overflow,
            end != LogFormat.noSequence, bytes.load(84, as: UInt32.self) == 0,
            byteCount(frameCount: frameCount, peakCount: end.nonzeroBitCount) == frame.byteCount
        else { throw .bad("its footer contradicts itself") }
        let frontierOffset =
            LogFormat.footerFixedByteCount + LogFormat.frameEntryByteCount * frameCount
        let peaks = (0..<end.nonzeroBitCount).map { TreeHash(bytes, at: frontierOffset + 32 * $0) }
        guard let frontier = TreeFrontier(size: end, peaks: peaks) else {
            throw .bad("its footer contradicts itself")
        }
        return SealedFooter(
            identity: LogIdentity(
                low: bytes.load(16, as: UInt64.self), high: bytes.load(24, as: UInt64.self)),
            firstSequence: first, recordCount: count, rawByteCount: bytes.load(48),
            firstTime: bytes.load(56), lastTime: bytes.load(64), term: bytes.load(72),
            identityCRC: bytes.load(80), frames: frames(bytes, count: frameCount),
            frontier: frontier, crc: crc,
            isRootOfFrontier: frontier.root == TreeHash(bytes, at: crcOffset - 32))
    }

    private static func frames(_ bytes: RawSpan, count: Int) -> [SealedFrame] {
        (0..<count).map { number in
            let place = LogFormat.footerFixedByteCount + LogFormat.frameEntryByteCount * number
            return SealedFrame(
                // Beyond any file there is no offset, so it is refused with the others.
                offset: Int(clamping: bytes.load(place, as: UInt64.self)),
                firstSequence: bytes.load(place + 8), time: bytes.load(place + 16),
                byteCount: Int(bytes.load(place + 24, as: UInt32.self)),
                crc: bytes.load(place + 28))
        }
    }

    /// Why the frames do not fill the file from the identity's end to the footer's start, in
    /// ascending order; nil where they do.
    func problemInFrames(from start: Int, to end: Int) -> String? {
        var offset = start
        var sequence = firstSequence
        let rawMax = UInt64(frames.count) * UInt64(LogFormat.frameRawByteCountMax)
        // A record takes one byte at least: that of its length.
        guard rawByteCount >= recordCount, rawByteCount <= rawMax else {
            return "its footer states a size that its frames cannot have"
        }
        guard frames.first?.time == firstTime else { return "its footer's first times differ" }
        for (number, frame) in frames.enumerated() {
            let isAscending =
                number == 0
                ? frame.firstSequence == sequence : frame.firstSequence > sequence
            guard frame.offset == offset, isAscending, frame.firstSequence < endSequence,
                frame.byteCount > LogFormat.frameOverheadByteCount,
                frame.byteCount <= LogFormat.frameByteCountMax, frame.byteCount <= end - offset
            else { return "its footer's frame \(number) is not where it must be" }
            offset += frame.byteCount
            sequence = frame.firstSequence
        }
        return offset == end ? nil : "its footer's frames do not fill the file"
    }
}

/// Where one frame of a sealed segment stands, and what is in it.
struct SealedFrame: Sendable, Hashable {
    var offset: Int
    var firstSequence: UInt64
    /// The time of its first record, or `LogFormat.noTime`.
    var time: Int64
    var byteCount: Int
    /// The checksum of the whole frame.
    var crc: UInt32
}
