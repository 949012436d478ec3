/// Lays out one batch in memory, as it will stand in the file.
struct BatchEncoder: ~Copyable {
    private var block = ByteBlock(byteCount: 16 * LogFormat.blockByteCount)

    /// The bytes of the batch that `encode` laid out last.
    @_lifetime(borrow self)
    func bytes(_ batch: BatchHeader) -> RawSpan {
        block.bytes.extracting(0..<batch.batchByteCount)
    }

    /// Copies the body behind room for the header, and compresses it if some sector would be zeros.
    ///
    /// Recovery takes a sector of zeros for one that a crash lost, so no batch may have one.
    /// Checksums of the header follow in `seal`.
    mutating func encode(
        _ body: RawSpan, recordCount: Int, firstSequence: SequenceNumber,
        durableThrough: SequenceNumber?, term: UInt64
    ) -> BatchHeader {
        let start = LogFormat.batchHeaderByteCount
        var batch = BatchHeader(
            storedByteCount: body.byteCount, rawByteCount: body.byteCount, bodyCRC: 0,
            recordCount: recordCount, firstSequence: firstSequence,
            durableThrough: durableThrough, term: term, chain: 0, codec: .plain,
            isCommitMark: recordCount == 0)
        reserve(LogFormat.roundUp(start + BlockCompression.bound(body.byteCount)))
        block.copy(body, to: start)
        if hasAllZeroSector(bodyByteCount: body.byteCount) {
            // The thorough search leaves no run of zeros. (A body that ends in incompressible bytes
            // and a zero at the very start of a sector may keep that one byte there: harmless,
            // since losing that sector changes nothing.)
            for thorough in [false, true] {
                guard let stored = compress(body, thorough: thorough) else { continue }
                batch.codec = .lz4
                batch.storedByteCount = stored
                if !hasAllZeroSector(bodyByteCount: stored) { break }
            }
        }
        let extent = start + batch.storedByteCount
        block.zero(extent..<batch.batchByteCount)
        batch.bodyCRC = Checksum.crc32c(block.bytes.extracting(start..<extent))
        return batch
    }

    /// Writes the header, which chains to the batch before.
    mutating func seal(_ batch: inout BatchHeader, chain: UInt32, seed: UInt32) {
        batch.chain = chain
        var target = block.mutableBytes
        batch.encode(into: &target, seed: seed)
    }

    private mutating func reserve(_ byteCount: Int) {
        guard byteCount > block.byteCount else { return }
        // Doubling, so that growing batches do not allocate each time.
        block = ByteBlock(byteCount: max(byteCount, 2 * block.byteCount))
    }

    private mutating func compress(_ body: RawSpan, thorough: Bool) -> Int? {
        var target = block.mutableBytes
        return BlockCompression.compress(
            body, into: &target, at: LogFormat.batchHeaderByteCount, thorough: thorough)
    }

    /// The header's own sector is never zeros: it has the magic.
    private func hasAllZeroSector(bodyByteCount: Int) -> Bool {
        let end = LogFormat.batchHeaderByteCount + bodyByteCount
        guard end > LogFormat.sectorByteCount else { return false }
        return block.bytes.extracting(LogFormat.sectorByteCount..<end).hasAllZeroSector()
    }
}
