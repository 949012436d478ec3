/// Recovery's work: judge, refuse or make true what is there, set aside what is torn.
struct LogOpening {
    let paths: LogPaths
    let disk: any Disk
    let configuration: LogConfiguration
    let sources: LogSources

    /// A log that is fit to be written on.
    struct Opened {
        var scan: SegmentScan
        var file: DiskFile
        var report: RecoveryReport
    }

    func run(evidence: [DurabilityClaim]) throws(EventLogError) -> Opened {
        do throws(DiskError) {
            for folder in [paths.log, paths.quarantine] {
                _ = try disk.createFolder(folder)
            }
            // Whether made now or by a life that ended before it could sync them.
            try disk.syncFolder(paths.data)
            if try disk.list(paths.log)?.contains(LogFormat.preparingName) == true {
                try disk.remove(paths.preparing)
            }
        } catch {
            throw EventLogError(disk: error)
        }
        let judgement = try LogInspection.judge(
            paths, disk: disk, scope: configuration.recoveryScope, evidence: evidence)
        guard judgement.report.isUsable else { throw EventLogError(refusal: judgement.report) }
        do throws(DiskError) {
            return try act(on: judgement)
        } catch {
            throw EventLogError(disk: error)
        }
    }

    private func act(on judgement: LogInspection.Judgement) throws(DiskError) -> Opened {
        var report = judgement.report
        if let name = judgement.tornRoll { try setAside(name, &report) }
        guard let scan = judgement.last else { return try create(report) }
        let file = try disk.open(scan.path, .readWrite)
        do throws(DiskError) {
            report.rewrittenByteCount = try rewrite(scan.unproved, of: file)
            if case .torn(_, let range) = scan.tail {
                let path = try quarantine(range, of: file, name: scan.name)
                report.quarantined[report.quarantined.count - 1].path = path
                try overwriteWithZeros(range, of: file)
            }
            return Opened(scan: scan, file: file, report: report)
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Makes a log: its first segment, durable under its final name.
    private func create(_ report: RecoveryReport) throws(DiskError) -> Opened {
        let file = try disk.open(paths.preparing, .create)
        do throws(DiskError) {
            // No one waits for another sync yet, so one is enough.
            let byteCount = configuration.segmentByteCount
            try disk.fillWithZeros(file, byteCount: byteCount, stepByteCount: byteCount)
            let header = SegmentHeader(
                identity: sources.newIdentity(), firstSequence: .zero,
                creationMicroseconds: sources.nowMicroseconds(),
                fileByteCount: configuration.segmentByteCount, term: 0, frontier: TreeFrontier())
            try LogStore.install(header, file, paths: paths, disk: disk)
            let path = paths.segment(.zero)
            var report = report
            report.identity = header.identity.description
            report.segmentCount = 1
            return Opened(
                scan: SegmentScan(name: .zero, path: path, header: header), file: file,
                report: report)
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Step 2: writes the same bytes at the same place, and syncs file and folder.
    private func rewrite(_ range: Range<Int>, of file: DiskFile) throws(DiskError) -> Int {
        var window = SegmentWindow(disk: disk, file: file)
        var count = 0
        // The header belongs to it: a roll may have been synced by no one either.
        let header = 0..<LogFormat.blockByteCount
        for part in range.lowerBound == 0 ? [range] : [header, range] {
            try window.eachPiece(of: part) { (offset, bytes) throws(DiskError) in
                try disk.write(file, at: offset, bytes)
                count += bytes.byteCount
            }
        }
        try disk.sync(file)
        try disk.syncFolder(paths.log)
        return count
    }

    /// Step 3: copies bytes to a file of their own, durable with its name.
    private func quarantine(
        _ range: Range<Int>, of file: DiskFile, name: SequenceNumber
    ) throws(DiskError) -> String {
        let path = try unusedPath("\(LogFormat.segmentName(name)).offset-\(range.lowerBound)")
        let copy = try disk.open(path, .create)
        defer { disk.close(copy) }
        var window = SegmentWindow(disk: disk, file: file)
        try window.eachPiece(of: range) { (offset, bytes) throws(DiskError) in
            try disk.write(copy, at: offset - range.lowerBound, bytes)
        }
        try disk.sync(copy)
        try disk.syncFolder(paths.quarantine)
        return path
    }

    private func overwriteWithZeros(_ range: Range<Int>, of file: DiskFile) throws(DiskError) {
        let zeros = ByteBlock(byteCount: min(range.count, SegmentWindow.byteCountUsual))
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: zeros.byteCount) {
            let count = min(zeros.byteCount, range.upperBound - offset)
            try disk.write(file, at: offset, zeros.bytes.extracting(0..<count))
        }
        try disk.sync(file)
    }

    /// Moves a segment that was cut off while it was made, whole: it holds nothing but its header.
    private func setAside(
        _ name: SequenceNumber, _ report: inout RecoveryReport
    ) throws(DiskError) {
        let path = try unusedPath(LogFormat.segmentName(name))
        let file = try disk.open(paths.segment(name), .readWrite)
        defer { disk.close(file) }
        try disk.sync(file)
        try disk.rename(paths.segment(name), to: path)
        try disk.syncFolder(paths.quarantine)
        try disk.syncFolder(paths.log)
        report.quarantined[report.quarantined.count - 1].path = path
    }

    /// A path in quarantine that no earlier piece has.
    private func unusedPath(_ name: String) throws(DiskError) -> String {
        let taken = try disk.list(paths.quarantine) ?? []
        var number = 1
        while taken.contains("\(name).\(number)") { number += 1 }
        return "\(paths.quarantine)/\(name).\(number)"
    }
}

extension SegmentWindow {
    /// Runs `body` over the bytes of `range`, piece by piece.
    mutating func eachPiece(
        of range: Range<Int>, _ body: (Int, RawSpan) throws(DiskError) -> Void
    ) throws(DiskError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = min(range.upperBound - offset, Self.byteCountUsual)
            let count = try load(at: offset, byteCount: wanted)
            guard count > 0 else {
                throw DiskError(operation: "reading", path: file.path, errno: .ioError)
            }
            try body(offset, bytes(at: offset, byteCount: count))
            offset += count
        }
    }
}

extension EventLogError {
    /// An opening was refused: the report's verdict as an error.
    init(refusal report: RecoveryReport) {
        self.init(
            report.verdict == .damaged ? .damaged : .foreignOrMissing, report.description,
            segment: report.segment, offset: report.offset)
    }
}
