import Foundation

/// The files of this repository, found from where this file stands.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files under `Sources` and `Tests`, and the manifest; read once.
    static func swiftFiles() throws -> [SourceText] { try readSwiftFiles.get() }

    private static let readSwiftFiles = Result {
        let paths = try files(under: "Sources") + files(under: "Tests")
        return try (paths.filter { $0.hasSuffix(".swift") } + ["Package.swift"]).map {
            SourceText(path: $0, text: try text($0))
        }
    }

    /// What a reader of the repository meets as text, fixtures and goldens aside.
    static func textFiles() throws -> [SourceText] { try readTextFiles.get() }

    private static let readTextFiles = Result {
        var paths = ["Makefile", "Package.swift", "README.md", ".ci/run", ".swift-format"]
        for folder in ["Sources", "Tests", "docs", "scripts", "Benchmarks", "config"] {
            paths += try files(under: folder)
        }
        return try paths.filter(isText).map { SourceText(path: $0, text: try text($0)) }
    }

    private static func isText(_ path: String) -> Bool {
        guard exists(path), !path.contains("/Fixtures/") else { return false }
        let name = path.split(separator: "/").last ?? ""
        let kinds = [
            "swift", "c", "h", "md", "proto", "sh", "json", "yaml", "yml", "modulemap", "html",
            "css", "js",
        ]
        return !name.contains(".") || path == ".ci/run" || path == ".swift-format"
            || kinds.contains { name.hasSuffix("." + $0) }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// A small wrong change that `make mutants` applies.
    struct Mutant {
        var name: String
        var file: String
        var search: String
    }

    /// The mutants of `scripts/mutants`.
    static func mutants() throws -> [Mutant] {
        try files(under: "scripts/mutants").filter { $0.hasSuffix(".mutant") }.map { path in
            let text = try text(path)
            let file = text.split(separator: "\n").first { $0.hasPrefix("file: ") } ?? ""
            let search = text.components(separatedBy: "--- search\n").dropFirst().first ?? ""
            return Mutant(
                name: path, file: String(file.dropFirst(6)),
                search: search.components(separatedBy: "\n--- replacement").first ?? "")
        }
    }

    /// The paths of the files under a folder, sorted; none where there is no such folder.
    private static func files(under folder: String) throws -> [String] {
        let start = root.appending(path: folder)
        guard exists(folder) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: start.path)
            .map { "\(folder)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                let full = root.appending(path: path).path
                _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
                return !isFolder.boolValue && !path.contains("/.build/")
            }
            .sorted()
    }
}
