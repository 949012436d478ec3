/// A sealed segment as its first and last bytes describe it; its records are not in memory.
struct SealedSegment: Sendable {
    let path: String
    /// What the header of its active form said, but for the size of that file, which is 0 here.
    let header: SegmentHeader
    let footer: SealedFooter
    /// The size of the sealed file.
    let byteCount: Int

    /// What one read at the file's end fetches: the whole footer of a segment of 64 MiB.
    private static let tailByteCountUsual = 16 * 1_024

    var firstSequence: SequenceNumber { header.firstSequence }
    var endSequence: SequenceNumber { SequenceNumber(footer.endSequence) }

    /// Reads identity and footer, and checks them and what they say of the file: a few reads,
    /// however large it is.
    ///
    /// No frame is read.
    static func open(
        _ name: SequenceNumber, file: DiskFile, disk: any Disk
    ) throws(SegmentScan.Unreadable) -> SealedSegment {
        let segment = try openWithoutRoot(name, file: file, disk: disk)
        guard segment.footer.isRootOfFrontier else {
            throw .damaged(
                "its root is not that of its frontier",
                offset: segment.byteCount - segment.footer.byteCount)
        }
        return segment
    }

    /// The same, but the footer's root is not compared with its frontier: for who reads all records
    /// and compares both with the tree.
    static func openWithoutRoot(
        _ name: SequenceNumber, file: DiskFile, disk: any Disk
    ) throws(SegmentScan.Unreadable) -> SealedSegment {
        let byteCount: Int
        do throws(DiskError) { byteCount = try disk.byteCount(of: file) } catch {
            throw .damaged("it cannot be read: \(error)", offset: 0)
        }
        let (header, identityCRC, dataStart) = try readIdentity(file, byteCount, disk)
        guard header.firstSequence == name else {
            throw .foreign(
                "it says that it starts with sequence \(header.firstSequence)",
                offset: LogFormat.skippableHeaderByteCount + 32)
        }
        let footer = try readFooter(file, byteCount, from: dataStart, disk)
        let footerStart = byteCount - footer.byteCount
        guard footer.identity == header.identity, footer.firstSequence == name.rawValue,
            footer.identityCRC == identityCRC, footer.term >= max(header.term, 1)
        else { throw .damaged("its identity and its footer differ", offset: footerStart) }
        if let detail = footer.problemInFrames(from: dataStart, to: footerStart) {
            throw .damaged(detail, offset: footerStart)
        }
        return SealedSegment(path: file.path, header: header, footer: footer, byteCount: byteCount)
    }

    /// The same for a path.
    static func open(
        _ name: SequenceNumber, path: String, disk: any Disk
    ) throws(DiskError) -> Result<SealedSegment, SegmentScan.Unreadable> {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        return Result { () throws(SegmentScan.Unreadable) in
            try open(name, file: file, disk: disk)
        }
    }

    /// The same of the segment of a log that has this name.
    static func open(
        _ name: SequenceNumber, _ paths: LogPaths, _ disk: any Disk
    ) throws(EventLogError) -> SealedSegment {
        let path = paths.sealed(name)
        let found: Result<SealedSegment, SegmentScan.Unreadable>
        do throws(DiskError) { found = try open(name, path: path, disk: disk) } catch {
            throw EventLogError(disk: error)
        }
        do throws(SegmentScan.Unreadable) { return try found.get() } catch {
            throw EventLogError(error, path: path)
        }
    }

    /// The number of the frame that holds a sequence; the number of frames for one after the last.
    func frameNumber(holding sequence: SequenceNumber) -> Int {
        guard sequence < endSequence else { return footer.frames.count }
        var low = 0
        var high = footer.frames.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if footer.frames[middle].firstSequence <= sequence.rawValue {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }

    /// The number of records in a frame.
    func recordCount(ofFrame number: Int) -> Int {
        let frames = footer.frames
        let end =
            number + 1 < frames.count ? frames[number + 1].firstSequence : footer.endSequence
        // Both were checked to be ascending; a count that no memory holds fits no frame either.
        return Int(clamping: end - frames[number].firstSequence)
    }

    /// A frame as the readers of batches see it.
    func batch(ofFrame number: Int, rawByteCount: Int) -> BatchHeader {
        let frame = footer.frames[number]
        return BatchHeader(
            storedByteCount: frame.byteCount, rawByteCount: rawByteCount, bodyCRC: frame.crc,
            recordCount: recordCount(ofFrame: number),
            firstSequence: SequenceNumber(frame.firstSequence),
            durableThrough: endSequence.previous, term: footer.term, chain: 0, codec: .lz4,
            isCommitMark: false, isSealedFrame: true)
    }

    // MARK: reading

    private static func readIdentity(
        _ file: DiskFile, _ byteCount: Int, _ disk: any Disk
    ) throws(SegmentScan.Unreadable) -> (SegmentHeader, UInt32, Int) {
        let block = try read(file, 0..<min(byteCount, LogFormat.blockByteCount), disk)
        do throws(SegmentHeader.Problem) {
            return try SealedIdentity.decode(block.bytes)
        } catch {
            throw .init(error, offset: LogFormat.skippableHeaderByteCount)
        }
    }

    private static func readFooter(
        _ file: DiskFile, _ byteCount: Int, from dataStart: Int, _ disk: any Disk
    ) throws(SegmentScan.Unreadable) -> SealedFooter {
        let count = min(byteCount - dataStart, tailByteCountUsual)
        guard count >= LogFormat.sealedEndByteCount else {
            throw .damaged("it ends before its footer", offset: byteCount)
        }
        let tail = try read(file, (byteCount - count)..<byteCount, disk)
        let end = tail.bytes.extracting((count - LogFormat.sealedEndByteCount)..<count)
        let wanted = Int(end.load(0, as: UInt32.self))
        guard end.load(4, as: UInt64.self) == LogFormat.endOfFileMagic,
            wanted >= LogFormat.sealedEndByteCount, wanted <= byteCount - dataStart,
            wanted <= LogFormat.frameCountMax * LogFormat.frameEntryByteCount + 4_096
        else {
            throw .damaged(
                "it does not end as a sealed segment does", offset: byteCount - count)
        }
        do throws(SegmentHeader.Problem) {
            if wanted <= count {
                return try SealedFooter.decode(tail.bytes.extracting((count - wanted)..<count))
            }
        } catch {
            throw .init(error, offset: byteCount - wanted)
        }
        let whole = try read(file, (byteCount - wanted)..<byteCount, disk)
        do throws(SegmentHeader.Problem) { return try SealedFooter.decode(whole.bytes) } catch {
            throw .init(error, offset: byteCount - wanted)
        }
    }

    /// Bytes of a file, all of them.
    private static func read(
        _ file: DiskFile, _ range: Range<Int>, _ disk: any Disk
    ) throws(SegmentScan.Unreadable) -> ByteBlock {
        var block = ByteBlock(byteCount: range.count)
        let count: Int
        do throws(DiskError) {
            var target = block.mutableBytes
            count = try disk.read(file, at: range.lowerBound, into: &target)
        } catch {
            throw .damaged("it cannot be read: \(error)", offset: range.lowerBound)
        }
        guard count == range.count else {
            throw .damaged("it ends too early", offset: range.lowerBound + count)
        }
        return block
    }
}

/// The skippable frame that a sealed segment starts with.
enum SealedIdentity {
    /// The whole frame, and the checksum in it.
    static func encoded(_ header: SegmentHeader) -> (bytes: [UInt8], crc: UInt32) {
        var writer = ByteWriter()
        let payload = LogFormat.identityFixedByteCount + 32 * header.frontier.peaks.count + 4
        writer.append(LogFormat.identityFrameMagic)
        writer.append(UInt32(payload))
        writer.append(LogFormat.identityMagic)
        writer.append(LogFormat.version)
        writer.append(UInt32(0))
        writer.append(header.identity)
        writer.append(header.firstSequence.rawValue)
        writer.append(header.creationMicroseconds)
        writer.append(header.term)
        writer.append(UInt64(0))
        writer.append(header.frontier.peaks)
        let crc = writer.bytes.checksum(from: LogFormat.skippableHeaderByteCount)
        writer.append(crc)
        return (writer.bytes, crc)
    }

    /// Reads the frame from the start of `block`: what it says, the checksum in it, and where it
    /// ends.
    static func decode(
        _ block: RawSpan
    ) throws(SegmentHeader.Problem) -> (SegmentHeader, UInt32, Int) {
        let start = LogFormat.skippableHeaderByteCount
        let fixed = LogFormat.identityFixedByteCount
        guard block.byteCount >= start + fixed + 4 else { throw .bad("it is cut short") }
        let count = Int(block.load(4, as: UInt32.self))
        guard block.load(0, as: UInt32.self) == LogFormat.identityFrameMagic,
            block.load(start, as: UInt64.self) == LogFormat.identityMagic,
            count >= fixed + 4, count <= block.byteCount - start
        else { throw .bad("it does not start with the mark of a sealed segment") }
        let bytes = block.extracting(start..<(start + count))
        let crc = Checksum.crc32c(bytes.extracting(0..<(count - 4)))
        guard bytes.load(count - 4, as: UInt32.self) == crc else {
            throw .bad("its identity does not match its checksum")
        }
        let version = bytes.load(8, as: UInt32.self)
        guard version == LogFormat.version else { throw .unknownVersion(version) }
        let first = bytes.load(32, as: UInt64.self)
        guard count == fixed + 32 * first.nonzeroBitCount + 4,
            bytes.load(12, as: UInt32.self) == 0, bytes.load(56, as: UInt64.self) == 0,
            let frontier = TreeFrontier(
                size: first,
                peaks: (0..<first.nonzeroBitCount).map { TreeHash(bytes, at: fixed + 32 * $0) })
        else { throw .bad("its identity contradicts itself") }
        let header = SegmentHeader(
            identity: LogIdentity(
                low: bytes.load(16, as: UInt64.self), high: bytes.load(24, as: UInt64.self)),
            firstSequence: SequenceNumber(first), creationMicroseconds: bytes.load(40),
            fileByteCount: 0, term: bytes.load(48), frontier: frontier)
        return (header, crc, start + count)
    }
}

extension SegmentScan.Unreadable {
    /// Bytes that are not the identity, the header or the footer that must stand there.
    init(_ problem: SegmentHeader.Problem, offset: Int) {
        switch problem {
        case .bad(let detail), .contradiction(let detail):
            self = .damaged(detail, offset: offset)
        case .unknownVersion(let version):
            self = .foreign(
                "it has format version \(version), and this build reads only "
                    + "\(LogFormat.version)", offset: offset)
        }
    }
}
