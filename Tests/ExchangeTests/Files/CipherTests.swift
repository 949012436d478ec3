import Crypto
import DaybookTestSupport
import EventLog
import Exchange
import Testing

@Suite("Encryption of files at rest") struct CipherTests {
    private static let chunk = ExchangeFile.chunkByteCount
    private static let place = "outbound/a.edi"

    private func key(_ byte: UInt8) throws -> FileKey {
        try FileKey(
            text: String(repeating: byte < 10 ? "0\(byte)" : "\(byte)", count: 32), name: "K")
    }

    private func store(_ root: String, _ keys: UInt8...) throws -> ExchangeStore {
        let cipher = keys.isEmpty ? nil : try FileCipher(keys: keys.map { try key($0) })
        return try ExchangeStore(root: root, cipher: cipher)
    }

    private func write(_ content: [UInt8], _ store: ExchangeStore) throws {
        let path = try ExchangePath(Self.place)
        try store.write([PendingFile(path: path, content: content, metadata: nil)])
    }

    private func read(_ store: ExchangeStore) throws -> [UInt8] {
        try store.read(try ExchangePath(Self.place), byteCountMax: 1 << 30)
    }

    private func code(_ store: ExchangeStore) -> String? {
        errorCode { _ = try store.sha256(try ExchangePath(Self.place)) }
    }

    @Test(
        "content of every size reads as it was, and is not on the disk",
        arguments: [0, 1, 63, 65_535, 65_536, 65_537, 131_072, 200_001])
    func roundTrip(byteCount: Int) throws {
        try TemporaryFolder.with { root in
            var random = FileRandom(seed: UInt64(byteCount))
            let content = random.bytes(byteCount)
            let store = try store(root, 1)
            try write(content, store)
            let bytes = bytesOnDisk(root + "/" + Self.place)
            let chunks = max(1, (byteCount + Self.chunk - 1) / Self.chunk)
            #expect(bytes.count == 64 + byteCount + 16 * chunks)
            #expect(bytes.starts(with: [0x89] + Array("DBKENC\n".utf8) + [1]))
            #expect(byteCount < 63 || !bytes[64...].starts(with: content.prefix(32)))
            #expect(try read(store) == content)
            #expect(try store.sha256(try ExchangePath(Self.place)).sha256 == sha256Text(content))
            // The same once more: other bytes would be on the disk, the content is the same.
            try write(content, store)
            let file = try store.open(try ExchangePath(Self.place))
            let start = byteCount / 3
            #expect(
                try file.read(at: start, byteCount: byteCount - start) == Array(content[start...]))
        }
    }

    @Test("the format is as documented, made with the primitives alone")
    func format() throws {
        try TemporaryFolder.with { root in
            var random = FileRandom(seed: 77)
            let content = random.bytes(Self.chunk + 10)
            try write(content, try store(root, 12))
            let bytes = bytesOnDisk(root + "/" + Self.place)
            let material = [UInt8](repeating: 0x12, count: 32)
            let id = SHA256.hash(data: Array("daybook exchange key id 1\0".utf8) + material)
            #expect(Array(bytes[9..<17]) == Array(id.prefix(8)))
            #expect(Array(bytes[56..<64]) == [0, 0, 0, 0, 0, 1, 0, 10])
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: material), salt: Array(bytes[24..<56]),
                info: Array("daybook exchange file 1".utf8), outputByteCount: 32)
            var plain: [UInt8] = []
            let second = 64 + Self.chunk + 16
            let chunks: [(Range<Int>, [UInt8])] = [
                (64..<second, [0, 0, 0, 0, 0]), (second..<bytes.count, [0, 0, 0, 1, 1]),
            ]
            for (range, tail) in chunks {
                let combined = Array(bytes[17..<24]) + tail + Array(bytes[range])
                let box = try AES.GCM.SealedBox(combined: combined)
                plain += try AES.GCM.open(
                    box, using: derived, authenticating: Array(bytes[0..<64]))
            }
            #expect(plain == content)
        }
    }

    @Test("no byte can be changed, added or cut off unseen")
    func damage() throws {
        try TemporaryFolder.with { root in
            let store = try store(root, 1)
            var random = FileRandom(seed: 8)
            try write(random.bytes(40), store)
            let path = root + "/" + Self.place
            let bytes = bytesOnDisk(path)
            for place in 8..<bytes.count {
                var changed = bytes
                changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                putOnDisk(changed, path)
                let code = code(store)
                let expected: Set<String>
                switch place {
                case 8: expected = ["encryptionVersion"]
                case 9..<17: expected = ["wrongKey"]
                case 56..<64: expected = ["altered", "truncated", "extended"]
                default: expected = ["altered"]
                }
                #expect(code.map { expected.contains($0) } == true, "byte \(place)")
            }
            for count in 1..<bytes.count {
                putOnDisk(Array(bytes.prefix(count)), path)
                #expect(code(store) == "truncated")
            }
            putOnDisk(bytes + [0], path)
            #expect(code(store) == "extended")
            putOnDisk(bytes, path)
            #expect(code(store) == nil)
        }
    }

    @Test("chunks that changed places, or came from another file, are found")
    func reordered() throws {
        try TemporaryFolder.with { root in
            let store = try store(root, 1)
            var random = FileRandom(seed: 9)
            let content = random.bytes(4 * Self.chunk)
            try write(content, store)
            let path = root + "/" + Self.place
            let bytes = bytesOnDisk(path)
            let stride = Self.chunk + 16
            func chunk(_ index: Int) -> ArraySlice<UInt8> {
                bytes[(64 + index * stride)..<(64 + (index + 1) * stride)]
            }
            func put(_ parts: [ArraySlice<UInt8>]) { putOnDisk(Array(parts.joined()), path) }
            let head = bytes[..<64]
            put([head, chunk(1), chunk(0), chunk(2), chunk(3)])
            #expect(code(store) == "reordered")
            put([head, chunk(0), chunk(1), chunk(3), chunk(2)])
            #expect(code(store) == "reordered")
            put([head, chunk(0), chunk(1), chunk(3)])
            #expect(code(store) == "truncated")
            let other = try ExchangePath("outbound/b.edi")
            try store.write([PendingFile(path: other, content: content, metadata: nil)])
            let others = bytesOnDisk(root + "/" + other.text)
            put([head, chunk(0), others[(64 + stride)...]])
            #expect(code(store) == "altered")
            // A header with the size of the cut file does not help.
            var forged = Array(head)
            forged.replaceSubrange(56..<64, with: [0, 0, 0, 0, 0, 3, 0, 0])
            put([forged[...], chunk(0), chunk(1), chunk(2)])
            #expect(code(store) == "altered")
        }
    }

    @Test("keys change: the first writes, all of them read, and plain files stay readable")
    func rotation() throws {
        try TemporaryFolder.with { root in
            try write([1, 2, 3], try store(root))
            #expect(try read(try store(root, 1)) == [1, 2, 3])
            let other = try ExchangePath("outbound/b.edi")
            try store(root, 1).write([PendingFile(path: other, content: [4], metadata: nil)])
            #expect(try store(root, 2, 1).read(other, byteCountMax: 1) == [4])
            let id = "\(try key(1))"
            for wrong in [try store(root, 2), try store(root)] {
                do throws(ExchangeError) {
                    _ = try wrong.read(other, byteCountMax: 1)
                    Issue.record("read without its key")
                } catch {
                    #expect(error.code == "wrongKey")
                    #expect(error.message.contains(id))
                }
            }
            #expect(errorCode { _ = try store(root, 1, 1) } == "key")
            #expect(errorCode { _ = try FileCipher(keys: []) } == "key")
        }
    }

    @Test("content that looks encrypted is kept as it is, with a key and without")
    func magic() throws {
        let magic: [UInt8] = [0x89] + Array("DBKENC\n".utf8)
        let contents: [[UInt8]] = [
            magic, magic + [1], magic + [0x50], Array(magic.prefix(3)), magic + magic,
        ]
        for content in contents {
            for keys in [[], [UInt8(1)]] {
                try TemporaryFolder.with { root in
                    let store = keys.isEmpty ? try store(root) : try store(root, 1)
                    try write(content, store)
                    #expect(try read(store) == content)
                    let dropped = try ExchangePath("inbound/partner=A/a.edi")
                    try store.write([
                        PendingFile(path: dropped, content: content, metadata: nil)
                    ])
                    #expect(try store.read(dropped, byteCountMax: 99) == content)
                    #expect(bytesOnDisk(root + "/" + dropped.text) == content)
                }
            }
        }
    }

    @Test("a sender's file name is not on the disk in plain; other metadata are")
    func sidecars() throws {
        try TemporaryFolder.with { root in
            let store = try store(root, 1)
            let received = try receivedFile(Array("ISA".utf8))
            let path = try ExchangePath(Self.place)
            try store.write([
                received,
                PendingFile(
                    path: path, content: [1],
                    metadata: FileMetadata(partner: "ACME", createdAt: pieTime)),
            ])
            for (_, bytes) in filesOnDisk(root) {
                #expect(!String(decoding: bytes, as: UTF8.self).contains("JANE"))
            }
            #expect(try store.metadata(of: received.path).originalName == "JANE DOE.edi")
            let plain = bytesOnDisk(root + "/" + path.sidecar.text)
            #expect(try FileMetadata(json: plain).partnerCode == "ACME")
        }
    }

    @Test("a key is 64 hexadecimal digits or base 64 of 32 bytes, and is never shown")
    func keys() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let base64 = String(decoding: Base64.encode(bytes), as: UTF8.self)
        let key = try FileKey(text: hex, name: "K")
        #expect("\(key)".count == 16)
        #expect("\(try FileKey(text: " " + base64 + "\n", name: "K"))" == "\(key)")
        #expect("\(try FileKey(text: hex.uppercased(), name: "K"))" == "\(key)")
        for text in [
            "", "secret", String(hex.dropLast()), hex + "0", String(base64.dropLast()),
            String(repeating: "+1", count: 32), String(repeating: "g", count: 64),
        ] {
            do throws(ExchangeError) {
                _ = try FileKey(text: text, name: "FILES_KEY")
                Issue.record("taken: \(text)")
            } catch {
                #expect(error.code == "key" && error.message.contains("FILES_KEY"))
                #expect(text.isEmpty || !error.message.contains(text))
            }
        }
    }
}
