import Crypto
import EventLog
import Events
import Projections
import Replay

/// The golden folder of a format version: a data folder with a log, the projection snapshot at its
/// end, what it replays to, and the SHA-256 of each file.
public enum GoldenFolder {
    /// What the log replays to.
    public static let digestName = "digest.json"
    /// The SHA-256 of every file, as `sha256sum` writes them.
    public static let sumsName = "SHA256SUMS"

    /// The folders that golden files may stand in, beside those at the top.
    private static let folders = ["log", "checkpoints", "snapshots"]
    /// No golden file is larger.
    private static let fileByteCountMax = 1 << 20

    /// Makes the golden folder of the present version.
    ///
    /// The same zone data give the same bytes. Blocks; syncs.
    /// - Throws: where the folder holds a log, and what the log throws.
    public static func make(at folder: String, disk: any Disk) throws {
        if try disk.list(folder + "/log")?.isEmpty == false {
            throw BenchFailure(
                description: "\(folder) holds a log; name a folder that is not there yet")
        }
        try GoldenLog.write(to: folder, disk: disk)
        for segment in try SegmentSealing.pending(folder: folder, disk: disk) {
            let sealing = SegmentSealing(
                segment: segment, folder: folder, disk: disk, vocabulary: EventVocabulary())
            let outcome = try sealing.run()
            if let failure = outcome.indexFailure { throw BenchFailure(description: failure) }
        }
        try removeLeftovers(folder, disk)
        let data = DataFolder(path: folder, disk: disk, trust: .everything)
        var options = Replayer.Options()
        options.comparison = .every
        let result = try Replayer(data, options).run()
        guard result.outcome == .agrees else {
            throw BenchFailure(description: "the golden log does not replay to its own digests")
        }
        try Snapshot.write(result.state, log: result.identity, dataFolder: folder, disk: disk)
        try write(digestName, digestText(result), folder, disk)
        try write(sumsName, try sums(of: folder, disk: disk), folder, disk)
    }

    /// What a replay came to, as it stands in `digest.json`.
    public static func digestText(_ result: ReplayResult) -> String {
        let projections = result.digest.projections.map { projection in
            var text = JSONText()
            text.member("name", text: projection.name)
            text.member("version", json: String(projection.version))
            text.member("digest", text: JSONText.hex(projection.digest))
            return text.object
        }
        var text = JSONText()
        text.member("events", json: String(result.events))
        text.member("digest", text: result.digest.hex)
        text.member("projections", json: "[\n  " + projections.joined(separator: ",\n  ") + "\n]")
        return text.object + "\n"
    }

    /// The SHA-256 of every golden file of a folder, by name, as `sha256sum` writes them.
    ///
    /// - Throws: where a file is larger than a golden one may be, or cannot be read.
    public static func sums(of folder: String, disk: any Disk) throws -> String {
        var names = try (disk.list(folder) ?? []).filter { name in
            try name != sumsName && name != "README.md"
                && disk.kind(of: folder + "/" + name) == .file
        }
        for part in folders {
            names += try (disk.list(folder + "/" + part) ?? []).map { part + "/" + $0 }
        }
        var text = ""
        for name in names.sorted() {
            let bytes = try disk.contents(
                of: folder + "/" + name, byteCountMax: fileByteCountMax)
            guard let bytes else {
                throw BenchFailure(description: "\(folder)/\(name) is no golden file: too large")
            }
            text += JSONText.hex(SHA256.hash(data: bytes)) + "  " + name + "\n"
        }
        return text
    }

    /// What an engine at work needs, and a log at rest does not.
    private static func removeLeftovers(_ folder: String, _ disk: any Disk) throws {
        for name in try disk.list(folder + "/log") ?? []
        where !name.hasSuffix(".log") && !name.hasSuffix(".lz4") && !name.hasSuffix(".idx") {
            try disk.remove(folder + "/log/" + name)
        }
        if try disk.list(folder)?.contains("LOCK") == true { try disk.remove(folder + "/LOCK") }
    }

    private static func write(
        _ name: String, _ text: String, _ folder: String, _ disk: any Disk
    ) throws {
        try disk.replaceFile(name, in: folder, via: name + ".making", with: Array(text.utf8))
    }
}
