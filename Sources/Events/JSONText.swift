/// Writes messages as JSON: one object, members in the order of the fields, defaults left out.
///
/// The same message gives the same bytes. Moments are ISO 8601 in UTC with microseconds, bytes
/// are lower-case hex, 64-bit integers are numbers.
public struct JSONText: FieldVisitor {
    /// What was written so far, without the closing brace.
    private var text = "{"

    /// An empty object.
    public init() {}

    /// The object, closed.
    public var object: String { text + "}" }

    /// A message as one JSON object.
    public static func of<M: WireMessage>(_ message: M) -> String {
        var writer = JSONText()
        writer.append(message)
        return writer.object
    }

    /// Adds a message's fields as members.
    public mutating func append<M: WireMessage>(_ message: M) {
        var copy = message
        do {
            try copy.fields(&self)
        } catch {
            preconditionFailure("a writer never refuses a field: \(error)")
        }
    }

    private mutating func name(_ name: StaticString) {
        if text.utf8.count > 1 { text += "," }
        text += "\"\(name)\":"
    }

    /// Adds a member whose value is JSON already.
    public mutating func member(_ label: StaticString, json: String) {
        name(label)
        text += json
    }

    /// Adds a text member, even where it is empty.
    public mutating func member(_ label: StaticString, text value: String) {
        name(label)
        text += Self.quoted(value)
    }

    /// Text as a JSON string (RFC 8259, section 7), controls escaped.
    public static func quoted(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Bytes as lower-case hex.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var result = ""
        for byte in bytes {
            if byte < 16 { result += "0" }
            result += String(byte, radix: 16)
        }
        return result
    }

    public mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        if !value.isEmpty { member(name, text: value) }
    }

    public mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        if value.isEmpty { return }
        member(name, json: "[" + value.map(Self.quoted).joined(separator: ",") + "]")
    }

    public mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        if value != 0 { member(name, json: String(value)) }
    }

    public mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        if value.isEmpty { return }
        member(name, json: "[" + value.map { String($0) }.joined(separator: ",") + "]")
    }

    public mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        if value != 0 { member(name, json: String(value)) }
    }

    public mutating func optionalInt(
        _ number: Int, _ name: StaticString, _ value: inout Int64?
    ) {
        if let value { member(name, json: String(value)) }
    }

    public mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        if value != 0 { member(name, text: UTCText.of(microseconds: value)) }
    }

    public mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        if value { member(name, json: "true") }
    }

    public mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        if !value.isEmpty { member(name, text: Self.hex(value)) }
    }

    public mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) {
        if let value { member(name, json: Self.of(value)) }
    }

    public mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) {
        if value.isEmpty { return }
        member(name, json: "[" + value.map { Self.of($0) }.joined(separator: ",") + "]")
    }
}

/// Moments as text, for records and exports: always UTC, always microseconds.
public enum UTCText {
    /// `2026-03-29T01:00:00.000000Z`, for the years 0 to 9999; others have a sign and more digits.
    ///
    /// The civil date is computed as in Howard Hinnant's `civil_from_days`.
    public static func of(microseconds: Int64) -> String {
        let (day, rest) = floorDivide(microseconds, 86_400_000_000)
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let second = rest / 1_000_000
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2) + "T"
            + pad(second / 3_600, 2) + ":" + pad(second / 60 % 60, 2) + ":" + pad(second % 60, 2)
            + "." + pad(rest % 1_000_000, 6) + "Z"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        // By the remainder, never by `quotient * divisor`: that overflows near Int64.min.
        let remainder = value % divisor
        if remainder >= 0 { return (value / divisor, remainder) }
        return (value / divisor - 1, remainder + divisor)
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }
}
