/// Carries a plan out, each step only if it was not done: so a crash anywhere, and another run,
/// come to the same.
struct LossCarrying {
    let paths: LogPaths
    let disk: any Disk
    let plan: LossPlan
    let vocabulary: any RecordVocabulary
    private var report = RepairReport()

    init(paths: LogPaths, disk: any Disk, plan: LossPlan, vocabulary: any RecordVocabulary) {
        self.paths = paths
        self.disk = disk
        self.plan = plan
        self.vocabulary = vocabulary
    }

    private var setting: FileSetting { FileSetting(disk: disk, paths: paths) }
    private var making: String { paths.repairing(plan.header.firstSequence) }

    mutating func run() throws(EventLogError) -> RepairReport {
        report.loss = plan.facts
        do throws(DiskError) {
            if try disk.createFolder(paths.checkpoints) { try disk.syncFolder(paths.data) }
            _ = try disk.createFolder(paths.superseded)
            try disk.syncFolder(paths.checkpoints)
            try copy()
            try goOn()
            try move(plan.moves)
        } catch { throw EventLogError(disk: error) }
        try cut()
        do throws(DiskError) {
            try move(plan.segmentMoves)
            // What an earlier attempt left.
            try disk.removeLeftOver(making)
            var taken: Set<String> = []
            let done = try setting.unused(LossPlan.name, in: paths.quarantine, &taken)
            try disk.rename(paths.lossPlan, to: done)
            try disk.syncFolder(paths.quarantine)
        } catch { throw EventLogError(disk: error) }
        return report
    }

    private func exists(_ path: String) throws(DiskError) -> Bool {
        let folder = LogPaths.parent(of: path)
        return try disk.list(folder)?.contains(String(path.dropFirst(folder.utf8.count + 1)))
            == true
    }

    private mutating func copy() throws(DiskError) {
        for move in plan.copies {
            let (from, to) = (paths.data + "/" + move.from, paths.data + "/" + move.to)
            if try !exists(to) { try setting.quarantine(from, as: to) }
            report.steps.append(.init(kind: .setAside, path: from, other: to))
        }
        // Whether now or by a life that ended before it could sync them.
        try disk.syncFolder(paths.quarantine)
    }

    private mutating func move(_ moves: [LossPlan.Move]) throws(DiskError) {
        var folders: Set<String> = []
        for move in moves {
            let (from, to) = (paths.data + "/" + move.from, paths.data + "/" + move.to)
            if try exists(from), try !exists(to) { try disk.rename(from, to: to) }
            folders.formUnion([LogPaths.parent(of: from), LogPaths.parent(of: to)])
            let kind: RepairReport.Step.Kind =
                move.to.hasPrefix("checkpoints/") ? .superseded : .setAside
            report.steps.append(.init(kind: kind, path: from, other: to))
        }
        // The new names first: a name is never missing in both.
        for folder in folders.sorted(by: >) { try disk.syncFolder(folder) }
    }

    // MARK: the segment that goes on

    /// Makes the segment that holds the record, and gives it its name.
    private mutating func goOn() throws(DiskError) {
        let path = paths.segment(plan.header.firstSequence)
        report.steps.append(.init(kind: .continued, path: path))
        if try exists(path), try isNext(path) {
            return try disk.syncFolder(paths.log)
        }
        try disk.removeLeftOver(making)
        let file = try disk.open(making, .create)
        do {
            defer { disk.close(file) }
            try disk.fillWithZeros(
                file, byteCount: plan.header.fileByteCount, stepByteCount: 256 * 1_024)
            try writeBatches(file)
            var block = ByteBlock(byteCount: LogFormat.blockByteCount)
            var bytes = block.mutableBytes
            plan.header.encode(into: &bytes)
            try disk.write(file, at: 0, block.bytes)
            try disk.sync(file)
        }
        guard try isNext(making) else {
            throw DiskError(operation: "reading back", path: making, errno: .ioError)
        }
        try disk.rename(making, to: path)
        try disk.syncFolder(paths.log)
    }

    /// A mark, the record, and a mark that says that it is durable.
    private func writeBatches(_ file: DiskFile) throws(DiskError) {
        var body: [UInt8] = []
        var length = plan.record.count
        while length >= 0x80 {
            body.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        body.append(UInt8(length))
        body += plan.record
        var encoder = BatchEncoder()
        var chain = plan.header.frontier.chain
        var offset = LogFormat.blockByteCount
        let end = plan.header.firstSequence
        let batches: [([UInt8], SequenceNumber, SequenceNumber?)] = [
            ([], end, end.previous), (body, end, end.previous), ([], end.advanced(by: 1), end),
        ]
        for (bytes, first, durable) in batches {
            // Safe: the bytes of an array, which lives to the end of the call.
            var batch = encoder.encode(
                unsafe bytes.span.bytes, recordCount: bytes.isEmpty ? 0 : 1, firstSequence: first,
                durableThrough: durable, term: plan.header.term)
            encoder.seal(&batch, chain: chain, seed: plan.header.checksumSeed)
            try disk.write(file, at: offset, encoder.bytes(batch))
            offset += batch.batchByteCount
            chain = batch.headerCRC
        }
    }

    /// Whether a file is the segment that goes on: the header, and the record at its start.
    private func isNext(_ path: String) throws(DiskError) -> Bool {
        let name = plan.header.firstSequence
        let found = try SurveyedSegment.read(name, path: path, isSealed: false, disk: disk)
        guard case .success(let finding) = found else { return false }
        return finding.header == plan.header && finding.problem == nil
            && finding.endSequence > name
    }

    // MARK: the segment that is cut

    /// Makes the kept segment anew, without what is behind its last good record.
    private mutating func cut() throws(EventLogError) {
        guard let kept = plan.kept else { return }
        let path = kept.isSealed ? paths.sealed(kept.name) : paths.segment(kept.name)
        report.steps.append(.init(kind: .cut, path: path))
        let end = plan.header.firstSequence
        do throws(DiskError) {
            if try exists(path), try isCut(path, kept) { return try disk.syncFolder(paths.log) }
        } catch { throw EventLogError(disk: error) }
        // A file that could not be copied was moved to quarantine.
        var source = path
        do throws(DiskError) {
            let name = String(path.dropFirst(paths.data.utf8.count + 1))
            if try !exists(path), let move = plan.copies.first(where: { $0.from == name }) {
                source = paths.data + "/" + move.to
            }
        } catch { throw EventLogError(disk: error) }
        let making = paths.repairing(kept.name)
        do throws(DiskError) {
            try disk.removeLeftOver(making)
            let from = try disk.open(source, .read)
            defer { disk.close(from) }
            let to = try disk.open(making, .create)
            defer { disk.close(to) }
            if kept.isSealed {
                try reseal(kept, from, to)
            } else {
                try copyBeginning(kept, from, to, end)
            }
        } catch { throw EventLogError(disk: error) }
        do throws(DiskError) {
            guard try isCut(making, kept) else {
                throw DiskError(operation: "reading back", path: making, errno: .ioError)
            }
            try disk.rename(making, to: path)
            try disk.syncFolder(paths.log)
        } catch { throw EventLogError(disk: error) }
    }

    private func isCut(_ path: String, _ kept: LossPlan.Kept) throws(DiskError) -> Bool {
        let found = try SurveyedSegment.read(
            kept.name, path: path, isSealed: kept.isSealed, disk: disk)
        guard case .success(let finding) = found else { return false }
        return finding.problem == nil && finding.torn == nil
            && finding.frontier == plan.header.frontier
    }

    /// The good batches, to the byte, and zeros.
    private func copyBeginning(
        _ kept: LossPlan.Kept, _ from: DiskFile, _ to: DiskFile, _ end: SequenceNumber
    ) throws(DiskError) {
        let read = try SurveyedSegment.read(
            kept.name, path: from.path, isSealed: false, disk: disk)
        guard case .success(let finding) = read, finding.endSequence == end else {
            throw DiskError(operation: "reading", path: from.path, errno: .ioError)
        }
        try disk.fillWithZeros(
            to, byteCount: finding.header.fileByteCount, stepByteCount: 256 * 1_024)
        var window = SegmentWindow(disk: disk, file: from)
        try window.eachPiece(of: 0..<finding.endOffset) { (offset, bytes) throws(DiskError) in
            try disk.write(to, at: offset, bytes)
        }
        try disk.sync(to)
    }

    /// The good frames' records, laid out as a sealed segment of their own.
    private func reseal(
        _ kept: LossPlan.Kept, _ from: DiskFile, _ to: DiskFile
    ) throws(DiskError) {
        let unread = DiskError(operation: "reading", path: from.path, errno: .ioError)
        guard
            let walk = try? SealedWalk.walk(kept.name, file: from, disk: disk, { _ in }),
            walk.frontier == plan.header.frontier,
            var writer = SealedSegmentWriter(
                walk.header, file: to, disk: disk, vocabulary: vocabulary)
        else { throw unread }
        var failure: SealedSegmentWriter.Failure?
        do throws(SealedSegmentWriter.Failure) {
            try writer.begin()
            _ = try? SealedWalk.walk(kept.name, file: from, disk: disk) { records in
                guard failure == nil else { return }
                do throws(SealedSegmentWriter.Failure) { try writer.append(records) } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            _ = try writer.finish(term: kept.term, frontier: walk.frontier)
        } catch {
            if case .disk(let error) = error { throw error }
            throw unread
        }
    }
}
