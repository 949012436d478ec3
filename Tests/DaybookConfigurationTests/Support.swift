import DaybookConfiguration
import Events
import Foundation
import Timetable

/// Not a key: the configuration never looks into it.
let sampleKey = SampleConfiguration.CheckpointKey(secret: "a secret", verifier: "a verifier")

/// A folder that is removed when it is let go.
final class TemporaryFolder {
    let path: String

    private let isRemoved: Bool

    private init(existing: String) {
        path = existing
        isRemoved = false
    }

    /// A folder that somebody else removes.
    static func wrapping(_ path: String) throws -> TemporaryFolder {
        TemporaryFolder(existing: path)
    }

    init() throws {
        isRemoved = true
        path = NSTemporaryDirectory() + "daybook-configuration-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { if isRemoved { try? FileManager.default.removeItem(atPath: path) } }

    /// Writes a file, with its folders.
    func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

    func write(_ name: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    /// Loads it as a configuration, with nothing from this process.
    func load(
        environment name: String? = nil, variables: [String: String] = [:]
    ) throws -> LoadResult {
        try loadConfiguration(
            folder: path, environmentName: name, zones: zones.get(),
            processEnvironment: variables)
    }

    /// A configuration of one target and one schedule file.
    static func with(
        jobs: String, file: String = "jobs.yaml",
        targets: String = "targets: { run: { process: { command: [/bin/true] } } }"
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("targets.yaml", targets)
        try folder.write("schedules/\(file)", jobs)
        return folder
    }
}

extension LoadResult {
    /// `FILE:LINE: SEVERITY: FIELD` of every problem, for comparison.
    var places: [String] {
        problems.map { "\($0.file):\($0.line): \($0.severity.rawValue): \($0.field)" }
    }

    /// The messages of the errors.
    var errors: [String] { problems.filter { $0.severity == .error }.map(\.message) }

    /// The definition of a job.
    func job(_ id: String) -> ScheduleDefinition? { set?.definitions.first { $0.jobId == id } }
}

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

/// The zones of the system, read once for all tests.
let zones = Result { () throws(TimetableError) in try ZoneCatalog() }
