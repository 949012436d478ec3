import SystemPackage

/// Reads and checks whole segments; a value that several threads share.
///
/// Memory: a window of the file, one batch or frame, and what `GrowingTree` keeps.
struct SegmentReading: Sendable {
    let paths: LogPaths
    let disk: any Disk
    let trust: LogReader.Trust
    /// How many records something signed says are durable, whatever the log itself says.
    let claimedEnd: UInt64
    /// The tree sizes of checkpoints, ascending.
    let wanted: [UInt64]
    let keepsSubtrees: Bool
    let meter: VerificationMeter

    /// Reads every byte of a segment, in the forms that stand, and its index.
    func read(_ forms: SegmentForms, isLast: Bool) -> SegmentFinding {
        let name = forms.name
        var sealed: SealedSegment?
        if forms.hasActive {
            // Where an engine runs, the active form may have gone since the folder was listed.
            if let main = active(name, isLast: isLast, mayBeSealed: trust == .provedDurable) {
                var finding = SegmentFinding(name: name, main: main)
                if forms.hasSealed {
                    finding.second = self.sealed(name, &sealed, isMain: false)
                    finding.index = sealed.map { index(name, $0) }
                }
                return finding
            }
        }
        let main = self.sealed(name, &sealed, isMain: true)
        return SegmentFinding(
            name: name, main: main, second: nil, index: sealed.map { index(name, $0) })
    }

    private func index(_ name: SequenceNumber, _ segment: SealedSegment) -> IndexFinding {
        IndexFinding.check(name, of: segment, paths: paths, disk: disk)
    }

    private func tree(from start: TreeFrontier, isMain: Bool) -> GrowingTree {
        GrowingTree(
            from: start, wanted: isMain ? wanted : [], keepsSubtrees: isMain && keepsSubtrees)
    }

    // MARK: active

    /// Nil where it is gone and may be.
    private func active(
        _ name: SequenceNumber, isLast: Bool, mayBeSealed: Bool
    ) -> FormFinding? {
        let path = paths.relative(paths.segment(name))
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(paths.segment(name), .read) } catch {
            if error.errno == .noSuchFileOrDirectory, mayBeSealed { return nil }
            let fault = FormFinding.Fault(error, isSealed: false)
            return FormFinding(isSealed: false, path: path, start: .failure(.fault(fault)))
        }
        defer { disk.close(file) }
        let header: SegmentHeader
        do throws(SegmentScan.Unreadable) {
            header = try SegmentHeader.read(name, file: file, disk: disk)
        } catch {
            let fault = FormFinding.Fault(error, isSealed: false)
            if case .tornRoll = error {
                return FormFinding(isSealed: false, path: path, start: .failure(.blank(fault)))
            }
            return FormFinding(isSealed: false, path: path, start: .failure(.fault(fault)))
        }
        var finding = FormFinding(
            isSealed: false, path: path,
            start: .success(
                .init(identity: header.identity, term: header.term, frontier: header.frontier)))
        var tree = tree(from: header.frontier, isMain: true)
        var progress = VerificationMeter.Part(meter)
        do throws(DiskError) {
            let provedEnd = isLast && trust == .provedDurable ? try provedEnd(header, file) : nil
            try readBatches(file, header, provedEnd, &tree, &finding, &progress)
            let byteCount = try disk.byteCount(of: file)
            if finding.fault == nil, byteCount != header.fileByteCount {
                finding.torn = nil
                finding.fault = .init(
                    code: .segmentDamaged,
                    detail: "\(byteCount) bytes, where its header states \(header.fileByteCount)")
            }
            progress.finish(fileByteCount: byteCount)
        } catch {
            finding.fault = .init(error, isSealed: false)
        }
        finding.take(tree)
        return finding
    }

    /// How far the last segment's batches say, by their headers alone, that the log is durable.
    private func provedEnd(_ header: SegmentHeader, _ file: DiskFile) throws(DiskError) -> UInt64 {
        var scout = SegmentCursor(disk: disk, file: file, header: header)
        while case .batch = try scout.next(.header) {}
        return max(scout.durableEnd, claimedEnd)
    }

    private func readBatches(
        _ file: DiskFile, _ header: SegmentHeader, _ provedEnd: UInt64?,
        _ tree: inout GrowingTree, _ finding: inout FormFinding,
        _ progress: inout VerificationMeter.Part
    ) throws(DiskError) {
        var cursor = SegmentCursor(disk: disk, file: file, header: header)
        while true {
            // What follows is being written, or was just now.
            if let provedEnd, cursor.endSequence.rawValue >= provedEnd { return }
            let offset = cursor.offset
            var tail: SegmentScan.Tail
            switch try cursor.next() {
            case .batch(let batch):
                if tree.append(recordsOf: cursor.body(of: batch), count: batch.recordCount) {
                    finding.term = batch.term
                    progress.add(records: batch.recordCount, bytes: batch.batchByteCount)
                    continue
                }
                tail = .damaged("its records cannot be told apart", offset: offset)
            case .endOfFile: return
            case .blank: tail = try SegmentTail.judgeBlank(&cursor)
            case .bad(let detail, let extent):
                tail = try SegmentTail.judgeBad(&cursor, detail, extent: extent)
            case .foreign(let detail): tail = .foreign(detail, offset: offset)
            case .unchained(let detail): tail = .damaged(detail, offset: offset)
            }
            finding.take(tail)
            return
        }
    }

    // MARK: sealed

    /// Reads a sealed form; `good` is set where all of it is good.
    private func sealed(
        _ name: SequenceNumber, _ good: inout SealedSegment?, isMain: Bool
    ) -> FormFinding {
        let path = paths.relative(paths.sealed(name))
        do throws(FormFinding.Unopened) {
            let file = try opened(paths.sealed(name))
            defer { disk.close(file) }
            let segment: SealedSegment
            do throws(SegmentScan.Unreadable) {
                segment = try SealedSegment.openWithoutRoot(name, file: file, disk: disk)
            } catch {
                throw .fault(.init(error, isSealed: true))
            }
            let header = segment.header
            var finding = FormFinding(
                isSealed: true, path: path,
                start: .success(
                    .init(identity: header.identity, term: header.term, frontier: header.frontier)))
            finding.term = segment.footer.term
            var tree = tree(from: header.frontier, isMain: isMain)
            do throws(SegmentScan.Unreadable) {
                try readFrames(file, segment, &tree, counts: isMain)
                good = segment
            } catch {
                finding.fault = .init(error, isSealed: true)
            }
            finding.take(tree)
            return finding
        } catch {
            return FormFinding(isSealed: true, path: path, start: .failure(error))
        }
    }

    private func opened(_ path: String) throws(FormFinding.Unopened) -> DiskFile {
        do throws(DiskError) { return try disk.open(path, .read) } catch {
            throw .fault(.init(error, isSealed: true))
        }
    }

    private func readFrames(
        _ file: DiskFile, _ segment: SealedSegment, _ tree: inout GrowingTree, counts: Bool
    ) throws(SegmentScan.Unreadable) {
        var reader = SealedFrameReader()
        var progress = VerificationMeter.Part(meter)
        defer { progress.finish(fileByteCount: segment.byteCount) }
        var rawByteCount: UInt64 = 0
        for (number, frame) in segment.footer.frames.enumerated() {
            try reader.load(frame, of: file, disk: disk, check: .thorough)
            let count = segment.recordCount(ofFrame: number)
            guard tree.append(recordsOf: reader.records, count: count) else {
                throw .damaged("a frame's records cannot be told apart", offset: frame.offset)
            }
            rawByteCount += UInt64(reader.records.byteCount)
            progress.add(records: counts ? count : 0, bytes: frame.byteCount)
        }
        let footerStart = segment.byteCount - segment.footer.byteCount
        guard rawByteCount == segment.footer.rawByteCount else {
            throw .damaged("its footer states another size of its records", offset: footerStart)
        }
        guard segment.footer.isRootOfFrontier, tree.frontier == segment.footer.frontier else {
            throw .damaged("its tree is not that of its records", offset: footerStart)
        }
    }
}

extension FormFinding {
    /// Takes over how an active segment ends.
    fileprivate mutating func take(_ tail: SegmentScan.Tail) {
        switch tail {
        case .clean: break
        case .torn(let detail, let range): torn = "\(detail), at offset \(range.lowerBound)"
        case .damaged(let detail, let offset):
            fault = Fault(.damaged(detail, offset: offset), isSealed: false)
        case .foreign(let detail, let offset):
            fault = Fault(.foreign(detail, offset: offset), isSealed: false)
        }
    }
}

extension LogPaths {
    /// A path of this data folder as it is seen from there.
    func relative(_ path: String) -> String { String(path.dropFirst(data.count + 1)) }
}
