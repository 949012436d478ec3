import Crypto
import Glibc

/// By what it shows that a file was written to.
struct FileStamp: Sendable, Equatable {
    /// The size on disk in bytes.
    let byteCount: Int
    private let inode: ino_t
    private let seconds: Int
    private let nanoseconds: Int

    init(_ file: OpenDescriptor, _ place: String) throws(ExchangeError) {
        var info = stat()
        guard fstat(file.number, &info) == 0 else { throw .storage("look at", place, errno) }
        (byteCount, inode) = (Int(info.st_size), info.st_ino)
        (seconds, nanoseconds) = (info.st_mtim.tv_sec, info.st_mtim.tv_nsec)
    }
}

/// A file of the exchange folder that is open to read; its bytes are those of the content, whether
/// it is encrypted or not.
///
/// It is read from its own place each time, so it stays readable when it is moved to another tier.
public final class ExchangeFile {
    /// How many bytes the content has.
    public let byteCount: Int
    private let file: OpenDescriptor
    private let place: String
    private let layout: Layout
    private var next = 0

    /// The most bytes of a chunk.
    public static let chunkByteCount = FileCipher.chunkByteCount

    private enum Layout {
        /// The content begins at a byte of the file.
        case plain(start: Int)
        case sealed(ChunkCipher)
    }

    /// Reads the header, where there may be one.
    init(
        _ file: OpenDescriptor, byteCount: Int, cipher: FileCipher?, isRaw: Bool, _ place: String
    ) throws(ExchangeError) {
        self.file = file
        self.place = place
        let magic = SealedHeader.magic
        let count = min(byteCount, SealedHeader.byteCount)
        let head = isRaw ? [] : try file.read(at: 0, byteCount: count, place)
        guard SealedHeader.isBegun(head) else {
            layout = .plain(start: 0)
            self.byteCount = byteCount
            return
        }
        guard head.count > magic.count else { throw SealedHeader.truncated(place) }
        if head[magic.count] == SealedHeader.plainVersion {
            layout = .plain(start: magic.count + 1)
            self.byteCount = byteCount - magic.count - 1
            return
        }
        let header = try SealedHeader(head, place)
        guard let cipher else { throw FileCipher.unknownKey(header, place) }
        let opener = try cipher.opener(header, place)
        try header.check(fileByteCount: byteCount, place)
        layout = .sealed(opener)
        self.byteCount = header.byteCount
    }

    /// The next bytes, at most `chunkByteCount`; nil after the last.
    ///
    /// It blocks.
    public func nextChunk() throws(ExchangeError) -> [UInt8]? {
        // An encrypted file of no byte has one chunk all the same, which must be what was written.
        if next > 0 && next >= byteCount { return nil }
        let bytes = try chunk(index: next / Self.chunkByteCount)
        next = max(1, next + bytes.count)
        return bytes.isEmpty ? nil : bytes
    }

    /// Some of the bytes, wherever chunks begin.
    ///
    /// It blocks.
    /// - Complexity: O(`byteCount` + a chunk at each end).
    public func read(at offset: Int, byteCount count: Int) throws(ExchangeError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw ExchangeError(
                "range",
                "\(place) has \(byteCount) bytes, and not those that were asked for. Compare it "
                    + "with the record that names them")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let at = offset + bytes.count
            let chunk = try chunk(index: at / Self.chunkByteCount)
            bytes += chunk.dropFirst(at % Self.chunkByteCount).prefix(count - bytes.count)
        }
        return bytes
    }

    /// Its size on disk and the time of its last change, as they are now.
    func stamp() throws(ExchangeError) -> FileStamp { try FileStamp(file, place) }

    /// Starts again at the first byte.
    public func rewind() { next = 0 }

    private func chunk(index: Int) throws(ExchangeError) -> [UInt8] {
        switch layout {
        case .plain(let start):
            let offset = index * Self.chunkByteCount
            let count = min(Self.chunkByteCount, byteCount - offset)
            return try file.read(at: start + offset, byteCount: count, place)
        case .sealed(let cipher):
            let range = cipher.range(index: index)
            let sealed = try file.read(at: range.lowerBound, byteCount: range.count, place)
            return try cipher.open(sealed, index: index, place)
        }
    }
}
