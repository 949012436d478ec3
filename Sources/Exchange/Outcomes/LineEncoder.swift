import X12

/// Writes an object of a line: fields in their order, no spaces, nothing that is left out.
///
/// The same value gives the same bytes.
struct LineEncoder: LineVisitor {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// The object of a value.
    static func encode(_ value: some LineFields) -> [UInt8] {
        var value = value
        var encoder = LineEncoder()
        value.fields(&encoder)
        encoder.bytes.append(UInt8(ascii: "}"))
        return encoder.bytes
    }

    private mutating func key(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        quote(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quote(_ text: String) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func list<T>(_ values: [T], _ write: (inout LineEncoder, T) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(&self, value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func text(_ name: String, _ value: inout String, _ rule: LineRule) {
        if rule.isOptional && value.isEmpty { return }
        key(name)
        quote(value)
    }

    mutating func text(_ name: String, _ value: inout String?, _ rule: LineRule) {
        guard let value else { return }
        key(name)
        quote(value)
    }

    mutating func flag(_ name: String, _ value: inout Bool) {
        key(name)
        bytes += Array((value ? "true" : "false").utf8)
    }

    mutating func number(_ name: String, _ value: inout UInt64?) {
        guard let value else { return }
        key(name)
        bytes += Array(String(value).utf8)
    }

    mutating func amount(_ name: String, _ value: inout Cents) {
        key(name)
        quote(LineAmount.text(value))
    }

    mutating func amount(_ name: String, _ value: inout Cents?) {
        guard var amount = value else { return }
        self.amount(name, &amount)
    }

    mutating func texts(
        _ name: String, _ value: inout [String], _ count: ClosedRange<Int>, _ rule: LineRule
    ) {
        if value.isEmpty && count.lowerBound == 0 { return }
        key(name)
        list(value) { $0.quote($1) }
    }

    mutating func segments(_ name: String, _ value: inout [[String]]) {
        key(name)
        list(value) { $0.list($1) { $0.quote($1) } }
    }

    mutating func object<T: LineFields>(_ name: String, _ value: inout T) {
        key(name)
        bytes += Self.encode(value)
    }

    mutating func object<T: LineFields>(_ name: String, _ value: inout T?) {
        guard var object = value else { return }
        self.object(name, &object)
    }

    mutating func objects<T: LineFields>(
        _ name: String, _ value: inout [T], _ count: ClosedRange<Int>
    ) {
        if value.isEmpty && count.lowerBound == 0 { return }
        key(name)
        list(value) { $0.bytes += Self.encode($1) }
    }

    mutating func skip(_ name: String) {}
    mutating func refuse(_ name: String, _ problem: String, _ remedy: String) {}
}

/// Amounts as texts, such as `123.45`.
///
/// JSON's numbers are not used: many programs make floating point of
/// them, which has no cents.
enum LineAmount {
    /// Digits before the point.
    private static let digitCountMax = 13

    /// An amount with two digits after the point.
    static func text(_ amount: Cents) -> String {
        let magnitude = amount.value.magnitude
        let rest = magnitude % 100
        return (amount.value < 0 ? "-" : "") + "\(magnitude / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The amount of a text: a sign, at most 13 digits, and a point with one or two more.
    static func read(_ text: String) -> Cents? {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes.removeFirst() }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, (1...digitCountMax).contains(whole.count),
            whole.count == 1 || whole.first != UInt8(ascii: "0"),
            parts.count == 1 || (1...2).contains(parts[1].count),
            parts.joined().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var cents = parts.count == 2 ? Array(parts[1]) : []
        while cents.count < 2 { cents.append(UInt8(ascii: "0")) }
        // Fifteen digits at the most: they always fit.
        let value = (whole + cents).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return Cents(isNegative ? -value : value)
    }
}
