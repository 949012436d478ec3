import DaybookTestSupport
import EventLog
import Testing

@Suite struct ProofFileTests {
    static let tree = TreeReference(count: 20)
    static let record = Array("record 5".utf8)

    private func good() throws -> ProofFile { try NoteFixture.proof(Self.tree, index: 5, size: 7) }

    @Test("a proof file has the lines that C2SP tlog-proof says")
    func form() throws {
        let lines = String(decoding: try good().bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0...1] == ["c2sp.org/tlog-proof@v1", "index 5"])
        #expect(lines[2...4] == Self.tree.path(5, 0..<7).map { NoteFixture.text($0)[...] }[...])
        #expect(lines[5...7] == ["", NoteFixture.origin[...], "7"])
    }

    @Test("every proof of trees of up to 20 records is read back and verified")
    func roundTrip() throws {
        let keys = try NoteFixture.keys()
        for size in 1...20 {
            for index in 0..<size {
                let file = try NoteFixture.proof(Self.tree, index: index, size: size)
                let read = try ProofFile.parse(file.bytes)
                #expect(read == file)
                #expect(read.bytes == file.bytes)
                let record = Array("record \(index)".utf8)
                let found = try read.verify(record: record, keys: keys)
                #expect(found.map(\.key) == keys)
                #expect(throws: NoteError(code: .proofMismatch)) {
                    try read.verify(record: record + [0], keys: keys)
                }
            }
        }
    }

    @Test("a proof and a checkpoint of different sizes do not make a file")
    func sizes() throws {
        let checkpoint = try NoteFixture.checkpoint(Self.tree, size: 8)
        #expect(throws: NoteError(code: .proofMismatch)) {
            try ProofFile(self.good().inclusion, checkpoint: checkpoint)
        }
    }

    @Test("a proof by a key that is not the log's is refused, and the error names the file's line")
    func keys() throws {
        let file = try good()
        let witness = try NoteFixture.witnessSigner().verifierKey
        #expect(throws: NoteError(code: .originMismatch)) {
            try file.verify(record: Self.record, keys: [witness])
        }
        let stranger = try NoteSigner.generate(name: KeyName(NoteFixture.origin)).verifierKey
        #expect(throws: NoteError(code: .signatureMissing)) {
            try file.verify(record: Self.record, keys: [stranger])
        }
        let log = try NoteFixture.logSigner()
        let text = file.checkpoint.checkpoint.text
        let bytes =
            Array(file.bytes.prefix { $0 != 0x0A }) + Array("\nindex 5\n\n".utf8) + text + [10]
            + (try log.sign([10])).line
        let error = #expect(throws: NoteError(code: .signatureInvalid)) {
            try ProofFile.parse(bytes).verify(record: Self.record, keys: [log.verifierKey])
        }
        #expect(error?.line == 8)
    }

    @Test(
        "a file that is not a proof is refused, and the error names the line",
        arguments: [
            ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2", 1),
            ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1 ", 1),
            ("index 5", "index 05", 2), ("index 5", "index -5", 2), ("index 5", "index  5", 2),
            ("index 5", "index 5 ", 2), ("index 5", "index ", 2), ("index 5", "index", 2),
            ("index 5", "Index 5", 2), ("index 5", "index 18446744073709551616", 2),
            ("index 5", "extra AAAA\nindex 5", 2), ("index 5\n", "", 2),
            ("index 5\n", "index 5\nAAAA\n", 3), ("index 5\n", "index 5\nindex 5\n", 3),
        ])
    func malformed(old: String, new: String, line: Int) throws {
        let text = String(decoding: try good().bytes, as: UTF8.self)
        let bytes = Array(text.replacing(old, with: new).utf8)
        let error = #expect(throws: NoteError(code: .proofMalformed)) { try ProofFile.parse(bytes) }
        #expect(error?.line == line)
    }

    @Test("an error in the checkpoint names the line of the file")
    func checkpointLine() throws {
        let text = String(decoding: try good().bytes, as: UTF8.self)
        let changed = text.replacing("\n7\n", with: "\n07\n")
        let error = #expect(throws: NoteError(code: .checkpointMalformed)) {
            try ProofFile.parse(Array(changed.utf8))
        }
        #expect(error?.line == 8)
        let unsigned = text.replacing("\u{2014} witness", with: "- witness")
        let other = #expect(throws: NoteError(code: .noteMalformed)) {
            try ProofFile.parse(Array(unsigned.utf8))
        }
        #expect(other?.line == 12)
    }

    @Test("a path of 64 hashes is read, a longer one is refused, and so is a file without end")
    func limits() throws {
        let checkpoint = try NoteFixture.checkpoint(Self.tree, size: 7)
        let line = Array((NoteFixture.text(Self.tree.root(0..<3)) + "\n").utf8)
        let start = Array("c2sp.org/tlog-proof@v1\nindex 5\n".utf8)
        let hashes = (0..<64).flatMap { _ in line }
        let longest = try ProofFile.parse(start + hashes + [10] + checkpoint.bytes)
        #expect(longest.path.count == 64)
        #expect(throws: NoteError(code: .proofMismatch)) {
            try longest.verify(record: Self.record, keys: NoteFixture.keys())
        }
        #expect(throws: NoteError(code: .proofMalformed)) {
            try ProofFile.parse(start + hashes + line + [10] + checkpoint.bytes)
        }
        #expect(throws: NoteError(code: .proofMalformed)) { try ProofFile.parse(start + hashes) }
        let huge = start + [UInt8](repeating: 0x41, count: ProofFile.byteCountMax)
        #expect(throws: NoteError(code: .noteTooLarge)) { try ProofFile.parse(huge) }
        // A short proof with a note that is larger than a note may be.
        let note = [UInt8](repeating: 0x61, count: SignedNote.byteCountMax) + [10]
        let error = #expect(throws: NoteError(code: .noteTooLarge)) {
            try ProofFile.parse(start + [10] + note)
        }
        #expect(error?.line == 4)
    }

    @Test("every bit of a proof file counts: none can change and leave both signatures and path")
    func everyBit() throws {
        let file = try good()
        let keys = try NoteFixture.keys()
        let witnessStart = file.bytes.count - file.checkpoint.note.signatures[1].line.count
        for bit in 0..<(8 * file.bytes.count) {
            var bytes = file.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            guard
                let found = try? ProofFile.parse(bytes).verify(record: Self.record, keys: keys)
            else { continue }
            #expect(bit / 8 >= witnessStart, "bit \(bit)")
            #expect(found.map(\.key) == [keys[0]], "bit \(bit)")
        }
    }

    @Test("a proof file cut at any byte is refused, save where a whole signature line ends")
    func everyCut() throws {
        let file = try good()
        let boundary = file.bytes.count - file.checkpoint.note.signatures[1].line.count
        for count in 0..<file.bytes.count where count != boundary {
            #expect(throws: NoteError.self, "\(count) bytes") {
                try ProofFile.parse(Array(file.bytes.prefix(count)))
            }
        }
        _ = try ProofFile.parse(Array(file.bytes.prefix(boundary)))
    }

    @Test("whatever is read as a proof is written the same, and proves this record or nothing")
    func hostile() throws {
        let good = try good()
        let keys = try NoteFixture.keys()
        var read = 0
        for seed in 0..<20_000 as Range<UInt64> {
            let bytes = HostileBytes.changed(good.bytes, seed: seed)
            guard let file = try? ProofFile.parse(bytes) else { continue }
            read += 1
            #expect(file.bytes == bytes, "seed \(seed)")
            guard (try? file.verify(record: Self.record, keys: keys)) != nil else { continue }
            #expect(file.inclusion == good.inclusion, "seed \(seed)")
            #expect(file.checkpoint.checkpoint == good.checkpoint.checkpoint, "seed \(seed)")
        }
        #expect(read > 0)
    }
}
