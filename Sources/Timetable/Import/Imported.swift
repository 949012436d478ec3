/// What an importer read from another scheduler's file.
public struct Imported: Hashable, Sendable {
    /// The schedules, in the order of the file.
    public internal(set) var schedules: [ImportedSchedule] = []
    /// What means something else here than there.
    public internal(set) var differences: [ImportNote] = []
    /// What could not be taken over; the schedules that it concerns are left out.
    public internal(set) var errors: [ImportNote] = []

    /// The same with further errors, for a caller who takes the file apart.
    public func adding(errors: [ImportNote]) -> Imported {
        var result = self
        result.errors = errors + result.errors
        return result
    }

    /// The schedules in Daybook's own form, with the differences.
    public var json: String {
        let schedules = schedules.map(\.json).joined(separator: ",")
        func list(_ notes: [ImportNote]) -> String {
            "[" + notes.map(\.json).joined(separator: ",") + "]"
        }
        return "{\"schedules\":[\(schedules)],\"differences\":\(list(differences)),"
            + "\"errors\":\(list(errors))}"
    }
}

/// A remark on a place of the file.
public struct ImportNote: Hashable, Sendable, CustomStringConvertible {
    /// The line, the first being 1.
    public let line: Int
    /// The column in characters, the first being 1.
    public let column: Int
    /// What is remarked, as a sentence.
    public let message: String

    /// Makes a remark.
    public init(line: Int, column: Int = 1, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// `line 3, column 5: …`.
    public var description: String { "line \(line), column \(column): \(message)" }

    fileprivate var json: String {
        "{\"line\":\(line),\"column\":\(column),\"message\":\(ImportJSON.text(message))}"
    }
}

/// One schedule of another scheduler, in Daybook's words.
public struct ImportedSchedule: Hashable, Sendable {
    /// An id made of the program's name or the file's, unique in the file.
    public let jobId: String
    /// When it runs.
    public let trigger: Kind
    /// The zone that the file names, where it names one.
    public let zone: String?
    /// Whether it is switched on.
    public let isEnabled: Bool
    /// What is run, as the file says it; empty where it does not.
    public let command: String
    /// What is more: further fields of the schedule, as JSON by name.
    public let fields: [Field]
    /// Where it stands.
    public let line: Int

    /// The trigger as a schedule's file names it.
    public enum Kind: Hashable, Sendable {
        /// A cron expression; with six fields where `hasSeconds` is set.
        case cadence(String, hasSeconds: Bool)
        /// A recurrence rule with its start on the wall clock.
        case recurrence(rule: String, start: String)
        /// A fixed interval.
        case every(String)
        /// A fixed delay after completion.
        case afterCompletion(String)
    }

    /// A field of the schedule.
    public struct Field: Hashable, Sendable {
        /// The field's name.
        public let name: String
        /// Its value, as JSON.
        public let json: String
    }

    /// The schedule as an object of a schedule's file.
    public var json: String {
        var members = [("jobId", ImportJSON.text(jobId))]
        if !command.isEmpty { members.append(("description", ImportJSON.text(command))) }
        if !isEnabled { members.append(("enabled", "false")) }
        switch trigger {
        case .cadence(let text, let hasSeconds):
            members.append(("cadence", ImportJSON.text(text)))
            if hasSeconds { members.append(("seconds", "true")) }
        case .recurrence(let rule, let start):
            members.append(("rrule", ImportJSON.text(rule)))
            members.append(("start", ImportJSON.text(start)))
        case .every(let text): members.append(("every", ImportJSON.text(text)))
        case .afterCompletion(let text):
            members.append(("afterCompletion", ImportJSON.text(text)))
        }
        if let zone { members.append(("timeZone", ImportJSON.text(zone))) }
        members.append(("target", "{\"name\":\(ImportJSON.text(jobId))}"))
        members += fields.map { ($0.name, $0.json) }
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// The trigger itself; throws what its parser throws.
    public func parsedTrigger() throws(TimetableError) -> Trigger {
        switch trigger {
        case .cadence(let text, let hasSeconds):
            return .cron(try CronExpression(parsing: text, hasSeconds: hasSeconds))
        case .recurrence(let rule, let start):
            return .recurrence(try Recurrence.parse(rule: rule, start: start))
        case .every(let text): return .every(try Interval(parsing: text))
        case .afterCompletion(let text):
            return .afterCompletion(try FixedDelay(parsing: text, first: .unixEpoch))
        }
    }
}

/// JSON texts, and ids that a schedule may have.
enum ImportJSON {
    /// A text in quotes (RFC 8259).
    static func text(_ text: String) -> String {
        let digits = Array("0123456789abcdef")
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    result += "\\u00\(scalar.value >> 4)\(digits[Int(scalar.value & 15)])"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// An id of small letters, digits and hyphens, not among those taken.
    static func identifier(_ text: some StringProtocol, taken: inout Set<String>) -> String {
        var bytes: [UInt8] = []
        for byte in text.lowercased().utf8 {
            let isPlain = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
            if isPlain {
                bytes.append(byte)
            } else if let last = bytes.last, last != UInt8(ascii: "-") {
                bytes.append(UInt8(ascii: "-"))
            }
        }
        while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        let base = bytes.isEmpty ? "job" : String(decoding: bytes.prefix(40), as: UTF8.self)
        var name = base
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }
}
