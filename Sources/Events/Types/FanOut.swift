// What a definition says of the elements that it was fanned out for, and of folders and files.

/// A folder that the runs of a schedule work in.
public struct FolderTemplate: WireMessage {
    /// The name by which the target asks for it, such as `input`.
    public var name = ""
    /// Its path below the work folder: a template.
    public var path = ""
    public var unknownFields: [UInt8] = []

    /// An empty folder.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.text(2, "path", &path)
    }
}

/// The input files of a run, looked for just before its target is called.
public struct FileDiscovery: WireMessage {
    /// The name of the folder that they lie in.
    public var folder = ""
    /// What their names match: a template, in which `*` stands for any text and `?` for one
    /// character.
    public var pattern = ""
    /// So many there must be; 0 for 1.
    public var countMin: UInt64 = 0
    /// What becomes of the run where there are fewer: `fail` (also empty), `skip` or `run`.
    public var onNone = ""
    public var unknownFields: [UInt8] = []

    /// A discovery with every field at its default.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "in", &folder)
        try v.text(2, "pattern", &pattern)
        try v.uint(3, "min", &countMin)
        try v.text(4, "onNone", &onNone)
    }

    /// The class of failure of an attempt that found too few files.
    public static let failureClass = "noInput"
    /// The parameter of a run that holds its pattern, rendered.
    public static let parameter = "files.pattern"
}

extension FolderTemplate {
    /// The parameter of a run that holds this folder's path, rendered.
    public var parameter: String { "folder." + name }
}

/// A folder that an attempt works in.
public struct WorkFolder: Sendable, Equatable {
    /// The name by which its target asks for it.
    public var name: String
    /// Its path below the work folder, rendered.
    public var path: String
    /// Whether its path has a date, so that it is of few runs and not for ever.
    public var isDated: Bool

    /// A folder.
    public init(name: String, path: String, isDated: Bool) {
        self.name = name
        self.path = path
        self.isDated = isDated
    }
}

/// The id of one element's schedule: `JOB[ELEMENT]`.
public struct ElementId: Sendable, Hashable {
    /// The job that was fanned out.
    public let job: String
    /// The element.
    public let element: String

    /// The element of a run that is for none of them.
    public static let none = "none"
    /// The longest name of an element, in bytes.
    public static let elementByteCountMax = 64

    /// An id of its parts.
    public init(job: String, element: String) {
        self.job = job
        self.element = element
    }

    /// Reads a schedule's id; nil where it is not that of an element.
    public init?(_ jobId: String) {
        let bytes = jobId.utf8
        guard bytes.last == UInt8(ascii: "]"), let open = bytes.lastIndex(of: UInt8(ascii: "[")),
            open > bytes.startIndex
        else { return nil }
        let element = String(jobId[bytes.index(after: open)...].dropLast())
        guard Self.isElement(element) else { return nil }
        self.init(job: String(jobId[..<open]), element: element)
    }

    /// The schedule's id.
    public var text: String { "\(job)[\(element)]" }

    /// Whether a text may name an element: letters, digits, `-`, `_` and `.`, the last not first,
    /// at most 64.
    public static func isElement(_ text: String) -> Bool {
        (1...elementByteCountMax).contains(text.utf8.count)
            && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    /// Whether a schedule is meant by the id that somebody gave: its own, or that of the job that
    /// it is an element of.
    ///
    /// - Parameter element: only this element; nil for all.
    public static func matches(_ jobId: String, job: String, element: String? = nil) -> Bool {
        // By bytes: two texts can be equal and have different ones.
        func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
        if let element {
            return isSame(jobId, ElementId(job: job, element: element).text)
        }
        if isSame(jobId, job) { return true }
        guard jobId.utf8.count > job.utf8.count, jobId.utf8.starts(with: job.utf8),
            let id = ElementId(jobId)
        else { return false }
        return isSame(id.job, job)
    }
}

/// Rules of paths below the work folder.
public enum FolderPath {
    /// The longest path, in bytes.
    public static let byteCountMax = 512

    /// What is wrong with a path, as the end of a sentence; nil where it is fine: relative, without
    /// empty parts, `.`, `..`, hidden parts, blanks at an end, control characters and backslashes.
    public static func fault(_ path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.utf8.count > byteCountMax { return "has more than \(byteCountMax) bytes" }
        if path.hasPrefix("/") { return "is absolute" }
        let isBad = path.unicodeScalars.contains {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\\"
        }
        if isBad { return "holds a control character or a backslash" }
        for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            if part.isEmpty { return "has an empty part" }
            if part.count > 255 { return "has a part of more than 255 bytes" }
            if part.first == UInt8(ascii: ".") { return "has a part that begins with a dot" }
            if part.first == UInt8(ascii: " ") || part.last == UInt8(ascii: " ") {
                return "has a part with a blank at an end"
            }
        }
        return nil
    }
}
