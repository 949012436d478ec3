import Bench
import DaybookTestSupport
import EventLog
import Events
import Foundation
import Replay
import Testing

/// The promise that a log written today is read in seven years.
@Suite("Golden folders")
struct GoldenTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "snapshots").path

    /// The folders of all versions, oldest first.
    private static let folders: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let versions = names.compactMap { name in
            name.hasPrefix("v") ? Int(name.dropFirst()) : nil
        }
        return versions.sorted().map { "\(root)/v\($0)" }
    }()

    private struct Recorded: Decodable {
        struct Projection: Decodable {
            let name: String
            let version: UInt64
            let digest: String
        }
        let events: UInt64
        let digest: String
        let projections: [Projection]
    }

    private static func data(_ folder: String) -> DataFolder {
        DataFolder(path: folder, disk: RealDisk(), trust: .everything)
    }

    @Test("there is a golden folder")
    func exists() { #expect(!Self.folders.isEmpty) }

    @Test("no golden file was edited, added or removed", arguments: folders)
    func untouched(_ folder: String) throws {
        let path = "\(folder)/\(GoldenFolder.sumsName)"
        let recorded = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try GoldenFolder.sums(of: folder, disk: RealDisk()) == recorded, "\(path)")
        #expect(recorded.utf8.count > 64)
    }

    @Test("every golden log replays to its recorded state", arguments: folders)
    func replays(_ folder: String) throws {
        var options = Replayer.Options()
        options.comparison = .every
        let result = try Replayer(Self.data(folder), options).run()
        // A projection that has another version by now is not comparable, and no difference.
        #expect(!result.checks.isEmpty)
        #expect(result.checks.allSatisfy { $0.verdict != .differs })
        let path = "\(folder)/\(GoldenFolder.digestName)"
        let recorded = try JSONDecoder().decode(
            Recorded.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(result.events == recorded.events)
        var compared = 0
        for projection in recorded.projections {
            let rebuilt = result.digest.projections.first {
                $0.name == projection.name && $0.version == projection.version
            }
            guard let rebuilt else { continue }
            compared += 1
            #expect(JSONText.hex(rebuilt.digest) == projection.digest, "\(projection.name)")
        }
        if folder == Self.folders.last {
            #expect(compared == recorded.projections.count)
            #expect(compared == result.digest.projections.count)
            #expect(result.digest.hex == recorded.digest)
            #expect(result.outcome == ReplayResult.Outcome.agrees)
        }
    }

    @Test("the newest golden snapshot is the state that its log replays to")
    func snapshots() throws {
        for folder in Self.folders {
            var options = Replayer.Options()
            options.start = .snapshot
            let result = try Replayer(Self.data(folder), options).run()
            let whole = try Replayer(Self.data(folder)).run()
            #expect(result.digest == whole.digest, "\(folder)")
            if folder == Self.folders.last {
                #expect(result.snapshot == whole.lastSequence)
                #expect(result.unusableSnapshots.isEmpty)
            }
        }
    }

    @Test("every golden log verifies, with its checkpoints", arguments: folders)
    func verifies(_ folder: String) throws {
        let verdict = LogVerifier.verify(folder: folder, disk: RealDisk())
        #expect(verdict.isGood, "\(verdict)")
    }

    @Test("golden logs hold every event type that there is")
    func everyType() throws {
        var seen: Set<EventType> = []
        for folder in Self.folders {
            var reader = try LogReader.open(folder: folder, disk: RealDisk(), trust: .everything)
            try reader.forEach { _, record in
                guard let fields = try? EventFields(record) else { return true }
                if let type = fields.view.type { seen.insert(type) }
                return true
            }
        }
        let missing = EventType.allCases.filter { !seen.contains($0) }.map(\.name)
        #expect(missing.isEmpty, "add a golden folder with these: \(missing)")
    }

    @Test("golden folders are small")
    func small() throws {
        for folder in Self.folders {
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
            let sizes = try names.map { name in
                let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
                return facts[.type] as? FileAttributeType == .typeRegular
                    ? facts[.size] as? Int ?? 0 : 0
            }
            #expect(sizes.reduce(0, +) < 300_000, "\(folder)")
        }
    }

    @Test("making the golden folder again gives the same bytes")
    func madeAgain() throws {
        try TemporaryFolder.with { folder in
            try GoldenFolder.make(at: folder + "/one", disk: RealDisk())
            try GoldenFolder.make(at: folder + "/two", disk: RealDisk())
            let one = try GoldenFolder.sums(of: folder + "/one", disk: RealDisk())
            #expect(try GoldenFolder.sums(of: folder + "/two", disk: RealDisk()) == one)
            #expect(LogVerifier.verify(folder: folder + "/one", disk: RealDisk()).isGood)
            #expect(throws: (any Error).self) {
                try GoldenFolder.make(at: folder + "/one", disk: RealDisk())
            }
        }
    }
}
