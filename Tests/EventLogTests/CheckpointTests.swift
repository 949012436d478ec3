import DaybookTestSupport
import EventLog
import Testing

@Suite struct CheckpointTests {
    static let tree = TreeReference(count: 7)

    @Test("a checkpoint of any size, the empty and the largest too, is read back")
    func roundTrip() throws {
        for size in [0, 1, 7, 10, 1 << 63, .max] as [UInt64] {
            let checkpoint = Checkpoint(
                origin: try KeyName("a/ü"), size: size, root: Self.tree.root(0..<3))
            #expect(try Checkpoint.parse(checkpoint.text) == checkpoint)
            let note = try CheckpointNote(checkpoint, signer: NoteFixture.logSigner("a/ü"))
            #expect(try CheckpointNote.parse(note.bytes) == note)
        }
    }

    @Test(
        "a text that is not a checkpoint is refused, and the error names the line",
        arguments: [
            ("", 1), ("\n1\nR\n", 1), ("a b\n1\nR\n", 1), ("a+b\n1\nR\n", 1), ("a", 1),
            ("a\n\nR\n", 2), ("a\n01\nR\n", 2), ("a\n-1\nR\n", 2), ("a\n+1\nR\n", 2),
            ("a\n1 \nR\n", 2), ("a\n1.0\nR\n", 2), ("a\n0x1\nR\n", 2), ("a\n٣\nR\n", 2),
            ("a\n18446744073709551616\nR\n", 2), ("a\n99999999999999999999999\nR\n", 2),
            ("a\n1\n", 3), ("a\n1\n\n", 3), ("a\n1\nR", 3), ("a\n1\nAAAA\n", 3),
            ("a\n1\nR=\n", 3), ("a\n1\n R\n", 3), ("a\n1\nR\n\n", 4), ("a\n1\nR\nmore\n", 4),
            ("a\n1\nR\nx", 4),
        ])
    func malformed(text: String, line: Int) {
        let root = NoteFixture.text(Self.tree.root(0..<3))
        let bytes = Array(text.replacing("R", with: root).utf8)
        let error = #expect(throws: NoteError(code: .checkpointMalformed)) {
            try Checkpoint.parse(bytes)
        }
        #expect(error?.line == line)
    }

    @Test("only the key that is named for the origin signs, and a witness's key does not")
    func signer() throws {
        let checkpoint = try NoteFixture.checkpoint(Self.tree, size: 7).checkpoint
        #expect(throws: NoteError(code: .originMismatch)) {
            try CheckpointNote(checkpoint, signer: NoteFixture.logSigner("other"))
        }
        #expect(throws: NoteError(code: .keyUnsuitable)) {
            try CheckpointNote(checkpoint, signer: NoteFixture.witnessSigner(NoteFixture.origin))
        }
    }

    @Test("without the log's own signature a checkpoint is not verified")
    func logSignature() throws {
        let note = try NoteFixture.checkpoint(Self.tree, size: 7)
        let keys = try NoteFixture.keys()
        #expect(try note.verify(keys: keys).count == 2)
        #expect(try note.verify(keys: [keys[0]]).map(\.time) == [nil])
        #expect(throws: NoteError(code: .originMismatch)) { try note.verify(keys: []) }
        #expect(throws: NoteError(code: .originMismatch)) { try note.verify(keys: [keys[1]]) }
        let stranger = try NoteSigner.generate(name: note.checkpoint.origin).verifierKey
        #expect(throws: NoteError(code: .signatureMissing)) {
            try note.verify(keys: [stranger, keys[1]])
        }
        // After a rotation there are two keys of one name; either may have signed.
        #expect(try note.verify(keys: [stranger] + keys).map(\.key) == keys)
    }

    @Test("another log's signature says nothing of this log, though its key is known")
    func otherLog() throws {
        let other = try NoteFixture.logSigner("other")
        let checkpoint = try NoteFixture.checkpoint(Self.tree, size: 7).checkpoint
        let note = try CheckpointNote.parse(
            SignedNote(text: checkpoint.text, signer: other).bytes)
        #expect(try note.signatures(by: [other.verifierKey]).isEmpty)
        #expect(throws: NoteError(code: .originMismatch)) {
            try note.verify(keys: [other.verifierKey])
        }
        #expect(throws: NoteError(code: .signatureMissing)) {
            try note.verify(keys: [other.verifierKey, NoteFixture.logSigner().verifierKey])
        }
    }

    @Test("every bit of a checkpoint's note counts: no change leaves all signatures valid")
    func everyBit() throws {
        let note = try NoteFixture.checkpoint(Self.tree, size: 7)
        let keys = try NoteFixture.keys()
        let witnessStart = note.bytes.count - note.note.signatures[1].line.count
        var witnessLost = 0
        for bit in 0..<(8 * note.bytes.count) {
            var bytes = note.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let found = try? CheckpointNote.parse(bytes).verify(keys: keys) else { continue }
            #expect(bit / 8 >= witnessStart, "bit \(bit)")
            #expect(found.map(\.key) == [keys[0]], "bit \(bit)")
            witnessLost += 1
        }
        // In the witness's name and number: then it is an unknown key's.
        #expect(witnessLost > 0)
    }

    @Test("a note cut at any byte is refused, save where a whole signature line ends")
    func everyCut() throws {
        let note = try NoteFixture.checkpoint(Self.tree, size: 7)
        let boundary = note.bytes.count - note.note.signatures[1].line.count
        for count in 0..<note.bytes.count {
            let cut = Array(note.bytes.prefix(count))
            if count == boundary {
                let found = try CheckpointNote.parse(cut).verify(keys: NoteFixture.keys())
                #expect(found.count == 1)
            } else {
                #expect(throws: NoteError(code: .noteMalformed), "\(count) bytes") {
                    try CheckpointNote.parse(cut)
                }
            }
        }
    }

    @Test("whatever is read as a checkpoint is written the same, and is the log's or refused")
    func hostile() throws {
        let good = try NoteFixture.checkpoint(Self.tree, size: 7)
        let keys = try NoteFixture.keys()
        var read = 0
        for seed in 0..<20_000 as Range<UInt64> {
            let bytes = HostileBytes.changed(good.bytes, seed: seed)
            guard let note = try? CheckpointNote.parse(bytes) else { continue }
            read += 1
            #expect(note.bytes == bytes, "seed \(seed)")
            #expect(note.checkpoint.text == note.note.text, "seed \(seed)")
            guard (try? note.verify(keys: keys)) != nil else { continue }
            #expect(note.checkpoint == good.checkpoint, "seed \(seed)")
        }
        #expect(read > 0)
    }
}

@Suite struct CosignatureTests {
    static let tree = TreeReference(count: 7)

    @Test("a witness's cosignature is added once, and the first one stays")
    func added() throws {
        var note = try NoteFixture.checkpoint(Self.tree, size: 7, cosignedAt: nil)
        let witness = try NoteFixture.witnessSigner()
        let text = note.checkpoint.text
        let lines = try witness.cosign(text, time: 5).line + witness.cosign(text, time: 4).line
        let signatures = try NoteSignature.parseLines(lines)
        #expect(try note.addCosignatures(signatures, witnesses: [witness.verifierKey]) == 1)
        #expect(try note.addCosignatures(signatures, witnesses: [witness.verifierKey]) == 0)
        #expect(note.note.signatures.count == 2)
        #expect(try note.signatures(by: [witness.verifierKey]).map(\.time) == [5])
        #expect(try CheckpointNote.parse(note.bytes) == note)
        #expect(try note.addCosignatures([], witnesses: []) == 0)
    }

    @Test("a cosignature that is not valid, or of no given witness, adds nothing at all")
    func refused() throws {
        let before = try NoteFixture.checkpoint(Self.tree, size: 7, cosignedAt: nil)
        let other = try NoteFixture.checkpoint(Self.tree, size: 6, cosignedAt: nil)
        let witness = try NoteFixture.witnessSigner()
        let stranger = try NoteFixture.witnessSigner("witness.example/w2")
        let text = before.checkpoint.text
        let good = try witness.cosign(text, time: 5)
        let cases: [(NoteSignature, NoteError.Code)] = [
            (try witness.cosign(other.checkpoint.text, time: 5), .signatureInvalid),
            (try stranger.cosign(text, time: 5), .signatureForeign),
            // The log's own signature is no witness's.
            (before.note.signatures[0], .signatureForeign),
        ]
        for (bad, code) in cases {
            for signatures in [[bad], [good, bad]] {
                var note = before
                let error = #expect(throws: NoteError(code: code)) {
                    try note.addCosignatures(
                        signatures,
                        witnesses: [witness.verifierKey, NoteFixture.logSigner().verifierKey])
                }
                #expect(error?.line == signatures.count)
                #expect(note == before)
            }
        }
    }

    @Test("a cosignature binds its time, and a changed bit or another length is refused")
    func time() throws {
        let before = try NoteFixture.checkpoint(Self.tree, size: 7, cosignedAt: nil)
        let witness = try NoteFixture.witnessSigner()
        let line = try witness.cosign(before.checkpoint.text, time: 1 << 62).line
        let encoded = try #require(line.dropLast().split(separator: 0x20).last)
        let signed = try #require(Base64.decode(encoded))
        #expect(signed.count == 4 + 8 + 64)
        var variants = [signed + [0], Array(signed.dropLast()), Array(signed.prefix(4 + 64))]
        // Every bit of the time and of the signature; the first four bytes name the key.
        for bit in 32..<(8 * signed.count) {
            var changed = signed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            variants.append(changed)
        }
        for variant in variants {
            var note = before
            let start = Array("\u{2014} \(NoteFixture.witnessName) ".utf8)
            let signatures = try NoteSignature.parseLines(start + Base64.encode(variant) + [10])
            #expect(throws: NoteError(code: .signatureInvalid)) {
                try note.addCosignatures(signatures, witnesses: [witness.verifierKey])
            }
        }
    }

    @Test("a time above 2^63 - 1 is refused, though it is signed")
    func largeTime() throws {
        let before = try NoteFixture.checkpoint(Self.tree, size: 7, cosignedAt: nil)
        let witness = try NoteFixture.witnessSigner()
        // The witness's secret as a log's key signs whatever it is given.
        let raw = try NoteSigner(
            name: KeyName(NoteFixture.witnessName), kind: .log, seed: Array(32..<64))
        for (time, isValid) in [(1 << 63 - 1, true), (1 << 63, false), (.max, false)]
            as [(UInt64, Bool)]
        {
            var note = before
            let message = Array("cosignature/v1\ntime \(time)\n".utf8) + before.checkpoint.text
            let key = stride(from: 24, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: witness.verifierKey.id >> UInt32($0))
            }
            let bytes = stride(from: 56, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: time >> UInt64($0))
            }
            let start = Array("\u{2014} \(NoteFixture.witnessName) ".utf8)
            let signed = key + bytes + (try raw.sign(message)).bytes
            let line = start + Base64.encode(signed) + [10]
            let signatures = try NoteSignature.parseLines(line)
            if isValid {
                let count = try note.addCosignatures(signatures, witnesses: [witness.verifierKey])
                #expect(count == 1)
            } else {
                #expect(throws: NoteError(code: .signatureInvalid)) {
                    try note.addCosignatures(signatures, witnesses: [witness.verifierKey])
                }
            }
        }
    }

    @Test("nothing is added to a note whose stored cosignature is not valid")
    func storedDamage() throws {
        let text = try NoteFixture.checkpoint(Self.tree, size: 7).checkpoint.text
        let log = try NoteFixture.logSigner()
        let witness = try NoteFixture.witnessSigner()
        let bad = try witness.cosign(text + [10], time: 5)
        var note = try CheckpointNote.parse(
            text + [10] + log.sign(text).line + bad.line)
        #expect(throws: NoteError(code: .signatureInvalid)) {
            try note.addCosignatures(
                [witness.cosign(text, time: 5)], witnesses: [witness.verifierKey])
        }
        #expect(note.note.signatures.count == 2)
    }

    @Test("a key of one type never checks a signature of the other")
    func domains() throws {
        // One secret for both types, under one name: only the type tells the keys apart.
        let name = try KeyName(NoteFixture.origin)
        let log = try NoteSigner(name: name, kind: .log, seed: Array(0..<32))
        let witness = try NoteSigner(name: name, kind: .witness, seed: Array(0..<32))
        #expect(log.verifierKey.id != witness.verifierKey.id)
        let text = try NoteFixture.checkpoint(Self.tree, size: 7).checkpoint.text
        let note = try SignedNote(text: text, signer: log)
        #expect(try note.signatures(by: [witness.verifierKey]).isEmpty)
    }
}
