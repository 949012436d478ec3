/// Where something stands in a file of the configuration.
struct SourcePlace: Sendable, Hashable {
    /// The file, relative to the configuration folder.
    var file: String
    /// The line, the first being 1; 0 for the whole file.
    var line: Int
    /// The column in Unicode scalars, the first being 1; 0 for the whole line.
    var column: Int

    init(_ file: String, _ line: Int = 0, _ column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `FILE:LINE`, for messages that name a second place.
    var short: String { line > 0 ? "\(file):\(line)" : file }
}

/// A value that was read from a JSON or YAML file, with its place.
///
/// Both formats become the same tree, so that everything after this knows of neither.
struct SourceNode: Sendable {
    indirect enum Value: Sendable {
        case null
        case bool(Bool)
        /// A number, as it was written.
        case number(String)
        case text(String)
        case list([SourceNode])
        case map([SourceMember])
    }

    var value: Value
    var place: SourcePlace

    init(_ value: Value, _ place: SourcePlace) {
        self.value = value
        self.place = place
    }

    /// What it is, for messages.
    var kindName: String {
        switch value {
        case .null: "nothing"
        case .bool: "true or false"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The members, where it is a map.
    var members: [SourceMember]? {
        if case .map(let members) = value { members } else { nil }
    }

    /// A member's value by its key, where it is a map that has it.
    subscript(_ key: String) -> SourceNode? { members?.first { $0.key == key }?.value }
}

/// A key and its value.
struct SourceMember: Sendable {
    var key: String
    var place: SourcePlace
    var value: SourceNode
}

/// Why a file is not JSON or YAML that can be read.
struct SourceError: Error {
    var place: SourcePlace
    var message: String
    var remedy: String

    init(_ place: SourcePlace, _ message: String, _ remedy: String) {
        self.place = place
        self.message = message
        self.remedy = remedy
    }
}

/// Whether one text is before another by its UTF-8 bytes.
///
/// Swift's own order of strings is by canonical equivalence, which records must not depend on.
func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
}

/// A piece of input, fit to be quoted in a message: short, and without control characters.
func shown(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar -> Character in
        scalar.value < 0x20 || scalar.value == 0x7F ? "?" : Character(scalar)
    }
    return "'" + String(shown) + (text.unicodeScalars.count > 60 ? "…'" : "'")
}
