/// Dependencies point one way: the table of DESIGN, section 2.
enum ImportRules {
    /// For each module the modules of ours that it may import.
    static let table: [String: Set<String>] = {
        let bottom: Set<String> = ["EventLog", "Events", "Timetable"]
        let engine = bottom.union(["X12", "DaybookConfiguration", "Projections"])
        let server = engine.union(["Engine", "Exchange", "Replay"])
        return [
            "EventLog": ["CChecksum", "CLZ4", "COpenSSL", "CStatfs"],
            "Events": [],
            "Timetable": ["CIcal"],
            "X12": [],
            "DaybookConfiguration": ["Events", "Timetable", "X12"],
            "Projections": ["EventLog", "Events"],
            "Engine": engine.union(["CMail"]),
            "Exchange": bottom.union(["CFiles", "X12", "Projections", "Engine"]),
            "Replay": ["EventLog", "Events", "Projections"],
            "Server": server,
            "Bench": engine.union(["CBench", "CFiles", "Engine", "Exchange", "Replay"]),
            "daybook": server.union(["Server", "Bench"]),
            // Shared fakes of tests; nothing that ships imports it.
            "DaybookTestSupport": server,
        ]
    }()

    /// Every module that the table names, C modules too.
    static let ours = table.values.reduce(Set(table.keys)) { $0.union($1) }

    /// Modules that import no package and no part of the system at all.
    static let pure: Set<String> = ["Events"]

    /// Modules that do without Foundation: it is large, and has its own zones and calendars.
    static let withoutFoundation: Set<String> = [
        "EventLog", "Events", "Timetable", "Projections", "X12",
    ]

    static func violations(
        _ file: SourceText, modules: Set<String>
    ) -> [Violation] {
        guard let module = file.module else { return [] }
        guard let allowed = table[module] else {
            return [
                Violation(
                    path: file.path, line: 0,
                    message: "module \(module) is not in ImportRules.table; add it, as in DESIGN")
            ]
        }
        return imports(file).compactMap { line, name in
            let message: String
            if modules.contains(name) || ours.contains(name) {
                if allowed.contains(name) { return nil }
                message = "\(module) may not import \(name)"
            } else if pure.contains(module) {
                message = "\(module) imports nothing, so not \(name)"
            } else if withoutFoundation.contains(module) && name.hasPrefix("Foundation") {
                message = "\(module) does without \(name)"
            } else {
                return nil
            }
            return Violation(path: file.path, line: line, message: message)
        }
    }

    /// The lines and names of a file's imports.
    static func imports(_ file: SourceText) -> [(line: Int, name: String)] {
        let pattern =
            #/
            ^\s* (?:@\w+(?:\([^)]*\))?\s+)* (?:\w+\s+)? import\s+
            (?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)? (?<name>\w+)
            /#
        return file.code.enumerated().compactMap { index, line in
            guard line.holds("import") else { return nil }
            return line.firstMatch(of: pattern).map { (index + 1, String($0.output.name)) }
        }
    }
}
