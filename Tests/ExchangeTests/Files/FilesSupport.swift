import Crypto
import Exchange
import Glibc
import Synchronization

/// A moment within 2026-03-14 (UTC), µs.
let pieTime: Int64 = 1_773_480_413_589_793

/// Numbers that follow from a seed (splitmix64).
struct FileRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// Records the steps of a store, and lets some of them fail.
final class StepRecorder: Sendable {
    private struct State {
        var steps: [StorageStep] = []
        var fails: (@Sendable (Int, StorageStep) -> CInt?)?
    }
    private let state = Mutex(State())

    /// - Parameter fails: the error of a step, by its number.
    init(fails: (@Sendable (Int, StorageStep) -> CInt?)? = nil) {
        state.withLock { $0.fails = fails }
    }

    var steps: [StorageStep] { state.withLock { $0.steps } }

    var hook: StorageHook {
        { step in
            self.state.withLock { state in
                let number = state.fails?(state.steps.count, step)
                if number == nil || number == EXDEV { state.steps.append(step) }
                return number
            }
        }
    }
}

/// The real files below a root, by path; temporary names too.
func filesOnDisk(_ root: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    func look(_ folder: String) {
        guard let entries = opendir(root + "/" + folder) else { return }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let path = folder.isEmpty ? name : folder + "/" + name
            var info = stat()
            guard lstat(root + "/" + path, &info) == 0 else { continue }
            if info.st_mode & S_IFMT == S_IFDIR {
                look(path)
            } else {
                files[path] = bytesOnDisk(root + "/" + path)
            }
        }
    }
    look("")
    return files
}

/// The bytes of a file as they stand on the disk.
func bytesOnDisk(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return bytes }
        bytes += buffer.prefix(count)
    }
}

/// Puts bytes where a file is, around the store.
func putOnDisk(_ bytes: [UInt8], _ path: String) {
    guard let file = fopen(path, "wb") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

/// The code of the error that a body throws; nil where it throws none.
func errorCode(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? ExchangeError)?.code ?? "\(error)"
    }
}

/// A received file of a partner on the day of `pieTime`, with metadata.
func receivedFile(_ content: [UInt8], partner: String = "ACME") throws -> PendingFile {
    var metadata = FileMetadata(partner: partner, createdAt: pieTime)
    metadata.originalName = "JANE DOE.edi"
    return PendingFile(
        path: try .received(partner: partner, at: pieTime, sha256: sha256Text(content)),
        content: content, metadata: metadata)
}

/// The SHA-256 of bytes, hex.
func sha256Text(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
