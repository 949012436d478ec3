/// A JSON value of a line (RFC 8259), read strictly: no key stands twice, and texts are whole.
///
/// Numbers stay as they are written: nobody makes floating point of an amount.
indirect enum LineJSON: Equatable, Sendable {
    case text(String)
    case number(String)
    case flag(Bool)
    case null
    case list([LineJSON])
    case object([Member])

    /// A field of an object, in the order of the line.
    struct Member: Equatable, Sendable {
        let key: String
        let value: LineJSON
    }

    /// What a value is, for errors.
    var kind: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .flag: "true or false"
        case .null: "null"
        case .list: "a list"
        case .object: "an object"
        }
    }

    /// Objects and lists within one another.
    static let depthMax = 16

    /// Reads a line.
    ///
    /// - Throws: what is wrong and at which byte of the line, never what stands there.
    static func read(_ bytes: ArraySlice<UInt8>) throws(LineFault) -> LineJSON {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw LineFault("is not UTF-8", "write it as UTF-8")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw LineFault("begins with a byte order mark", "leave the mark out")
        }
        var reader = LineJSONReader(bytes)
        return try reader.line()
    }
}

/// Why a line cannot be taken: the field, what is wrong with it, and what to do.
struct LineFault: Error, Equatable {
    /// Such as `claims[2].charge`; empty for the line itself.
    var path = ""
    let problem: String
    let remedy: String

    init(path: String = "", _ problem: String, _ remedy: String) {
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// The fault as an error, with the line's number where there is one.
    func error(line: Int?) -> ExchangeError {
        let place = line.map { "line \($0)" } ?? "the line"
        let field = path.isEmpty ? "" : ", field '\(path)'"
        let sign = path.isEmpty ? "" : ":"
        return ExchangeError("outcome", "\(place)\(field)\(sign) \(problem); \(remedy)")
    }
}

/// Reads one line; a cursor over bytes that are known to be UTF-8.
private struct LineJSONReader {
    private let bytes: ArraySlice<UInt8>
    private let start: Int
    private var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        start = bytes.startIndex
        offset = bytes.startIndex
    }

    mutating func line() throws(LineFault) -> LineJSON {
        let value = try value(depth: 0)
        skipSpace()
        if byte != nil { throw fault("something follows the end of the object") }
        return value
    }

    private var byte: UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

    private func fault(_ problem: String) -> LineFault {
        LineFault(
            "is no JSON at byte \(offset - start + 1): \(problem)",
            "write one JSON object on the line")
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { offset += 1 }
    }

    private mutating func value(depth: Int) throws(LineFault) -> LineJSON {
        skipSpace()
        if depth > LineJSON.depthMax {
            throw fault("values are nested deeper than \(LineJSON.depthMax)")
        }
        switch byte {
        case UInt8(ascii: "{"): return .object(try members(depth))
        case UInt8(ascii: "["): return .list(try elements(depth))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the line ends where a value is expected")
        case let byte?:
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw fault("no value starts so")
            }
            return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: LineJSON) throws(LineFault) -> LineJSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw fault("no value starts so") }
        offset += word.utf8.count
        return value
    }

    private mutating func members(_ depth: Int) throws(LineFault) -> [LineJSON.Member] {
        var members: [LineJSON.Member] = []
        var keys: Set<String> = []
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "}") {
            offset += 1
            return members
        }
        while true {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw fault("a key in quotes is expected") }
            let key = try text()
            if !keys.insert(key).inserted { throw fault("a key stands twice in its object") }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw fault("a ':' is expected after the key") }
            offset += 1
            members.append(LineJSON.Member(key: key, value: try value(depth: depth + 1)))
            if try isEnd(UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func elements(_ depth: Int) throws(LineFault) -> [LineJSON] {
        var elements: [LineJSON] = []
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "]") {
            offset += 1
            return elements
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try isEnd(UInt8(ascii: "]")) { return elements }
        }
    }

    /// After an element: whether the closing byte follows; a comma is passed over.
    private mutating func isEnd(_ close: UInt8) throws(LineFault) -> Bool {
        skipSpace()
        guard byte == close || byte == UInt8(ascii: ",") else {
            throw fault("a ',' or '\(Character(UnicodeScalar(close)))' is expected")
        }
        defer { offset += 1 }
        return byte == close
    }

    private mutating func number() throws(LineFault) -> String {
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

    private mutating func text() throws(LineFault) -> String {
        offset += 1
        var content: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: String(Character(try escape())).utf8)
            case 0..<0x20: throw fault("a control character stands in a text unescaped")
            default:
                content.append(byte)
                offset += 1
            }
        }
        throw fault("the line ends inside a text")
    }

    private mutating func escape() throws(LineFault) -> UnicodeScalar {
        guard offset + 1 < bytes.endIndex else { throw fault("the line ends inside a text") }
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
            default: nil
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
    private mutating func hexUnit() throws(LineFault) -> UInt32 {
        guard bytes.endIndex - offset >= 6, bytes[offset + 1] == UInt8(ascii: "u") else {
            throw fault("an unknown escape stands in a text")
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
