import DaybookTestSupport
import EventLog
import Testing

@Suite struct SignedNoteTests {
    static let text = Array("some\n\ntext\n".utf8)

    private func good() throws -> SignedNote {
        try SignedNote(text: Self.text, signer: NoteFixture.logSigner())
    }

    @Test("the text ends at the last empty line, and the note is read as it was written")
    func roundTrip() throws {
        let note = try good()
        #expect(note.text == Self.text)
        let read = try SignedNote.parse(note.bytes)
        #expect(read == note)
        #expect(read.bytes == note.bytes)
    }

    @Test(
        "a text that would be read as another one is not signed",
        arguments: ["", "a", "a\n\nb", "a\u{1}\n", "a\r\n", "\u{2014} a AAAAAAA=\n\n\u{2014}"])
    func unsignable(text: String) {
        #expect(throws: NoteError(code: .noteMalformed)) {
            try SignedNote(text: Array(text.utf8), signer: NoteFixture.logSigner())
        }
    }

    @Test(
        "what is not a signature line is refused, and the error names its line",
        arguments: [
            "- a AAAAAAA=\n", "\u{2014}a AAAAAAA=\n", "\u{2014} a  AAAAAAA=\n", "\u{2014} a\n",
            "\u{2014} a \n", "\u{2014}  AAAAAAA=\n", "\u{2014} a AAAAAA==\n",
            "\u{2014} a AAAAAAB=\n",
            "\u{2014} a AAAAAAA=", "\u{2014} a AAAAAAA= \n", "\u{2014} a b AAAAAAA=\n",
            "\u{2014} a+b AAAAAAA=\n", "\u{2014} a AAAAAAA\n", " \u{2014} a AAAAAAA=\n", "text\n",
            "\u{2014} a\u{A0}b AAAAAAA=\n", "\u{2013} a AAAAAAA=\n", "\u{2014} a AAAA AAA=\n",
            "\u{2014} a AA\u{2014}A=\n",
        ])
    func malformedLine(line: String) throws {
        let error = #expect(throws: NoteError(code: .noteMalformed)) {
            try SignedNote.parse(self.good().bytes + Array(line.utf8))
        }
        #expect(error?.line == 6)
        #expect(error?.message.hasPrefix("line 6: ") == true)
        #expect(throws: NoteError(code: .noteMalformed)) {
            try NoteSignature.parseLines(Array(line.utf8))
        }
    }

    @Test("bytes without text, without signatures, or without a newline at the end are refused")
    func noSignatures() throws {
        let note = try good().bytes
        let line = Array("\u{2014} a AAAAAAA=\n".utf8)
        for bytes in [
            [], [10], [10, 10], Array("a\n".utf8), Array("a\n\n".utf8), line, [10] + line,
            note + [10], Array(note.dropLast()), note + [10, 10], [0xEF, 0xBB],
        ] {
            #expect(throws: NoteError(code: .noteMalformed), "\(bytes)") {
                try SignedNote.parse(bytes)
            }
        }
        // An empty line alone is a text.
        #expect(try SignedNote.parse([10, 10] + line).text == [10])
    }

    @Test("control characters and bytes that are not UTF-8 are refused wherever they stand")
    func characters() throws {
        let note = try good().bytes
        for bad in Array(0..<10) + Array(11..<32) + [0x80, 0xC0, 0xFE, 0xFF] as [UInt8] {
            for place in [0, 5, Self.text.count, note.count - 1] {
                var bytes = note
                bytes.insert(bad, at: place)
                #expect(throws: NoteError(code: .noteMalformed), "\(bad) at \(place)") {
                    try SignedNote.parse(bytes)
                }
            }
        }
        // Cut within the em dash.
        let cut = Array(note.prefix(Self.text.count + 2))
        #expect(throws: NoteError(code: .noteMalformed)) { try SignedNote.parse(cut) }
    }

    @Test("a hundred signatures are read, one more is refused, and so is one byte over 1 MiB")
    func limits() throws {
        let line = Array("\u{2014} a AAAAAAA=\n".utf8)
        let hundred = Array("text\n\n".utf8) + (0..<100).flatMap { _ in line }
        var note = try SignedNote.parse(hundred)
        #expect(note.signatures.count == SignedNote.signatureCountMax)
        #expect(note.bytes == hundred)
        #expect(throws: NoteError(code: .noteTooLarge)) { try SignedNote.parse(hundred + line) }
        #expect(throws: NoteError(code: .noteTooLarge)) { try note.append(note.signatures[0]) }
        #expect(note.bytes == hundred)

        let room = SignedNote.byteCountMax - line.count - 2
        let largest = [UInt8](repeating: 0x61, count: room) + [10, 10] + line
        #expect(largest.count == SignedNote.byteCountMax)
        var large = try SignedNote.parse(largest)
        #expect(throws: NoteError(code: .noteTooLarge)) { try SignedNote.parse([0x61] + largest) }
        #expect(throws: NoteError(code: .noteTooLarge)) { try large.append(large.signatures[0]) }
        #expect(throws: NoteError(code: .noteTooLarge)) {
            try NoteSignature.parseLines([UInt8](repeating: 0x61, count: 1 + 1 << 20))
        }
    }

    @Test("60,000 signature lines, and a megabyte of newlines, are refused")
    func hugeCount() {
        let line = Array("\u{2014} a AAAAAAA=\n".utf8)
        let bytes = Array("text\n\n".utf8) + (0..<60_000).flatMap { _ in line }
        #expect(throws: NoteError(code: .noteTooLarge)) { try SignedNote.parse(bytes) }
        let newlines = [UInt8](repeating: 10, count: SignedNote.byteCountMax)
        #expect(throws: NoteError(code: .noteMalformed)) { try SignedNote.parse(newlines) }
    }

    @Test("a signature that shares only name or number with a known key is ignored")
    func unknownKeys() throws {
        let log = try NoteFixture.logSigner()
        let renamed = try NoteFixture.logSigner("daybook.example/other")
        var note = try SignedNote(text: Self.text, signer: renamed)
        #expect(try note.signatures(by: [log.verifierKey]).isEmpty)
        try note.append(log.sign(Self.text))
        #expect(try note.signatures(by: [log.verifierKey]).map(\.key) == [log.verifierKey])

        // The known key's name with another number, and its number with another name.
        let line = String(decoding: try log.sign(Self.text).line, as: UTF8.self)
        for changed in [
            line.replacing("audit ", with: "audix "), line.replacing(" iAAg4", with: " jAAg4"),
        ] {
            #expect(changed != line)
            let bytes = Self.text + [10] + Array(changed.utf8)
            #expect(try SignedNote.parse(bytes).signatures(by: [log.verifierKey]).isEmpty)
        }
    }

    @Test("one bad signature of a known key spoils the note, wherever it stands")
    func badSignature() throws {
        let log = try NoteFixture.logSigner()
        let good = try log.sign(Self.text)
        let bad = try log.sign(Self.text + [10])
        for lines in [[bad], [good, bad], [bad, good]] {
            let note = try SignedNote.parse(Self.text + [10] + lines.flatMap(\.line))
            let error = #expect(throws: NoteError(code: .signatureInvalid)) {
                try note.signatures(by: [log.verifierKey])
            }
            #expect(error?.line == (lines[0] == bad ? 5 : 6))
            // To who does not know the key, it is one of many that mean nothing.
            #expect(try note.signatures(by: [NoteFixture.witnessSigner().verifierKey]).isEmpty)
        }
    }

    @Test("a key that signed twice counts once, and so does a key that is given twice")
    func duplicates() throws {
        let log = try NoteFixture.logSigner()
        let witness = try NoteFixture.witnessSigner()
        var note = try SignedNote(text: Self.text, signer: log)
        try note.append(log.sign(Self.text))
        for time in [30, 20, 40] as [UInt64] {
            try note.append(witness.cosign(Self.text, time: time))
        }
        let keys = [witness.verifierKey, log.verifierKey, log.verifierKey, witness.verifierKey]
        let found = try note.signatures(by: keys)
        #expect(found.map(\.key) == [witness.verifierKey, log.verifierKey])
        #expect(found.map(\.time) == [20, nil])
    }

    @Test("whatever is read as a note is written the same, and no change keeps its signature")
    func hostile() throws {
        let good = try good()
        let key = try NoteFixture.logSigner().verifierKey
        var read = 0
        for seed in 0..<20_000 as Range<UInt64> {
            let bytes = HostileBytes.changed(good.bytes, seed: seed)
            let note: SignedNote
            do throws(NoteError) {
                note = try SignedNote.parse(bytes)
            } catch {
                #expect(error == NoteError(code: .noteMalformed), "seed \(seed)")
                continue
            }
            read += 1
            #expect(note.bytes == bytes, "seed \(seed)")
            guard let found = try? note.signatures(by: [key]), !found.isEmpty else { continue }
            #expect(note.text == good.text, "seed \(seed)")
            #expect(note.signatures.contains(good.signatures[0]), "seed \(seed)")
        }
        #expect(read > 0)
    }
}
