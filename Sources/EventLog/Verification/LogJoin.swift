/// Joins what was found in each segment, in order, to the verdict on a whole log.
///
/// docs/format/tree.md, "Verdict", has the rules. After a problem the tree stands still, and the
/// segments that follow are only compared with the one before them.
struct LogJoin: Sendable {
    private(set) var verdict: Verdict
    private let paths: LogPaths
    private let disk: any Disk
    private var checkpoints: StoredCheckpoints
    private var tiles: StoredTiles
    /// The segments that have an index file of which nothing is said yet.
    private var indexes: Set<SequenceNumber>
    private var identity: LogIdentity?
    private var tree: TreeFrontier?
    private var first: UInt64 = 0
    /// Whether there was no problem so far, so that the next segment continues the tree.
    private var isLinked = true
    private var before: Before?
    private var anchoredSize: UInt64?
    private var endRemark: (path: String, detail: String)?
    private var withoutIndex: [String] = []
    private var ignoredIndexes: [String] = []

    /// The segment before, where its end is known.
    private struct Before {
        var isSealed: Bool
        var end: TreeFrontier
        var term: UInt64
    }

    init(
        paths: LogPaths, disk: any Disk, checkpoints: StoredCheckpoints, tiles: StoredTiles,
        indexes: Set<SequenceNumber>, _ verdict: Verdict
    ) {
        self.paths = paths
        self.disk = disk
        self.checkpoints = checkpoints
        self.tiles = tiles
        self.indexes = indexes
        self.verdict = verdict
    }

    /// Begins; `oldest` is the name of the first segment, nil where there is none.
    mutating func begin(oldest: SequenceNumber?) {
        guard let oldest else {
            verdict.add(.segmentMissing, "log", "there is no segment")
            isLinked = false
            return
        }
        if oldest == .zero { startTree(TreeFrontier()) }
    }

    private mutating func startTree(_ frontier: TreeFrontier) {
        tree = frontier
        first = frontier.size
        if first > 0 {
            verdict.remark(
                "records before sequence \(first) are not here: their hashes are the first "
                    + "segment's, and proved only by a checkpoint")
        }
        compare(TreeHead(size: frontier.size, root: frontier.root))
    }

    private mutating func problem(_ fault: FormFinding.Fault, _ path: String) {
        verdict.add(fault.code, path, fault.detail)
        isLinked = false
    }

    // MARK: segments

    /// Takes the next segment.
    mutating func add(_ finding: SegmentFinding, isLast: Bool) {
        var hasGoodSealed = false
        var end: Before?
        do throws(FormFinding.Fault) {
            end = try join(finding, isLast: isLast)
            hasGoodSealed = end != nil && finding.main.isSealed
        } catch {
            problem(error, finding.main.path)
        }
        if let second = finding.second {
            verdict.remark(
                "both forms of a segment stand, \(second.path) beside its \(LogFormat.activeSuffix)"
            )
            do throws(FormFinding.Fault) {
                try judge(second, beside: end)
                hasGoodSealed = true
            } catch {
                verdict.add(error.code, second.path, error.detail)
            }
        }
        if hasGoodSealed, let index = finding.index { judge(index, finding.name) }
        end?.isSealed = hasGoodSealed
        before = end
    }

    /// Adds a segment to the tree; nil for a torn roll, which is only remarked.
    private mutating func join(
        _ finding: SegmentFinding, isLast: Bool
    ) throws(FormFinding.Fault) -> Before? {
        let main = finding.main
        try checkName(finding.name, main.path)
        let start: FormFinding.Start
        switch main.start {
        case .success(let found): start = found
        case .failure(.blank(let fault)):
            // A segment is sealed only after the next one's header was on disk.
            guard isLast, before?.isSealed != true else { throw fault }
            endRemark = (main.path, "a torn roll, a bad header and zeros")
            return nil
        case .failure(.fault(let fault)): throw fault
        }
        try checkSeam(start, isSealed: main.isSealed)
        if main.isSealed { verdict.sealedSegments += 1 } else { verdict.activeSegments += 1 }
        if isLinked {
            if tree == nil { startTree(start.frontier) }
            tree = main.end
            for head in main.heads { compare(head) }
            for subtree in main.subtrees { tiles.add(subtree, &verdict) }
        }
        if let fault = main.fault { throw fault }
        if let torn = main.torn {
            guard isLast else {
                throw .init(code: .segmentDamaged, detail: torn + ", and a later segment stands")
            }
            endRemark = (main.path, "a torn tail: " + torn)
        }
        return Before(isSealed: main.isSealed, end: main.end, term: main.term)
    }

    private mutating func checkName(
        _ name: SequenceNumber, _ path: String
    ) throws(FormFinding.Fault) {
        guard let end = before?.end.size else { return }
        if name.rawValue > end {
            let detail = "records \(end) to \(name.rawValue - 1) are missing before it"
            problem(.init(code: .segmentMissing, detail: detail), path)
            // It is checked by itself from here on.
            before = nil
        } else if name.rawValue < end {
            throw .init(
                code: .segmentForeign,
                detail: "it begins before the segment before it ends, at \(end)")
        }
    }

    /// What a segment's start says must be what the end of the one before says.
    private mutating func checkSeam(
        _ start: FormFinding.Start, isSealed: Bool
    ) throws(FormFinding.Fault) {
        let known = identity ?? start.identity
        identity = known
        guard start.identity == known else {
            throw .init(code: .segmentForeign, detail: "it is of another log, \(start.identity)")
        }
        guard let before else { return }
        guard start.term >= before.term else {
            throw .init(
                code: .segmentForeign, detail: "its term \(start.term) comes after \(before.term)")
        }
        guard start.frontier == before.end else {
            throw .init(
                code: isSealed ? .sealInvalid : .segmentDamaged,
                detail: "the tree at its start is not that of the records before it")
        }
    }

    /// The sealed form beside an active one: that one counts, but this must say the same.
    private func judge(_ second: FormFinding, beside end: Before?) throws(FormFinding.Fault) {
        let start: FormFinding.Start
        switch second.start {
        case .success(let found): start = found
        case .failure(let problem): throw problem.fault
        }
        guard start.identity == identity ?? start.identity else {
            throw .init(code: .segmentForeign, detail: "it is of another log, \(start.identity)")
        }
        if let fault = second.fault { throw fault }
        if let end, end.end != second.end {
            throw .init(
                code: .sealInvalid, detail: "its records are not those of the active form beside it"
            )
        }
    }

    // MARK: indexes

    private mutating func judge(_ index: IndexFinding, _ name: SequenceNumber) {
        let path = paths.relative(paths.index(name))
        indexes.remove(name)
        switch index {
        case .good: break
        case .missing: withoutIndex.append(path)
        case .ignored: ignoredIndexes.append(path)
        case .impossible(let detail): verdict.add(.indexMismatch, path, detail)
        }
    }

    /// Those without a good sealed segment; a valid one beyond the end is evidence.
    private mutating func judgeOtherIndexes(_ names: Set<SequenceNumber>) {
        for name in indexes.sorted() {
            let path = paths.relative(paths.index(name))
            ignoredIndexes.append(path)
            guard !names.contains(name), isLinked,
                case .success((_, let head)) = IndexHead.read(name, paths: paths, disk: disk),
                head.identity == identity, isBeyond(head.endSequence ?? .max)
            else { continue }
            verdict.add(
                .segmentMissing, path,
                "it speaks of records to \((head.endSequence ?? .max) &- 1)")
        }
        verdict.remark("sealed segments without an index", of: withoutIndex)
        verdict.remark("indexes were ignored (to be made anew)", of: ignoredIndexes)
    }

    // MARK: the end

    private func isBeyond(_ size: UInt64) -> Bool { tree.map { size > $0.size } ?? true }

    /// Judges the end of the log, and gives the verdict.
    mutating func finish(_ segments: [SegmentForms]) -> Verdict {
        if let last = segments.last, last.hasSealed {
            problem(
                .init(
                    code: .segmentMissing, detail: "the active segment after it is missing"),
                paths.relative(paths.sealed(last.name)))
        }
        judgeTornEnd()
        judgeOtherIndexes(Set(segments.map(\.name)))
        var notCompared: [String] = []
        for size in checkpoints.sizes {
            guard let item = checkpoints.take(size) else { continue }
            if isLinked && isBeyond(size) {
                verdict.add(.segmentMissing, item.path, "it speaks of \(size) records")
            } else {
                notCompared.append(item.path)
            }
        }
        verdict.remark("checkpoints were not compared", of: notCompared)
        if let tree {
            verdict.treeSize = tree.size
            verdict.root = tree.root.description
            verdict.records = tree.size - first
            verdict.firstSequence = verdict.records > 0 ? first : nil
        }
        tiles.finish(
            first: tree == nil ? 0 : first, size: tree?.size ?? 0, isWhole: isLinked, &verdict)
        verdict.stateAnchoring(anchoredSize: anchoredSize)
        verdict.finish()
        return verdict
    }

    /// A torn end is harmless only where nothing says that more was durable.
    private mutating func judgeTornEnd() {
        guard let (path, detail) = endRemark else { return }
        let later = checkpoints.items.filter { isBeyond($0.key) }.map(\.value.path).min()
        guard isLinked, let later else {
            verdict.remark("\(path): \(detail); it was never acknowledged")
            return
        }
        problem(
            .init(
                code: .segmentDamaged,
                detail: "\(detail); but \(later) says that more was durable"),
            path)
    }

    private mutating func compare(_ head: TreeHead) {
        guard let item = checkpoints.take(head.size) else { return }
        guard item.root == head.root else {
            verdict.add(
                .checkpointMismatch, item.path, "the root of the records is \(head.root)")
            return
        }
        verdict.checkpoints += 1
        verdict.checkpointSize = head.size
        if item.isWitnessed { anchoredSize = head.size }
    }
}
