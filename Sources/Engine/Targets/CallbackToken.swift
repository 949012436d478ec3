import Crypto
import Foundation
import Glibc
import SystemPackage

/// Makes and checks the tokens that completions carry.
///
/// A token is HMAC-SHA256 (RFC 2104) over log identity, run and attempt, in hexadecimal. So it is
/// good for one attempt of one log, is in no record, and is checked without a table.
public struct CallbackToken: Sendable {
    private let key: SymmetricKey
    private static let keyByteCount = 32

    /// Reads `callback.key` in the data folder; makes it, mode 0600 and synced, where it is not
    /// there.
    ///
    /// Blocks.
    public init(data: FilePath) throws(TargetSetupError) {
        let path = data.string + "/callback.key"
        do throws(SmallFileError) {
            let bytes = try RunFolder.smallFile(path, limit: Self.keyByteCount)
            guard bytes.count == Self.keyByteCount else { throw .notRegular }
            key = SymmetricKey(data: bytes)
        } catch .missing {
            key = SymmetricKey(size: .bits256)
            try Self.write(key, to: path, folder: data.string)
        } catch {
            throw TargetSetupError(
                "\(path): not a readable file of \(Self.keyByteCount) bytes. Remove it to have "
                    + "a new one made; open callbacks then fail.")
        }
    }

    /// The token of one attempt.
    public func token(logIdentity: String, run: UInt64, attempt: UInt64) -> String {
        Hex.text(code(logIdentity, run, attempt))
    }

    /// Whether a token is that of this attempt; in the same time for every wrong one.
    public func isValid(
        _ token: String, logIdentity: String, run: UInt64, attempt: UInt64
    ) -> Bool {
        let given = Array(token.utf8)
        guard given.count == 2 * SHA256.byteCount else { return false }
        let expected = Array(self.token(logIdentity: logIdentity, run: run, attempt: attempt).utf8)
        // No early end: how many characters were right must not show.
        return zip(given, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func code(_ log: String, _ run: UInt64, _ attempt: UInt64) -> HMAC<SHA256>.MAC {
        // Lengths make the parts unambiguous.
        let text = "daybook-callback-1\n\(log.utf8.count):\(log)\n\(run)\n\(attempt)\n"
        return HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
    }

    private static func write(
        _ key: SymmetricKey, to path: String, folder: String
    ) throws(TargetSetupError) {
        // A temporary name first: a power cut must not leave half a key.
        let temporary = path + ".new"
        unlink(temporary)
        let fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fd >= 0 else {
            throw TargetSetupError("\(temporary): cannot be made: \(Errors.text(errno)).")
        }
        let isWritten = key.withUnsafeBytes { bytes in
            Glibc.write(fd, bytes.baseAddress, bytes.count) == bytes.count
        }
        let isSynced = isWritten && fsync(fd) == 0
        let code = errno
        close(fd)
        guard isSynced, rename(temporary, path) == 0 else {
            throw TargetSetupError("\(path): cannot be written: \(Errors.text(code)).")
        }
        let folderFd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderFd >= 0 else {
            throw TargetSetupError("\(folder): cannot be opened: \(Errors.text(errno)).")
        }
        defer { close(folderFd) }
        guard fsync(folderFd) == 0 else {
            throw TargetSetupError("\(folder): cannot be synced: \(Errors.text(errno)).")
        }
    }
}
