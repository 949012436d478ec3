import Testing

/// Each rule on small texts, good and bad: a rule that cannot fail proves nothing.
@Suite("the rules themselves")
struct RuleTests {
    private func file(_ text: String, path: String = "Sources/Events/A.swift") -> SourceText {
        SourceText(path: path, text: text)
    }

    private func lines(_ violations: [Violation]) -> [Int] { violations.map(\.line) }

    @Test(
        "comments and strings are told from code",
        arguments: [
            ("let a = 1 // try!", "let a = 1"),
            ("let a = \"try!\"", "let a ="),
            ("let a = \"\\(b) try!\" + c", "let a =    b        + c"),
            ("let a = \"\\(f(\"x\"))\" + c", "let a =    f(   )   + c"),
            ("let a = #\"\"try!\"\"# + c", "let a =            + c"),
            ("a /* try! /* b */ c */ d", "a                      d"),
            ("a(\"\\\"try!\")", "a(        )"),
            ("let a = \"// no comment\"; b", "let a =                ; b"),
        ])
    func lexer(text: String, code: String) {
        let stripped = file(text).code[0]
        #expect(stripped.count == text.count)
        let trimmed = String(stripped.reversed().drop { $0 == " " }.reversed())
        #expect(trimmed == code)
    }

    @Test("a string over several lines is no code")
    func multiline() {
        let text = file("let a = \"\"\"\n    try! \"quoted\" //\n    \"\"\"\nlet b = 2 // c")
        #expect(text.code[1].allSatisfy { $0 == " " })
        #expect(text.code[3].hasPrefix("let b = 2"))
        #expect(text.comments[1].allSatisfy { $0 == " " })
        #expect(text.hasComment(3))
    }

    @Test("a line of 101 columns is found, one of 100 is not")
    func columns() {
        let wide = String(repeating: "a", count: 100)
        #expect(lines(SizeRules.lineLengths(file("\(wide)\n\(wide)b\n"))) == [2])
        #expect(lines(SizeRules.lineLengths(file(String(repeating: "é", count: 100)))) == [])
    }

    @Test("a file of 401 lines is found, one of 400 is not")
    func fileLength() {
        #expect(SizeRules.fileLength(file(String(repeating: "a\n", count: 400))) == [])
        #expect(SizeRules.fileLength(file(String(repeating: "a\n", count: 401))).count == 1)
    }

    @Test(
        "a function of 71 lines is found, one of 70 is not, a requirement is none",
        arguments: [
            "func f() {", "init(a: Int = { 1 }()) {", "deinit {", "func f(\n) -> [Int] {",
            "mutating func f<A>(_ a: A) throws(B)\nwhere A: C\n{",
        ])
    func functionLength(start: String) {
        let extra = start.split(separator: "\n").count
        let body70 = String(repeating: "    a()\n", count: 70 - extra - 1)
        let protocolText = "protocol P {\n    func a()\n    func b() -> Int\n}\n"
        let good = protocolText + start + "\n" + body70 + "}\n"
        let bad = protocolText + start + "\n" + body70 + "    if a { \"}\" }\n}\n"
        #expect(SizeRules.functionLengths(file(good)) == [])
        #expect(lines(SizeRules.functionLengths(file(bad))) == [5])
    }

    @Test(
        "each banned call is found in code, and not in comments, strings or longer names",
        arguments: [
            ("let a = Date()", "let a = \"Date()\" // Date()"),
            ("let a = Date.now", "let a = MyDate.nowhere"),
            ("fatalError(\"a\")", "notFatalError()"),
            ("let a = try! b()", "let a = try? b()"),
            ("usleep(3)", "let a = oversleep(3)"),
            ("sleep(3)", "clock.sleep(3)"),
            ("_ = unsafe nanosleep(a, b)", "case sleep(Int)"),
            ("_ = Glibc.sleep(3)", "func sleep(until a: B) {"),
            ("Thread.sleep(forTimeInterval: 1)", "thread.sleeps()"),
            ("print(1)", "blueprint(1); a.print(1)"),
            ("@testable import Events", "import Events // @testable"),
        ])
    func bannedCalls(bad: String, good: String) {
        #expect(lines(CallRules.violations(file("\n" + bad))) == [2])
        #expect(CallRules.violations(file("\n" + good)) == [])
    }

    @Test("a call is allowed in its one place, and a sleep only outside tests")
    func places() {
        #expect(CallRules.violations(file("print(1)", path: "Sources/daybook/A.swift")) == [])
        #expect(CallRules.violations(file("print(1)", path: "Tests/ATests/A.swift")) == [])
        let sleep = "await Task.sleep(for: a)"
        #expect(CallRules.violations(file(sleep)) == [])
        #expect(CallRules.violations(file(sleep, path: "Tests/ATests/A.swift")).count == 1)
    }

    @Test("every pattern of a banned call is a regular expression")
    func patterns() {
        for rule in CallRules.banned {
            #expect(throws: Never.self) { _ = try Regex(rule.pattern) }
        }
    }

    @Test("a note to oneself is found in comments and in code, not in strings")
    func notes() {
        let mark = "TO" + "DO"
        let text = file(
            "// \(mark): later\nlet a = \"\(mark)\"\n#warning(\(mark))\nlet b = \(mark)s")
        #expect(lines(CallRules.leftNotes(text)) == [1, 3])
    }

    @Test(
        "what goes round the compiler needs a reason beside it",
        arguments: [
            "struct A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1",
            "let a = unsafe b.load()", "return try unsafe f(a)",
        ])
    func reasons(line: String) {
        #expect(lines(ReasonRules.violations(file("let z = 1\n" + line))) == [2])
        #expect(ReasonRules.violations(file("// Safe: it is immutable.\n" + line)) == [])
        #expect(ReasonRules.violations(file(line + " // Safe: it is immutable.")) == [])
        let far = "// Safe: far away.\n\nfunc f() {}\n" + String(repeating: "\n", count: 6)
        #expect(ReasonRules.violations(file(far + line)).count == 1)
    }

    @Test("a comment beside an unsafe expression must speak of safety")
    func unsafeReason() {
        #expect(ReasonRules.violations(file("// Reads a.\nlet a = unsafe b.load()")).count == 1)
        #expect(ReasonRules.violations(file("let unsafeCount = 1\nf(unsafe: a)")) == [])
    }

    @Test(
        "a public declaration without a comment is found",
        arguments: [
            "public struct A {", "public var a = 1", "public static let a = 1",
            "public mutating func a() {", "public init() {", "public private(set) var a = 1",
            "public protocol A {", "    public enum A {", "@inlinable public func a() {",
            "public final class A {", "public subscript(i: Int) -> Int {", "public typealias A = B",
        ])
    func comments(line: String) {
        #expect(lines(CommentRules.violations(file("\n" + line))) == [2])
        #expect(CommentRules.violations(file("/// What it is.\n" + line)) == [])
        #expect(CommentRules.violations(file("/// What it is.\n@available(*, b)\n" + line)) == [])
        #expect(CommentRules.violations(file("\n" + line, path: "Tests/A.swift")) == [])
    }

    @Test(
        "what a protocol explains needs no comment",
        arguments: [
            "public var unknownFields: [UInt8] = []",
            "public static func == (a: A) {",
            "public mutating func fields<V: FieldVisitor>(_ v: inout V) {",
            "public mutating func text(_ number: Int, _ name: StaticString, _ value: inout A) {",
            "public func message<M: WireMessage>(\n    _ number: Int, _ name: StaticString,",
            "public var description: String {", "struct A {", "private var a = 1",
            "public static let type = EventType.runDue",
        ])
    func commentExceptions(line: String) {
        #expect(CommentRules.violations(file("\n" + line)) == [])
    }

    @Test("what a protocol of the module requires and explains needs no second comment")
    func requirements() {
        let text = file(
            """
            /// A.
            public protocol Keyed {
                /// The key.
                var key: Int { get }
                var bare: Int { get }
            }
            struct A { func other() {} }
            """)
        let names = CommentRules.requirements(text)
        #expect(names == ["key"])
        let witness = file("\npublic var key: Int { 1 }")
        #expect(CommentRules.violations(witness, requirements: names) == [])
        #expect(CommentRules.violations(witness).count == 1)
    }

    @Test("a long line in a string of several lines is data")
    func dataLines() {
        let wide = String(repeating: "a", count: 101)
        let text = "let a = \"\"\"\n\(wide)\n    \"\"\"\nlet b = \"\(wide)\"\n"
        #expect(lines(SizeRules.lineLengths(file(text))) == [4])
    }

    @Test(
        "an import against the table is found",
        arguments: [
            ("Replay", "Engine"), ("Events", "Timetable"), ("Events", "Foundation"),
            ("Events", "Synchronization"), ("Timetable", "Events"), ("EventLog", "Events"),
            ("Timetable", "Foundation"), ("Projections", "FoundationEssentials"),
            ("Projections", "Timetable"), ("DaybookConfiguration", "Engine"), ("Bench", "Server"),
            ("Engine", "Server"), ("Engine", "Replay"), ("Engine", "DaybookTestSupport"),
            ("Projections", "CLZ4"),
        ])
    func badImports(module: String, name: String) {
        let modules: Set = ["Events", "Engine"]
        for line in [
            "import \(name)", "public import \(name)", "@preconcurrency import \(name)",
            "import struct \(name).A",
        ] {
            let text = file("// Why.\n" + line, path: "Sources/\(module)/A.swift")
            #expect(lines(ImportRules.violations(text, modules: modules)) == [2], "\(line)")
        }
    }

    @Test(
        "an import that the table has is fine",
        arguments: [
            ("Engine", "DaybookConfiguration"), ("Replay", "Projections"), ("EventLog", "CLZ4"),
            ("EventLog", "Synchronization"), ("Engine", "Foundation"),
            ("daybook", "ArgumentParser"),
            ("Bench", "Replay"), ("DaybookConfiguration", "Yams"),
        ])
    func goodImports(module: String, name: String) {
        let text = file("import \(name)", path: "Sources/\(module)/A.swift")
        #expect(ImportRules.violations(text, modules: []) == [])
    }

    @Test("a module that the table does not know is found")
    func unknownModule() {
        let text = file("", path: "Sources/Utilities/A.swift")
        #expect(ImportRules.violations(text, modules: []).count == 1)
    }

    @Test("a path of one machine is found, and a path that only looks like one is not")
    func machinePaths() {
        for folder in ["work/a", "home/a", "tmp/wt/a", "tmp/wt"] {
            #expect(lines(TextRules.machinePaths(file("\ncd /" + folder))) == [2])
            #expect(TextRules.machinePaths(file("x = \"/" + folder + "\"")).count == 1)
        }
        for good in [
            "/v1/" + "work/a", "/workers", "the work/home balance", ".github/workflows",
            "folder + \"/" + "work\"", "\\(folder)/" + "work/a",
        ] {
            #expect(TextRules.machinePaths(file(good)) == [])
        }
    }

    @Test("a package without a section is found, and a section without a package")
    func dependencies() {
        let manifest = file(
            """
            .package(url: "https://a.example/b/swift-log", from: "1.6.0"),
            .package(url: "https://a.example/b/Yams.git", from: "6.0.0"),
            """, path: "Package.swift")
        let good = file("# Dependencies\n### swift-log\ntext\n### Yams\n", path: "d.md")
        #expect(TextRules.dependencies(manifest: manifest, page: good) == [])
        let bad = file("### Yams\n### other\n", path: "d.md")
        let found = TextRules.dependencies(manifest: manifest, page: bad)
        #expect(found.map(\.path) == ["Package.swift", "d.md"])
        #expect(found.map(\.line) == [1, 2])
    }
}
