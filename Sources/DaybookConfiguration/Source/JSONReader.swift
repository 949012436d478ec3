/// Reads JSON strictly (RFC 8259), keeping the line and column of every value and key.
///
/// Foundation's readers keep no places, and take the last of two equal keys without a word.
struct JSONReader {
    private let bytes: [UInt8]
    private let file: String
    private var offset = 0
    private var line = 1
    /// The column at `columnOffset`, which only moves on: a file may be one line of 16 MB.
    private var column = 1
    private var columnOffset = 0
    private var nodeCount = 0

    /// The tree of a file's bytes, which must be UTF-8.
    static func read(_ bytes: [UInt8], file: String) throws(SourceError) -> SourceNode {
        var reader = JSONReader(bytes: bytes, file: file)
        let root = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.offset < bytes.count {
            throw reader.fault("something follows the end of the JSON value")
        }
        return root
    }

    private init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Where the offset is.
    private mutating func here() -> SourcePlace {
        // Continuation bytes (10xxxxxx) belong to the scalar before them.
        for byte in bytes[columnOffset..<offset] where byte & 0xC0 != 0x80 { column += 1 }
        columnOffset = offset
        return SourcePlace(file, line, column)
    }

    private var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func fault(_ message: String) -> SourceError {
        SourceError(here(), message, "write JSON as in RFC 8259, or rename the file to .yaml")
    }

    private mutating func skipSpace() {
        while let byte {
            switch byte {
            case 0x20, 0x09, 0x0D: offset += 1
            case 0x0A:
                offset += 1
                line += 1
                column = 1
                columnOffset = offset
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(SourceError) -> SourceNode {
        skipSpace()
        let start = here()
        nodeCount += 1
        if nodeCount > Limits.nodeCountMax {
            throw SourceError(
                start, "the file holds more than \(Limits.nodeCountMax) values",
                "split it into several files")
        }
        if depth > Limits.nestingDepthMax {
            throw SourceError(
                start, "values are nested deeper than \(Limits.nestingDepthMax)",
                "remove the inner levels")
        }
        guard let byte else { throw fault("the file ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return SourceNode(.map(try members(depth)), start)
        case UInt8(ascii: "["): return SourceNode(.list(try elements(depth)), start)
        case UInt8(ascii: "\""): return SourceNode(.text(try string()), start)
        case UInt8(ascii: "t"): return try word("true", .bool(true), start)
        case UInt8(ascii: "f"): return try word("false", .bool(false), start)
        case UInt8(ascii: "n"): return try word("null", .null, start)
        case UInt8(ascii: "-"), 0x30...0x39: return SourceNode(.number(try number()), start)
        default: throw fault("this is not the start of a JSON value")
        }
    }

    private mutating func word(
        _ word: StaticString, _ value: SourceNode.Value, _ start: SourcePlace
    ) throws(SourceError) -> SourceNode {
        let expected = Array("\(word)".utf8)
        guard bytes[offset...].starts(with: expected) else {
            throw fault("this is not the start of a JSON value")
        }
        offset += expected.count
        return SourceNode(value, start)
    }

    private mutating func members(_ depth: Int) throws(SourceError) -> [SourceMember] {
        var result: [SourceMember] = []
        var lines: [String: Int] = [:]
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "}") {
            offset += 1
            return result
        }
        while true {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else {
                throw fault("a key in quotation marks is expected")
            }
            let keyPlace = here()
            let key = try string()
            if let first = lines.updateValue(keyPlace.line, forKey: key) {
                throw SourceError(
                    keyPlace, "the key \(shown(key)) stands twice (first on line \(first))",
                    "keep one of the two")
            }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw fault("a ':' is expected after the key") }
            offset += 1
            result.append(
                SourceMember(key: key, place: keyPlace, value: try value(depth: depth + 1)))
            if try isEnd(UInt8(ascii: "}")) { return result }
        }
    }

    private mutating func elements(_ depth: Int) throws(SourceError) -> [SourceNode] {
        var result: [SourceNode] = []
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "]") {
            offset += 1
            return result
        }
        while true {
            result.append(try value(depth: depth + 1))
            if try isEnd(UInt8(ascii: "]")) { return result }
        }
    }

    /// After an element: whether the closing byte follows; a comma is passed over.
    private mutating func isEnd(_ close: UInt8) throws(SourceError) -> Bool {
        skipSpace()
        guard byte == close || byte == UInt8(ascii: ",") else {
            throw fault("a ',' or '\(Character(UnicodeScalar(close)))' is expected")
        }
        offset += 1
        return bytes[offset - 1] == close
    }

    private mutating func number() throws(SourceError) -> String {
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") {
            offset += 1
        } else if try digits() == 0 {
            throw fault("a digit is expected")
        }
        if byte == UInt8(ascii: ".") {
            offset += 1
            if try digits() == 0 { throw fault("a digit is expected after the point") }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            if try digits() == 0 { throw fault("a digit is expected in the exponent") }
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func digits() throws(SourceError) -> Int {
        let start = offset
        while let byte, (0x30...0x39).contains(byte) { offset += 1 }
        return offset - start
    }

    private mutating func string() throws(SourceError) -> String {
        offset += 1
        var content: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                let scalar = try escape()
                content.append(contentsOf: String(Character(scalar)).utf8)
            case 0..<0x20: throw fault("a control character stands in a text without being escaped")
            default:
                content.append(byte)
                offset += 1
            }
        }
        throw fault("the file ends inside a text")
    }

    private mutating func escape() throws(SourceError) -> UnicodeScalar {
        guard offset + 1 < bytes.count else { throw fault("the file ends inside a text") }
        let code = bytes[offset + 1]
        let plain: [UInt8: UnicodeScalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
            UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
            UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let scalar = plain[code] {
            offset += 2
            return scalar
        }
        guard code == UInt8(ascii: "u") else { throw fault("an unknown escape stands in a text") }
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
    private mutating func hexUnit() throws(SourceError) -> UInt32 {
        guard offset + 6 <= bytes.count, bytes[offset + 1] == UInt8(ascii: "u") else {
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
