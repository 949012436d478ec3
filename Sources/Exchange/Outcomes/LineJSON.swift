import Events

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
        var reader = LineJSONReader(cursor: JSONCursor(bytes, of: "line"))
        do throws(JSONCursor.Fault) {
            let value = try reader.value(depth: 0)
            try reader.cursor.end()
            return value
        } catch {
            throw LineFault(
                "is no JSON at byte \(error.offset - bytes.startIndex + 1): \(error.problem)",
                "write one JSON object on the line")
        }
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

/// Makes the values of one line.
private struct LineJSONReader {
    var cursor: JSONCursor

    mutating func value(depth: Int) throws(JSONCursor.Fault) -> LineJSON {
        cursor.skipSpace()
        if depth > LineJSON.depthMax {
            throw cursor.fault("values are nested deeper than \(LineJSON.depthMax)")
        }
        switch try cursor.start() {
        case .object: return .object(try members(depth))
        case .list: return .list(try elements(depth))
        case .text: return .text(try cursor.text())
        case .number: return .number(try cursor.number())
        case .flag(let flag): return .flag(flag)
        case .null: return .null
        }
    }

    private mutating func members(
        _ depth: Int
    ) throws(JSONCursor.Fault) -> [LineJSON.Member] {
        var members: [LineJSON.Member] = []
        var keys: Set<String> = []
        let close = UInt8(ascii: "}")
        if cursor.open(close) { return members }
        while true {
            try cursor.expectKey()
            let key = try cursor.text()
            if !keys.insert(key).inserted {
                throw cursor.fault("a key stands twice in its object")
            }
            try cursor.colon()
            members.append(LineJSON.Member(key: key, value: try value(depth: depth + 1)))
            if try cursor.isEnd(close) { return members }
        }
    }

    private mutating func elements(_ depth: Int) throws(JSONCursor.Fault) -> [LineJSON] {
        var elements: [LineJSON] = []
        let close = UInt8(ascii: "]")
        if cursor.open(close) { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            if try cursor.isEnd(close) { return elements }
        }
    }
}
