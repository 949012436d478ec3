/// One thing that is wrong, or doubtful, in a configuration folder, with its place and its remedy.
public struct ConfigurationProblem: Sendable, Hashable, Codable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable, Codable {
        /// Nothing of the configuration is applied while one of these stands.
        case error
        /// The configuration is applied; a person should look.
        case warning
    }

    /// Whether it stops the configuration from being applied.
    public var severity: Severity
    /// The file, relative to the configuration folder; `environment` for an environment variable.
    public var file: String
    /// The line, the first being 1; 0 where the whole file (or no file) is meant.
    public var line: Int
    /// The column in characters, the first being 1; 0 where the whole line is meant.
    public var column: Int
    /// The field, as a path: `jobs[0].target.name`; empty where no field is meant.
    public var field: String
    /// What is wrong, as one sentence without a full stop and without a secret's value.
    public var message: String
    /// What to do next, as one sentence without a full stop.
    public var remedy: String

    /// Makes a problem from its parts.
    public init(
        _ severity: Severity, file: String, line: Int, column: Int, field: String,
        message: String, remedy: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.message = message
        self.remedy = remedy
    }

    /// `FILE:LINE:COLUMN: error: FIELD: MESSAGE; REMEDY`, as compilers write it; without a place
    /// where no file is meant.
    public var description: String {
        var place = file
        if line > 0 { place += ":\(line)" }
        if line > 0, column > 0 { place += ":\(column)" }
        let subject = field.isEmpty ? "" : "\(field): "
        if !place.isEmpty { place += ": " }
        return "\(place)\(severity.rawValue): \(subject)\(message); \(remedy)"
    }

    /// Whether one problem is listed before another: by file, line, column, field and message.
    static func isOrdered(_ a: ConfigurationProblem, _ b: ConfigurationProblem) -> Bool {
        if a.file != b.file { return precedes(a.file, b.file) }
        if a.line != b.line { return a.line < b.line }
        if a.column != b.column { return a.column < b.column }
        if a.field != b.field { return precedes(a.field, b.field) }
        return precedes(a.message, b.message)
    }
}

/// Collects problems while a folder is read, so that a person sees all of them at once.
struct ProblemLog {
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var hasErrors = false
    private var known: Set<ConfigurationProblem> = []
    /// How many were not kept because there were too many.
    private(set) var omittedCount = 0

    /// How many names may still be compared to find what somebody meant.
    private var comparisonsLeft = Limits.comparisonCountMax

    /// The known name that is nearest to a text, as long as looking for it takes bounded time.
    mutating func nearest(_ text: String, among known: some Collection<String>) -> String? {
        guard known.count <= comparisonsLeft else { return nil }
        comparisonsLeft -= known.count
        return Nearest.name(to: text, among: known.sorted(by: precedes))
    }

    mutating func error(_ place: SourcePlace, _ field: String, _ message: String, _ remedy: String)
    {
        add(.error, place, field, message, remedy)
    }

    mutating func warning(
        _ place: SourcePlace, _ field: String, _ message: String, _ remedy: String
    ) {
        add(.warning, place, field, message, remedy)
    }

    private mutating func add(
        _ severity: ConfigurationProblem.Severity, _ place: SourcePlace, _ field: String,
        _ message: String, _ remedy: String
    ) {
        let problem = ConfigurationProblem(
            severity, file: Self.clean(place.file), line: place.line, column: place.column,
            field: Self.clean(field), message: Self.clean(message), remedy: Self.clean(remedy))
        // What is wrong with a job that was fanned out is said once, not for each element.
        if known.contains(problem) { return }
        // An error is kept even beyond the limit where none was kept so far: no file may pass
        // because its warnings came first.
        if problems.count >= Limits.problemCountMax, severity == .warning || hasErrors {
            omittedCount += 1
            return
        }
        hasErrors = hasErrors || severity == .error
        known.insert(problem)
        problems.append(problem)
    }

    /// A text without control characters: names of files and keys go to terminals.
    private static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(text.unicodeScalars.map { isControl($0) ? "?" : Character($0) })
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// All problems in the order of files and lines; the last says how many are not listed.
    var sorted: [ConfigurationProblem] {
        var result = problems.sorted(by: ConfigurationProblem.isOrdered)
        if omittedCount > 0 {
            result.append(
                ConfigurationProblem(
                    .warning, file: "", line: 0, column: 0, field: "",
                    message: omittedCount == 1
                        ? "1 more problem is not listed"
                        : "\(omittedCount) more problems are not listed",
                    remedy: "mend these first and check again"))
        }
        return result
    }
}
