import ArgumentParser
import Replay

/// The folder that evidence is read from.
struct DataOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The data folder; nothing in it is changed.")
    var path: String

    /// Opens the folder.
    func open() throws(ReplayError) -> DataFolder {
        try DataFolder.onThisMachine(path)
    }

    /// Refuses an empty path.
    func validate() throws {
        if path.isEmpty { throw ValidationError("--data is empty; give the data folder") }
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
