extension SegmentIndex {
    /// Reads the index file of a segment; nil where there is none, the reason where it is bad.
    static func read(
        _ name: SequenceNumber, paths: LogPaths, disk: any Disk
    ) throws(DiskError) -> Result<SegmentIndex, SegmentHeader.Problem>? {
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(paths.index(name), .read) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        defer { disk.close(file) }
        return try read(name, file: file, byteCount: disk.byteCount(of: file), disk: disk)
    }

    /// The same of a file that is open.
    static func read(
        _ name: SequenceNumber, file: DiskFile, byteCount: Int, disk: any Disk
    ) throws(DiskError) -> Result<SegmentIndex, SegmentHeader.Problem> {
        guard byteCount <= LogFormat.indexByteCountMax else {
            return .failure(.bad("it is larger than an index can be"))
        }
        var block = ByteBlock(byteCount: byteCount)
        var target = block.mutableBytes
        let count = try disk.read(file, at: 0, into: &target)
        let bytes = block.bytes.extracting(0..<count).copied()
        return Result { () throws(SegmentHeader.Problem) in
            let index = try SegmentIndex(bytes)
            guard index.firstSequence == name else {
                throw .bad("it says that it is of segment \(index.firstSequence)")
            }
            return index
        }
    }

    /// Makes the index of a sealed segment from its records, in memory.
    ///
    /// Reads the whole segment, and checks each frame.
    /// - Throws: `damaged` where the segment is, `noSpace` where the index would be too large.
    static func build(
        _ segment: SealedSegment, file: DiskFile, disk: any Disk,
        vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> [UInt8] {
        var reader = SealedFrameReader()
        var builder = SegmentIndexBuilder(firstSequence: segment.firstSequence.rawValue)
        var description = RecordDescription()
        for (number, frame) in segment.footer.frames.enumerated() {
            do throws(SegmentScan.Unreadable) {
                try reader.load(frame, of: file, disk: disk, check: .fast)
            } catch { throw EventLogError(error, path: segment.path) }
            let records = reader.records
            guard RecordSplitter.holds(records, count: segment.recordCount(ofFrame: number)) else {
                throw .damaged(
                    "a frame's records cannot be told apart", segment: segment.path,
                    offset: frame.offset)
            }
            var splitter = RecordSplitter(records)
            var sequence = frame.firstSequence
            while let place = splitter.nextChecked(in: records) {
                description.clear()
                vocabulary.describe(records.extracting(place), into: &description)
                builder.add(description, sequence: sequence)
                sequence += 1
            }
        }
        let bytes = builder.encoded(
            bindingTo: segment.footer, vocabularyVersion: vocabulary.version)
        guard let bytes else { throw .indexTooLarge(segment: segment.path) }
        return bytes
    }

    /// Puts an index's bytes in their place: under a temporary name, synced, renamed, and the
    /// folder synced.
    static func write(
        _ bytes: [UInt8], _ name: SequenceNumber, paths: LogPaths, disk: any Disk
    ) throws(DiskError) {
        let path = paths.indexing(name)
        try disk.removeLeftOver(path)
        let file = try disk.open(path, .create)
        do throws(DiskError) {
            defer { disk.close(file) }
            // Safe: the bytes of an array, which lives to the end of the call.
            try disk.write(file, at: 0, unsafe bytes.span.bytes)
            try disk.sync(file)
        } catch {
            // It gives its space back; if it cannot be removed now, the next attempt does.
            _ = try? disk.remove(path)
            throw error
        }
        try disk.rename(path, to: paths.index(name))
        try disk.syncFolder(paths.log)
    }

    /// The sealed segments of a data folder that have no index file, oldest first: what to `renew`
    /// after a crash between the sealing and the index.
    ///
    /// Blocks: it lists a folder; no file is opened.
    public static func missing(
        folder: String, disk: any Disk
    ) throws(EventLogError) -> [SequenceNumber] {
        let paths = LogPaths(data: folder)
        do throws(DiskError) {
            let entries = try disk.list(paths.log) ?? []
            let there = Set(
                entries.compactMap {
                    LogFormat.firstSequence(ofSegmentNamed: $0, suffix: LogFormat.indexSuffix)
                })
            return SegmentForms.of(entries).filter(\.hasSealed).map(\.name)
                .filter { !there.contains($0) }
        } catch {
            throw EventLogError(disk: error)
        }
    }

    /// The sealed segments of a data folder whose index is missing, or of another version or
    /// vocabulary by its first bytes, oldest first: what to `renew` after an upgrade too.
    ///
    /// Blocks: it lists a folder, and reads 64 bytes of each index.
    /// - Throws: `inputOutput`.
    package static func outdated(
        folder: String, disk: any Disk, vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> [SequenceNumber] {
        let paths = LogPaths(data: folder)
        do throws(DiskError) {
            var found: [SequenceNumber] = []
            for form in try paths.forms(on: disk) ?? [] where form.hasSealed {
                if try !isCurrent(form.name, vocabulary, paths, disk) { found.append(form.name) }
            }
            return found
        } catch {
            throw EventLogError(disk: error)
        }
    }

    private static func isCurrent(
        _ name: SequenceNumber, _ vocabulary: any RecordVocabulary, _ paths: LogPaths,
        _ disk: any Disk
    ) throws(DiskError) -> Bool {
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(paths.index(name), .read) } catch {
            if error.errno == .noSuchFileOrDirectory { return false }
            throw error
        }
        defer { disk.close(file) }
        var block = ByteBlock(byteCount: LogFormat.indexFixedByteCount)
        var target = block.mutableBytes
        let count = try disk.read(file, at: 0, into: &target)
        guard count == LogFormat.indexFixedByteCount, let header = try? IndexHeader(block.bytes)
        else { return false }
        return header.firstSequence == name && header.vocabularyVersion == vocabulary.version
    }

    /// Makes the index file of a sealed segment anew, if it is missing, bad or of another
    /// vocabulary.
    ///
    /// Blocks: it reads the whole segment and syncs.
    /// - Returns: whether it was made.
    /// - Throws: `damaged` where the segment itself is bad; `inputOutput`, `noSpace`.
    @discardableResult
    public static func renew(
        _ name: SequenceNumber, folder: String, disk: any Disk, vocabulary: any RecordVocabulary
    ) throws(EventLogError) -> Bool {
        let paths = LogPaths(data: folder)
        let opened = try LogReader.openSegment(name, paths: paths, disk: disk, form: .sealed)
        guard let opened, let segment = opened.sealed else { throw .noLog(folder: folder) }
        defer { disk.close(opened.file) }
        do throws(DiskError) {
            if case .success(let index)? = try read(name, paths: paths, disk: disk),
                index.isOf(segment, vocabularyVersion: vocabulary.version)
            {
                return false
            }
        } catch { throw EventLogError(disk: error) }
        let bytes = try build(segment, file: opened.file, disk: disk, vocabulary: vocabulary)
        do throws(DiskError) { try write(bytes, name, paths: paths, disk: disk) } catch {
            throw EventLogError(disk: error)
        }
        return true
    }
}

extension Disk {
    /// Removes what an earlier attempt may have left under a temporary name.
    func removeLeftOver(_ path: String) throws(DiskError) {
        do throws(DiskError) { try remove(path) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }
}
