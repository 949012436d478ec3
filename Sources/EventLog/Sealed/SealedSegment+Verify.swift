extension SealedSegment {
    /// What a look at every byte of a sealed segment found to be good.
    struct Verified: Sendable {
        let segment: SealedSegment
        /// The tree behind its last record, computed from the records.
        let frontier: TreeFrontier
    }

    /// Reads and checks every byte, computes the tree from the identity's frontier on and compares
    /// it with the footer's.
    ///
    /// It looks at this one segment alone, so that several can be verified at once; whether it
    /// continues the one before it is for the caller to compare.
    /// - Throws: `damaged`, `foreign`, with the offset.
    static func verify(
        _ name: SequenceNumber, file: DiskFile, disk: any Disk
    ) throws(SegmentScan.Unreadable) -> Verified {
        let segment = try open(name, file: file, disk: disk)
        var reader = SealedFrameReader()
        var frontier = segment.header.frontier
        var rawByteCount = 0
        for (number, frame) in segment.footer.frames.enumerated() {
            try reader.load(frame, of: file, disk: disk, check: .thorough)
            let count = segment.recordCount(ofFrame: number)
            guard frontier.append(recordsOf: reader.records, count: count) else {
                throw .damaged("a frame's records cannot be told apart", offset: frame.offset)
            }
            rawByteCount += reader.records.byteCount
        }
        guard rawByteCount == segment.footer.rawByteCount, frontier == segment.footer.frontier
        else {
            throw .damaged(
                "its tree is not that of its records",
                offset: segment.byteCount - segment.footer.byteCount)
        }
        return Verified(segment: segment, frontier: frontier)
    }

    /// The same for a path.
    static func verify(
        _ name: SequenceNumber, path: String, disk: any Disk
    ) throws(DiskError) -> Result<Verified, SegmentScan.Unreadable> {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        return Result { () throws(SegmentScan.Unreadable) in
            try verify(name, file: file, disk: disk)
        }
    }
}

extension TreeFrontier {
    /// Adds length-delimited records as leaves; false if they are not `count`, or not well formed.
    mutating func append(recordsOf body: RawSpan, count: Int) -> Bool {
        var splitter = RecordSplitter(body)
        var found = 0
        do throws(RecordSplitter.Problem) {
            while let place = try splitter.next(in: body) {
                append(leaf: TreeHash.leaf(body.extracting(place)))
                found += 1
            }
        } catch {
            return false
        }
        return found == count
    }
}
