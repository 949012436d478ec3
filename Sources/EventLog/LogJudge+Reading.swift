// What a judge reads of a segment: its header, all of it, or a sealed one's two ends.

extension LogJudge {
    private func opened<Found>(
        _ name: SequenceNumber,
        _ body: (DiskFile) -> Result<Found, SegmentScan.Unreadable>
    ) throws(DiskError) -> Result<Found, SegmentScan.Unreadable> {
        let file = try disk.open(paths.segment(name), .read)
        defer { disk.close(file) }
        return body(file)
    }

    func scanned(
        _ name: SequenceNumber
    ) throws(DiskError) -> Result<SegmentScan, SegmentScan.Unreadable> {
        try opened(name) { file in
            Result { () throws(SegmentScan.Unreadable) in
                try SegmentScan.scan(name, path: file.path, file: file, disk: disk)
            }
        }
    }

    func header(
        _ name: SequenceNumber
    ) throws(DiskError) -> Result<SegmentHeader, SegmentScan.Unreadable> {
        try opened(name) { file in
            Result { () throws(SegmentScan.Unreadable) in
                try SegmentHeader.read(name, file: file, disk: disk)
            }
        }
    }

    func opened(
        sealed name: SequenceNumber
    ) throws(DiskError) -> Result<SealedSegment, SegmentScan.Unreadable> {
        try SealedSegment.open(name, path: paths.sealed(name), disk: disk)
    }

    func unreadable(
        _ name: SequenceNumber
    ) throws(DiskError) -> SegmentScan.Unreadable? {
        switch try header(name) {
        case .success: nil
        case .failure(let problem): problem
        }
    }
}

extension SegmentScan.Unreadable {
    /// Whether a call failed: the bytes may be good, and another time they may be read.
    var isFailureOfCall: Bool {
        if case .damaged(let detail, _) = self {
            detail.hasPrefix("it cannot be read: ")
        } else {
            false
        }
    }
}
