import EventLog
import Foundation

/// Tests/Fixtures/tlog.json: keys, leaves, roots, proofs and a note that other programs made.
struct TreeVectors: Decodable {
    let leaves_hex: [String]
    let empty_root: String
    let roots_hex: [String: String]
    let consistency_1_8: [String]
    let inclusion_index5_size7: [String]
    let consistency_3_7: [String]
    let entry_bundle_7_hex: String
    let log_vkey: String
    let witness_vkey: String
    let witness_time: UInt64
    let note: String
    let note_sha256: String

    static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/tlog.json")

    static func load() throws -> TreeVectors {
        try JSONDecoder().decode(TreeVectors.self, from: Data(contentsOf: file))
    }

    var records: [[UInt8]] { leaves_hex.map(LogFixture.bytes) }

    var tree: TreeReference { TreeReference(leaves: records.map(TreeReference.leaf)) }
}

/// The keys of the vectors, and what the tests of notes build from them.
enum NoteFixture {
    static let origin = "daybook.example/audit"
    static let witnessName = "witness.example/w1"

    /// The vectors' log: its seed is the bytes 00 to 1f.
    static func logSigner(_ name: String = origin) throws(NoteError) -> NoteSigner {
        try NoteSigner(name: KeyName(name), kind: .log, seed: Array(0..<32))
    }

    /// The vectors' witness: its seed is the bytes 20 to 3f.
    static func witnessSigner(_ name: String = witnessName) throws(NoteError) -> NoteSigner {
        try NoteSigner(name: KeyName(name), kind: .witness, seed: Array(32..<64))
    }

    static func keys() throws(NoteError) -> [VerifierKey] {
        [try logSigner().verifierKey, try witnessSigner().verifierKey]
    }

    /// A checkpoint of the first `size` records of a tree, signed by the log and, at a time, by
    /// the witness.
    static func checkpoint(
        _ tree: TreeReference, size: Int, cosignedAt time: UInt64? = 1_700_000_000
    ) throws(NoteError) -> CheckpointNote {
        let checkpoint = Checkpoint(
            origin: try KeyName(origin), size: UInt64(size), root: tree.root(0..<size))
        var note = try CheckpointNote(checkpoint, signer: logSigner())
        if let time {
            let signer = try witnessSigner()
            let line = try signer.cosign(checkpoint.text, time: time)
            _ = try note.addCosignatures([line], witnesses: [signer.verifierKey])
        }
        return note
    }

    /// A proof file for one record of a tree.
    static func proof(_ tree: TreeReference, index: Int, size: Int) throws -> ProofFile {
        let proof = InclusionProof(
            index: UInt64(index), treeSize: UInt64(size), path: tree.path(index, 0..<size))
        return try ProofFile(proof, checkpoint: checkpoint(tree, size: size))
    }

    static func text(_ hash: TreeHash) -> String {
        String(decoding: Base64.encode(hash.bytes), as: UTF8.self)
    }
}
