import Foundation
import Glibc

/// The data folder of a worker: its lock, its instance, and the leases that it works on.
///
/// ```
/// LOCK                 flock: held by the one worker of this folder
/// worker.id            what tells this folder from others, 32 hexadecimal digits
/// leases/TOKEN.json    a lease as it was handed out, until its end was reported
/// runs/, files/        the folders of attempts, and outputs, as an engine has them
/// ```
public final class WorkerFolder: Sendable {
    /// The folder, absolute.
    public let path: String
    /// What tells it from others.
    let instance: String
    private let lock: Int32

    /// Takes the folder; makes what is not there.
    ///
    /// Blocks and syncs.
    /// - Throws: `TargetSetupError` where another worker has it, or it cannot be written.
    public init(_ path: String) throws(TargetSetupError) {
        self.path = path
        for folder in [path, path + "/leases"] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw TargetSetupError("\(folder): cannot be made: \(Errors.text(errno)).")
        }
        lock = open(path + "/LOCK", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw TargetSetupError("\(path)/LOCK: cannot be opened: \(Errors.text(errno)).")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw TargetSetupError(
                "\(path): another worker runs here; give each a folder of its own.")
        }
        instance = try Self.instance(path + "/worker.id")
    }

    deinit { close(lock) }

    private static func instance(_ path: String) throws(TargetSetupError) -> String {
        if let data = FileManager.default.contents(atPath: path) {
            let text = String(decoding: data, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.utf8.count == 32, text.utf8.allSatisfy({ isHex($0) }) else {
                throw TargetSetupError("\(path): is not an instance; remove it and start again.")
            }
            return text
        }
        var random = SystemRandomNumberGenerator()
        let text = (0..<16).map { _ in
            let byte = UInt8.random(in: 0...255, using: &random)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        do {
            try Data((text + "\n").utf8).write(
                to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw TargetSetupError("\(path): cannot be written.")
        }
        return text
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    // MARK: Leases

    private func file(_ token: UInt64) -> String { "\(path)/leases/\(token).json" }

    /// Notes a lease before its program is started.
    ///
    /// It is not synced: programs do not live through a power cut either.
    func note(_ order: WorkerOrder) throws {
        try JSONEncoder().encode(order).write(
            to: URL(fileURLWithPath: file(order.token)), options: .atomic)
    }

    /// Removes a lease whose end was reported, or is of no concern any more.
    func remove(_ order: WorkerOrder) { unlink(file(order.token)) }

    /// The leases that a worker before this one left; files that are none are removed.
    func left() -> [WorkerOrder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/leases")) ?? []
        return names.sorted().compactMap { name in
            let file = path + "/leases/" + name
            if let data = FileManager.default.contents(atPath: file),
                let order = try? JSONDecoder().decode(WorkerOrder.self, from: data)
            {
                return order
            }
            unlink(file)
            return nil
        }
    }
}
