/// A segment that is open to be read, in the form that was found.
struct OpenedSegment {
    let file: DiskFile
    /// Of a sealed one, what its identity repeats of it.
    let header: SegmentHeader
    /// Nil where it is active.
    let sealed: SealedSegment?
}

extension LogReader {
    /// Which form of a segment is opened.
    enum SegmentForm {
        /// The active one, where both stand; it is the original of the two.
        case any
        case active
        case sealed
    }

    /// Opens a segment; nil if it was cut off while it was made, and may have been.
    ///
    /// It may be sealed meanwhile, and is found all the same.
    static func openSegment(
        _ name: SequenceNumber, paths: LogPaths, disk: any Disk, mayBeTorn: Bool = false,
        form: SegmentForm = .any
    ) throws(EventLogError) -> OpenedSegment? {
        var missing = DiskError(
            operation: "opening", path: paths.segment(name), errno: .noSuchFileOrDirectory)
        // The active form once more at the end: a repair may have put it back.
        let forms: [SegmentForm] = form == .any ? [.active, .sealed, .active] : [form]
        for form in forms {
            let path = form == .sealed ? paths.sealed(name) : paths.segment(name)
            let file: DiskFile
            do throws(DiskError) { file = try disk.open(path, .read) } catch {
                guard error.errno == .noSuchFileOrDirectory else {
                    throw EventLogError(disk: error)
                }
                missing = error
                continue
            }
            do throws(SegmentScan.Unreadable) {
                if form == .sealed {
                    let sealed = try SealedSegment.open(name, file: file, disk: disk)
                    return OpenedSegment(file: file, header: sealed.header, sealed: sealed)
                }
                let header = try SegmentHeader.read(name, file: file, disk: disk)
                return OpenedSegment(file: file, header: header, sealed: nil)
            } catch {
                disk.close(file)
                if case .tornRoll = error, mayBeTorn { return nil }
                throw EventLogError(error, path: path)
            }
        }
        throw EventLogError(disk: missing)
    }
}
