/// Reads JSON that others wrote (RFC 8259): all of it is checked, and only what is asked for is
/// kept.
///
/// Stricter than the RFC in one point: a member stands once in its object. Numbers are exact, text
/// is compared by its bytes, and memory and depth are bounded.
package struct JSONScan {
    /// A value; what is in an array or object is read when it is asked for.
    package enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case integer(Int128)
        /// A number with a fraction or an exponent, or one beyond 128 bits.
        case number
        /// The text in UTF-8, escapes resolved.
        case text([UInt8])
        case array(Range<Int>)
        case object(Range<Int>)
    }

    /// What is wrong with the text, in words.
    package struct Malformed: Error {
        package var description: String
    }

    private let bytes: [UInt8]
    private var offset: Int
    private var depth = 0

    /// Far more than any file of ours has.
    private static let depthMax = 500

    private init(_ bytes: [UInt8], at offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// The members of the one object that a text is.
    package static func object(_ bytes: [UInt8]) throws(Malformed) -> [[UInt8]: Value] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Malformed(description: "the bytes are not UTF-8")
        }
        var scan = JSONScan(bytes, at: 0)
        scan.skipSpace()
        guard scan.peek == UInt8(ascii: "{") else { throw scan.malformed("not an object") }
        let members = try scan.members(isKept: true)
        scan.skipSpace()
        guard scan.offset == bytes.count else { throw scan.malformed("more behind the object") }
        return members
    }

    /// The members of an object within a text that `object` has read.
    package static func members(
        _ bytes: [UInt8], of object: Range<Int>
    ) throws(Malformed) -> [[UInt8]: Value] {
        var scan = JSONScan(bytes, at: object.lowerBound)
        return try scan.members(isKept: true)
    }

    /// The elements of an array within a text that `object` has read.
    package static func elements(
        _ bytes: [UInt8], of array: Range<Int>
    ) throws(Malformed) -> [Value] {
        var scan = JSONScan(bytes, at: array.lowerBound)
        return try scan.elements(isKept: true)
    }

    // MARK: values

    private func malformed(_ what: String) -> Malformed {
        Malformed(description: "\(what), at byte \(offset)")
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func value() throws(Malformed) -> Value {
        guard depth < Self.depthMax else { throw malformed("nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        let start = offset
        switch peek {
        case UInt8(ascii: "{"):
            _ = try members(isKept: false)
            return .object(start..<offset)
        case UInt8(ascii: "["):
            _ = try elements(isKept: false)
            return .array(start..<offset)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func members(isKept: Bool) throws(Malformed) -> [[UInt8]: Value] {
        var found: [[UInt8]: Value] = [:]
        offset += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return found }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw malformed("no member's name") }
            let name = try text()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed("no colon") }
            skipSpace()
            let value = try value()
            guard found.updateValue(isKept ? value : .null, forKey: name) == nil else {
                throw malformed(Self.twice(name))
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("an object without its end") }
        return found
    }

    /// Names a member where it is a plain word.
    private static func twice(_ name: [UInt8]) -> String {
        let isWord =
            (1...64).contains(name.count)
            && name.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
        guard isWord else { return "a member stands twice" }
        return "member '\(String(decoding: name, as: UTF8.self))' stands twice"
    }

    private mutating func elements(isKept: Bool) throws(Malformed) -> [Value] {
        var found: [Value] = []
        offset += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return found }
        repeat {
            skipSpace()
            let value = try value()
            if isKept { found.append(value) }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("an array without its end") }
        return found
    }

    private mutating func literal(_ word: String, _ value: Value) throws(Malformed) -> Value {
        let end = offset + word.utf8.count
        guard end <= bytes.count, bytes[offset..<end].elementsEqual(word.utf8) else {
            throw malformed("no value")
        }
        offset = end
        return value
    }

    private mutating func number() throws(Malformed) -> Value {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let first = peek
        guard digits() > 0 else { throw malformed("no value") }
        if first == UInt8(ascii: "0"), bytes[offset - 1] != first || offset - start > 2 {
            throw malformed("a number with a zero in front")
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard digits() > 0 else { throw malformed("no digits behind a point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            guard digits() > 0 else { throw malformed("no digits in an exponent") }
        }
        guard isInteger else { return .number }
        let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
        return Int128(digits).map { .integer($0) } ?? .number
    }

    private mutating func digits() -> Int {
        let start = offset
        while let byte = peek, byte >= 0x30, byte <= 0x39 { offset += 1 }
        return offset - start
    }

    // MARK: text

    private mutating func text() throws(Malformed) -> [UInt8] {
        offset += 1
        var found: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return found
            case UInt8(ascii: "\\"): found += try escape()
            case 0..<0x20: throw malformed("a control character in a text")
            default: found.append(byte)
            }
        }
        throw malformed("a text without its end")
    }

    private mutating func escape() throws(Malformed) -> [UInt8] {
        guard let byte = peek else { throw malformed("a text without its end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw malformed("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(Malformed) -> [UInt8] {
        let high = try hex()
        let after = offset
        if (0xD800..<0xDC00).contains(high), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = try hex()
            if (0xDC00..<0xE000).contains(low) {
                return Self.utf8(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            }
        }
        offset = after
        // Half of a pair stays what it is: text is only compared here.
        return Self.utf8(high)
    }

    private mutating func hex() throws(Malformed) -> UInt32 {
        guard bytes.count - offset >= 4 else { throw malformed("an escape without its end") }
        var value: UInt32 = 0
        for byte in bytes[offset..<(offset + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("an escape that is not hexadecimal")
            }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }

    private static func utf8(_ code: UInt32) -> [UInt8] {
        func byte(_ lead: UInt32, _ shift: UInt32, _ mask: UInt32) -> UInt8 {
            UInt8(lead | code >> shift & mask)
        }
        switch code {
        case 0..<0x80: return [UInt8(code)]
        case 0x80..<0x800: return [byte(0xC0, 6, 0x1F), byte(0x80, 0, 0x3F)]
        case 0x800..<0x10000:
            return [byte(0xE0, 12, 0x0F), byte(0x80, 6, 0x3F), byte(0x80, 0, 0x3F)]
        default:
            return [
                byte(0xF0, 18, 0x07), byte(0x80, 12, 0x3F), byte(0x80, 6, 0x3F),
                byte(0x80, 0, 0x3F),
            ]
        }
    }
}
