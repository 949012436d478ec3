/// An index of which only its two ends were read, and of the rest what a question needs.
///
/// An index of a segment of 64 MiB has a few MiB, of which one question touches two or three pages.
/// Each page is compared with its checksum before anything in it is used.
struct PagedIndex: Sendable {
    let path: String
    let header: IndexHeader
    /// The hashes of the keys that began before the segment, ascending.
    let remote: [UInt64]
    private let layout: IndexLayout
    private let pageChecksums: [UInt32]

    /// Why an index cannot answer.
    enum Failure: Error {
        case disk(DiskError)
        case bad(String)
    }

    /// What it takes in memory.
    var byteCount: Int { 8 * remote.count + 4 * pageChecksums.count + 128 }

    /// Reads both ends of an index file that is open, and checks them: two reads.
    static func open(
        _ name: SequenceNumber, file: DiskFile, byteCount: Int, disk: any Disk
    ) throws(DiskError) -> Result<PagedIndex, SegmentHeader.Problem> {
        let fixed = LogFormat.indexFixedByteCount
        let head = try read(file, 0..<fixed, disk)
        guard head.byteCount == fixed else { return .failure(.bad("it is cut short")) }
        let header: IndexHeader
        do throws(SegmentHeader.Problem) { header = try IndexHeader(head.bytes) } catch {
            return .failure(error)
        }
        guard header.firstSequence == name else {
            return .failure(.bad("it says that it is of segment \(header.firstSequence)"))
        }
        guard let layout = IndexLayout(header, fileByteCount: byteCount) else {
            return .failure(.bad("it contradicts itself"))
        }
        let tail = try read(file, layout.pagedByteCount..<byteCount, disk)
        guard tail.byteCount == byteCount - layout.pagedByteCount,
            let found = layout.tail(tail.bytes, from: 0, header: head.bytes)
        else { return .failure(.bad("its tail does not match its checksum")) }
        return .success(
            PagedIndex(
                path: file.path, header: header, remote: found.remote, layout: layout,
                pageChecksums: found.pages))
    }

    /// The sequences whose records may concern a key, ascending.
    ///
    /// - Complexity: a few pages for the key (their hashes are spread evenly), and those of its
    ///   sequences.
    func sequences(
        ofHash hash: UInt64, disk: any Disk
    ) throws(Failure) -> [SequenceNumber] {
        let file: DiskFile
        do throws(DiskError) { file = try disk.open(path, .read) } catch { throw .disk(error) }
        defer { disk.close(file) }
        guard let (number, entry) = try find(hash, file, disk) else { return [] }
        let end = try postingEnd(after: number, file, disk)
        guard entry.count > 0, entry.offset < end, entry.count <= end - entry.offset else {
            throw .bad("its keys are not in order")
        }
        let start = layout.postingStart + entry.offset
        let (bytes, base) = try pages(
            holding: start..<(layout.postingStart + end), file, disk)
        var reader = PostingReader(
            at: start - base, limit: layout.postingStart + end - base, of: header)
        guard let found = reader.all(entry.count, in: bytes) else {
            throw .bad("a key's sequences are not what they must be")
        }
        return found
    }

    /// The key with a hash, and its number; nil where there is none.
    private func find(
        _ hash: UInt64, _ file: DiskFile, _ disk: any Disk
    ) throws(Failure) -> (Int, IndexEntry)? {
        var low = 0
        var high = layout.keyCount
        var lowHash: UInt64 = 0
        var highHash = UInt64.max
        while low < high {
            // Where it would stand if the hashes between were spread evenly, as SHA-256's are.
            let share = Double(hash - lowHash) / max(Double(highHash - lowHash), 1)
            let guess = min(low + Int(share * Double(high - low)), high - 1)
            let (keys, first) = try keys(around: guess, file, disk)
            guard let least = keys.first, let most = keys.last, least.hash <= most.hash,
                least.hash >= lowHash, most.hash <= highHash
            else { throw .bad("its keys are not in order") }
            if hash < least.hash {
                high = first
                highHash = least.hash
            } else if hash > most.hash {
                low = first + keys.count
                lowHash = most.hash
            } else {
                return keys.firstIndex { $0.hash == hash }.map { (first + $0, keys[$0]) }
            }
        }
        return nil
    }

    /// The keys in the page of one of them, and the number of the first.
    private func keys(
        around number: Int, _ file: DiskFile, _ disk: any Disk
    ) throws(Failure) -> ([IndexEntry], Int) {
        let fixed = LogFormat.indexFixedByteCount
        let size = LogFormat.indexKeyByteCount
        let (bytes, base) = try pages(
            holding: (fixed + size * number)..<(fixed + size * (number + 1)), file, disk)
        let first = (max(base, fixed) - fixed) / size
        let end = (min(base + bytes.count, layout.postingStart) - fixed) / size
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        return ((first..<end).map { IndexEntry(span, at: fixed + size * $0 - base) }, first)
    }

    /// Where the postings of a key end: where those of the next one start.
    private func postingEnd(
        after number: Int, _ file: DiskFile, _ disk: any Disk
    ) throws(Failure) -> Int {
        guard number + 1 < layout.keyCount else { return layout.postingByteCount }
        let (keys, first) = try keys(around: number + 1, file, disk)
        let end = keys[number + 1 - first].offset
        guard end <= layout.postingByteCount else { throw .bad("its keys are not in order") }
        return end
    }

    /// The whole pages that hold a range, each compared with its checksum, and where they start.
    private func pages(
        holding range: Range<Int>, _ file: DiskFile, _ disk: any Disk
    ) throws(Failure) -> ([UInt8], base: Int) {
        let size = LogFormat.indexPageByteCount
        let first = range.lowerBound / size
        let last = (range.upperBound - 1) / size
        let wanted = layout.page(first).lowerBound..<layout.page(last).upperBound
        let block: ByteBlock
        do throws(DiskError) { block = try Self.read(file, wanted, disk) } catch {
            throw .disk(error)
        }
        guard block.byteCount == wanted.count else { throw .bad("it is cut short") }
        for number in first...last {
            let page = layout.page(number)
            let bytes = block.bytes.extracting(
                (page.lowerBound - wanted.lowerBound)..<(page.upperBound - wanted.lowerBound))
            guard Checksum.crc32c(bytes) == pageChecksums[number] else {
                throw .bad("its page \(number) does not match its checksum")
            }
        }
        return (block.bytes.copied(), wanted.lowerBound)
    }

    /// Bytes of a file; an empty block where not all of them are there.
    private static func read(
        _ file: DiskFile, _ range: Range<Int>, _ disk: any Disk
    ) throws(DiskError) -> ByteBlock {
        var block = ByteBlock(byteCount: range.count)
        var target = block.mutableBytes
        let count = try disk.read(file, at: range.lowerBound, into: &target)
        return count == range.count ? block : ByteBlock(byteCount: 0)
    }
}

/// An index, read whole or as far as is needed.
enum LoadedIndex: Sendable {
    case whole(SegmentIndex)
    case paged(PagedIndex)

    var header: IndexHeader {
        switch self {
        case .whole(let index): index.header
        case .paged(let index): index.header
        }
    }

    /// What it takes in memory.
    var byteCount: Int {
        switch self {
        case .whole(let index): index.byteCount
        case .paged(let index): index.byteCount
        }
    }

    /// Whether a key, by its hash, has records here and began before the segment.
    func isRemote(_ hash: UInt64) -> Bool {
        let hashes =
            switch self {
            case .whole(let index): index.remote
            case .paged(let index): index.remote
            }
        let place = LogIndex.partition(hashes.count) { hashes[$0] < hash }
        return place < hashes.count && hashes[place] == hash
    }
}
