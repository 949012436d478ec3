/// The work of `LogRepair.repair`: find the holes, fill each from the copy, install.
struct CopyRepair {
    let paths: LogPaths
    let disk: any Disk
    /// The folder with the copy's segments.
    let copy: String
    let claims: [DurabilityClaim]
    private var report = RepairReport()

    init(paths: LogPaths, disk: any Disk, copy: String, claims: [DurabilityClaim]) {
        self.paths = paths
        self.disk = disk
        self.copy = copy
        self.claims = claims
    }

    /// Segments that are bad or missing, between two good ones, or from a good one to the end.
    private struct Hole {
        /// The good segment before; nil at the log's start.
        var left: SurveyedSegment?
        var start: SequenceNumber
        /// The good segment behind; nil at the log's end.
        var right: SurveyedSegment?
        /// Local segments within it.
        var segments: [LogSurvey.Segment]
        var why: String
    }

    private struct Candidate {
        var finding: SurveyedSegment
        var roots: [UInt64: TreeHash]
    }

    mutating func run() throws(EventLogError) -> RepairReport {
        let survey = try LogSurvey.of(log: paths.log, disk: disk)
        let holes = try holes(in: survey)
        var plans: [(Hole, [Candidate])] = []
        for hole in holes {
            switch try fill(hole) {
            case .success(let candidates): plans.append((hole, candidates))
            case .failure(let reason): report.remaining.append(hole.why + ": " + reason.detail)
            }
        }
        if plans.isEmpty, !holes.isEmpty {
            throw EventLogError(
                .foreignOrMissing,
                "nothing was changed, since \(copy) does not help: "
                    + report.remaining.joined(separator: "; ")
                    + ". Try another copy, or `daybook log repair --cut --ticket T`.",
                segment: holes.first.map { paths.segment($0.start) })
        }
        do throws(DiskError) {
            for (hole, candidates) in plans {
                for candidate in candidates.reversed() { try install(candidate.finding, hole) }
            }
            for segment in survey.segments where segment.hasBadActive {
                try dropActive(segment, plans.flatMap(\.0.segments))
            }
            // What attempts before this one left.
            for entry in try disk.list(paths.log) ?? [] where entry.hasSuffix(".repairing") {
                try disk.removeLeftOver(paths.log + "/" + entry)
            }
        } catch { throw EventLogError(disk: error) }
        report.after = try LogInspection.inspect(
            folder: paths.data, disk: disk, scope: .lastSegment, evidence: claims)
        return report
    }

    // MARK: what is wrong

    private func holes(in survey: LogSurvey) throws(EventLogError) -> [Hole] {
        var holes: [Hole] = []
        var left: SurveyedSegment?
        var open: Hole?
        let segments = survey.segments
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            if let problem = segment.problem(isLast: isLast) {
                Self.extend(&open, left, segment, why: "\(segment.paths[0]): \(problem)")
                continue
            }
            guard let best = segment.best else { continue }
            if open == nil, let before = left, let seam = LogSurvey.seam(before, best) {
                let why = "\(best.path): \(seam)"
                guard best.header.firstSequence > before.endSequence,
                    best.header.identity == before.header.identity
                else {
                    // Which of the two is wrong, the copy tells.
                    let previous = segments[index - 1]
                    left = index > 1 ? good(segments[index - 2], holes) : nil
                    Self.extend(&open, left, previous, why: why)
                    Self.extend(&open, left, segment, why: why)
                    continue
                }
                // Only what lies between is missing.
                open = Hole(left: before, start: before.endSequence, segments: [], why: why)
            }
            if var hole = open {
                hole.right = best
                holes.append(hole)
                open = nil
            }
            left = best
        }
        if open == nil { open = try missingEnd(survey, left) }
        if let open { holes.append(open) }
        return holes
    }

    private func good(_ segment: LogSurvey.Segment, _ holes: [Hole]) -> SurveyedSegment? {
        segment.problem(isLast: false) == nil ? segment.best : nil
    }

    private static func extend(
        _ hole: inout Hole?, _ left: SurveyedSegment?, _ segment: LogSurvey.Segment, why: String
    ) {
        if hole == nil {
            hole = Hole(
                left: left, start: left?.endSequence ?? segment.name, segments: [], why: why)
        }
        hole?.segments.append(segment)
    }

    /// Whether something says that there was more than the last segment holds.
    private func missingEnd(
        _ survey: LogSurvey, _ last: SurveyedSegment?
    ) throws(EventLogError) -> Hole? {
        let claim = claims.max { $0.durableThrough < $1.durableThrough }
        guard let segment = survey.segments.last, let last else {
            return claim.map {
                Hole(start: .zero, segments: [], why: "there is no segment, but \($0.name) stands")
            }
        }
        let isFollowed = try !LogSurvey.indexes(
            from: segment.name, last.header.identity, paths, disk
        ).isEmpty
        if segment.hasGoodSealed || isFollowed {
            return Hole(
                left: last, start: last.endSequence, segments: [],
                why: "the segment from sequence \(last.endSequence) on is gone")
        }
        guard let claim, claim.durableThrough >= last.endSequence else { return nil }
        let index = survey.segments.count - 1
        return Hole(
            left: index > 0 ? survey.segments[index - 1].best : nil, start: segment.name,
            segments: [segment],
            why: "\(claim.name) says that the log was durable through sequence "
                + "\(claim.durableThrough), and it ends before \(last.endSequence)")
    }

    // MARK: what the copy has

    private struct Reason: Error { var detail: String }

    private func fill(_ hole: Hole) throws(EventLogError) -> Result<[Candidate], Reason> {
        let names: [SegmentForms]
        do throws(DiskError) { names = SegmentForms.of(try disk.list(copy) ?? []) } catch {
            throw EventLogError(disk: error)
        }
        var start = hole.start
        if hole.left == nil, hole.segments.isEmpty, let first = names.first { start = first.name }
        let anchors = try anchors(hole)
        let known = hole.left ?? hole.right ?? hole.segments.compactMap(\.best).first
        return Result { () throws(Reason) in
            var candidates: [Candidate] = []
            var end = hole.left
            while true {
                if let right = hole.right, let end, end.endSequence >= right.header.firstSequence {
                    if let seam = LogSurvey.seam(end, right) {
                        throw Reason(detail: "with the copy's segment, \(right.path): \(seam)")
                    }
                    break
                }
                let at = candidates.isEmpty ? start : end?.endSequence ?? start
                guard let forms = names.first(where: { $0.name == at }) else {
                    if hole.right == nil, let end, !candidates.isEmpty, !end.isSealed { break }
                    throw Reason(detail: "the copy has no segment from sequence \(at) on")
                }
                let isLast = forms.name == names.last?.name
                let candidate = try read(
                    forms, end, anchors, mayBeTorn: isLast && hole.right == nil)
                if let known, candidate.finding.header.identity != known.header.identity {
                    throw Reason(detail: "\(candidate.finding.path) is of another log")
                }
                candidates.append(candidate)
                if isLast, hole.right == nil, !candidate.finding.isSealed { break }
                guard candidate.finding.endSequence > at else {
                    throw Reason(detail: "the copy's segment from sequence \(at) on is empty")
                }
                end = candidate.finding
            }
            if hole.right == nil || hole.left == nil { try check(candidates, hole, anchors) }
            return candidates
        }
    }

    /// The sizes at which the tree is known: signed checkpoints, and the good beginning of a local
    /// segment.
    private func anchors(_ hole: Hole) throws(EventLogError) -> [UInt64: (TreeHash, String)] {
        var anchors: [UInt64: (TreeHash, String)] = [:]
        let store = CheckpointStore(folder: paths.data, disk: disk)
        var remarks: [String] = []
        // A checkpoint that cannot be read now may say something later: only a bad one is left out.
        for size in try store.sizes() where size > hole.start.rawValue {
            guard let note = try LogProver.newest(store, &remarks, where: { $0 == size }) else {
                continue
            }
            anchors[size] = (note.checkpoint.root, store.path(size: size))
        }
        if hole.right == nil, let best = hole.segments.first?.best,
            best.header.frontier == hole.left?.frontier ?? best.header.frontier,
            best.endSequence > best.header.firstSequence
        {
            anchors[best.endSequence.rawValue] = (best.frontier.root, best.path)
        }
        return anchors
    }

    /// Reads a segment of the copy, and checks it and how it continues.
    private func read(
        _ forms: SegmentForms, _ end: SurveyedSegment?, _ anchors: [UInt64: (TreeHash, String)],
        mayBeTorn: Bool
    ) throws(Reason) -> Candidate {
        var reason = Reason(detail: "the copy's segment \(forms.name) cannot be read")
        let all = [(false, LogFormat.activeSuffix), (true, LogFormat.sealedSuffix)]
        for (isSealed, suffix) in all where isSealed ? forms.hasSealed : forms.hasActive {
            let path = copy + "/" + LogFormat.segmentName(forms.name, suffix: suffix)
            guard let candidate = read(forms.name, path, isSealed, anchors) else { continue }
            let finding = candidate.finding
            if let problem = finding.problem ?? (mayBeTorn ? nil : finding.torn) {
                reason = Reason(detail: "\(path) is bad itself: \(problem)")
                continue
            }
            if let end, let seam = LogSurvey.seam(end, finding) {
                reason = Reason(detail: "\(path) does not fit: \(seam)")
                continue
            }
            return candidate
        }
        throw reason
    }

    private func read(
        _ name: SequenceNumber, _ path: String, _ isSealed: Bool,
        _ anchors: [UInt64: (TreeHash, String)]
    ) -> Candidate? {
        guard let file = try? disk.open(path, .read) else { return nil }
        defer { disk.close(file) }
        // First without the roots: the tree that it starts with is not known before.
        let first = try? SurveyedSegment.read(
            name, file: file, isSealed: isSealed, disk: disk, { _ in })
        guard let finding = first else { return nil }
        var roots: [UInt64: TreeHash] = [:]
        var frontier = finding.header.frontier
        let wanted = anchors.keys.filter {
            $0 > name.rawValue && $0 <= finding.endSequence.rawValue
        }
        if !wanted.isEmpty {
            _ = try? SurveyedSegment.read(name, file: file, isSealed: isSealed, disk: disk) {
                body in
                var splitter = RecordSplitter(body)
                while let place = splitter.nextChecked(in: body) {
                    frontier.append(leaf: TreeHash.leaf(body.extracting(place)))
                    if anchors[frontier.size] != nil { roots[frontier.size] = frontier.root }
                }
            }
        }
        return Candidate(finding: finding, roots: roots)
    }

    /// At the end of the log, and at its start, nothing but what was signed and what is good of the
    /// local segments vouches for the copy.
    private func check(
        _ candidates: [Candidate], _ hole: Hole, _ anchors: [UInt64: (TreeHash, String)]
    ) throws(Reason) {
        let end = candidates.last?.finding.endSequence ?? hole.start
        let roots = candidates.reduce(into: [UInt64: TreeHash]()) {
            $0.merge($1.roots) { a, _ in a }
        }
        for (size, (root, path)) in anchors.sorted(by: { $0.key < $1.key })
        where size <= end.rawValue || hole.right == nil {
            guard let found = roots[size] else {
                throw Reason(
                    detail: "the copy ends before sequence \(end), and \(path) says that there "
                        + "were \(size) records: it is older")
            }
            guard found == root else {
                throw Reason(
                    detail: "the copy's records are not those of \(path): it is another history")
            }
        }
        guard hole.right == nil else { return }
        let claim = claims.max { $0.durableThrough < $1.durableThrough }
        if let claim, claim.durableThrough >= end {
            throw Reason(
                detail: "the copy ends before sequence \(end), and \(claim.name) says that the "
                    + "log was durable through \(claim.durableThrough): it is older")
        }
        let local = hole.segments.compactMap(\.best?.claimedEnd).max() ?? 0
        let names = hole.segments.map(\.name.rawValue).max() ?? 0
        if max(local, names) > end.rawValue {
            throw Reason(
                detail: "the copy ends before sequence \(end), and the damaged segment itself "
                    + "says that there were \(max(local, names)) records: it is older")
        }
    }

    // MARK: installing

    private mutating func install(
        _ candidate: SurveyedSegment, _ hole: Hole
    ) throws(DiskError) {
        let name = candidate.header.firstSequence
        let target = candidate.isSealed ? paths.sealed(name) : paths.segment(name)
        let making = paths.repairing(name)
        let setting = FileSetting(disk: disk, paths: paths)
        try disk.removeLeftOver(making)
        let source = try disk.open(candidate.path, .read)
        let isFilled: Bool
        do {
            defer { disk.close(source) }
            isFilled = try setting.fill(making, from: source)
        }
        let readBack = try SurveyedSegment.read(
            name, path: making, isSealed: candidate.isSealed, disk: disk)
        guard isFilled, case .success(let found) = readBack, found.problem == nil,
            found.header == candidate.header, found.frontier == candidate.frontier
        else { throw DiskError(operation: "reading back", path: making, errno: .ioError) }
        let local = hole.segments.first { $0.name == name }?.paths ?? []
        var taken: Set<String> = []
        for path in local {
            let file = String(path.dropFirst(paths.log.utf8.count + 1))
            let aside = try setting.unused(file, in: paths.quarantine, &taken)
            try setting.quarantine(path, as: aside)
            report.steps.append(.init(kind: .setAside, path: path, other: aside))
        }
        try disk.rename(making, to: target)
        try disk.syncFolder(paths.log)
        for path in local where path != target { try disk.removeLeftOver(path) }
        try disk.syncFolder(paths.log)
        report.steps.append(.init(kind: .installed, path: target, other: candidate.path))
    }

    /// A bad active form beside a good sealed one goes.
    private mutating func dropActive(
        _ segment: LogSurvey.Segment, _ replaced: [LogSurvey.Segment]
    ) throws(DiskError) {
        guard !replaced.contains(where: { $0.name == segment.name }) else { return }
        let path = paths.segment(segment.name)
        var taken: Set<String> = []
        let setting = FileSetting(disk: disk, paths: paths)
        let aside = try setting.unused(
            LogFormat.segmentName(segment.name), in: paths.quarantine, &taken)
        try setting.quarantine(path, as: aside)
        try disk.removeLeftOver(path)
        try disk.syncFolder(paths.log)
        report.steps.append(.init(kind: .setAside, path: path, other: aside))
    }
}
