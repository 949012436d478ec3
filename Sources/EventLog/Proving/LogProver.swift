/// Makes proofs from a data folder.
///
/// Changes nothing; needs no lock, and may run beside an engine: what a checkpoint covers is
/// durable. Every proof is verified here before it is given out.
public enum LogProver {
    /// A proof, and what it was made from.
    public struct Proof: Sendable {
        /// The C2SP proof file.
        public let file: ProofFile
        /// The record's bytes, without its length.
        public let record: [UInt8]
        /// Lines for people: checkpoints that were passed over, tiles that were wrong.
        public let remarks: [String]
        /// Stored tiles that the proof was tried with, and that did not lead to the checkpoint's
        /// root: for `TreeTiles.renew`.
        public let suspectTiles: [TilePath]
    }

    /// Proves that a record is in the log.
    ///
    /// Blocks: it reads headers, tiles, and few records; where tiles are missing or wrong, all that
    /// they would cover.
    /// - Parameter checkpointSize: the tree size of a stored checkpoint; nil for the newest one
    ///   that covers the record and that a key in `checkpoints/keys` signed.
    /// - Throws: `sequenceAbsent` where the log does not hold the record, or no checkpoint covers
    ///   it yet; `damaged` where the records do not lead to the checkpoint's root, or the
    ///   checkpoint is not one; as `LogReader` does.
    public static func prove(
        folder: String, disk: any Disk, sequence: SequenceNumber, checkpointSize: UInt64? = nil
    ) throws(EventLogError) -> Proof {
        let store = CheckpointStore(folder: folder, disk: disk)
        var remarks: [String] = []
        let note = try checkpoint(covering: sequence, checkpointSize, store, folder, &remarks)
        let size = note.checkpoint.size
        var suspects: Set<TilePath> = []
        for trust in LogTree.Trust.allCases {
            var tree = try LogTree.open(folder: folder, disk: disk, size: size, trust: trust)
            let record = try tree.record(sequence.rawValue)
            let proof = try TreeProver.inclusion(
                index: sequence.rawValue, treeSize: size, source: &tree)
            // Safe: the bytes of an array, which lives to the end of the call.
            let root = proof.root(ofLeaf: TreeHash.leaf(unsafe record.span.bytes))
            if root == note.checkpoint.root {
                if !suspects.isEmpty {
                    remarks.append("tiles in \(folder)/tree are wrong and were not used")
                }
                return Proof(
                    file: try proofFile(proof, note), record: record, remarks: remarks,
                    suspectTiles: suspects.sorted { $0.text < $1.text })
            }
            suspects.formUnion(tree.usedTiles)
        }
        throw mismatch(store.path(size: size), folder)
    }

    /// Proves that the tree of one stored checkpoint begins with that of an older one.
    ///
    /// Blocks, as `prove` does.
    /// - Throws: `sequenceAbsent` where `old` is larger than `new`, or one of them is not stored;
    ///   `damaged` where the records do not lead to both roots; as `LogReader` does.
    public static func consistency(
        folder: String, disk: any Disk, old: UInt64, new: UInt64
    ) throws(EventLogError) -> ConsistencyProof {
        let store = CheckpointStore(folder: folder, disk: disk)
        let oldRoot = try stored(old, store).checkpoint.root
        let newRoot = try stored(new, store).checkpoint.root
        for trust in LogTree.Trust.allCases {
            var tree = try LogTree.open(folder: folder, disk: disk, size: new, trust: trust)
            let proof = try TreeProver.consistency(old: old, new: new, source: &tree)
            if proof.verify(oldRoot: oldRoot, newRoot: newRoot) { return proof }
        }
        throw mismatch(store.path(size: new), folder)
    }

    /// The newest stored checkpoint that one of the folder's own keys signed; nil where there is
    /// none.
    ///
    /// - Parameter covers: which tree sizes are wanted.
    /// - Throws: `damaged` where the list of keys is; `inputOutput`.
    static func newest(
        _ store: CheckpointStore, _ remarks: inout [String], where covers: (UInt64) -> Bool
    ) throws(EventLogError) -> CheckpointNote? {
        let keys = try store.keys()
        for size in try store.sizes().reversed() where covers(size) {
            do throws(EventLogError) {
                let note = try store.note(size: size)
                do throws(NoteError) { _ = try note.verify(keys: keys) } catch {
                    remarks.append("\(store.path(size: size)) was passed over: \(error)")
                    continue
                }
                return note
            } catch {
                guard error.code == .damaged else { throw error }
                remarks.append("\(store.path(size: size)) was passed over: \(error)")
            }
        }
        return nil
    }

    private static func checkpoint(
        covering sequence: SequenceNumber, _ wanted: UInt64?, _ store: CheckpointStore,
        _ folder: String, _ remarks: inout [String]
    ) throws(EventLogError) -> CheckpointNote {
        if let wanted {
            let note = try stored(wanted, store)
            guard sequence.rawValue < wanted else {
                throw EventLogError(
                    .sequenceAbsent,
                    "record \(sequence) is not in the tree of the checkpoint for \(wanted) "
                        + "records. Name a later checkpoint, or none for the newest.",
                    segment: store.path(size: wanted))
            }
            return note
        }
        let found = try newest(store, &remarks) { $0 > sequence.rawValue }
        if let found { return found }
        let newest = try newest(store, &remarks) { _ in true }
        let known =
            newest.map { "the newest is for \($0.checkpoint.size) records" } ?? "there is none"
        throw EventLogError(
            .sequenceAbsent,
            "no checkpoint in \(folder)/checkpoints covers record \(sequence) yet: \(known). "
                + "Try again after the engine's next checkpoint; a clean stop makes one too."
                + remarks.map { " (" + $0 + ")" }.joined())
    }

    private static func stored(
        _ size: UInt64, _ store: CheckpointStore
    ) throws(EventLogError) -> CheckpointNote {
        guard try store.sizes().contains(size) else {
            throw EventLogError(
                .sequenceAbsent,
                "there is no checkpoint for \(size) records: \(store.path(size: size)) is not "
                    + "there. Choose one of those in that folder.",
                segment: store.path(size: size))
        }
        return try store.note(size: size)
    }

    private static func proofFile(
        _ proof: InclusionProof, _ note: CheckpointNote
    ) throws(EventLogError) -> ProofFile {
        do throws(NoteError) { return try ProofFile(proof, checkpoint: note) } catch {
            throw EventLogError(.damaged, "\(error). Make the proof again.")
        }
    }

    private static func mismatch(_ path: String, _ folder: String) -> EventLogError {
        EventLogError(
            .damaged,
            "the records in \(folder)/log do not lead to the root in \(path). "
                + "Run `daybook verify \(folder)`: the log or the checkpoint is not what was "
                + "written.",
            segment: path)
    }
}
