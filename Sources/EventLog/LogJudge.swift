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
        /// How it ends, if it is sealed or was read whole.
        var end: End?
    }

    /// Where a segment ends, its last term, and the tree there.
    private struct End {
        var sequence: SequenceNumber
        var term: UInt64
        var frontier: TreeFrontier

        init(_ scan: SegmentScan) {
            (sequence, term, frontier) = (scan.endSequence, scan.term, scan.frontier)
        }

        init(_ sealed: SealedSegment) {
            sequence = sealed.endSequence
            (term, frontier) = (sealed.footer.term, sealed.footer.frontier)
        }
    }

    init(paths: LogPaths, disk: any Disk, evidence: [DurabilityClaim]) {
        self.paths = paths
        self.disk = disk
        self.evidence = evidence
    }

    mutating func judge(
        _ entries: [String], scope: LogConfiguration.RecoveryScope
    ) throws(DiskError) -> LogInspection.Judgement {
        var forms = SegmentForms.of(entries)
        segmentCount = forms.count
        guard var last = forms.last else {
            return try judgeWhatFollows(nil, identity: nil, entries) ?? judgeEmpty()
        }
        var tornRoll: (name: SequenceNumber, detail: String)?
        if last.hasActive, case .tornRoll(let detail)? = try unreadable(last.name) {
            // The segment before is now the last; the name says how far that one must reach.
            tornRoll = (last.name, detail)
            forms.removeLast()
            guard let previous = forms.last else {
                return judgeTornFirst(last.name, detail)
            }
            if try isSealed(previous) {
                // The header was read, and good, before that one was sealed.
                return refused(
                    .damaged(detail, offset: 0), path: paths.segment(last.name), next: last.name)
            }
            last = previous
        }
        for (index, form) in forms.enumerated() where index < forms.count - 1 || !form.hasActive {
            let following = index + 1 < forms.count ? forms[index + 1].name : nil
            let refusal = try judgeOlder(form, whole: scope == .everySegment, following)
            if let refusal { return refusal }
        }
        let identity = before?.header.identity
        guard last.hasActive else { return judgeWithoutActive() }
        let scan: SegmentScan
        switch try scanned(last.name) {
        case .failure(let problem):
            return refused(problem, path: paths.segment(last.name), next: before?.end?.sequence)
        case .success(let found): scan = found
        }
        if let refusal = judgeSeam(scan.header, path: scan.path) { return refusal }
        if let refusal = try judgeWhatFollows(
            last.name, identity: identity ?? scan.header.identity, entries)
        {
            return refusal
        }
        return judgeLast(scan, tornRoll)
    }

    /// Whether a segment's sealed form stands there and is good as far as its footer tells.
    private func isSealed(_ form: SegmentForms) throws(DiskError) -> Bool {
        guard form.hasSealed else { return false }
        guard case .success = try opened(sealed: form.name) else { return false }
        return true
    }

    /// The last segment is sealed, and a segment is sealed only once another one follows.
    private func judgeWithoutActive() -> LogInspection.Judgement {
        let next = before?.end?.sequence ?? .zero
        return refused(
            .missing(
                "the segment from sequence \(next) on, to which the log was written, is gone: the "
                    + "one before it is sealed, which is done only once another one follows"),
            path: paths.segment(next), next: next)
    }

    /// A sealed form or an index of the last segment, or of one behind it, says that yet another
    /// segment followed.
    private func judgeWhatFollows(
        _ last: SequenceNumber?, identity: LogIdentity?, _ entries: [String]
    ) throws(DiskError) -> LogInspection.Judgement? {
        for entry in entries {
            let found: (identity: LogIdentity, end: SequenceNumber)
            if let name = LogFormat.firstSequence(
                ofSegmentNamed: entry, suffix: LogFormat.sealedSuffix)
            {
                guard name == last else { continue }
                switch try opened(sealed: name) {
                case .success(let sealed): found = (sealed.header.identity, sealed.endSequence)
                case .failure(let problem) where problem.isFailureOfCall:
                    // It may say that more was durable: nobody knows.
                    return refused(problem, path: paths.sealed(name), next: name)
                case .failure: continue
                }
            } else if let name = LogFormat.firstSequence(
                ofSegmentNamed: entry, suffix: LogFormat.indexSuffix)
            {
                guard name >= last ?? .zero,
                    case .success(let index)? = try SegmentIndex.read(
                        name, paths: paths, disk: disk)
                else { continue }
                found = (index.identity, index.endSequence)
            } else {
                continue
            }
            guard found.identity == identity ?? found.identity else { continue }
            let path = paths.log + "/" + entry
            var judgement = refused(
                .missing(
                    "\(path) is of a segment that was sealed, so another one followed from "
                        + "sequence \(found.end) on, and it is gone"),
                path: paths.segment(found.end), next: last ?? .zero)
            let known = judgement.report.lastSequenceAtRisk
            judgement.report.lastSequenceAtRisk = max(known ?? .zero, found.end.previous ?? .zero)
            return judgement
        }
        return nil
    }

    /// No segments: a new log, unless something says that there was one.
    private func judgeEmpty() -> LogInspection.Judgement {
        if let claim = evidence.max(by: { $0.durableThrough < $1.durableThrough }) {
            var report = RecoveryReport(verdict: .foreignOrMissing)
            report.detail =
                "there is no segment, but \(claim.name) says that the log was durable "
                + "through sequence \(claim.durableThrough)"
            report.segment = paths.log
            report.remedy = remedy(for: report.verdict)
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

    /// A segment that is not the last, or is sealed: nothing of it may be bad.
    private mutating func judgeOlder(
        _ form: SegmentForms, whole: Bool, _ following: SequenceNumber?
    ) throws(DiskError) -> LogInspection.Judgement? {
        let path = form.hasActive ? paths.segment(form.name) : paths.sealed(form.name)
        let found: Result<Before, SegmentScan.Unreadable> =
            if form.hasActive {
                try older(active: form.name, whole: whole)
            } else {
                try older(sealed: form.name, whole: whole)
            }
        switch found {
        case .failure(let problem):
            var judgement = refused(problem, path: path, next: form.name)
            if let last = following?.previous {
                let known = judgement.report.lastSequenceAtRisk
                judgement.report.lastSequenceAtRisk = max(known ?? .zero, last)
            }
            if form.hasActive, try isSealed(form) {
                judgement.report.remedy =
                    "Its sealed form stands beside it: `daybook log seal --data \(paths.data)` "
                    + "reads that one whole, and keeps it alone if it is good. If it is not: "
                    + (judgement.report.remedy ?? "")
            }
            return judgement
        case .success(let found):
            if let refusal = judgeSeam(found.header, path: path) { return refusal }
            before = found
            return nil
        }
    }

    private func older(
        active name: SequenceNumber, whole: Bool
    ) throws(DiskError) -> Result<Before, SegmentScan.Unreadable> {
        guard whole else { return try header(name).map { Before(header: $0) } }
        return try scanned(name).flatMap { scan in
            switch scan.tail {
            case .clean: .success(Before(header: scan.header, end: End(scan)))
            // A later segment exists, so all of this one was durable before.
            case .torn(let detail, let range):
                .failure(.damaged(detail, offset: range.lowerBound))
            case .damaged(let detail, let offset): .failure(.damaged(detail, offset: offset))
            case .foreign(let detail, let offset): .failure(.foreign(detail, offset: offset))
            }
        }
    }

    private func older(
        sealed name: SequenceNumber, whole: Bool
    ) throws(DiskError) -> Result<Before, SegmentScan.Unreadable> {
        let found =
            whole
            ? try SealedSegment.verify(name, path: paths.sealed(name), disk: disk)
                .map(\.segment) : try opened(sealed: name)
        return found.map { Before(header: $0.header, end: End($0)) }
    }

    /// Whether a segment continues the one before it.
    private func judgeSeam(
        _ header: SegmentHeader, path: String
    ) -> LogInspection.Judgement? {
        guard let before else { return nil }
        var detail: String?
        if header.identity != before.header.identity {
            detail = "it is of another log, \(header.identity)"
        } else if header.term < max(before.header.term, before.end?.term ?? 0) {
            detail = "its term \(header.term) steps back"
        } else if let end = before.end, end.sequence != header.firstSequence {
            detail =
                "the segment before it ends before sequence \(end.sequence), and this one "
                + "starts with \(header.firstSequence)"
        } else if let end = before.end, end.frontier != header.frontier {
            detail = "its tree is not that of the records before it"
        }
        guard let detail else { return nil }
        var judgement = refused(
            .foreign(detail, offset: 0), path: path,
            next: before.end?.sequence ?? header.firstSequence)
        if let end = before.end?.sequence, let last = header.firstSequence.previous, last >= end {
            // The records between the two are missing.
            let known = judgement.report.lastSequenceAtRisk
            judgement.report.lastSequenceAtRisk = max(known ?? .zero, last)
        }
        return judgement
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

    /// Why an opening is refused.
    enum Refusal {
        case unreadable(SegmentScan.Unreadable)
        case missing(String)
    }

    private func refused(
        _ problem: SegmentScan.Unreadable, path: String, next: SequenceNumber?
    ) -> LogInspection.Judgement {
        refused(Refusal.unreadable(problem), path: path, next: next)
    }

    /// A verdict that refuses an opening.
    private func refused(
        _ refusal: Refusal, path: String, next: SequenceNumber?
    ) -> LogInspection.Judgement {
        var report: RecoveryReport
        switch refusal {
        case .unreadable(.damaged(let detail, let offset)):
            report = RecoveryReport(verdict: .damaged)
            report.detail = detail
            report.offset = offset
        case .unreadable(.foreign(let detail, let offset)):
            report = RecoveryReport(verdict: .foreignOrMissing)
            report.detail = detail
            report.offset = offset
        case .unreadable(.tornRoll(let detail)):
            report = RecoveryReport(verdict: .damaged)
            report.detail = detail
            report.offset = 0
        case .missing(let detail):
            report = RecoveryReport(verdict: .foreignOrMissing)
            report.detail = detail
        }
        report.remedy = remedy(for: report.verdict)
        report.segment = path
        report.segmentCount = segmentCount
        report.identity = before?.header.identity.description
        report.firstSequenceAtRisk = next
        report.lastSequenceAtRisk = evidence.map(\.durableThrough).max()
        return LogInspection.Judgement(report: report)
    }

    /// The exact commands that help.
    private func remedy(for verdict: RecoveryReport.Verdict) -> String {
        let cut =
            verdict == .damaged
            ? "`daybook log repair --data \(paths.data) --cut --ticket T`, then " : ""
        return "Run `daybook log repair --data \(paths.data) --from COPY`, where COPY is any copy "
            + "of this data folder, then start again. Where there is no copy: \(cut)"
            + "`daybook log accept-loss --data \(paths.data) --ticket T`."
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
}
