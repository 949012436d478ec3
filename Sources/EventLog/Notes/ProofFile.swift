/// What proves, alone with a record, that the record is in the log (C2SP tlog-proof): its index,
/// the inclusion path, and a checkpoint.
public struct ProofFile: Hashable, Sendable {
    /// The most bytes of a proof file that is read: a note, 64 hashes, and what stands before them.
    public static let byteCountMax = SignedNote.byteCountMax + 4_096

    /// The record's place in the log.
    public let index: UInt64
    /// The hashes of the inclusion path, the leaf's sibling first.
    public let path: [TreeHash]
    /// The checkpoint to whose root the path leads.
    public let checkpoint: CheckpointNote

    private static let firstLine = Array("c2sp.org/tlog-proof@v1".utf8)
    private static let indexPrefix = Array("index ".utf8)
    /// The way from a leaf to the root of a tree of less than 2^64 leaves is no longer.
    private static let pathCountMax = 64

    /// A proof file of a proof and a checkpoint.
    ///
    /// Throws `proofMismatch` where they are of trees of different sizes.
    public init(_ proof: InclusionProof, checkpoint: CheckpointNote) throws(NoteError) {
        guard proof.treeSize == checkpoint.checkpoint.size else {
            throw NoteError(
                .proofMismatch,
                "the proof is for a tree of \(proof.treeSize) records, the checkpoint of "
                    + "\(checkpoint.checkpoint.size); make the proof for the checkpoint's size")
        }
        self.init(index: proof.index, path: proof.path, checkpoint: checkpoint)
    }

    private init(index: UInt64, path: [TreeHash], checkpoint: CheckpointNote) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// The proof that it holds.
    public var inclusion: InclusionProof {
        InclusionProof(index: index, treeSize: checkpoint.checkpoint.size, path: path)
    }

    /// The file, to the byte as it was read.
    public var bytes: [UInt8] {
        var bytes = Self.firstLine + [NoteText.newline]
        bytes += Self.indexPrefix + Array(String(index).utf8) + [NoteText.newline]
        for hash in path { bytes += hash.base64 + [NoteText.newline] }
        return bytes + [NoteText.newline] + checkpoint.bytes
    }

    /// Reads a proof file; neither proof nor signature is checked.
    ///
    /// The `extra` line that C2SP allows is refused: nothing vouches for it. Throws
    /// `proofMalformed`, `noteMalformed`, `checkpointMalformed` or `noteTooLarge`, and names the
    /// line of the file.
    public static func parse(_ bytes: [UInt8]) throws(NoteError) -> ProofFile {
        try NoteText.check(bytes, byteCountMax: byteCountMax, .proofMalformed)
        let head = try head(bytes)
        let rest = Array(bytes[head.noteOffset...])
        let noteLine = head.path.count + 4
        guard rest.count <= SignedNote.byteCountMax else {
            throw NoteError(
                .noteTooLarge, line: noteLine,
                "a checkpoint's note of \(rest.count) bytes; at most "
                    + "\(SignedNote.byteCountMax) are read")
        }
        do throws(NoteError) {
            let note = try SignedNote.parse(checked: rest)
            return ProofFile(
                index: head.index, path: head.path, checkpoint: try CheckpointNote(note: note))
        } catch {
            throw error.moved(byLines: noteLine - 1)
        }
    }

    /// What stands before the checkpoint's note, and where that begins; the note is not looked at.
    ///
    /// Throws `proofMalformed`, and names the line.
    static func head(
        _ bytes: [UInt8]
    ) throws(NoteError) -> (index: UInt64, path: [TreeHash], noteOffset: Int) {
        var cursor = LineCursor(bytes)
        guard cursor.next() == firstLine[...] else {
            throw malformed(1, "a proof file begins with c2sp.org/tlog-proof@v1")
        }
        guard let line = cursor.next(), line.starts(with: indexPrefix),
            let index = NoteText.decimal(line.dropFirst(indexPrefix.count))
        else { throw malformed(2, "no index; it is the word index and a plain decimal number") }
        let path = try path(&cursor)
        return (index, path, cursor.offset)
    }

    /// Checks that a record with this leaf is in the log of one of these keys; the signatures that
    /// were checked, the log's own among them.
    ///
    /// Throws `originMismatch`, `signatureMissing` or `signatureInvalid` as `CheckpointNote.verify`
    /// does, and `proofMismatch` where the path does not lead to the checkpoint's root.
    public func verify(leaf: TreeHash, keys: [VerifierKey]) throws(NoteError) -> [NoteVerification]
    {
        let signatures: [NoteVerification]
        do throws(NoteError) {
            signatures = try checkpoint.verify(keys: keys)
        } catch {
            throw error.moved(byLines: path.count + 3)
        }
        guard inclusion.root(ofLeaf: leaf) == checkpoint.checkpoint.root else {
            throw NoteError(
                .proofMismatch,
                "the proof does not lead from this record to the checkpoint's root; record and "
                    + "proof do not belong together, or one of them was altered")
        }
        return signatures
    }

    /// As `verify(leaf:keys:)`, for the bytes of the record, without its length.
    public func verify(record: [UInt8], keys: [VerifierKey]) throws(NoteError)
        -> [NoteVerification]
    {
        // Safe: the bytes of an array, which lives to the end of the call.
        try verify(leaf: TreeHash.leaf(unsafe record.span.bytes), keys: keys)
    }

    /// The lines of the path, to the empty one behind them.
    private static func path(_ cursor: inout LineCursor) throws(NoteError) -> [TreeHash] {
        var path: [TreeHash] = []
        while true {
            let number = cursor.line
            guard let line = cursor.next() else {
                throw malformed(number, "no empty line and checkpoint behind the path")
            }
            if line.isEmpty { return path }
            guard path.count < pathCountMax else {
                throw malformed(number, "more than \(pathCountMax) hashes in the path")
            }
            guard let hash = TreeHash(base64: line) else {
                throw malformed(number, "not a hash of the path; it is Base 64 of 32 bytes")
            }
            path.append(hash)
        }
    }

    private static func malformed(_ line: Int, _ what: String) -> NoteError {
        NoteError(
            .proofMalformed, line: line, what + ". Take the proof again from who made it")
    }
}
