// Is what stands behind the last good batch a write that a crash cut off, or damage?
//
// One write is in flight at a time, it is at most 4 MiB, it goes into zeros, and no batch has a
// sector of zeros within its extent. So a crash leaves some of one batch's sectors, and zeros for
// the others. Whatever else is found there was not left by a crash.

/// Judges the end of a segment, for recovery and for readers.
enum SegmentTail {
    /// The first sector of the next place is zeros.
    static func judgeBlank(
        _ cursor: inout SegmentCursor
    ) throws(DiskError) -> SegmentScan.Tail {
        let offset = cursor.offset
        let rest = offset..<cursor.header.fileByteCount
        guard let stray = try nonZeroExtent(&cursor, in: rest) else { return .clean }
        if let tail = try laterBatch(&cursor, after: offset) { return tail }
        let limit = offset + LogFormat.writeByteCountMax
        guard stray.upperBound <= limit else {
            return .damaged("bytes where nothing was written yet", offset: stray.lowerBound)
        }
        return .torn(
            "the first sector of a batch is zeros, and other bytes follow",
            offset..<LogFormat.roundUp(stray.upperBound))
    }

    /// The next place holds something that is no good batch.
    static func judgeBad(
        _ cursor: inout SegmentCursor, _ detail: String, extent: Range<Int>?
    ) throws(DiskError) -> SegmentScan.Tail {
        let offset = cursor.offset
        let fileByteCount = cursor.header.fileByteCount
        guard let extent, extent.upperBound <= fileByteCount else {
            return .damaged(detail, offset: offset)
        }
        let end = LogFormat.roundUp(extent.upperBound)
        if let tail = try laterBatch(&cursor, after: end - LogFormat.blockByteCount) {
            return tail
        }
        // Bytes behind the batch's last block were not part of its write.
        guard try nonZeroExtent(&cursor, in: end..<fileByteCount) == nil,
            try nonZeroExtent(&cursor, in: extent.upperBound..<end) == nil,
            try hasBlankSector(&cursor, in: extent)
        else { return .damaged(detail, offset: offset) }
        return .torn(detail + ", and a sector of it is zeros", offset..<end)
    }

    /// Damage, if a batch that was written later stands behind `offset`: then all before it was
    /// durable, and acknowledged.
    private static func laterBatch(
        _ cursor: inout SegmentCursor, after offset: Int
    ) throws(DiskError) -> SegmentScan.Tail? {
        var place = offset + LogFormat.blockByteCount
        let lost = cursor.offset
        while place + LogFormat.blockByteCount <= cursor.header.fileByteCount {
            if let batch = try cursor.laterBatch(at: place) {
                return .damaged(
                    "a batch is bad or gone, while a later one (at offset \(place), from sequence "
                        + "\(batch.firstSequence)) is there", offset: lost)
            }
            place += LogFormat.blockByteCount
        }
        return nil
    }

    /// From the first to the last byte in `range` that is not zero, or nil.
    private static func nonZeroExtent(
        _ cursor: inout SegmentCursor, in range: Range<Int>
    ) throws(DiskError) -> Range<Int>? {
        var first: Int?
        var last = 0
        try cursor.scan(range) { place, bytes in
            guard !bytes.isAllZero() else { return true }
            for index in 0..<bytes.byteCount where bytes.load(index, as: UInt8.self) != 0 {
                first = first ?? place + index
                last = place + index
            }
            return true
        }
        return first.map { $0..<(last + 1) }
    }

    /// Whether some sector of a batch's extent is all zeros; the last may be only begun.
    private static func hasBlankSector(
        _ cursor: inout SegmentCursor, in extent: Range<Int>
    ) throws(DiskError) -> Bool {
        var found = false
        // A batch starts at a sector, and the pieces of the scan are multiples of one.
        try cursor.scan(extent) { _, bytes in
            found = bytes.hasAllZeroSector()
            return !found
        }
        return found
    }
}
