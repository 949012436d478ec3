import Events
import X12

/// What a text of a line must be.
struct LineRule: Sendable {
    enum Kind: Sendable { case element, echo, name, date, time }
    let kind: Kind
    /// How many characters at the least and at the most.
    let count: ClosedRange<Int>
    /// Whether the field may be left out; it is empty then.
    let isOptional: Bool

    /// A text that stands in an element: printed ASCII, no delimiter, no space at its ends.
    static func text(_ count: Int, least: Int = 1) -> LineRule {
        LineRule(kind: .element, count: least...count, isOptional: false)
    }
    /// A name of ours, which stands in no element.
    static func name(_ count: Int) -> LineRule {
        LineRule(kind: .name, count: 1...count, isOptional: false)
    }
    /// A day, CCYYMMDD.
    static let date = LineRule(kind: .date, count: 8...8, isOptional: false)
    /// A time, HHMM.
    static let time = LineRule(kind: .time, count: 4...4, isOptional: false)
    /// A text that repeats an element of a partner's, where that can be repeated.
    static func echo(_ count: Int) -> LineRule {
        LineRule(kind: .echo, count: 1...count, isOptional: true)
    }

    /// The same, for a field that may be left out.
    var optional: LineRule { LineRule(kind: kind, count: count, isOptional: true) }

    /// What is wrong with a text and what to do, without a part of it; nil where nothing is.
    func problem(_ text: String, _ delimiters: X12Delimiters) -> (String, String)? {
        let bytes = Array(text.utf8)
        if bytes.isEmpty {
            return ("is empty", isOptional ? "leave the field out" : "give it a value")
        }
        if !count.contains(bytes.count) {
            let most = "\(count.upperBound)"
            let range =
                count.lowerBound == count.upperBound ? most : "\(count.lowerBound) to \(most)"
            return ("has \(Counted.text(bytes.count, "byte"))", "give it \(range)")
        }
        switch kind {
        case .element, .echo:
            if bytes.contains(where: { delimiters.contains($0) }) {
                return ("holds a delimiter of the partner's files", "write it without")
            }
            return Self.printed(bytes, isTrimmed: kind == .element)
        case .name: return Self.printed(bytes, isTrimmed: true)
        case .date: return Self.isDate(bytes) ? nil : ("is no day", "write it as CCYYMMDD")
        case .time: return Self.isTime(bytes) ? nil : ("is no time", "write it as HHMM")
        }
    }

    private static func printed(_ bytes: [UInt8], isTrimmed: Bool) -> (String, String)? {
        guard bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            return ("holds what is not printed ASCII", "write it in letters, digits and signs")
        }
        if isTrimmed && (bytes.first == 0x20 || bytes.last == 0x20) {
            return ("begins or ends with a space", "write it without")
        }
        return nil
    }

    private static func isDigits(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isDate(_ bytes: [UInt8]) -> Bool {
        guard isDigits(bytes) else { return false }
        let (year, month) = (number(bytes[0..<4]), number(bytes[4..<6]))
        guard year > 0, (1...12).contains(month) else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(number(bytes[6..<8]))
    }

    private static func isTime(_ bytes: [UInt8]) -> Bool {
        isDigits(bytes) && number(bytes[0..<2]) < 24 && number(bytes[2..<4]) < 60
    }
}

/// What can be written as a JSON object of a line: the fields are named once, in their order, for
/// reading and for writing.
protocol LineFields {
    /// A value to be read into.
    static var blank: Self { get }
    /// Shows every field to a visitor, which reads or writes it.
    mutating func fields<V: LineVisitor>(_ v: inout V)
}

/// Goes through the fields of an object.
///
/// A reader keeps the first fault; a writer has none.
protocol LineVisitor {
    mutating func text(_ name: String, _ value: inout String, _ rule: LineRule)
    mutating func text(_ name: String, _ value: inout String?, _ rule: LineRule)
    mutating func flag(_ name: String, _ value: inout Bool)
    /// A whole number, which may be left out.
    mutating func number(_ name: String, _ value: inout UInt64?)
    mutating func amount(_ name: String, _ value: inout Cents)
    mutating func amount(_ name: String, _ value: inout Cents?)
    /// A list of texts; an empty one is left out where the count may be 0.
    mutating func texts(
        _ name: String, _ value: inout [String], _ count: ClosedRange<Int>, _ rule: LineRule)
    /// Segments: lists of elements, with the marks of components and repetitions in them.
    mutating func segments(_ name: String, _ value: inout [[String]])
    mutating func object<T: LineFields>(_ name: String, _ value: inout T)
    mutating func object<T: LineFields>(_ name: String, _ value: inout T?)
    /// A list of objects; an empty one is left out where the count may be 0.
    mutating func objects<T: LineFields>(
        _ name: String, _ value: inout [T], _ count: ClosedRange<Int>)
    /// A field that nobody can read, since another one is wrong.
    mutating func skip(_ name: String)
    /// Says that a field contradicts the others, or holds what it cannot.
    mutating func refuse(_ name: String, _ problem: String, _ remedy: String)
}
