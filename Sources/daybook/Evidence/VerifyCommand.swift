import ArgumentParser
import EventLog
import Foundation
import Replay

/// `daybook verify`: a data folder, an export or a proof, without an engine.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a data folder, an export or a proof, offline.",
        discussion: """
            A data folder: every checksum, chain and seal, and the tree over all records against \
            every stored checkpoint, tile and index. An export: its files against its manifest. \
            A proof file, with --record and --key: that the record is in the log. Exit code 0 \
            where all is good, 1 where it is not. What is proved, and by whom, is printed: \
            "self-signed" means that whoever holds the log's key could have written it anew.

            EXAMPLE
              daybook verify data --key keys/checkpoint.vkey
            """)

    @Argument(help: "A data folder, a folder with exports, or a proof file.")
    var path: String

    @Option(help: "A verifier key of the log, or a file with one a line; may be given again.")
    var key: [String] = []

    @Option(help: "A verifier key of a witness, or a file with one a line; may be given again.")
    var witness: [String] = []

    @Option(help: "The record's bytes, for a proof file.")
    var record: String?

    @OptionGroup var json: JSONOption

    func run() async throws {
        let verdict = try verdict()
        var output = Output()
        if json.isWanted {
            try output.json(try BenchJSON.text(verdict))
        } else {
            for line in "\(verdict)".split(separator: "\n") { try output.line(String(line)) }
        }
        try output.finish()
        if !verdict.isGood { throw ExitMapping.Answer.no.exitCode }
    }

    private func verdict() throws -> Verdict {
        let keys = try VerifierKeys.read(key, kind: .log)
        let witnesses = try VerifierKeys.read(witness, kind: .witness)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure.misuse("\(path) does not exist; name a folder or a proof file")
        }
        guard isFolder.boolValue else {
            guard let record, !keys.isEmpty else {
                throw CommandFailure.misuse(
                    "a proof file needs --record with the record's bytes, and --key with the "
                        + "log's verifier key")
            }
            return ProofVerifier.verify(
                path: path, recordPath: record, disk: RealDisk(), keys: keys,
                witnesses: witnesses)
        }
        if record != nil {
            throw CommandFailure.misuse("--record is for a proof file; \(path) is a folder")
        }
        if LogVerifier.isDataFolder(path, disk: RealDisk()) {
            return try verifyData(keys, witnesses)
        }
        guard ExportVerification.isExport(path) else {
            throw CommandFailure.misuse(
                "\(path) is neither a data folder nor an export; name one that daybook made")
        }
        return ExportVerification.verify(folder: path)
    }

    private func verifyData(
        _ keys: [VerifierKey], _ witnesses: [VerifierKey]
    ) throws -> Verdict {
        let folder = try DataFolder.onThisMachine(path)
        let line = ProgressLine(isWanted: !json.isWanted)
        let clock = ContinuousClock()
        let start = clock.now
        let verdict = LogVerifier.verify(
            folder: path, disk: folder.disk, keys: keys, witnesses: witnesses, trust: folder.trust
        ) { progress in
            let seconds = max(start.duration(to: clock.now) / .seconds(1), 0.001)
            let rate = Words.decimal(Double(progress.records) / seconds, places: 0)
            line.show(
                "\(progress.records) records, \(rate) a second, "
                    + "\(progress.bytes >> 20) of \(progress.totalBytes >> 20) MiB")
        }
        line.clear()
        if !json.isWanted { EngineRemark.tell(folder.isEngineRunning) }
        return verdict
    }
}

/// Verifier keys as they are given on the command line.
enum VerifierKeys {
    /// Each text is a key, or the path of a file with one a line.
    static func read(_ texts: [String], kind: VerifierKey.Kind) throws -> [VerifierKey] {
        var keys: [VerifierKey] = []
        for text in texts {
            var lines = [text]
            if FileManager.default.fileExists(atPath: text) {
                lines = try String(contentsOfFile: text, encoding: .utf8)
                    .split(whereSeparator: \.isNewline).map(String.init)
            }
            for line in lines {
                do throws(NoteError) {
                    keys.append(try VerifierKey(parsing: line))
                } catch {
                    throw CommandFailure.misuse("\(text) is no verifier key: \(error)")
                }
            }
        }
        for key in keys where key.kind != kind {
            throw CommandFailure.misuse(
                kind == .log
                    ? "\(key.name) is a witness's key; give it with --witness"
                    : "\(key.name) is a log's key; give it with --key")
        }
        return keys
    }
}
