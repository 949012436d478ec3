/// What reading and hashing every byte of one segment found, in whichever form it stands.
///
/// It looks at this segment alone: it starts from the tree that the segment states for its start,
/// and says which tree there is at its end. So several segments can be verified at once, on several
/// threads, and `problem(before:)` then joins them.
package struct SegmentVerification: Sendable {
    /// The first sequence.
    package let name: SequenceNumber
    /// The file that was read.
    package let path: String
    /// Whether that is a sealed segment.
    package let isSealed: Bool
    /// The log that it is of.
    package let identity: LogIdentity
    /// The sequence after the last good record.
    package let endSequence: SequenceNumber
    /// The highest term in it.
    package let term: UInt64
    /// The root of the tree before its first record.
    package var startRoot: TreeHash { start.root }
    /// The root of the tree behind its last good record.
    package var endRoot: TreeHash { end.root }
    /// What is wrong with it; the records before that place are good.
    package let problem: EventLogError?
    /// A write that was cut off by a crash at its end: no problem in the last segment, and damage
    /// in any other.
    package let torn: String?
    let start: TreeFrontier
    let end: TreeFrontier
    let startTerm: UInt64

    /// The number of good records.
    package var recordCount: UInt64 { endSequence.rawValue - name.rawValue }

    /// Verifies one segment of a data folder: the active form, where both stand.
    ///
    /// Blocks: it reads all of it. Changes nothing.
    /// - Throws: `damaged`, `foreignOrMissing` where nothing of it can be read; `inputOutput`.
    package static func verify(
        _ name: SequenceNumber, folder: String, disk: any Disk
    ) throws(EventLogError) -> SegmentVerification {
        let paths = LogPaths(data: folder)
        let opened = try LogReader.openSegment(name, paths: paths, disk: disk)
        guard let opened else { throw .noLog(folder: folder) }
        defer { disk.close(opened.file) }
        do throws(SegmentScan.Unreadable) {
            if opened.sealed != nil { return try verify(sealed: name, opened.file, disk) }
            let scan = try SegmentScan.scan(
                name, path: opened.file.path, file: opened.file, disk: disk)
            return SegmentVerification(scan)
        } catch {
            throw EventLogError(error, path: opened.file.path)
        }
    }

    private static func verify(
        sealed name: SequenceNumber, _ file: DiskFile, _ disk: any Disk
    ) throws(SegmentScan.Unreadable) -> SegmentVerification {
        let verified = try SealedSegment.verify(name, file: file, disk: disk)
        let segment = verified.segment
        return SegmentVerification(
            name: name, path: file.path, isSealed: true, identity: segment.header.identity,
            endSequence: segment.endSequence, term: segment.footer.term, problem: nil, torn: nil,
            start: segment.header.frontier, end: verified.frontier,
            startTerm: segment.header.term)
    }

    private init(_ scan: SegmentScan) {
        var problem: EventLogError?
        var torn: String?
        switch scan.tail {
        case .clean: break
        case .torn(let detail, _): torn = detail
        case .damaged(let detail, let offset):
            problem = .damaged(detail, segment: scan.path, offset: offset)
        case .foreign(let detail, let offset):
            problem = .foreign(detail, segment: scan.path, offset: offset)
        }
        self.init(
            name: scan.name, path: scan.path, isSealed: false, identity: scan.header.identity,
            endSequence: scan.endSequence, term: scan.term, problem: problem, torn: torn,
            start: scan.header.frontier, end: scan.frontier, startTerm: scan.header.term)
    }

    private init(
        name: SequenceNumber, path: String, isSealed: Bool, identity: LogIdentity,
        endSequence: SequenceNumber, term: UInt64, problem: EventLogError?, torn: String?,
        start: TreeFrontier, end: TreeFrontier, startTerm: UInt64
    ) {
        self.name = name
        self.path = path
        self.isSealed = isSealed
        self.identity = identity
        self.endSequence = endSequence
        self.term = term
        self.problem = problem
        self.torn = torn
        self.start = start
        self.end = end
        self.startTerm = startTerm
    }

    /// Why `next` does not continue this segment; nil where it does.
    package func problem(before next: SegmentVerification) -> EventLogError? {
        var detail: String?
        if next.identity != identity {
            detail = "it is of another log, \(next.identity)"
        } else if next.startTerm < term {
            detail = "its term \(next.startTerm) steps back"
        } else if next.name != endSequence {
            detail =
                "the segment before it ends before sequence \(endSequence), and this one starts "
                + "with \(next.name)"
        } else if next.start != end {
            detail = "its tree is not that of the records before it"
        }
        return detail.map { .foreign($0, segment: next.path, offset: 0) }
    }
}
