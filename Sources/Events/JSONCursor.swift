/// Reads the tokens of JSON (RFC 8259) one after the other, strictly; whoever holds it makes values
/// of them, and bounds their depth.
///
/// The bytes must be UTF-8: it does not look. Numbers stay as they are written.
public struct JSONCursor {
    /// What is wrong, and where; the cursor's own never say what stands there.
    public struct Fault: Error {
        /// The index of the byte.
        public let offset: Int
        /// What is wrong, in words.
        public let problem: String
        /// What to do; nil where it is to write JSON.
        public let remedy: String?

        /// A fault.
        public init(at offset: Int, _ problem: String, remedy: String? = nil) {
            self.offset = offset
            self.problem = problem
            self.remedy = remedy
        }
    }

    /// What a value is, by its first byte.
    public enum Start: Sendable {
        case object, list, text, number, null
        case flag(Bool)
    }

    private let bytes: ArraySlice<UInt8>
    /// What the bytes are, for errors: a file, a line.
    private let whole: String
    /// The index of the next byte.
    public private(set) var offset: Int

    /// A cursor at the first byte.
    ///
    /// - Parameter whole: what the bytes are called in errors, such as `file`.
    public init(_ bytes: ArraySlice<UInt8>, of whole: String) {
        self.bytes = bytes
        self.whole = whole
        offset = bytes.startIndex
    }

    private var byte: UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

    /// A fault at the next byte.
    public func fault(_ problem: String) -> Fault { Fault(at: offset, problem) }

    /// Passes over white space.
    public mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { offset += 1 }
    }

    /// Passes over white space, which must be all that is left.
    public mutating func end() throws(Fault) {
        skipSpace()
        if byte != nil { throw fault("something follows the end of the JSON value") }
    }

    // MARK: values

    /// What stands at the next byte, where white space was passed over; a word is read.
    public mutating func start() throws(Fault) -> Start {
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .list
        case UInt8(ascii: "\""): return .text
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the \(whole) ends where a value is expected")
        case let byte?:
            if byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) { return .number }
            throw fault("this is not the start of a JSON value")
        }
    }

    private mutating func word(_ word: String, _ start: Start) throws(Fault) -> Start {
        guard bytes[offset...].starts(with: word.utf8) else {
            throw fault("this is not the start of a JSON value")
        }
        offset += word.utf8.count
        return start
    }

    /// Passes over the bracket that opens an object or a list: whether the closing one follows,
    /// which is passed over too.
    public mutating func open(_ close: UInt8) -> Bool {
        offset += 1
        skipSpace()
        guard byte == close else { return false }
        offset += 1
        return true
    }

    /// After an element: whether the closing bracket follows; a comma is passed over.
    public mutating func isEnd(_ close: UInt8) throws(Fault) -> Bool {
        skipSpace()
        guard byte == close || byte == UInt8(ascii: ",") else {
            throw fault("a ',' or '\(Character(UnicodeScalar(close)))' is expected")
        }
        defer { offset += 1 }
        return byte == close
    }

    /// Passes over white space, which a key must follow.
    public mutating func expectKey() throws(Fault) {
        skipSpace()
        guard byte == UInt8(ascii: "\"") else {
            throw fault("a key in quotation marks is expected")
        }
    }

    /// Passes over the colon after a key.
    public mutating func colon() throws(Fault) {
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw fault("a ':' is expected after the key") }
        offset += 1
    }

    // MARK: numbers

    /// Reads a number, as it is written.
    public mutating func number() throws(Fault) -> String {
        let first = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") {
            offset += 1
        } else if digits() == 0 {
            throw fault("a digit is expected")
        }
        if byte == UInt8(ascii: ".") {
            offset += 1
            if digits() == 0 { throw fault("a digit is expected after the point") }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            if digits() == 0 { throw fault("a digit is expected in the exponent") }
        }
        return String(decoding: bytes[first..<offset], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let first = offset
        while let byte, (0x30...0x39).contains(byte) { offset += 1 }
        return offset - first
    }

    // MARK: texts

    /// Reads a text, or a key: the next byte is its first quotation mark.
    public mutating func text() throws(Fault) -> String {
        offset += 1
        let first = offset
        skipPlain()
        if byte == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return String(decoding: bytes[first..<offset], as: UTF8.self)
        }
        var content = Array(bytes[first..<offset])
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: String(Character(try escape())).utf8)
            case 0..<0x20:
                throw fault("a control character stands in a text without being escaped")
            default:
                let start = offset
                skipPlain()
                content += bytes[start..<offset]
            }
        }
        throw textEnds
    }

    private var textEnds: Fault { fault("the \(whole) ends inside a text") }

    /// Passes over bytes that stand for themselves in a text.
    private mutating func skipPlain() {
        while let byte, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            offset += 1
        }
    }

    private mutating func escape() throws(Fault) -> UnicodeScalar {
        guard offset + 1 < bytes.endIndex else { throw textEnds }
        let plain: UnicodeScalar? =
            switch bytes[offset + 1] {
            case UInt8(ascii: "\""): "\""
            case UInt8(ascii: "\\"): "\\"
            case UInt8(ascii: "/"): "/"
            case UInt8(ascii: "b"): "\u{8}"
            case UInt8(ascii: "f"): "\u{C}"
            case UInt8(ascii: "n"): "\n"
            case UInt8(ascii: "r"): "\r"
            case UInt8(ascii: "t"): "\t"
            case UInt8(ascii: "u"): nil
            default: throw fault("an unknown escape stands in a text")
            }
        if let plain {
            offset += 2
            return plain
        }
        let first = try hexUnit()
        if let scalar = UnicodeScalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), byte == UInt8(ascii: "\\") else {
            throw fault("half of a surrogate pair stands alone")
        }
        let second = try hexUnit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault("half of a surrogate pair stands alone") }
        return scalar
    }

    /// The four hex digits of `\uXXXX`, which starts at the offset.
    private mutating func hexUnit() throws(Fault) -> UInt32 {
        guard bytes.endIndex - offset >= 6, bytes[offset + 1] == UInt8(ascii: "u") else {
            throw fault("four hex digits are expected after \\u")
        }
        var unit: UInt32 = 0
        for digit in bytes[(offset + 2)..<(offset + 6)] {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue else {
                throw fault("four hex digits are expected after \\u")
            }
            unit = unit << 4 | UInt32(value)
        }
        offset += 6
        return unit
    }
}
