import Events

/// Reads JSON strictly (RFC 8259), keeping the line and column of every value and key.
///
/// Foundation's readers keep no places, and take the last of two equal keys without a word.
struct JSONReader {
    private var cursor: JSONCursor
    private let bytes: [UInt8]
    private let file: String
    /// The line and column at `seen`, which only moves on: a file may be one line of 16 MB.
    private var line = 1
    private var column = 1
    private var seen = 0
    private var nodeCount = 0

    /// The tree of a file's bytes, which must be UTF-8.
    static func read(_ bytes: [UInt8], file: String) throws(SourceError) -> SourceNode {
        var reader = JSONReader(bytes: bytes, file: file)
        do throws(JSONCursor.Fault) {
            let root = try reader.value(depth: 0)
            try reader.cursor.end()
            return root
        } catch {
            throw SourceError(
                reader.place(at: error.offset), error.problem,
                error.remedy ?? "write JSON as in RFC 8259, or rename the file to .yaml")
        }
    }

    private init(bytes: [UInt8], file: String) {
        cursor = JSONCursor(bytes[...], of: "file")
        self.bytes = bytes
        self.file = file
    }

    /// The line and column of a byte that is not before the last one asked for.
    private mutating func place(at offset: Int) -> SourcePlace {
        for byte in bytes[seen..<offset] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                // Continuation bytes (10xxxxxx) belong to the scalar before them.
                column += 1
            }
        }
        seen = offset
        return SourcePlace(file, line, column)
    }

    private mutating func value(depth: Int) throws(JSONCursor.Fault) -> SourceNode {
        cursor.skipSpace()
        let offset = cursor.offset
        nodeCount += 1
        if nodeCount > Limits.nodeCountMax {
            throw JSONCursor.Fault(
                at: offset, "the file holds more than \(Limits.nodeCountMax) values",
                remedy: "split it into several files")
        }
        if depth > Limits.nestingDepthMax {
            throw JSONCursor.Fault(
                at: offset, "values are nested deeper than \(Limits.nestingDepthMax)",
                remedy: "remove the inner levels")
        }
        let start = place(at: offset)
        switch try cursor.start() {
        case .object: return SourceNode(.map(try members(depth)), start)
        case .list: return SourceNode(.list(try elements(depth)), start)
        case .text: return SourceNode(.text(try cursor.text()), start)
        case .number: return SourceNode(.number(try cursor.number()), start)
        case .flag(let flag): return SourceNode(.bool(flag), start)
        case .null: return SourceNode(.null, start)
        }
    }

    private mutating func members(_ depth: Int) throws(JSONCursor.Fault) -> [SourceMember] {
        var result: [SourceMember] = []
        var lines: [String: Int] = [:]
        let close = UInt8(ascii: "}")
        if cursor.open(close) { return result }
        while true {
            try cursor.expectKey()
            let offset = cursor.offset
            let keyPlace = place(at: offset)
            let key = try cursor.text()
            if let first = lines.updateValue(keyPlace.line, forKey: key) {
                throw JSONCursor.Fault(
                    at: offset, "the key \(shown(key)) stands twice (first on line \(first))",
                    remedy: "keep one of the two")
            }
            try cursor.colon()
            result.append(
                SourceMember(key: key, place: keyPlace, value: try value(depth: depth + 1)))
            if try cursor.isEnd(close) { return result }
        }
    }

    private mutating func elements(_ depth: Int) throws(JSONCursor.Fault) -> [SourceNode] {
        var result: [SourceNode] = []
        let close = UInt8(ascii: "]")
        if cursor.open(close) { return result }
        while true {
            result.append(try value(depth: depth + 1))
            if try cursor.isEnd(close) { return result }
        }
    }
}
