import ArgumentParser
import Foundation
import Replay

/// The folder that evidence is read from.
struct DataOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The data folder; nothing in it is changed.")
    var path: String

    /// Opens the folder.
    func open() throws(ReplayError) -> DataFolder {
        try DataFolder.onThisMachine(path)
    }

    /// Refuses an empty path, and a file; a folder that is missing is refused when it is read.
    func validate() throws { try Self.check(path) }

    /// The same for a path that an option of a command's own names.
    static func check(_ path: String) throws {
        if path.isEmpty { throw ValidationError("--data is empty; give the data folder") }
        var isFolder: ObjCBool = true
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
        {
            throw ValidationError("--data: '\(path)' is a file; give the data folder")
        }
    }
}

/// Whether the answer is for a program.
struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var isWanted = false
}

/// The remark that a running engine's newest events may be missing.
enum EngineRemark {
    /// For standard error, beside an answer for people.
    static func tell(_ isEngineRunning: Bool) {
        if isEngineRunning {
            ErrorOutput.line(
                "daybook: an engine is running, so only what its log proves durable was read")
        }
    }
}

/// The folder that evidence is read from, where the usual one is meant unless another is named.
struct UsualDataOption: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: """
            The data folder; nothing in it is changed (default: DAYBOOK_DATA, then ./data, then \
            ./sample/data).
            """)
    var path: String?

    /// Opens the folder.
    func open() throws -> DataFolder {
        try DataFolder.onThisMachine(try EngineConnection.localFolder(named: path))
    }

    /// Refuses an empty path, and a file.
    func validate() throws { if let path { try DataOption.check(path) } }
}
