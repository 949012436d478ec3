import EventLog
import Testing

@Suite struct Base64Tests {
    @Test(
        "the examples of RFC 4648 section 10 come out",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func examples(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(text.utf8))
        #expect(Base64.decode(Array(text.utf8)[...]) == Array(plain.utf8))
    }

    @Test(
        "what encode would not have written is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Z===",
            "Zm9v\n", "Zm 9v", "Zm-v", "Zm_v", "Zm9v====", "Zm=v", "=m9v", "Zm9\u{0}",
        ])
    func refused(text: String) { #expect(Base64.decode(Array(text.utf8)[...]) == nil) }

    @Test("whatever byte stands last before the padding, only what encode writes is read")
    func oneTextForEach() {
        // Every byte as the digit before the padding, for one byte and for two.
        for digit in 0...255 as ClosedRange<UInt8> {
            for text in [
                [0x5A, digit, 0x3D, 0x3D], [0x5A, 0x6D, digit, 0x3D], [0x5A, 0x6D, 0x39, digit],
            ] {
                guard let bytes = Base64.decode(text[...]) else { continue }
                #expect(Base64.encode(bytes) == text)
            }
        }
        let readable = (0...255 as ClosedRange<UInt8>).filter {
            Base64.decode([0x5A, $0, 0x3D, 0x3D][...]) != nil
        }
        #expect(readable.count == 4)
    }
}

@Suite struct NoteKeyTests {
    /// From the documentation of golang.org/x/mod/sumdb/note.
    static let goSecret =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let goPublic =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let goText =
        "If you think cryptography is the answer to your problem,\n"
        + "then you don't know what your problem is.\n"
    static let goSignature =
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
        + "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("Go's example of a signed note comes out to the byte")
    func goExample() throws {
        let signer = try NoteSigner(parsing: Self.goSecret)
        #expect(signer.secretText == Self.goSecret)
        #expect(signer.verifierKey.text == Self.goPublic)
        let note = try SignedNote(text: Array(Self.goText.utf8), signer: signer)
        #expect(note.bytes == Array((Self.goText + "\n" + Self.goSignature).utf8))
        let key = try VerifierKey(parsing: Self.goPublic)
        #expect(try note.signatures(by: [key]).map(\.key) == [key])
    }

    @Test("a new key is read back from its text, and is another one each time")
    func generated() throws {
        let name = try KeyName("example.com/ü")
        for kind in [VerifierKey.Kind.log, .witness] {
            let signer = try NoteSigner.generate(name: name, kind: kind)
            let read = try NoteSigner(parsing: signer.secretText)
            #expect(read.verifierKey == signer.verifierKey)
            #expect(read.verifierKey.kind == kind)
            #expect(try VerifierKey(parsing: signer.verifierKey.text) == signer.verifierKey)
            let other = try NoteSigner.generate(name: name, kind: kind)
            #expect(other.verifierKey != signer.verifierKey)
        }
    }

    @Test("no description of a signer shows its secret")
    func secret() throws {
        let signer = try NoteSigner(parsing: Self.goSecret)
        var dumped = ""
        dump(signer, to: &dumped)
        for text in ["\(signer)", String(reflecting: signer), dumped] {
            #expect(text.contains("PeterNeumann"))
            #expect(!text.contains("AYEKFALVFGyNhPJEMzD1QIDr"))
        }
    }

    @Test("a key with any bit changed, or cut at any byte, is refused")
    func damaged() {
        let texts = [Self.goPublic, Self.goSecret].map { Array($0.utf8) }
        for (index, text) in texts.enumerated() {
            var changed: [[UInt8]] = (0..<text.count).map { Array(text.prefix($0)) }
            for bit in 0..<(8 * text.count) {
                var bytes = text
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                changed.append(bytes)
            }
            changed += [text + [0x0A], [0x20] + text, text + text]
            for bytes in changed {
                #expect(throws: NoteError(code: .keyMalformed)) {
                    if index == 0 {
                        _ = try VerifierKey.parse(bytes)
                    } else {
                        _ = try NoteSigner.parse(bytes)
                    }
                }
            }
        }
    }

    @Test(
        "a key of another type, length or form is refused",
        arguments: [
            // Types 2 and 6, 31 and 33 bytes of key, no key, upper-case digits, no name.
            "a+00000000+" + base64([2] + key), "a+00000000+" + base64([6] + key),
            "a+00000000+" + base64([1] + key.dropLast()), "a+00000000+" + base64([1] + key + [0]),
            "a+00000000+", "a+00000000+" + base64([1]), "a++" + base64([1] + key), "a", "",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "+00000000+" + base64([1] + key), "++", "a b+00000000+" + base64([1] + key),
        ])
    func malformed(text: String) {
        #expect(throws: NoteError(code: .keyMalformed)) { try VerifierKey(parsing: text) }
        #expect(throws: NoteError(code: .keyMalformed)) {
            try NoteSigner(parsing: "PRIVATE+KEY+" + text)
        }
    }

    @Test("a seed or a public key that has not 32 bytes is refused")
    func lengths() throws {
        let name = try KeyName("a")
        for count in [0, 31, 33, 64] {
            let bytes = [UInt8](repeating: 1, count: count)
            #expect(throws: NoteError(code: .keyMalformed)) {
                try NoteSigner(name: name, kind: .log, seed: bytes)
            }
            #expect(throws: NoteError(code: .keyMalformed)) {
                try VerifierKey(name: name, kind: .log, publicKey: bytes)
            }
        }
    }

    @Test(
        "a name with white space, a plus sign or a control character, or none, is refused",
        arguments: [
            "", " ", "a b", "a+b", "a\nb", "a\tb", "a\u{0}", "\u{1F}", "a\u{A0}b", "a\u{85}b",
            "a\u{2028}b", "a\u{3000}b", "a\u{1680}b",
        ])
    func names(text: String) {
        #expect(throws: NoteError(code: .keyMalformed)) { try KeyName(text) }
    }

    @Test("names that only Unicode holds for equal are two names, with two numbers")
    func equivalence() throws {
        let composed = try NoteFixture.logSigner("\u{E9}").verifierKey
        let decomposed = try NoteFixture.logSigner("e\u{301}").verifierKey
        #expect(composed.name != decomposed.name)
        #expect(composed != decomposed)
        #expect(composed.id != decomposed.id)
    }

    @Test("a log's key makes no cosignature, and a witness's key signs no note")
    func kinds() throws {
        #expect(throws: NoteError(code: .keyUnsuitable)) {
            try NoteFixture.logSigner().cosign([10], time: 1)
        }
        #expect(throws: NoteError(code: .keyUnsuitable)) {
            try NoteFixture.witnessSigner().sign([10])
        }
        #expect(throws: NoteError(code: .keyUnsuitable)) {
            try NoteFixture.witnessSigner().cosign([10], time: 1 << 63)
        }
    }

    private static let key = [UInt8](repeating: 7, count: 32)

    private static func base64(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
    }
}
