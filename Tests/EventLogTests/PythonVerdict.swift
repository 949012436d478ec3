import EventLog
import Foundation
import Testing

/// The independent reader, docs/verify/daybook_verify.py, run on many folders in one process.
enum PythonVerdict {
    /// What it is asked for; the names are those of its options.
    struct Job: Encodable {
        var path: String
        var key: [String] = []
        var witness: [String] = []
        var record: String?
    }

    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/verify/daybook_verify.py").path

    /// Loads the script from its path and writes one verdict a line into a file.
    private static let driver = """
        import importlib.util, json, sys, types
        sys.dont_write_bytecode = True
        spec = importlib.util.spec_from_file_location("daybook_verify", sys.argv[1])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with open(sys.argv[2]) as jobs, open(sys.argv[3], "w") as output:
            for job in json.load(jobs):
                job.setdefault("record", None)
                report = module.verify(types.SimpleNamespace(json=True, **job))
                print(json.dumps(report.fields), file=output)
        """

    /// The verdicts, in the order of the jobs; two processes share them.
    static func verdicts(_ jobs: [Job], in folder: String) async throws -> [Verdict] {
        let middle = jobs.count / 2
        let parts = try [jobs[..<middle], jobs[middle...]].enumerated().map { number, part in
            let list = folder + "/jobs-\(number).json"
            try JSONEncoder().encode(Array(part)).write(to: URL(filePath: list))
            return (try ProgramRun(python, ["-c", driver, script, list, list + ".out"]), list)
        }
        var verdicts: [Verdict] = []
        for (run, list) in parts {
            try #require(await run.end() == 0, "the script failed; see its error above")
            verdicts += try Data(contentsOf: URL(filePath: list + ".out"))
                .split(separator: UInt8(ascii: "\n"))
                .map { try JSONDecoder().decode(Verdict.self, from: $0) }
        }
        return verdicts
    }

    /// Runs the script as an auditor does: what it prints, and its exit code.
    static func run(_ arguments: [String]) async throws -> (output: Data, status: Int32) {
        try await ProgramRun.output(of: python, ["-B", script] + arguments)
    }

    private static let python = "/usr/bin/python3"

    /// Writes the files of each folder below `base`, each in a folder of its own.
    static func write(_ folders: [VerdictFolder], below base: String) throws -> [String] {
        try folders.enumerated().map { number, folder in
            let path = base + "/case-\(number)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            for (name, bytes) in folder.files {
                let file = URL(filePath: path + "/" + name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            }
            return path
        }
    }

    /// Verifies every folder with both programs, and expects the same of both.
    static func compare(
        _ folders: [VerdictFolder], job: (VerdictFolder, String) -> Job,
        with verify: (VerdictFolder, String) throws -> Verdict,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let base = NSTemporaryDirectory() + "daybook-verdicts-\(UInt64.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(
            atPath: base, withIntermediateDirectories: true)
        defer { _ = try? FileManager.default.removeItem(atPath: base) }
        let paths = try write(folders, below: base)
        let theirs = try await verdicts(zip(folders, paths).map(job), in: base)
        try #require(theirs.count == folders.count, sourceLocation: location)
        for ((folder, path), their) in zip(zip(folders, paths), theirs) {
            let ours = try verify(folder, path)
            #expect(
                Comparable(ours) == Comparable(their), "\(folder.name)\n\(ours)\n\(their)",
                sourceLocation: location)
            guard let expected = folder.expected else { continue }
            #expect(
                Set(ours.problems.map(\.code)) == expected, "\(folder.name)\n\(ours)",
                sourceLocation: location)
            #expect(ours.isGood == expected.isEmpty, sourceLocation: location)
        }
    }

    /// All that two programs must agree on: words may differ.
    private struct Comparable: Equatable {
        var verdict: Verdict
        var problems: Set<[String]>
        var members: [String]

        init(_ verdict: Verdict) {
            self.verdict = Verdict(verdict.kind)
            problems = Set(verdict.problems.map { [$0.code.rawValue, $0.path] })
            members = [
                "\(verdict.verdict)", "\(verdict.records)", "\(verdict.firstSequence as Any)",
                "\(verdict.treeSize as Any)", "\(verdict.root as Any)",
                "\(verdict.sealedSegments)", "\(verdict.activeSegments)", "\(verdict.checkpoints)",
                "\(verdict.checkpointSize as Any)", "\(verdict.anchoring)",
            ]
        }
    }
}
