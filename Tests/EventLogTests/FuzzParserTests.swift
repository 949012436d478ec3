import DaybookTestSupport
import EventLog
import Testing

/// Notes, proofs, keys, bundles and tree proofs, changed at random.
///
/// What is read is written the same again; what verifies is what was signed.
@Suite struct FuzzParserTests {
    static let tree = TreeReference(count: 300)
    static let record = Array("record 5".utf8)

    @Test("the parser of notes and checkpoints withstands what is forged")
    func notes() throws {
        let good = try NoteFixture.checkpoint(Self.tree, size: 200)
        let keys = try NoteFixture.keys()
        try FuzzBudget(cases: 10_000).run("notes") { seed in
            let bytes = HostileBytes.changed(good.bytes, seed: seed)
            _ = try? NoteSignature.parseLines(bytes)
            guard let note = try? SignedNote.parse(bytes) else { return false }
            try FuzzFinding.unless(note.bytes == bytes, "a note is not written as it was read")
            if let found = try? note.signatures(by: keys), !found.isEmpty {
                try FuzzFinding.unless(note.text == good.note.text, "another text was signed")
            }
            guard let checkpoint = try? CheckpointNote.parse(bytes) else { return true }
            try FuzzFinding.unless(
                checkpoint.checkpoint.text == note.text, "a checkpoint in other words")
            if (try? checkpoint.verify(keys: keys)) != nil {
                try FuzzFinding.unless(
                    checkpoint.checkpoint == good.checkpoint, "another checkpoint was signed")
            }
            return true
        }
    }

    @Test("the parser of proof files withstands what is forged")
    func proofs() throws {
        let good = try NoteFixture.proof(Self.tree, index: 5, size: 200)
        let keys = try NoteFixture.keys()
        try FuzzBudget(cases: 10_000).run("proof files") { seed in
            let bytes = HostileBytes.changed(good.bytes, seed: seed)
            guard let file = try? ProofFile.parse(bytes) else { return false }
            try FuzzFinding.unless(file.bytes == bytes, "a proof is not written as it was read")
            if (try? file.verify(record: Self.record, keys: keys)) != nil {
                try FuzzFinding.unless(file.inclusion == good.inclusion, "another proof holds")
            }
            return true
        }
    }

    @Test("keys and paths of tiles are read as they are written, or not at all")
    func keys() throws {
        let signer = try NoteFixture.logSigner()
        let good = [
            Array(signer.verifierKey.text.utf8), Array(signer.secretText.utf8),
            Array("tile/1/x001/x234/067.p/12".utf8), Array("tile/entries/x018/446".utf8),
        ]
        try FuzzBudget(cases: 10_000).run("keys and paths") { seed in
            let bytes = HostileBytes.changed(good[Int(seed % 4)], seed: seed)
            let text = String(decoding: bytes, as: UTF8.self)
            var isRead = false
            if let key = try? VerifierKey.parse(bytes) {
                try FuzzFinding.unless(Array(key.text.utf8) == bytes, "a key in other words")
                isRead = true
            }
            if let key = try? NoteSigner.parse(bytes) {
                try FuzzFinding.unless(Array(key.secretText.utf8) == bytes, "a key in other words")
                isRead = true
            }
            if let path = TilePath(parsing: text) {
                try FuzzFinding.unless(path.text == text, "a path in other words")
                isRead = true
            }
            return isRead
        }
    }

    @Test("the parser of entry bundles withstands what is forged")
    func bundles() throws {
        let records = (0..<9).map { LogFixture.record(UInt64($0), byteCount: 12 * $0) }
        let good = try EntryBundle(records: records).bytes
        try FuzzBudget(cases: 10_000).run("entry bundles") { seed in
            let bytes = HostileBytes.changed(good, seed: seed)
            var random = SeededGenerator(seed: seed)
            let width = Int(random.next() % 12)
            guard let bundle = try? EntryBundle.parse(bytes, width: width) else { return false }
            try FuzzFinding.unless(bundle.records.count == width, "another number of records")
            try FuzzFinding.unless(
                EntryBundle(records: bundle.records).bytes == bytes, "a bundle in other bytes")
            return true
        }
    }

    @Test("no forged tree proof leads to the root, but the true one")
    func treeProofs() throws {
        let leaves = (0..<60).map { Self.tree.root($0..<($0 + 1)) }
        try FuzzBudget(cases: 10_000).run("tree proofs") { seed in
            var random = SeededGenerator(seed: seed)
            let size = 1 + Int(random.next() % 60)
            let index = Int(random.next() % UInt64(size))
            let root = Self.tree.root(0..<size)
            let good = Self.tree.path(index, 0..<size)
            var path = good
            Self.change(&path, &random)
            let otherIndex = random.next() % 3 == 0 ? random.next() >> (random.next() % 64) : nil
            let otherSize = random.next() % 3 == 0 ? random.next() >> (random.next() % 64) : nil
            let proof = InclusionProof(
                index: otherIndex ?? UInt64(index), treeSize: otherSize ?? UInt64(size), path: path)
            let isRoot = proof.root(ofLeaf: leaves[index]) == root
            // The same path may stand for another place of a tree of another size: only a
            // checkpoint, which signs the size, tells them apart.
            if isRoot { try FuzzFinding.unless(path == good, "a forged path leads to the root") }
            let new = size + Int(random.next() % 60)
            let consistency = ConsistencyProof(
                oldSize: otherIndex ?? UInt64(size), newSize: otherSize ?? UInt64(new), path: path)
            let newRoot = Self.tree.root(0..<new)
            let holds = consistency.verify(oldRoot: root, newRoot: newRoot)
            if holds, consistency.oldSize == consistency.newSize {
                try FuzzFinding.unless(path.isEmpty && root == newRoot, "two roots of one size")
            }
            return isRoot || path != good
        }
    }

    private static func change(_ path: inout [TreeHash], _ random: inout SeededGenerator) {
        guard random.next() % 4 != 0 else { return }
        let place = Int(random.next() % UInt64(path.count + 1))
        switch random.next() % 4 {
        case 0: path.insert(tree.root(0..<(1 + Int(random.next() % 60))), at: place)
        case 1 where place < path.count: path.remove(at: place)
        case 2 where place < path.count: path.swapAt(place, 0)
        case 3: for _ in 0..<(random.next() % 70) { path.append(TreeHash.sha256([1])) }
        default: path.removeAll()
        }
    }
}
