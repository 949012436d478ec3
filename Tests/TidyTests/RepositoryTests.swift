import Foundation
import Testing

@Suite("the repository keeps the rules that the formatter cannot check")
struct RepositoryTests {
    private func expectNone(
        _ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let report = violations.map(\.description).joined(separator: "\n")
        #expect(violations.isEmpty, "\(report)", sourceLocation: sourceLocation)
    }

    @Test("the walk finds the sources, the tests and the documents")
    func walk() throws {
        let swift = try Set(Repository.swiftFiles().map(\.path))
        #expect(swift.contains("Sources/Events/Event.swift"))
        #expect(swift.contains("Tests/TidyTests/RepositoryTests.swift"))
        #expect(swift.contains("Package.swift"))
        let text = try Set(Repository.textFiles().map(\.path))
        #expect(text.isSuperset(of: ["Makefile", ".ci/run", "docs/format/events.proto"]))
    }

    @Test("no line is wider than 100 columns")
    func lines() throws { expectNone(try Repository.swiftFiles().flatMap(SizeRules.lineLengths)) }

    @Test("no file is longer than 400 lines, but for those that say why")
    func files() throws { expectNone(try Repository.swiftFiles().flatMap(SizeRules.fileLength)) }

    @Test("no function is longer than 70 lines")
    func functions() throws {
        expectNone(try Repository.swiftFiles().flatMap(SizeRules.functionLengths))
    }

    @Test("no banned call stands outside its one place")
    func calls() throws {
        expectNone(try Repository.swiftFiles().flatMap { CallRules.violations($0) })
    }

    @Test("every mutant still applies: the text that it changes stands in its file, once")
    func mutants() throws {
        let mutants = try Repository.mutants()
        #expect(mutants.count >= 40)
        for mutant in mutants {
            let source = try Repository.text(mutant.file)
            let count = source.components(separatedBy: mutant.search).count - 1
            #expect(count == 1, "\(mutant.name): \(count) times in \(mutant.file)")
        }
    }

    @Test("no note to oneself is left")
    func notes() throws { expectNone(try Repository.swiftFiles().flatMap(CallRules.leftNotes)) }

    @Test("whatever goes round the compiler's checks has its reason beside it")
    func reasons() throws {
        expectNone(try Repository.swiftFiles().flatMap(ReasonRules.violations))
    }

    @Test("every public declaration says what it is")
    func comments() throws {
        let files = try Repository.swiftFiles()
        // By folder of Sources: a protocol explains its requirements to its own module.
        let requirements = Dictionary(grouping: files) { $0.module }
            .mapValues { $0.map(CommentRules.requirements).reduce(Set()) { $0.union($1) } }
        expectNone(
            files.flatMap {
                CommentRules.violations($0, requirements: requirements[$0.module] ?? [])
            })
    }

    @Test("modules import only what stands above them")
    func imports() throws {
        let files = try Repository.swiftFiles()
        let modules = Set(files.compactMap(\.module))
        expectNone(files.flatMap { ImportRules.violations($0, modules: modules) })
    }

    @Test("no file names a folder of one machine")
    func paths() throws { expectNone(try Repository.textFiles().flatMap(TextRules.machinePaths)) }

    @Test("every package has its section in the page of dependencies, and no other has")
    func dependencies() throws {
        let (manifest, page) = ("Package.swift", "docs/dependencies.md")
        expectNone(
            TextRules.dependencies(
                manifest: SourceText(path: manifest, text: try Repository.text(manifest)),
                page: SourceText(path: page, text: try Repository.text(page))))
    }
}
