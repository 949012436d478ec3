/// The table of recovery's verdicts, as straight steps over what the scans found.
struct LogJudge {
    let paths: LogPaths
    let disk: any Disk
    let evidence: [DurabilityClaim]
    private var segmentCount = 0
    private var before: Before?

    /// What is known of the segment before the one that is looked at.
    private struct Before {
        var header: SegmentHeader
        /// Where it ends, its term and its tree, if it was read whole.
        var scan: SegmentScan?
    }

    init(paths: LogPaths, disk: any Disk, evidence: [DurabilityClaim]) {
        self.paths = paths
        self.disk = disk
        self.evidence = evidence
    }

    mutating func judge(
        _ names: [SequenceNumber], scope: LogConfiguration.RecoveryScope
    ) throws(DiskError) -> LogInspection.Judgement {
        segmentCount = names.count
        guard var lastName = names.last else { return judgeEmpty() }
        var tornRoll: (name: SequenceNumber, detail: String)?
        var names = names
        if case .tornRoll(let detail)? = try unreadable(lastName) {
            // The segment before is now the last; the name says how far that one must reach.
            tornRoll = (lastName, detail)
            names.removeLast()
            guard let previous = names.last else {
                return judgeTornFirst(lastName, detail)
            }
            lastName = previous
        }
        for name in names.dropLast() {
            if let refusal = try judgeOlder(name, whole: scope == .everySegment) { return refusal }
        }
        let scan: SegmentScan
        switch try scanned(lastName) {
        case .failure(let problem):
            return refused(problem, path: paths.segment(lastName), next: before?.scan?.endSequence)
        case .success(let found): scan = found
        }
        if let refusal = judgeSeam(scan.header, path: scan.path) { return refusal }
        return judgeLast(scan, tornRoll)
    }

    /// No segments: a new log, unless something says that there was one.
    private func judgeEmpty() -> LogInspection.Judgement {
        if let claim = evidence.max(by: { $0.durableThrough < $1.durableThrough }) {
            var report = RecoveryReport(verdict: .foreignOrMissing)
            report.detail =
                "there is no segment, but \(claim.name) says that the log was durable "
                + "through sequence \(claim.durableThrough)"
            report.segment = paths.log
            report.remedy = "Restore the segments from a copy, then try again."
            report.firstSequenceAtRisk = .zero
            report.lastSequenceAtRisk = claim.durableThrough
            return LogInspection.Judgement(report: report)
        }
        var report = RecoveryReport(verdict: .clean)
        report.isNew = true
        report.nextSequence = .zero
        return LogInspection.Judgement(report: report)
    }

    /// The only segment was cut off while it was made.
    private func judgeTornFirst(
        _ name: SequenceNumber, _ detail: String
    ) -> LogInspection.Judgement {
        guard name == .zero, evidence.isEmpty else {
            return refused(.damaged(detail, offset: 0), path: paths.segment(name), next: name)
        }
        var report = RecoveryReport(verdict: .tornRoll)
        report.isNew = true
        report.nextSequence = .zero
        describeTornRoll(&report, name, detail)
        return LogInspection.Judgement(report: report, tornRoll: name)
    }

    /// A segment that is not the last: nothing of it may be bad.
    private mutating func judgeOlder(
        _ name: SequenceNumber, whole: Bool
    ) throws(DiskError) -> LogInspection.Judgement? {
        let path = paths.segment(name)
        guard whole else {
            switch try header(name) {
            case .failure(let problem): return refused(problem, path: path, next: name)
            case .success(let header):
                if let refusal = judgeSeam(header, path: path) { return refusal }
                before = Before(header: header)
                return nil
            }
        }
        switch try scanned(name) {
        case .failure(let problem): return refused(problem, path: path, next: name)
        case .success(let scan):
            if let refusal = judgeSeam(scan.header, path: path) { return refusal }
            if case .torn(let detail, let range) = scan.tail {
                // A later segment exists, so all of this one was durable before.
                return refused(
                    .damaged(detail, offset: range.lowerBound), path: path, next: scan.endSequence)
            }
            if let refusal = refusal(for: scan) { return refusal }
            before = Before(header: scan.header, scan: scan)
            return nil
        }
    }

    /// Whether a segment continues the one before it.
    private func judgeSeam(
        _ header: SegmentHeader, path: String
    ) -> LogInspection.Judgement? {
        guard let before else { return nil }
        var detail: String?
        if header.identity != before.header.identity {
            detail = "it is of another log, \(header.identity)"
        } else if header.term < max(before.header.term, before.scan?.term ?? 0) {
            detail = "its term \(header.term) steps back"
        } else if let scan = before.scan, scan.endSequence != header.firstSequence {
            detail =
                "the segment before it ends before sequence \(scan.endSequence), and this one "
                + "starts with \(header.firstSequence)"
        } else if let scan = before.scan, scan.frontier != header.frontier {
            detail = "its tree is not that of the records before it"
        }
        guard let detail else { return nil }
        return refused(
            .foreign(detail, offset: 0), path: path,
            next: before.scan?.endSequence ?? header.firstSequence)
    }

    /// The last segment, whose tail may be torn.
    private func judgeLast(
        _ scan: SegmentScan, _ tornRoll: (name: SequenceNumber, detail: String)?
    ) -> LogInspection.Judgement {
        if let refusal = refusal(for: scan) { return refusal }
        let end = scan.endSequence
        if let tornRoll, tornRoll.name != end {
            return refused(
                .damaged(
                    "the next segment starts with sequence \(tornRoll.name), so all before it was "
                        + "durable", offset: scan.end), path: scan.path, next: end)
        }
        if let claim = evidence.first(where: { $0.durableThrough >= end }) {
            return refused(
                .damaged(
                    "\(claim.name) says that the log was durable through sequence "
                        + "\(claim.durableThrough), and it ends before \(end)", offset: scan.end),
                path: scan.path, next: end)
        }
        var report = RecoveryReport(verdict: .clean)
        describe(&report, scan)
        if let tornRoll {
            report.verdict = .tornRoll
            describeTornRoll(&report, tornRoll.name, tornRoll.detail)
        }
        if case .torn(let detail, let range) = scan.tail {
            guard tornRoll == nil else {
                return refused(
                    .damaged(detail, offset: range.lowerBound), path: scan.path, next: end)
            }
            report.verdict = .torn
            report.detail = detail
            report.segment = scan.path
            report.offset = range.lowerBound
            report.quarantined.append(
                .init(segment: scan.path, offset: range.lowerBound, byteCount: range.count))
        }
        return LogInspection.Judgement(report: report, last: scan, tornRoll: tornRoll?.name)
    }

    private func refusal(for scan: SegmentScan) -> LogInspection.Judgement? {
        switch scan.tail {
        case .clean, .torn: nil
        case .damaged(let detail, let offset):
            refused(.damaged(detail, offset: offset), path: scan.path, next: scan.endSequence)
        case .foreign(let detail, let offset):
            refused(.foreign(detail, offset: offset), path: scan.path, next: scan.endSequence)
        }
    }

    /// A verdict that refuses an opening.
    func refused(
        _ problem: SegmentScan.Unreadable, path: String, next: SequenceNumber?
    ) -> LogInspection.Judgement {
        var report: RecoveryReport
        switch problem {
        case .damaged(let detail, let offset):
            report = RecoveryReport(verdict: .damaged)
            report.detail = detail
            report.offset = offset
            report.remedy = "Restore this segment from a copy, then start again."
        case .foreign(let detail, let offset):
            report = RecoveryReport(verdict: .foreignOrMissing)
            report.detail = detail
            report.offset = offset
            report.remedy = "Put the right segment in its place, from a copy, then start again."
        case .tornRoll(let detail):
            report = RecoveryReport(verdict: .damaged)
            report.detail = detail
            report.offset = 0
            report.remedy = "Restore this segment from a copy, then start again."
        }
        report.segment = path
        report.segmentCount = segmentCount
        report.identity = before?.header.identity.description
        report.firstSequenceAtRisk = next
        report.lastSequenceAtRisk = evidence.map(\.durableThrough).max()
        return LogInspection.Judgement(report: report)
    }

    private func describe(_ report: inout RecoveryReport, _ scan: SegmentScan) {
        report.identity = scan.header.identity.description
        report.segmentCount = segmentCount
        report.nextSequence = scan.endSequence
        report.durableThrough =
            SequenceNumber(
                max(scan.durableEnd, scan.header.firstSequence.rawValue)
            ).previous
        report.term = scan.term
    }

    private func describeTornRoll(
        _ report: inout RecoveryReport, _ name: SequenceNumber, _ detail: String
    ) {
        report.segment = paths.segment(name)
        report.offset = 0
        report.detail = "a new segment was cut off while it was made: \(detail)"
        report.segmentCount = segmentCount - 1
        report.quarantined.append(
            .init(segment: paths.segment(name), offset: 0, byteCount: LogFormat.blockByteCount))
    }

    // MARK: reading

    private func opened<Found>(
        _ name: SequenceNumber,
        _ body: (DiskFile) -> Result<Found, SegmentScan.Unreadable>
    ) throws(DiskError) -> Result<Found, SegmentScan.Unreadable> {
        let file = try disk.open(paths.segment(name), .read)
        defer { disk.close(file) }
        return body(file)
    }

    private func scanned(
        _ name: SequenceNumber
    ) throws(DiskError) -> Result<SegmentScan, SegmentScan.Unreadable> {
        try opened(name) { file in
            Result { () throws(SegmentScan.Unreadable) in
                try SegmentScan.scan(name, path: file.path, file: file, disk: disk)
            }
        }
    }

    private func header(
        _ name: SequenceNumber
    ) throws(DiskError) -> Result<SegmentHeader, SegmentScan.Unreadable> {
        try opened(name) { file in
            Result { () throws(SegmentScan.Unreadable) in
                try SegmentHeader.read(name, file: file, disk: disk)
            }
        }
    }

    private func unreadable(
        _ name: SequenceNumber
    ) throws(DiskError) -> SegmentScan.Unreadable? {
        switch try header(name) {
        case .success: nil
        case .failure(let problem): problem
        }
    }
}
