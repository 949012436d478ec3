/// Turning one full segment into its sealed form.
///
/// A value that any thread can run while the store writes on: it touches no segment that is written
/// to. One at a time for one segment.
///
/// # The steps, and why a crash at any of them leaves one complete form
///
/// 1. A `NAME.sealing` that an earlier attempt left is removed. It is no part of the log.
/// 2. `NAME.log` is read and checked whole: each frame, the chain, the order, the tree; it must end
///    where the next segment starts, with that one's frontier. Meanwhile `NAME.sealing` is made
///    (`open(O_CREAT | O_EXCL)`, `pwrite`, `fdatasync` now and then and at the end). Where anything
///    is wrong it is removed again, and nothing else was touched.
/// 3. `NAME.sealing` is read back from the file: every frame decompressed with all its checksums,
///    the tree computed again and compared. (That reads the page cache; what the disk keeps is for
///    the scrub to read again.)
/// 4. `rename` to `NAME.lz4`, `fsync` of the folder. Before it is durable a crash leaves the
///    `.log`, and perhaps a `.sealing`; after it, both complete forms.
/// 5. Only then `unlink` of `NAME.log`, and `fsync` of the folder. A crash leaves either both forms
///    or the sealed one.
/// 6. The index, `NAME.idx`: derived, so its failure is reported and does not matter.
///
/// Where both forms stand at the start, the sealed one is checked whole, against the next segment
/// too: if it is good it is synced, with the folder, and step 5 follows; if not, it is made again
/// and replaced by step 4's rename, once the `.log` has proved to be good.
public struct SegmentSealing: Sendable {
    let disk: any Disk
    let paths: LogPaths
    let vocabulary: any RecordVocabulary
    /// The segment to seal: its first sequence.
    public let segment: SequenceNumber

    /// What sealing came to.
    public struct Outcome: Sendable, Hashable {
        /// The segment's first sequence.
        public var segment: SequenceNumber
        /// The sequence after its last.
        public var endSequence: SequenceNumber
        /// The bytes of its records, lengths included.
        public var rawByteCount: UInt64
        /// The bytes of the sealed file.
        public var storedByteCount: Int
        /// The root of the tree over all records of the log before `endSequence`.
        public var root: TreeHash
        /// Whether a sealed form that stood there already was good.
        public var wasSealed: Bool
        /// Why there is no index; nil where there is one.
        public var indexFailure: String?
    }

    /// The sealing of one segment of a data folder; nothing happens before `run`.
    public init(
        segment: SequenceNumber, folder: String, disk: any Disk,
        vocabulary: any RecordVocabulary = NoVocabulary()
    ) {
        self.segment = segment
        self.disk = disk
        self.vocabulary = vocabulary
        paths = LogPaths(data: folder)
    }

    /// The segments of a data folder that can be sealed, oldest first: each that has an active form
    /// and is not the last.
    ///
    /// Blocks: it lists a folder.
    /// - Throws: `inputOutput`.
    public static func pending(
        folder: String, disk: any Disk
    ) throws(EventLogError) -> [SequenceNumber] {
        do throws(DiskError) {
            let forms = try LogPaths(data: folder).forms(on: disk) ?? []
            return forms.dropLast().filter(\.hasActive).map(\.name)
        } catch {
            throw EventLogError(disk: error)
        }
    }

    /// Seals the segment.
    ///
    /// Blocks for as long as it takes to read, compress, write and read it again: seconds for 64
    /// MiB. It syncs.
    /// - Throws: `damaged`, `foreignOrMissing` where the segment, or the header of the next one, is
    ///   not what was written, `sequenceAbsent` where no segment follows: nothing was removed.
    ///   `noSpace`, `inputOutput`: it can be run again.
    public func run() throws(EventLogError) -> Outcome {
        let next = try nextHeader()
        do throws(DiskError) {
            let forms = try paths.forms(on: disk)?.first { $0.name == segment }
            try disk.removeLeftOver(paths.sealing(segment))
            if forms?.hasSealed == true, let sealed = try standing(next) {
                if forms?.hasActive == true { try removeActive() }
                return outcome(sealed, wasSealed: true, indexFailure: renewIndex())
            }
        } catch {
            throw EventLogError(disk: error)
        }
        let (sealed, index) = try make(next)
        do throws(DiskError) {
            try disk.rename(paths.sealing(segment), to: paths.sealed(segment))
            try disk.syncFolder(paths.log)
            try removeActive()
        } catch {
            throw EventLogError(disk: error)
        }
        return outcome(sealed, wasSealed: false, indexFailure: writeIndex(index, sealed))
    }

    // MARK: steps

    /// The header of the segment that follows: where this one must end, and with which tree.
    private func nextHeader() throws(EventLogError) -> SegmentHeader {
        let next: SequenceNumber?
        do throws(DiskError) {
            next = try paths.segments(on: disk)?.first { $0 > segment }
        } catch {
            throw EventLogError(disk: error)
        }
        guard let next else {
            throw .notSealable("no segment follows it", segment: paths.segment(segment))
        }
        let opened = try LogReader.openSegment(next, paths: paths, disk: disk, mayBeTorn: false)
        guard let opened else {
            throw .notSealable("no segment follows it", segment: paths.segment(segment))
        }
        disk.close(opened.file)
        return opened.header
    }

    /// A sealed form that stands there already, if it is good: durable from here on.
    private func standing(_ next: SegmentHeader) throws(DiskError) -> SealedSegment? {
        let file = try disk.open(paths.sealed(segment), .read)
        defer { disk.close(file) }
        let sealed: SealedSegment
        do throws(SegmentScan.Unreadable) {
            let verified = try SealedSegment.verify(segment, file: file, disk: disk)
            sealed = verified.segment
            try check(sealed, next)
        } catch {
            return nil
        }
        // Whoever put it there may not have lived to sync it.
        try disk.sync(file)
        try disk.syncFolder(paths.log)
        return sealed
    }

    private func check(
        _ sealed: SealedSegment, _ next: SegmentHeader
    ) throws(SegmentScan.Unreadable) {
        let detail = Self.seam(
            identity: sealed.header.identity, end: sealed.endSequence,
            frontier: sealed.footer.frontier, term: sealed.footer.term, next)
        if let detail { throw .damaged(detail, offset: 0) }
    }

    /// Why a segment that ends so does not meet the next one's header; nil where it does.
    private static func seam(
        identity: LogIdentity, end: SequenceNumber, frontier: TreeFrontier, term: UInt64,
        _ next: SegmentHeader
    ) -> String? {
        if identity != next.identity { return "the next segment is of another log" }
        if end != next.firstSequence {
            return "it ends before sequence \(end), and the next segment starts with "
                + "\(next.firstSequence)"
        }
        if frontier != next.frontier {
            return "the tree of its records is not the one that the next segment starts with"
        }
        return term > next.term ? "its term \(term) is above that of the next segment" : nil
    }

    /// Steps 2 and 3: the sealed form under its temporary name, synced and read back.
    private func make(
        _ next: SegmentHeader
    ) throws(EventLogError) -> (SealedSegment, SegmentIndexBuilder) {
        let path = paths.sealing(segment)
        do throws(EventLogError) {
            let index = try layOut(next, path)
            return (try readBack(path, next), index)
        } catch {
            // It gives its space back; if it cannot be removed now, the next attempt does.
            _ = try? disk.remove(path)
            throw error
        }
    }

    private func layOut(
        _ next: SegmentHeader, _ path: String
    ) throws(EventLogError) -> SegmentIndexBuilder {
        let source: DiskFile
        let target: DiskFile
        do throws(DiskError) {
            source = try disk.open(paths.segment(segment), .read)
        } catch { throw EventLogError(disk: error) }
        defer { disk.close(source) }
        do throws(DiskError) { target = try disk.open(path, .create) } catch {
            throw EventLogError(disk: error)
        }
        defer { disk.close(target) }
        do throws(SealedSegmentWriter.Failure) {
            return try layOut(next, source, target)
        } catch {
            switch error {
            case .disk(let error): throw EventLogError(disk: error)
            case .noMemory: throw .noMemory(segment: source.path)
            case .tooManyFrames:
                throw .notSealable("it has too many records", segment: source.path)
            case .recordMalformed:
                throw .damaged("its records cannot be told apart", segment: source.path, offset: 0)
            case .source(let problem): throw EventLogError(problem, path: source.path)
            }
        }
    }

    private func layOut(
        _ next: SegmentHeader, _ source: DiskFile, _ target: DiskFile
    ) throws(SealedSegmentWriter.Failure) -> SegmentIndexBuilder {
        let header: SegmentHeader
        do throws(SegmentScan.Unreadable) {
            header = try SegmentHeader.read(segment, file: source, disk: disk)
        } catch { throw .source(error) }
        let made = SealedSegmentWriter(
            header, file: target, disk: disk, vocabulary: vocabulary)
        guard var writer = made else { throw .noMemory }
        try writer.begin()
        var failure: SealedSegmentWriter.Failure?
        let scan: SegmentScan
        do throws(SegmentScan.Unreadable) {
            scan = try SegmentScan.scan(
                segment, path: source.path, file: source, disk: disk
            ) { body in
                do throws(SealedSegmentWriter.Failure) { try writer.append(body) } catch {
                    failure = error
                }
                return failure == nil
            }
        } catch { throw .source(error) }
        if let failure { throw failure }
        switch scan.tail {
        case .clean: break
        case .torn(let detail, let range):
            // The next segment exists, so all of this one was durable before.
            throw .source(.damaged(detail, offset: range.lowerBound))
        case .damaged(let detail, let offset): throw .source(.damaged(detail, offset: offset))
        case .foreign(let detail, let offset): throw .source(.foreign(detail, offset: offset))
        }
        let detail = Self.seam(
            identity: header.identity, end: scan.endSequence, frontier: scan.frontier,
            term: scan.term, next)
        if let detail { throw .source(.damaged(detail, offset: scan.end)) }
        _ = try writer.finish(term: scan.term, frontier: scan.frontier)
        return writer.index
    }

    private func readBack(
        _ path: String, _ next: SegmentHeader
    ) throws(EventLogError) -> SealedSegment {
        let found: Result<SealedSegment.Verified, SegmentScan.Unreadable>
        do throws(DiskError) {
            found = try SealedSegment.verify(segment, path: path, disk: disk)
        } catch { throw EventLogError(disk: error) }
        do throws(SegmentScan.Unreadable) {
            let sealed = try found.get().segment
            try check(sealed, next)
            return sealed
        } catch { throw EventLogError(error, path: path) }
    }

    /// Step 5.
    private func removeActive() throws(DiskError) {
        try disk.remove(paths.segment(segment))
        try disk.syncFolder(paths.log)
    }

    // MARK: the index

    private func writeIndex(_ builder: SegmentIndexBuilder, _ sealed: SealedSegment) -> String? {
        let bytes = builder.encoded(
            bindingTo: sealed.footer, vocabularyVersion: vocabulary.version)
        guard let bytes else {
            return EventLogError.indexTooLarge(segment: paths.sealed(segment)).message
        }
        do throws(DiskError) {
            try SegmentIndex.write(bytes, segment, paths: paths, disk: disk)
            return nil
        } catch { return EventLogError(disk: error).message }
    }

    private func renewIndex() -> String? {
        do throws(EventLogError) {
            try SegmentIndex.renew(
                segment, folder: paths.data, disk: disk, vocabulary: vocabulary)
            return nil
        } catch { return error.message }
    }

    private func outcome(
        _ sealed: SealedSegment, wasSealed: Bool, indexFailure: String?
    ) -> Outcome {
        Outcome(
            segment: segment, endSequence: sealed.endSequence,
            rawByteCount: sealed.footer.rawByteCount, storedByteCount: sealed.byteCount,
            root: sealed.footer.frontier.root, wasSealed: wasSealed, indexFailure: indexFailure)
    }
}
