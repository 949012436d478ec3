import DaybookTestSupport
import EventLog
import Foundation
import Replay
import Testing

/// `ExportVerification` and docs/verify/daybook_verify.py say the same of the same exports, which
/// are made here by the rules of docs/format/export.md.
@Suite struct ExportVerdictTests {
    private struct Day {
        var day: String
        var first: Int?
        var last: Int?
        var before: Int?
        var isComplete = true
        var identity = String(repeating: "ab", count: 16)
        var runs = "{\"kind\":\"run\"}\n{\"kind\":\"range\"}\n"
        var runLines = 2
        var more = ""

        var folder: String {
            let path = "metadata/scheduler/" + day.replacing("-", with: "/")
            return isComplete
                ? path : path + ".incomplete-" + VerdictFolder.digits(last ?? 0)
        }

        private var shared: String {
            func number(_ value: Int?) -> String { value.map { String($0) } ?? "null" }
            return """
                "format":1,
                "day":"\(day)",
                "complete":\(isComplete),
                "logIdentity":"\(identity)",
                "firstSequence":\(number(first)),
                "lastSequence":\(number(last)),
                "previousLastSequence":\(number(before)),
                """
        }

        func add(to folder: inout VerdictFolder) {
            let events = first.flatMap { first in last.map { $0 - first + 1 } } ?? 0
            let counts = events == 0 ? "" : "\"started\":\(events - 1),\"ended\":1"
            let summary = """
                {
                \(shared)
                "events":\(events),\(more)
                "eventCounts":{\(counts)},
                "jobs":[{"id":"\\u00fc\\ud83d\\ude00","durations":[1,-2,3.5e1,true,null]}],
                "runLines":\(runLines)
                }

                """
            folder.files[self.folder + "/runs.jsonl"] = Array(runs.utf8)
            folder.files[self.folder + "/summary.json"] = Array(summary.utf8)
            let items = ["runs.jsonl", "summary.json"].map { name in
                let bytes = folder.files[self.folder + "/" + name] ?? []
                return
                    "{\"name\":\"\(name)\",\"bytes\":\(bytes.count),"
                    + "\"sha256\":\"\(TreeHash.sha256(bytes))\"}"
            }
            let manifest = "{\n\(shared)\n\"files\":[\n\(items.joined(separator: ",\n"))\n]\n}\n"
            folder.files[self.folder + "/manifest.json"] = Array(manifest.utf8)
        }
    }

    private func export(
        _ name: String, _ days: [Day], _ codes: Set<Verdict.Code> = []
    ) -> VerdictFolder {
        var folder = VerdictFolder(name: name, files: [:], expected: codes)
        for day in days { day.add(to: &folder) }
        return folder
    }

    private func compare(
        _ folders: [VerdictFolder], location: SourceLocation = #_sourceLocation
    ) async throws {
        try await PythonVerdict.compare(
            folders, job: { .init(path: $1) },
            with: { _, path in
                #expect(ExportVerification.isExport(path))
                #expect(!LogVerifier.isDataFolder(path, disk: RealDisk()))
                return ExportVerification.verify(folder: path)
            }, location: location)
    }

    private let days = [
        Day(day: "2027-02-27", first: 0, last: 9), Day(day: "2027-02-28", before: 9),
        Day(day: "2027-03-01", first: 10, last: 19, before: 9),
        Day(day: "2027-03-02", first: 20, last: 24, before: 19, isComplete: false),
    ]

    @Test("good exports are good: empty days, open days, and gaps between days")
    func good() async throws {
        try await compare([
            export("four days", days), export("a gap", [days[0], days[2]]),
            export("one", [days[1]]),
            export("other files", days).damaged("other files", []) { $0.files["note.txt"] = [1] },
        ])
    }

    @Test("each thing that is wrong with an export is found")
    func bad() async throws {
        let good = export("good", days)
        let path = days[0].folder
        func wrong(
            _ name: String, _ change: (inout Day) -> Void
        ) -> VerdictFolder {
            var changed = days
            change(&changed[2])
            return export(name, changed, [.exportMismatch])
        }
        func damaged(
            _ name: String, _ change: (inout VerdictFolder) -> Void
        ) -> VerdictFolder { good.damaged(name, [.exportMismatch], change) }
        try await compare([
            damaged("a byte") { $0.change(path + "/runs.jsonl") { $0[3] ^= 1 } },
            damaged("a byte more") { $0.change(path + "/runs.jsonl") { $0 += [10] } },
            damaged("no manifest") { $0.files[path + "/manifest.json"] = nil },
            damaged("no runs") { $0.files[path + "/runs.jsonl"] = nil },
            damaged("no summary") { $0.files[path + "/summary.json"] = nil },
            damaged("a file more") { $0.files[path + "/more"] = [] },
            damaged("a folder more") { $0.files[path + "/more/file"] = [] },
            damaged("another day's folder") { folder in
                for name in ["runs.jsonl", "summary.json", "manifest.json"] {
                    folder.rename(path + "/" + name, to: "metadata/scheduler/2027/02/26/" + name)
                }
            },
            damaged("a manifest that is none") { $0.files[path + "/manifest.json"] = [0x7B] },
            damaged("a member twice") {
                $0.change(path + "/manifest.json") {
                    $0 = Array(
                        String(decoding: $0, as: UTF8.self).replacing(
                            "\"format\":1,", with: "\"format\":1,\"format\":1,"
                        ).utf8)
                }
            },
            wrong("another log") { $0.identity = String(repeating: "cd", count: 16) },
            wrong("a gap in the sequences") { ($0.first, $0.before) = (11, 10) },
            wrong("an overlap") { ($0.first, $0.before) = (9, 8) },
            wrong("sequences that contradict") { $0.first = 12 },
            wrong("half a range") { $0.last = nil },
            wrong("lines") { $0.runLines = 3 }, wrong("no JSON") { $0.more = "\"x\":NaN," },
            wrong("a member twice within") { $0.more = "\"x\":{\"a\":1,\"a\":2}," },
            wrong("a zero in front") { $0.more = "\"x\":01," },
            wrong("a half escape") { $0.more = "\"x\":\"\\u12\"," },
            wrong("a second number of events") { $0.more = "\"events\":10," },
            wrong("no such day") { $0.day = "2027-02-30" },
        ])
    }

    @Test("both programs say the same of exports with drawn damage")
    func drawn() async throws {
        let good = export("good", days)
        let paths = good.files.keys.sorted()
        try await compare(
            (0..<150).map { seed in
                var random = SeededGenerator(seed: UInt64(seed))
                var folder = good
                folder.name = "seed \(seed)"
                folder.expected = nil
                folder.change(paths[Int(random.next() % UInt64(paths.count))]) { bytes in
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch random.next() % 4 {
                    case 0: bytes.removeSubrange(place...)
                    case 1: bytes.insert(UInt8(random.next() & 0x7F), at: place)
                    default: bytes[place] ^= 1 << UInt8(random.next() % 8)
                    }
                }
                return folder
            })
    }

    @Test("the script as an auditor runs it prints the same JSON, and has the exit code")
    func command() async throws {
        let folder = export("good", days)
        try await TemporaryFolder.with { base in
            let path = try PythonVerdict.write([folder], below: base)[0]
            for wanted in [0, 1] as [Int32] {
                let ours = ExportVerification.verify(folder: path)
                let (output, status) = try await PythonVerdict.run(["--json", path])
                #expect(status == wanted && ours.isGood == (wanted == 0))
                let theirs = try JSONDecoder().decode(Verdict.self, from: output)
                #expect(theirs.problems.map(\.path) == ours.problems.map(\.path))
                let again = try JSONDecoder().decode(Verdict.self, from: Data(ours.json.utf8))
                #expect(again == ours)
                // For the second round.
                try Data([1]).write(
                    to: URL(filePath: path + "/" + days[1].folder + "/runs.jsonl"))
            }
        }
    }
}
