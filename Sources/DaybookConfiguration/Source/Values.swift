import Foundation
import Timetable

/// Reads single values, each with its rules.
enum Values {
    static func text(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) -> String? {
        if case .text(let text) = node.value {
            if let bad = text.unicodeScalars.first(where: isForbidden) {
                log.error(
                    node.place, path, "the text holds the control character U+\(hex(bad))",
                    "remove it")
                return nil
            }
            return text
        }
        log.error(
            node.place, path, "text is expected, and this is \(node.kindName)",
            "put the value between quotes")
        return nil
    }

    /// Text, number or flag as text, as parameters and variables are given.
    static func scalar(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) -> String? {
        switch node.value {
        case .number(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .text: return text(node, path, &log)
        case .null, .list, .map:
            log.error(
                node.place, path,
                "text, a number, true or false is expected, and this is "
                    + node.kindName, "write a single value")
            return nil
        }
    }

    /// A control character other than tab and line feed.
    private static func isForbidden(_ scalar: UnicodeScalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t" && scalar != "\n")
            || (0x7F...0x9F).contains(scalar.value)
    }

    private static func hex(_ scalar: UnicodeScalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A name in its NFC form: 1 to 128 bytes, no control characters, no `/`, no blank at an end.
    static func identifier(
        _ text: String, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) -> String? {
        let name = text.precomposedStringWithCanonicalMapping
        let fault: String?
        if name.isEmpty {
            fault = "the name is empty"
        } else if name.utf8.count > Limits.identifierByteCountMax {
            fault = "the name has more than \(Limits.identifierByteCountMax) bytes"
        } else if name.unicodeScalars.contains(where: isForbiddenInName) {
            fault = "the name \(shown(name)) holds a control character, a line separator or a '/'"
        } else if name.first == " " || name.last == " " {
            fault = "the name \(shown(name)) starts or ends with a blank"
        } else if name == "." || name == ".." {
            fault = "the name \(shown(name)) means a folder"
        } else {
            fault = nil
        }
        guard let fault else { return name }
        log.error(place, path, fault, "choose a name such as 834-nightly")
        return nil
    }

    private static func isForbiddenInName(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "/"
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// A duration in seconds: `5m`, `1h30m`, `PT5M`, or a number of seconds.
    static func seconds(
        _ node: SourceNode, _ path: String, _ range: ClosedRange<UInt64>, _ log: inout ProblemLog
    ) -> UInt64? {
        guard let seconds = seconds(of: node) else {
            log.error(
                node.place, path, "this is not a duration",
                "write for example 30s, 5m, 1h30m, PT5M, or a whole number of seconds")
            return nil
        }
        if range.contains(seconds) { return seconds }
        log.error(
            node.place, path,
            "the duration must be from \(duration(range.lowerBound)) to "
                + duration(range.upperBound), "choose one in that range")
        return nil
    }

    private static func seconds(of node: SourceNode) -> UInt64? {
        switch node.value {
        case .number(let text): return UInt64(text)
        case .text(let text): return seconds(of: text)
        case .null, .bool, .list, .map: return nil
        }
    }

    /// The seconds of a duration's text; `nil` where it is none.
    static func seconds(of text: String) -> UInt64? {
        if let seconds = UInt64(text) { return seconds }
        if ["0s", "0m", "0h", "PT0S"].contains(text) { return 0 }
        guard let interval = try? Interval(parsing: text) else { return nil }
        return UInt64(interval.periodMicroseconds / 1_000_000)
    }

    /// A duration in its one canonical form: the greatest unit that divides it, as in `90m`.
    static func duration(_ seconds: UInt64) -> String {
        if seconds == 0 { return "0s" }
        for (unit, size) in [("d", UInt64(86_400)), ("h", 3_600), ("m", 60)]
        where seconds % size == 0 { return "\(seconds / size)\(unit)" }
        return "\(seconds)s"
    }

    /// A date `YYYY-MM-DD`.
    static func date(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) -> CivilDate? {
        guard let text = text(node, path, &log) else { return nil }
        do {
            return try CivilDate(parsing: text)
        } catch {
            problem(error, node.place, path, &log)
            return nil
        }
    }

    /// Notes what Timetable says of a value; its last sentence is the remedy.
    static func problem(
        _ error: TimetableError, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) {
        var message = error.message
        if message.hasSuffix(".") { message.removeLast() }
        var remedy = "write it as docs/configuration.md says"
        for end in [". ", "? "] {
            guard let range = message.range(of: end) else { continue }
            remedy =
                message[range.upperBound...].prefix(1).lowercased()
                + message[range.upperBound...].dropFirst()
            message = String(message[..<range.lowerBound])
            break
        }
        if let column = error.column, error.field != nil {
            message += " (\(error.field ?? "") at character \(column))"
        }
        log.error(place, path, message, remedy)
    }
}
