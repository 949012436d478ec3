/// Where a log that lost records ends, and what of it cannot be kept.
struct LossSurvey {
    let paths: LogPaths
    let disk: any Disk
    let sources: LogSources
    /// What says how much was durable.
    let claims: [DurabilityClaim]

    /// What was found.
    struct Found {
        /// The last segment of which something is kept.
        var end: SurveyedSegment?
        /// Whether only a part of that one is kept.
        var isCut = false
        /// Segments that are no part of the log any more.
        var aside: [LogSurvey.Segment] = []
        /// What is wrong.
        var detail: String
        var all: [LogSurvey.Segment]

        /// Whether something that can be read must be set aside.
        var isCutNeeded: Bool { isCut || !aside.isEmpty || !badForms.isEmpty }
        /// Bad active forms beside good sealed ones, of segments that are kept.
        var badForms: [String] {
            all.filter { segment in
                segment.hasBadActive && segment.problem(isLast: false) == nil
                    && !aside.contains { $0.name == segment.name }
            }.flatMap(\.paths).filter { $0.hasSuffix(LogFormat.activeSuffix) }
        }
        var endSequence: SequenceNumber { end?.endSequence ?? .zero }
    }

    /// Reads the whole log, and finds its longest valid beginning.
    ///
    /// - Throws: `sequenceAbsent` where nothing is lost; `foreignOrMissing` where not even its
    ///   beginning is there.
    func run() throws(EventLogError) -> Found {
        let segments = try LogSurvey.of(log: paths.log, disk: disk).segments
        var found = Found(detail: "", all: segments)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            guard let best = segment.best else {
                found.detail = "\(segment.paths[0]): \(segment.unreadable)"
                found.aside = Array(segments[index...])
                break
            }
            if let end = found.end, let seam = LogSurvey.seam(end, best) {
                found.detail = "\(best.path): \(seam)"
                found.aside = Array(segments[index...])
                break
            }
            if let problem = segment.problem(isLast: isLast) {
                found.detail = "\(best.path): \(problem)"
                let isKept = best.endSequence > segment.name
                if isKept { found.end = best }
                found.isCut = isKept
                found.aside = Array(segments[(isKept ? index + 1 : index)...])
                break
            }
            found.end = best
        }
        if let first = segments.first?.name, first > .zero, found.end == nil {
            throw EventLogError(
                .foreignOrMissing,
                "nothing of the log's beginning, \(paths.segment(first)), can be kept, and the "
                    + "records before it are not here, so there is nothing to go on from. Restore "
                    + "it from a copy.", segment: paths.segment(first))
        }
        if !found.isCut, found.aside.isEmpty { try addMissing(&found) }
        return found
    }

    /// Where nothing is bad, looks for what says that there was more.
    private func addMissing(_ found: inout Found) throws(EventLogError) {
        let end = found.endSequence
        let claim = claims.max { $0.durableThrough < $1.durableThrough }
        let last = found.all.last
        let indexes = try LogSurvey.indexes(
            from: last?.name ?? .zero, found.end?.header.identity, paths, disk)
        let isFollowed = last?.hasGoodSealed == true || !indexes.isEmpty
        if let claim, claim.durableThrough >= end {
            found.detail =
                "\(claim.name) says that the log was durable through sequence "
                + "\(claim.durableThrough), and it ends before \(end)"
            // Bytes behind the end that were not acknowledged, for all that is known, are kept.
            found.isCut = found.end?.torn != nil
        } else if isFollowed {
            found.detail =
                "the segment from sequence \(end) on, to which the log was written, is gone"
        } else {
            throw EventLogError(
                .sequenceAbsent,
                "nothing of the log in \(paths.data) is lost, for all that its files say: it "
                    + "ends before sequence \(end). Start the engine.")
        }
    }

    /// The plan for what was found; its record is not there yet.
    func plan(
        for found: Found, segmentByteCount: Int
    ) throws(EventLogError) -> LossPlan {
        let end = found.endSequence
        let findings = found.all.compactMap(\.best)
        let indexes = try LogSurvey.indexes(from: .zero, nil, paths, disk)
        let identity =
            found.end?.header.identity ?? findings.first?.header.identity ?? indexes.first?.identity
            ?? sources.newIdentity()
        let term = findings.map { max($0.term, $0.header.term) }.max() ?? 0
        guard term < UInt64.max - 1 else {
            throw .foreign("its term is the highest", segment: paths.log, offset: 0)
        }
        let header = SegmentHeader(
            identity: identity, firstSequence: end,
            creationMicroseconds: sources.nowMicroseconds(), fileByteCount: segmentByteCount,
            term: term + 1, frontier: found.end?.frontier ?? TreeFrontier())
        var facts = LossFacts(
            firstLost: end, found: found.detail, setAside: [], recordSequence: end)
        let own = findings.filter { $0.header.identity == identity }
        var ends = claims.map { $0.durableThrough.rawValue + 1 } + own.map(\.claimedEnd)
        ends += found.all.filter { $0.best == nil }.map(\.name.rawValue)
        ends += indexes.filter { $0.identity == identity }.map(\.endSequence.rawValue)
        if let last = ends.max(), last > end.rawValue { facts.lastLost = SequenceNumber(last - 1) }
        var plan = LossPlan(header: header, facts: facts)
        if found.isCut, let kept = found.end {
            plan.kept = .init(
                name: kept.header.firstSequence, isSealed: kept.isSealed, term: kept.term)
        }
        do throws(DiskError) { try addFiles(&plan, found) } catch {
            throw EventLogError(disk: error)
        }
        try addCheckpoints(&plan)
        plan.facts.setAside = (plan.copies + plan.segmentMoves).map(\.to)
        return plan
    }

    // MARK: files

    private func addFiles(_ plan: inout LossPlan, _ found: Found) throws(DiskError) {
        let end = found.endSequence
        var taken: Set<String> = []
        var copied: [String] = []
        var moved = found.aside.flatMap(\.paths) + found.badForms
        if found.isCut, let kept = found.end {
            copied.append(kept.path)
            moved +=
                found.all.first { $0.name == kept.header.firstSequence }?.paths
                .filter { $0 != kept.path } ?? []
        }
        // The segment that goes on may have the name of one that goes.
        let next = paths.segment(end)
        if try disk.list(paths.log)?.contains(LogFormat.segmentName(end)) == true {
            moved.removeAll { $0 == next }
            if !copied.contains(next) { copied.append(next) }
        }
        let setting = FileSetting(disk: disk, paths: paths)
        func move(_ path: String) throws(DiskError) -> LossPlan.Move {
            let from = String(path.dropFirst(paths.data.utf8.count + 1))
            let parts = from.split(separator: "/")
            // Segments keep their names, as in recovery; of others the folder is a part of it.
            let name = parts.first == "log" ? String(parts[1]) : parts.joined(separator: "-")
            let to = try setting.unused(name, in: paths.quarantine, &taken)
            return .init(from: from, to: String(to.dropFirst(paths.data.utf8.count + 1)))
        }
        for path in copied { plan.copies.append(try move(path)) }
        for path in moved { plan.segmentMoves.append(try move(path)) }
        for path in try derived(beyond: end, plan.kept?.name) { plan.moves.append(try move(path)) }
    }

    /// Indexes, tiles and snapshots that speak of records from `end` on.
    private func derived(
        beyond end: SequenceNumber, _ kept: SequenceNumber?
    ) throws(DiskError) -> [String] {
        var found: [String] = []
        for entry in try disk.list(paths.log) ?? [] {
            let name = LogFormat.firstSequence(
                ofSegmentNamed: entry, suffix: LogFormat.indexSuffix)
            guard let name else { continue }
            var isBeyond = name >= end || name == kept
            if !isBeyond,
                case .success(let index)? = try SegmentIndex.read(
                    name, paths: paths, disk: disk)
            {
                isBeyond = index.endSequence > end
            }
            if isBeyond { found.append(paths.log + "/" + entry) }
        }
        let tiles = TileFiles(paths, disk: disk)
        for level in 1...TilePath.levelMax {
            for index in try tiles.indexes(level: level) {
                guard let tile = TilePath(.hashes(level: level), index: index) else { continue }
                if tile.endSequence.map({ $0 > end.rawValue }) ?? true {
                    found.append(paths.tree + "/" + tile.text)
                }
            }
        }
        let snapshots = paths.data + "/snapshots"
        for entry in try disk.list(snapshots) ?? [] {
            let name = LogFormat.firstSequence(ofSegmentNamed: entry, suffix: ".state")
            if let name, name >= end { found.append(snapshots + "/" + entry) }
        }
        return found
    }

    /// Checkpoints of more than is kept are void.
    private func addCheckpoints(_ plan: inout LossPlan) throws(EventLogError) {
        let end = plan.header.firstSequence.rawValue
        let store = CheckpointStore(folder: paths.data, disk: disk)
        var remarks: [String] = []
        do throws(EventLogError) {
            let newest = try LogProver.newest(store, &remarks) { $0 > end }
            if let checkpoint = newest?.checkpoint {
                plan.facts.checkpointSize = checkpoint.size
                plan.facts.checkpointRoot = checkpoint.root.bytes
                let last = SequenceNumber(checkpoint.size - 1)
                plan.facts.lastLost = max(plan.facts.lastLost ?? last, last)
            }
        } catch {
            // Where the list of keys is bad, nothing is said of a checkpoint; all are moved.
            guard error.code == .damaged else { throw error }
        }
        let there: Set<String>
        do throws(DiskError) { there = Set(try disk.list(paths.superseded) ?? []) } catch {
            throw EventLogError(disk: error)
        }
        for size in try store.sizes() where size > end {
            let name = CheckpointStore.name(size: size)
            var target = name
            var number = 1
            while there.contains(target) {
                target = "\(name).\(number)"
                number += 1
            }
            plan.moves.append(
                .init(from: "checkpoints/" + name, to: "checkpoints/superseded/" + target))
        }
    }
}
