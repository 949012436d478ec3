import Events
import Timetable

/// Makes one schedule for each element of a job that has `forEach`.
///
/// An element's schedule is the job with what the element says itself put over it, as an overlay
/// would, and with its name in place of the token: from there on it is read like any other, so that
/// it has a state, a definition and a place in the plan of its own.
struct FanOut {
    /// Elements of one job.
    static let elementCountMax = 10_000

    static let fields = [
        FieldSpec(
            "list",
            #"{"type":"array","minItems":1,"items":{"type":["string","integer","object"]}}"#,
            "The elements: names, or maps."),
        FieldSpec("file", Schema.identifier, "Instead of list: a file in the folder lists."),
        FieldSpec(
            "as", Schema.text, "The token that stands for the element's name, element by default."),
        FieldSpec(
            "none", ##"{"type":["boolean","object"]}"##,
            "One run more, for none of them: true, or a map of what is different for it."),
    ]

    /// What an element may hold: its name, and whatever it changes of the job.
    static let elementFields =
        [FieldSpec("name", Schema.text, "Its name.", required: true)]
        + JobFields.job.filter { !["jobId", "jobType", "forEach"].contains($0.name) }
        .map { FieldSpec($0.name, $0.schema, $0.summary) }

    /// A schedule to be read.
    struct Expanded {
        var node: SourceNode
        /// The element; nil where the job was not fanned out.
        var element: String?
    }

    /// The files of `lists/` as they were read, by name.
    let lists: [String: SourceNode]
    /// Those that were asked for.
    private(set) var used: Set<String> = []

    init(lists: [String: SourceNode]) { self.lists = lists }

    /// The schedules of a job: itself where it has no `forEach`.
    mutating func expanded(
        _ job: SourceNode, _ path: String, _ log: inout ProblemLog
    ) -> [Expanded] {
        guard let node = job["forEach"] else { return [Expanded(node: job, element: nil)] }
        guard let reader = FieldReader(node, "\(path).forEach", Self.fields, &log) else {
            return []
        }
        let name = token(reader, &log)
        var elements = self.elements(reader, &log)
        if let none = none(reader, &log) { elements.append(none) }
        if elements.isEmpty { return [] }
        if elements.count > Self.elementCountMax {
            log.error(
                node.place, reader.path,
                "there are \(elements.count) elements, and one job has at most "
                    + "\(Self.elementCountMax)", "make several jobs of it")
            return []
        }
        let base = SourceNode(
            .map((job.members ?? []).filter { $0.key != "forEach" }), job.place)
        var roots = FolderRoots(token: name)
        var result: [Expanded] = []
        result.reserveCapacity(elements.count)
        for element in elements {
            let merged = Overlay.merged(base, element.changes)
            roots.claim(merged, element.changes, element.name, path, &log)
            result.append(
                Expanded(
                    node: Self.named(merged, "${\(name)}", element.name), element: element.name))
        }
        roots.check(path, &log)
        return result
    }

    // MARK: Elements

    /// An element as it was written.
    private struct Element {
        var name: String
        /// What it changes of the job.
        var changes: SourceNode
    }

    private func token(_ reader: FieldReader, _ log: inout ProblemLog) -> String {
        guard let name = reader.text("as", &log) else { return "element" }
        let isName =
            (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
        // A name that means something in templates already would change what they say.
        if isName, (try? Template.parse("${\(name)}", allowsArithmetic: true)) == nil {
            return name
        }
        log.error(
            reader.place(of: "as"), reader.full("as"),
            isName
                ? "\(shown(name)) means something in templates already"
                : "the token is made of letters, digits and _, at most 32",
            "choose a name such as team")
        return "element"
    }

    private mutating func elements(
        _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [Element] {
        if reader.has("list") == reader.has("file") {
            log.error(
                reader.place, reader.path,
                reader.has("list") ? "list and file both stand" : "nothing says what it is for",
                "write list with the elements, or file with a name in the folder lists")
            return []
        }
        var path = reader.full("list")
        var items = reader.list("list", &log)
        if let file = reader.identifier("file", &log) {
            path = ""
            items = self.items(of: file, reader, &log)
        }
        guard let items else { return [] }
        if items.isEmpty {
            log.warning(
                reader.place, reader.path, "there is no element, and so no schedule",
                "add one, or take the job out")
        }
        var places: [String: SourcePlace] = [:]
        return items.enumerated().compactMap { index, item in
            guard let element = element(item, "\(path)[\(index)]", &log) else { return nil }
            if let first = places.updateValue(item.place, forKey: element.name) {
                log.error(
                    item.place, "\(path)[\(index)]",
                    "the element \(shown(element.name)) stands twice, first in \(first.short)",
                    "rename one of the two, or take it out")
                return nil
            }
            return element
        }
    }

    private mutating func items(
        of file: String, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [SourceNode]? {
        used.insert(file)
        guard let node = lists[file] else {
            let hint = log.nearest(file, among: lists.keys)
            log.error(
                reader.place(of: "file"), reader.full("file"),
                "there is no list \(shown(file)) that can be read",
                hint.map { "did you mean \($0)?" }
                    ?? "add lists/\(file), which ends in "
                    + ElementLists.extensions.joined(separator: ", "))
            return nil
        }
        if case .list(let items) = node.value { return items }
        log.error(
            node.place, "", "a list of elements is expected, and this is \(node.kindName)",
            "write a list, as in [north, south]")
        return nil
    }

    private func element(
        _ item: SourceNode, _ path: String, _ log: inout ProblemLog
    ) -> Element? {
        switch item.value {
        case .text(let name), .number(let name):
            guard isElement(name, item.place, path, &log) else { return nil }
            return Element(name: name, changes: SourceNode(.map([]), item.place))
        default: break
        }
        guard let reader = FieldReader(item, path, Self.elementFields, &log),
            let node = reader.node("name", &log), let name = Values.scalar(node, path, &log),
            isElement(name, node.place, reader.full("name"), &log)
        else { return nil }
        let changes = (item.members ?? []).filter { $0.key != "name" }
        return Element(name: name, changes: SourceNode(.map(changes), item.place))
    }

    private func isElement(
        _ name: String, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) -> Bool {
        if name == ElementId.none {
            log.error(
                place, path, "an element is not named none: that is the run for none of them",
                "rename it")
            return false
        }
        if ElementId.isElement(name) { return true }
        log.error(
            place, path,
            "\(shown(name)) is no name of an element: letters, digits, '-', '_' and '.', the last "
                + "not first, at most \(ElementId.elementByteCountMax)",
            "choose a name such as sales-north")
        return false
    }

    private func none(_ reader: FieldReader, _ log: inout ProblemLog) -> Element? {
        guard let node = reader.node("none", &log) else { return nil }
        if case .bool(let isWanted) = node.value {
            return isWanted
                ? Element(name: ElementId.none, changes: SourceNode(.map([]), node.place)) : nil
        }
        let fields = Self.elementFields.filter { $0.name != "name" }
        guard FieldReader(node, reader.full("none"), fields, &log) != nil else { return nil }
        return Element(name: ElementId.none, changes: node)
    }

    // MARK: Names

    /// A schedule with an element's name in place of a token, wherever that stands in a text.
    private static func named(
        _ node: SourceNode, _ token: String, _ element: String
    ) -> SourceNode {
        switch node.value {
        case .text(let text):
            guard text.utf8.contains(UInt8(ascii: "$")), text.contains(token) else { return node }
            return SourceNode(.text(named(text, token, element)), node.place)
        case .list(let items):
            return SourceNode(.list(items.map { named($0, token, element) }), node.place)
        case .map(let members):
            let changed = members.map { member in
                SourceMember(
                    key: member.key, place: member.place,
                    value: named(member.value, token, element))
            }
            return SourceNode(.map(changed), node.place)
        case .null, .bool, .number: return node
        }
    }

    /// The same of a text; `$${` stands for itself.
    static func named(_ text: String, _ token: String, _ element: String) -> String {
        var result = ""
        var rest = text[...]
        while let place = rest.firstRange(of: token) {
            let isLiteral = rest[..<place.lowerBound].last == "$"
            result += rest[..<place.lowerBound] + (isLiteral ? token : element)
            rest = rest[place.upperBound...]
        }
        return result + rest
    }
}

/// What keeps the folders of one element from those of another.
///
/// The *root* of a folder is its path up to the part in which the element's name stands. No root of
/// one element is, or lies in, a root of another, so that whatever follows is its own.
private struct FolderRoots {
    let token: String
    private struct Claim {
        let root: String
        let element: String
        let place: SourcePlace
        let field: String
    }
    private var claims: [Claim] = []

    init(token: String) { self.token = token }

    /// Notes the roots of an element's folders.
    mutating func claim(
        _ job: SourceNode, _ own: SourceNode, _ element: String, _ path: String,
        _ log: inout ProblemLog
    ) {
        let ownNames = Set((own["folders"]?.members ?? []).map(\.key))
        for member in job["folders"]?.members ?? [] {
            guard case .text(let text) = member.value.value else { continue }
            let field = "\(path).folders.\(member.key)"
            let (root, fault) = root(of: text, element, isOwn: ownNames.contains(member.key))
            if let fault {
                log.error(
                    member.value.place, field, fault,
                    "put ${\(token)} into it before any date, as in teams/${\(token)}/in")
            } else {
                claims.append(
                    Claim(root: root, element: element, place: member.value.place, field: field))
            }
        }
    }

    /// Notes every root that is, or lies in, that of another element.
    func check(_ path: String, _ log: inout ProblemLog) {
        var owners: [String: Claim] = [:]
        for claim in claims {
            guard let other = owners[claim.root], other.element != claim.element else {
                owners[claim.root] = claim
                continue
            }
            report(claim, other, &log)
        }
        for claim in claims {
            var root = claim.root[...]
            while let slash = root.lastIndex(of: "/") {
                root = root[..<slash]
                if let other = owners[String(root)], other.element != claim.element {
                    report(claim, other, &log)
                }
            }
        }
    }

    private func report(_ claim: Claim, _ other: Claim, _ log: inout ProblemLog) {
        log.error(
            claim.place, claim.field,
            "the elements \(shown(other.element)) and \(shown(claim.element)) would share the "
                + "folder \(shown(claim.root))", "give each a folder of its own")
    }

    private func root(
        of text: String, _ element: String, isOwn: Bool
    ) -> (root: String, fault: String?) {
        var parts: [Substring] = []
        var hasDate = false
        // A date may hold a slash of its own, so parts end only outside of tokens.
        var part = text.startIndex
        var place = text.startIndex
        while place < text.endIndex {
            let rest = text[place...]
            if rest.hasPrefix("$${") {
                place = text.index(place, offsetBy: 3)
            } else if rest.hasPrefix("${") {
                let end = rest.firstIndex(of: "}") ?? text.index(before: text.endIndex)
                let name = text[place...end].dropFirst(2).dropLast()
                if name == token {
                    let close = text[end...].firstIndex(of: "/") ?? text.endIndex
                    let whole = text[part..<close]
                    let isAlone =
                        whole.ranges(of: "${").count == whole.ranges(of: "${\(token)}").count
                    if hasDate || !isAlone {
                        return ("", "a date stands before or beside the element's name")
                    }
                    parts.append(whole)
                    let joined = parts.joined(separator: "/")
                    return (FanOut.named(joined, "${\(token)}", element), nil)
                }
                if name != "environment" { hasDate = true }
                place = text.index(after: end)
            } else {
                if rest.first == "/" {
                    if !hasDate { parts.append(text[part..<place]) }
                    part = text.index(after: place)
                }
                place = text.index(after: place)
            }
        }
        guard isOwn else { return ("", "it does not name the element: they would share it") }
        if !hasDate { parts.append(text[part...]) }
        if parts.isEmpty { return ("", "it begins with a date: others may be the same") }
        return (parts.joined(separator: "/"), nil)
    }
}
