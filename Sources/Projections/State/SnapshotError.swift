import EventLog

/// Why a snapshot cannot be written or used.
public struct SnapshotError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable {
        /// A call to the disk failed.
        case inputOutput
        /// There is no such file.
        case absent
        /// Its checksums, its shape or its digest are not right: it is to be ignored.
        case damaged
        /// It is of another log, another sequence, another version of the format or of a
        /// projection.
        case foreign
        /// The state cannot be written: it is of an empty log, or a stage is open.
        case notReady
    }

    /// The kind of failure; equality looks at this alone.
    public let code: Code
    /// The file, or the folder.
    public let path: String
    /// One sentence.
    public let message: String

    package init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    init(_ error: DiskError) {
        self.init(
            error.errno == .noSuchFileOrDirectory ? .absent : .inputOutput, path: error.path,
            error.description)
    }

    /// Two errors are equal when their codes are.
    public static func == (a: SnapshotError, b: SnapshotError) -> Bool { a.code == b.code }

    /// The path, the message, and what to do.
    public var description: String {
        switch code {
        case .damaged, .foreign:
            "\(path): \(message); it may be deleted, and the engine makes another"
        default: "\(path): \(message)"
        }
    }
}
