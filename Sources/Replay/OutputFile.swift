import EventLog
import Events
import Projections

/// A file that is made under a temporary name, to be put in its place whole.
final class OutputFile {
    /// Where it is being made.
    let temporaryPath: String
    private var file: HashedFile
    private let disk: any Disk
    private var lineCount = 0
    private(set) var byteCount = 0
    private(set) var sha256 = ""

    /// Creates the temporary file; one that a killed export left under the name goes.
    init(_ temporaryPath: String, on disk: any Disk) throws(DiskError) {
        self.temporaryPath = temporaryPath
        self.disk = disk
        file = try HashedFile(creating: temporaryPath, on: disk)
    }

    /// Appends text.
    func append(_ text: String) throws(DiskError) { try file.append(text.utf8) }

    /// Appends a line of its own.
    func appendLine(_ text: String) throws(DiskError) {
        lineCount += 1
        try file.append(text.utf8)
        try file.append([UInt8(ascii: "\n")])
    }

    /// Appends a member of a JSON array, on a line of its own.
    func appendElement(_ json: String) throws(DiskError) {
        try file.append((lineCount == 0 ? "\n" : ",\n").utf8)
        lineCount += 1
        try file.append(json.utf8)
    }

    /// Appends what another file holds, which must be finished.
    func append(contentsOf other: OutputFile) throws(DiskError) {
        var stream = try FileStream(opening: other.temporaryPath, on: disk)
        var failure: DiskError?
        let count = try stream.forEachPiece(stream.byteCount) { piece in
            if failure != nil { return }
            do throws(DiskError) { try file.append(piece) } catch { failure = error }
        }
        if let failure { throw failure }
        guard count == other.byteCount else {
            throw DiskError(operation: "reading", path: other.temporaryPath, errno: .ioError)
        }
    }

    /// How many lines or members it has.
    var count: Int { lineCount }

    /// Makes its bytes durable.
    func finish() throws(DiskError) {
        byteCount = file.byteCount
        sha256 = JSONText.hex(try file.finish())
    }
}
