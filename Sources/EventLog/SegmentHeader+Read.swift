extension SegmentHeader {
    /// Reads and checks the header of the segment named `name`.
    static func read(
        _ name: SequenceNumber, file: DiskFile, disk: any Disk
    ) throws(SegmentScan.Unreadable) -> SegmentHeader {
        var window = SegmentWindow(disk: disk, file: file)
        let count: Int
        do throws(DiskError) {
            count = try window.load(at: 0, byteCount: LogFormat.blockByteCount)
        } catch {
            throw .damaged("it cannot be read: \(error)", offset: 0)
        }
        let header: SegmentHeader
        do throws(Problem) {
            header = try decode(window.bytes(at: 0, byteCount: count))
        } catch {
            switch error {
            case .unknownVersion(let version):
                throw .foreign(
                    "it has format version \(version), and this build reads only "
                        + "\(LogFormat.version)", offset: 8)
            case .bad(let detail):
                throw judgeBadHeader(detail, &window)
            case .contradiction(let detail):
                throw .damaged(detail, offset: 0)
            }
        }
        guard header.firstSequence == name else {
            throw .foreign(
                "its header says that it starts with sequence \(header.firstSequence)", offset: 32)
        }
        return header
    }

    /// A segment has its full size, synced, before its header is written, and its header is synced
    /// before its first batch.
    ///
    /// So a bad header is a roll that was cut off only if the file has the size of a segment, and
    /// nothing but zeros behind the header.
    private static func judgeBadHeader(
        _ detail: String, _ window: inout SegmentWindow
    ) -> SegmentScan.Unreadable {
        do throws(DiskError) {
            let byteCount = try window.disk.byteCount(of: window.file)
            guard byteCount >= LogFormat.segmentByteCountMin,
                byteCount % LogFormat.blockByteCount == 0,
                try window.isAllZero(LogFormat.blockByteCount..<byteCount)
            else { return .damaged(detail, offset: 0) }
            return .tornRoll(detail)
        } catch {
            return .damaged("it cannot be read: \(error)", offset: 0)
        }
    }
}

extension SegmentWindow {
    /// Whether the file has only zeros in `range`.
    mutating func isAllZero(_ range: Range<Int>) throws(DiskError) -> Bool {
        var place = range.lowerBound
        while place < range.upperBound {
            let wanted = min(range.upperBound - place, 16 * LogFormat.blockByteCount)
            let count = try load(at: place, byteCount: wanted)
            guard count > 0, bytes(at: place, byteCount: count).isAllZero() else { return false }
            place += count
        }
        return true
    }
}
