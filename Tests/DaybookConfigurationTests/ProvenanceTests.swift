import DaybookConfiguration
import Foundation
import Testing

@Suite struct ProvenanceTests {
    private let variables = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]

    private func git(_ arguments: [String], in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments =
            ["-C", folder, "-c", "user.name=Test Author", "-c", "user.email=author@example.org"]
            + arguments
        process.environment = variables
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test("In a git checkout the last commit of the folder and its author are named")
    func checkout() throws {
        let folder = try TemporaryFolder()
        try folder.write("config/daybook.yaml", "port: 1\n")
        try folder.write("other", "1")
        let config = try TemporaryFolder.wrapping(folder.path + "/config")
        let before = try #require(try config.load(variables: variables).set).provenance
        #expect(before == Provenance())
        try git(["init", "-q"], in: folder.path)
        let empty = try #require(try config.load(variables: variables).set).provenance
        #expect(empty.isGitCheckout && empty.commit.isEmpty && empty.isDirty)
        try git(["add", "."], in: folder.path)
        try git(["commit", "-q", "-m", "one"], in: folder.path)
        let clean = try #require(try config.load(variables: variables).set).provenance
        #expect(clean.commit.utf8.count == 40 && !clean.isDirty)
        #expect(clean.author == "Test Author <author@example.org>")
        // What changes elsewhere does not count.
        try folder.write("other", "2")
        try git(["commit", "-q", "-a", "-m", "two"], in: folder.path)
        #expect(try config.load(variables: variables).set?.provenance == clean)
        try folder.write("config/daybook.yaml", "port: 2\n")
        let dirty = try #require(try config.load(variables: variables).set).provenance
        #expect(dirty.isDirty && dirty.commit == clean.commit)
    }

    @Test("Without git, nothing is known and nothing fails")
    func withoutGit() throws {
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", "")
        let result = try folder.load(variables: ["PATH": folder.path])
        #expect(result.set?.provenance == Provenance())
    }
}
