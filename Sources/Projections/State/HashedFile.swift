import Crypto
import EventLog
import Events

/// A new file that is written from start to end in large pieces, with its SHA-256.
///
/// It is closed when it goes; what was not synced by `finish` may be lost in a crash.
package struct HashedFile: ~Copyable {
    /// Large enough that a call is rare, small enough to stay in a processor's cache.
    private static let pieceByteCount = 256 * 1_024

    private let disk: any Disk
    private let file: DiskFile
    private var piece: [UInt8] = []
    private var hash = SHA256()
    private var offset = 0

    /// Creates the file; it must not exist yet.
    package init(creating path: String, on disk: any Disk) throws(DiskError) {
        self.disk = disk
        file = try disk.open(path, .create)
        piece.reserveCapacity(Self.pieceByteCount)
    }

    deinit { disk.close(file) }

    /// How many bytes were appended.
    package var byteCount: Int { offset + piece.count }

    /// Appends bytes.
    package mutating func append(_ bytes: some Sequence<UInt8>) throws(DiskError) {
        piece.append(contentsOf: bytes)
        if piece.count >= Self.pieceByteCount { try flush() }
    }

    /// Writes what is left and makes the file's bytes durable (not its name).
    ///
    /// - Returns: the SHA-256 of all bytes.
    package mutating func finish() throws(DiskError) -> [UInt8] {
        try flush()
        try disk.sync(file)
        return Array(hash.finalize())
    }

    private mutating func flush() throws(DiskError) {
        if piece.isEmpty { return }
        // Safe: every byte of the array is initialised.
        try disk.write(file, at: offset, unsafe piece.span.bytes)
        hash.update(data: piece)
        offset += piece.count
        piece.removeAll(keepingCapacity: true)
    }
}

/// A file that is read from start to end in large pieces.
///
/// It is closed when it goes.
package struct FileStream: ~Copyable {
    private let disk: any Disk
    private let file: DiskFile
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    /// The offset in the file of the next byte.
    package private(set) var offset = 0
    /// The size of the file when it was opened.
    package let byteCount: Int

    /// Opens the file.
    package init(opening path: String, on disk: any Disk) throws(DiskError) {
        self.disk = disk
        (file, byteCount) = try Self.open(path, disk)
        buffer = [UInt8](repeating: 0, count: max(min(byteCount, 256 * 1_024), 1))
    }

    private static func open(
        _ path: String, _ disk: any Disk
    ) throws(DiskError) -> (DiskFile, Int) {
        let file = try disk.open(path, .read)
        do throws(DiskError) { return (file, try disk.byteCount(of: file)) } catch {
            disk.close(file)
            throw error
        }
    }

    deinit { disk.close(file) }

    /// The next bytes: `count` of them, or fewer where the file ends.
    package mutating func read(_ count: Int) throws(DiskError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(min(count, byteCount))
        while result.count < count {
            if start == end { try fill() }
            if start == end { break }
            let part = min(count - result.count, end - start)
            result += buffer[start..<(start + part)]
            start += part
            offset += part
        }
        return result
    }

    /// The next byte, or nil at the end.
    package mutating func readByte() throws(DiskError) -> UInt8? {
        if start == end { try fill() }
        if start == end { return nil }
        defer {
            start += 1
            offset += 1
        }
        return buffer[start]
    }

    /// Goes to an offset.
    package mutating func seek(to newOffset: Int) {
        offset = newOffset
        start = 0
        end = 0
    }

    /// Runs `body` over the next `count` bytes, piece by piece; returns how many there were.
    package mutating func forEachPiece(
        _ count: Int, _ body: (ArraySlice<UInt8>) -> Void
    ) throws(DiskError) -> Int {
        var done = 0
        while done < count {
            if start == end { try fill() }
            if start == end { break }
            let part = min(count - done, end - start)
            body(buffer[start..<(start + part)])
            start += part
            offset += part
            done += part
        }
        return done
    }

    private mutating func fill() throws(DiskError) {
        start = 0
        end = 0
        let (disk, file, offset) = (disk, file, offset)
        var span = buffer.mutableSpan
        // Safe: every byte of the array is initialised, and any byte may be stored in it.
        var bytes = unsafe span.mutableBytes
        end = try disk.read(file, at: offset, into: &bytes)
    }
}
