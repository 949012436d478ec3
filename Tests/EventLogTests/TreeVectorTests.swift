import EventLog
import Foundation
import Testing

/// Every entry of Tests/Fixtures/tlog.json comes out exactly.
@Suite struct TreeVectorTests {
    let vectors: TreeVectors
    let tree: TreeReference

    init() throws {
        vectors = try TreeVectors.load()
        tree = vectors.tree
    }

    @Test("the file has no entry that these tests leave out")
    func entries() throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: TreeVectors.file))
        let names = try #require(object as? [String: Any]).keys.sorted()
        #expect(
            names == [
                "comment", "consistency_1_8", "consistency_3_7", "empty_root",
                "entry_bundle_7_hex", "inclusion_index5_size7", "leaves_hex", "log_vkey", "note",
                "note_sha256", "roots_hex", "witness_time", "witness_vkey",
            ])
    }

    @Test("the roots of all sizes are the vectors'")
    func roots() throws {
        #expect(TreeHash.ofNothing.description == vectors.empty_root)
        #expect(vectors.roots_hex.count == 8)
        for size in 0...8 {
            var source = ReferenceSource(tree)
            let root = try TreeProver.root(treeSize: UInt64(size), source: &source)
            let expected = size == 0 ? vectors.empty_root : vectors.roots_hex[String(size)]
            #expect(root.description == expected)
        }
    }

    @Test("the inclusion proof is the vectors', and is accepted")
    func inclusion() throws {
        var source = ReferenceSource(tree)
        let proof = try TreeProver.inclusion(index: 5, treeSize: 7, source: &source)
        #expect(proof.path.map(NoteFixture.text) == vectors.inclusion_index5_size7)
        #expect(proof.root(ofLeaf: tree.leaves[5])?.description == vectors.roots_hex["7"])
    }

    @Test("the consistency proofs are the vectors', and are accepted")
    func consistency() throws {
        for (old, new, expected) in [
            (1, 8, vectors.consistency_1_8), (3, 7, vectors.consistency_3_7),
        ] {
            var source = ReferenceSource(tree)
            let proof = try TreeProver.consistency(
                old: UInt64(old), new: UInt64(new), source: &source)
            #expect(proof.path.map(NoteFixture.text) == expected)
            #expect(proof.verify(oldRoot: tree.root(0..<old), newRoot: tree.root(0..<new)))
        }
    }

    @Test("the entry bundle is the vectors', and gives back the records")
    func bundle() throws {
        let records = Array(vectors.records.prefix(7))
        let bytes = LogFixture.bytes(vectors.entry_bundle_7_hex)
        #expect(try EntryBundle(records: records).bytes == bytes)
        #expect(try EntryBundle.parse(bytes, width: 7).records == records)
    }

    @Test("the verifier keys are the vectors', and are read back")
    func keys() throws {
        let log = try NoteFixture.logSigner().verifierKey
        let witness = try NoteFixture.witnessSigner().verifierKey
        #expect(log.text == vectors.log_vkey)
        #expect(witness.text == vectors.witness_vkey)
        #expect(try VerifierKey(parsing: vectors.log_vkey) == log)
        #expect(try VerifierKey(parsing: vectors.witness_vkey) == witness)
    }

    @Test("the checkpoint, signed and cosigned, is the vectors' note to the byte")
    func note() throws {
        let note = try NoteFixture.checkpoint(tree, size: 7, cosignedAt: vectors.witness_time)
        #expect(String(decoding: note.bytes, as: UTF8.self) == vectors.note)
        #expect(note.bytes == Array(vectors.note.utf8))
        #expect(TreeHash.sha256(note.bytes).description == vectors.note_sha256)
    }

    @Test("the vectors' note is read, and both signatures are valid")
    func verification() throws {
        let note = try CheckpointNote.parse(Array(vectors.note.utf8))
        #expect(note.checkpoint.origin.description == NoteFixture.origin)
        #expect(note.checkpoint.size == 7)
        #expect(note.checkpoint.root.description == vectors.roots_hex["7"])
        let keys = [
            try VerifierKey(parsing: vectors.log_vkey),
            try VerifierKey(parsing: vectors.witness_vkey),
        ]
        let found = try note.verify(keys: keys)
        #expect(found.map(\.key) == keys)
        #expect(found.map(\.time) == [nil, vectors.witness_time])
    }
}
