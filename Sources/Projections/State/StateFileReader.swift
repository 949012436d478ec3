import Crypto
import EventLog
import Events

/// Reads a state file, entry by entry; the whole file is checked before the first one.
public struct StateFileReader: ~Copyable {
    /// The file.
    public let path: String
    /// The sequence whose state it is.
    public let sequence: UInt64
    /// The log's identity.
    public let log: LogIdentity
    /// The state digest's total.
    public let digest: [UInt8]
    /// How many entries there are.
    public let entryCount: UInt64
    private var stream: FileStream
    private var entriesRead: UInt64 = 0

    /// Opens the file of a sequence and checks it: shape, version, SHA-256.
    ///
    /// - Throws: `absent`, `damaged`, `foreign`, `inputOutput`.
    /// - Complexity: O(bytes): it reads the file once.
    public init(dataFolder: String, sequence: UInt64, disk: any Disk) throws(StateFileError) {
        let path = StateFile.path(dataFolder: dataFolder, sequence: sequence)
        var stream = try Self.open(path, disk)
        let header = try Self.readHeader(&stream, path)
        guard Self.integer(header, 16) == sequence else {
            throw StateFileError(
                .foreign, path: path,
                "it says that it is of sequence \(Self.integer(header, 16))")
        }
        try Self.check(&stream, path)
        self.path = path
        self.sequence = sequence
        log = LogIdentity(low: Self.integer(header, 24), high: Self.integer(header, 32))
        digest = Array(header[40..<72])
        entryCount = Self.integer(header, 72)
        self.stream = stream
    }

    private static func open(
        _ path: String, _ disk: any Disk
    ) throws(StateFileError) -> FileStream {
        do throws(DiskError) {
            return try FileStream(opening: path, on: disk)
        } catch {
            throw StateFileError(error)
        }
    }

    private static func readHeader(
        _ stream: inout FileStream, _ path: String
    ) throws(StateFileError) -> [UInt8] {
        let header: [UInt8]
        do throws(DiskError) {
            header = try stream.read(StateFile.headerByteCount)
        } catch {
            throw StateFileError(error)
        }
        let least = StateFile.headerByteCount + StateFile.digestByteCount
        guard stream.byteCount >= least, header.starts(with: StateFile.magic) else {
            throw StateFileError(.damaged, path: path, "it is not a state file")
        }
        let version = integer(header, 8)
        guard version == UInt64(StateFile.version) else {
            throw StateFileError(
                .foreign, path: path, "its version is \(version); this build reads 1")
        }
        return header
    }

    private static func check(
        _ stream: inout FileStream, _ path: String
    ) throws(StateFileError) {
        var hash = SHA256()
        let stored: [UInt8]
        do throws(DiskError) {
            stream.seek(to: 0)
            let hashed = stream.byteCount - StateFile.digestByteCount
            _ = try stream.forEachPiece(hashed) { hash.update(data: $0) }
            stored = try stream.read(StateFile.digestByteCount)
        } catch {
            throw StateFileError(error)
        }
        guard Array(hash.finalize()) == stored else {
            throw StateFileError(.damaged, path: path, "its bytes do not match their SHA-256")
        }
        stream.seek(to: StateFile.headerByteCount)
    }

    /// The next entry, or nil after the last.
    ///
    /// - Throws: `damaged` where the bytes are not entries, `inputOutput`.
    public mutating func next() throws(StateFileError) -> StateEntry? {
        let end = stream.byteCount - StateFile.digestByteCount
        guard stream.offset < end else {
            guard entriesRead == entryCount else {
                throw StateFileError(
                    .damaged, path: path, "it holds \(entriesRead) entries, not \(entryCount)")
            }
            return nil
        }
        var length = 0
        let bytes: [UInt8]
        do throws(DiskError) {
            var shift = 0
            while let byte = try stream.readByte() {
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 || shift > 35 { break }
            }
            bytes = try stream.read(min(length, end - stream.offset))
        } catch {
            throw StateFileError(error)
        }
        guard bytes.count == length else {
            throw StateFileError(.damaged, path: path, "entry \(entriesRead + 1) is cut short")
        }
        entriesRead += 1
        do throws(WireError) {
            return try StateEntry(decoding: bytes)
        } catch {
            throw StateFileError(
                .damaged, path: path, "entry \(entriesRead) cannot be read: \(error)")
        }
    }

    private static func integer(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }
}

extension StateFile {
    /// The newest valid file of this log whose sequence is after `sequence` (nil: any); a file that
    /// is damaged or of another log says nothing.
    ///
    /// - Throws: `inputOutput`.
    public static func newestValid(
        after sequence: UInt64?, log: LogIdentity, dataFolder: String, disk: any Disk
    ) throws(StateFileError) -> UInt64? {
        for candidate in try sequences(dataFolder: dataFolder, disk: disk).reversed() {
            if let sequence, candidate <= sequence { return nil }
            do throws(StateFileError) {
                let reader = try StateFileReader(
                    dataFolder: dataFolder, sequence: candidate, disk: disk)
                if reader.log == log { return candidate }
            } catch {
                if error.code == .inputOutput { throw error }
            }
        }
        return nil
    }
}
