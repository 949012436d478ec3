import Foundation
import Glibc

/// Why a sample was not written.
public struct SampleError: Error, Sendable, CustomStringConvertible {
    /// Files that stand already, relative to the folder; empty for another failure.
    public let existing: [String]
    /// What failed and what to do next.
    public let message: String

    /// The message.
    public var description: String { message }
}

/// A working configuration with real small programs and synthetic data: what `daybook init` gives.
public enum SampleConfiguration {
    /// One file of the sample.
    package struct File: Sendable {
        /// Its path in the folder.
        package let path: String
        /// What it holds.
        package let text: String
        /// Who may do what with it.
        package let mode: mode_t

        init(_ path: String, _ text: String, isProgram: Bool = false, isSecret: Bool = false) {
            self.path = path
            self.text = text
            mode = isProgram ? 0o755 : isSecret ? 0o600 : 0o644
        }
    }

    /// The key of checkpoints that a sample gets: `daybook init` makes a new one each time.
    public struct CheckpointKey: Sendable {
        /// The secret key's text.
        public var secret: String
        /// The verifier key's text.
        public var verifier: String

        /// A key pair as text.
        public init(secret: String, verifier: String) {
            self.secret = secret
            self.verifier = verifier
        }
    }

    /// Every file but the key's, in the order in which they are written.
    package static var files: [File] {
        configuration + partners + overlay + programs + data + repository
    }

    private static func files(_ key: CheckpointKey) -> [File] {
        files + [
            File("keys/checkpoint.key", key.secret + "\n", isSecret: true),
            File("keys/checkpoint.vkey", key.verifier + "\n"),
        ]
    }

    /// Writes the sample; overwrites nothing.
    ///
    /// - Returns: the paths that were written, relative to the folder.
    /// - Throws: `SampleError` before anything is written where one of the files stands already;
    ///   after another failure what was written is removed again.
    @discardableResult
    public static func write(
        to folder: String, key: CheckpointKey
    ) throws(SampleError) -> [String] {
        let files = files(key)
        let existing = files.map(\.path).filter { path in
            var status = stat()
            // lstat: a dangling link is something that stands there, too.
            return lstat(folder + "/" + path, &status) == 0
        }
        if !existing.isEmpty {
            throw SampleError(
                existing: existing,
                message: "\(folder) has files already that the sample would write: "
                    + "\(existing.joined(separator: ", ")). Nothing was written. "
                    + "Choose another folder, or move them away.")
        }
        var written: [String] = []
        do throws(SampleError) {
            for file in files {
                try write(file, in: folder)
                written.append(file.path)
            }
        } catch {
            for path in written { unlink(folder + "/" + path) }
            throw error
        }
        return written
    }

    private static func write(_ file: File, in folder: String) throws(SampleError) {
        let path = folder + "/" + file.path
        do {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
        } catch {
            throw SampleError(
                existing: [],
                message: "the folder of \(path) cannot be made: \(error.localizedDescription). "
                    + "Choose a folder that you may write to.")
        }
        let fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.mode)
        guard fd >= 0 else { throw failure(path, errno) }
        defer { close(fd) }
        var rest = Array(file.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                unlink(path)
                throw failure(path, code)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> SampleError {
        SampleError(
            existing: [],
            message: "\(path) cannot be written: \(String(cString: strerror(code))). "
                + "Choose a folder that you may write to.")
    }
}
