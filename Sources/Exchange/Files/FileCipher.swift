import Crypto

/// Encryption of files at rest: AES-256-GCM in chunks of 64 KiB, each bound to its place.
///
/// The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015, "Online
/// Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance"): the nonce of a chunk is a
/// random prefix, the chunk's number, and whether it is the last. Each file has a key of its own,
/// derived with HKDF (RFC 5869) from the given one and 32 random bytes, so that two files never
/// share a nonce however many there are. The header, with the content's size in it, is
/// authenticated with every chunk. `docs/exchange-files.md` has the format to the byte.
public struct FileCipher: Sendable {
    private let keys: [FileKey]

    /// The most keys that files are read with.
    public static let keyCountMax = 16
    static let chunkByteCount = 64 << 10
    static let tagByteCount = 16
    /// The most content of one file: numbers of chunks have 32 bits.
    static let byteCountMax = chunkByteCount << 32

    /// A cipher that writes with the first key and reads with each of them.
    public init(keys: [FileKey]) throws(ExchangeError) {
        guard !keys.isEmpty, keys.count <= Self.keyCountMax else {
            throw ExchangeError(
                "key", "give 1 to \(Self.keyCountMax) keys: the first writes, all of them read")
        }
        guard Set(keys.map(\.id)).count == keys.count else {
            throw ExchangeError("key", "the same key is given twice; give each once")
        }
        self.keys = keys
    }

    /// The content as it is written, whole.
    ///
    /// Its size is that of the content, 64 bytes, and 16 for each chunk begun.
    func seal(_ content: [UInt8]) throws(ExchangeError) -> [UInt8] {
        let sealer = sealer(byteCount: content.count)
        let header = sealer.header
        var sealed = header.bytes
        sealed.reserveCapacity(header.sealedByteCount)
        for index in 0..<header.chunkCount {
            let start = index * Self.chunkByteCount
            let end = min(start + Self.chunkByteCount, content.count)
            sealed += try sealer.seal(content[start..<end], index: index)
        }
        return sealed
    }

    /// What seals content of so many bytes chunk by chunk; the bytes of its header come first.
    func sealer(byteCount: Int) -> ChunkCipher {
        var random = SystemRandomNumberGenerator()
        let header = SealedHeader(
            keyID: keys[0].id, prefix: (0..<7).map { _ in random.next() },
            salt: (0..<32).map { _ in random.next() }, byteCount: byteCount)
        return ChunkCipher(header: header, key: keys[0])
    }

    /// What opens the chunks under a header.
    func opener(_ header: SealedHeader, _ place: String) throws(ExchangeError) -> ChunkCipher {
        guard let key = keys.first(where: { $0.id == header.keyID }) else {
            throw Self.unknownKey(header, place)
        }
        return ChunkCipher(header: header, key: key)
    }

    static func unknownKey(_ header: SealedHeader, _ place: String) -> ExchangeError {
        ExchangeError(
            "wrongKey",
            "\(place) is encrypted under the key \(Digest.text(header.keyID)), which is not among "
                + "those given. Give that key too")
    }
}

/// The first 64 bytes of an encrypted file.
struct SealedHeader: Equatable {
    let keyID: [UInt8]
    let prefix: [UInt8]
    let salt: [UInt8]
    /// Of the content.
    let byteCount: Int

    /// `0x89 DBKENC 0x0A`: neither text nor X12 begins so.
    static let magic: [UInt8] = [0x89] + Array("DBKENC\n".utf8)
    static let byteCount = 64
    /// What follows the magic of content that is not encrypted, but begins with the magic.
    ///
    /// It is the letter P: no one bit makes it of the version.
    static let plainVersion: UInt8 = 0x50
    static let version: UInt8 = 1

    /// Whether a file that begins with these bytes has a header, or the beginning of one.
    static func isBegun(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && bytes.starts(with: magic.prefix(bytes.count))
    }

    /// Content that is not encrypted, as it is written.
    static func plain(_ content: [UInt8]) -> [UInt8] {
        isBegun(Array(content.prefix(magic.count))) ? magic + [plainVersion] + content : content
    }

    var bytes: [UInt8] {
        let size = (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
        return Self.magic + [Self.version] + keyID + prefix + salt + size
    }

    init(keyID: [UInt8], prefix: [UInt8], salt: [UInt8], byteCount: Int) {
        self.keyID = keyID
        self.prefix = prefix
        self.salt = salt
        self.byteCount = byteCount
    }

    /// The header that stands in 64 bytes that begin with the magic.
    init(_ bytes: [UInt8], _ place: String) throws(ExchangeError) {
        let rest = bytes[Self.magic.count...]
        guard rest.first == Self.version else {
            throw ExchangeError(
                "encryptionVersion",
                "\(place) is encrypted in a form that this program does not know. Read it with "
                    + "the version of Daybook that wrote it, or a later one")
        }
        guard bytes.count == Self.byteCount else { throw Self.truncated(place) }
        let size = bytes[56...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size <= UInt64(FileCipher.byteCountMax) else { throw Self.altered(place, chunk: nil) }
        self.init(
            keyID: Array(bytes[9..<17]), prefix: Array(bytes[17..<24]), salt: Array(bytes[24..<56]),
            byteCount: Int(size))
    }

    /// How many chunks there are; content of no byte has one.
    var chunkCount: Int { max(1, (byteCount - 1) / FileCipher.chunkByteCount + 1) }

    /// The size of the whole file.
    var sealedByteCount: Int { Self.byteCount + byteCount + chunkCount * FileCipher.tagByteCount }

    /// Throws unless the file has the size that the header says.
    func check(fileByteCount: Int, _ place: String) throws(ExchangeError) {
        if fileByteCount < sealedByteCount { throw Self.truncated(place) }
        guard fileByteCount == sealedByteCount else {
            throw ExchangeError(
                "extended",
                "\(place) is encrypted, and bytes follow its end. Bring it back from a copy")
        }
    }

    static func truncated(_ place: String) -> ExchangeError {
        ExchangeError(
            "truncated",
            "\(place) is encrypted, and its end is missing. Bring it back from a copy")
    }

    static func altered(_ place: String, chunk: Int?) -> ExchangeError {
        let part = chunk.map { "chunk \($0)" } ?? "the header"
        return ExchangeError(
            "altered",
            "\(place) is encrypted, and \(part) is not what was written. Bring it back from a copy")
    }
}

/// Seals and opens the chunks of one file.
struct ChunkCipher {
    let header: SealedHeader
    private let key: SymmetricKey
    private let authenticated: [UInt8]

    private static let info = Array("daybook exchange file 1".utf8)
    /// How many other places a chunk that does not open is tried at.
    private static let placesTried = 1_024

    init(header: SealedHeader, key: FileKey) {
        self.header = header
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.bytes), salt: header.salt, info: Self.info,
            outputByteCount: 32)
        authenticated = header.bytes
    }

    /// Where a chunk stands in the file, its tag included.
    func range(index: Int) -> Range<Int> {
        let stride = FileCipher.chunkByteCount + FileCipher.tagByteCount
        let start = SealedHeader.byteCount + index * stride
        return start..<min(start + stride, header.sealedByteCount)
    }

    func seal(_ content: ArraySlice<UInt8>, index: Int) throws(ExchangeError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                content, using: key, nonce: try nonce(index: index), authenticating: authenticated)
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw ExchangeError(
                "encryption", "the system's cryptography refused to encrypt: \(error)")
        }
    }

    /// The content of a chunk; throws where it is not what was written at this place.
    func open(_ sealed: [UInt8], index: Int, _ place: String) throws(ExchangeError) -> [UInt8] {
        if let content = content(of: sealed, at: index) { return content }
        let others = 0..<min(header.chunkCount, Self.placesTried)
        if let other = others.first(where: { content(of: sealed, at: $0) != nil }) {
            throw ExchangeError(
                "reordered",
                "\(place) is encrypted, and in the place of chunk \(index) stands chunk \(other). "
                    + "Bring it back from a copy")
        }
        throw SealedHeader.altered(place, chunk: index)
    }

    private func content(of sealed: [UInt8], at index: Int) -> [UInt8]? {
        let tagStart = sealed.count - FileCipher.tagByteCount
        guard tagStart >= 0,
            let box = try? AES.GCM.SealedBox(
                nonce: nonce(index: index), ciphertext: sealed[..<tagStart],
                tag: sealed[tagStart...]),
            let content = try? AES.GCM.open(box, using: key, authenticating: authenticated)
        else { return nil }
        return Array(content)
    }

    /// 7 random bytes, the number in 4, most significant first, and 1 for the last chunk.
    private func nonce(index: Int) throws -> AES.GCM.Nonce {
        let number = (0..<4).map { UInt8(truncatingIfNeeded: index >> (24 - 8 * $0)) }
        let isLast: UInt8 = index == header.chunkCount - 1 ? 1 : 0
        return try AES.GCM.Nonce(data: header.prefix + number + [isLast])
    }
}
