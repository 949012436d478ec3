import Events
import X12

/// Reads an object of a line; keeps the first fault.
///
/// A field that is not known counts before all others of its object: it is often another one,
/// misspelt.
struct LineDecoder: LineVisitor {
    private let members: [LineJSON.Member]
    private let places: [String: Int]
    private let path: String
    private let delimiters: X12Delimiters
    private var known: [String] = []
    private var fault: LineFault?

    /// The value of a line.
    static func decode<T: LineFields>(
        _ type: T.Type, _ json: LineJSON, _ delimiters: X12Delimiters
    ) throws(LineFault) -> T {
        var value = T.blank
        if let fault = read(&value, json, "", delimiters) { throw fault }
        return value
    }

    private static func read<T: LineFields>(
        _ value: inout T, _ json: LineJSON, _ path: String, _ delimiters: X12Delimiters
    ) -> LineFault? {
        guard case .object(let members) = json else {
            return LineFault(path: path, "is \(json.kind)", "write an object")
        }
        var decoder = LineDecoder(members, path, delimiters)
        value.fields(&decoder)
        return decoder.unknown ?? decoder.fault
    }

    private init(_ members: [LineJSON.Member], _ path: String, _ delimiters: X12Delimiters) {
        self.members = members
        self.path = path
        self.delimiters = delimiters
        places = Dictionary(
            members.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The first field that is not known.
    ///
    /// It is told by its place: its name is the sender's text.
    private var unknown: LineFault? {
        let names = Set(known)
        guard let index = members.firstIndex(where: { !names.contains($0.key) }) else { return nil }
        let near = NearName.of(members[index].key, among: known).map { "did you mean '\($0)'?" }
        return LineFault(
            path: path, "has a field that is not known, number \(index + 1) of the object",
            near ?? "leave it out; known are \(known.joined(separator: ", "))")
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private mutating func note(_ path: String, _ problem: String, _ remedy: String) {
        if fault == nil { fault = LineFault(path: path, problem, remedy) }
    }

    private mutating func value(_ name: String, isOptional: Bool) -> LineJSON? {
        known.append(name)
        if let index = places[name] { return members[index].value }
        if !isOptional { note(place(name), "is missing", "add the field") }
        return nil
    }

    private mutating func text(_ json: LineJSON, _ path: String, _ rule: LineRule) -> String {
        guard case .text(let text) = json else {
            note(path, "is \(json.kind)", "write a text in quotes")
            return ""
        }
        if let (problem, remedy) = rule.problem(text, delimiters) { note(path, problem, remedy) }
        return text
    }

    private mutating func list(
        _ json: LineJSON, _ path: String, _ count: ClosedRange<Int>
    ) -> [LineJSON] {
        guard case .list(let elements) = json else {
            note(path, "is \(json.kind)", "write a list")
            return []
        }
        if !count.contains(elements.count) {
            note(
                path, "has \(Counted.text(elements.count, "element"))",
                "give it \(count.lowerBound) to \(count.upperBound)")
        } else if elements.isEmpty {
            note(path, "is empty", "leave the field out")
        }
        return elements
    }

    mutating func text(_ name: String, _ value: inout String, _ rule: LineRule) {
        guard let json = self.value(name, isOptional: rule.isOptional) else { return }
        value = text(json, place(name), rule)
    }

    mutating func text(_ name: String, _ value: inout String?, _ rule: LineRule) {
        guard let json = self.value(name, isOptional: true) else { return }
        value = text(json, place(name), rule.optional)
    }

    mutating func flag(_ name: String, _ value: inout Bool) {
        guard let json = self.value(name, isOptional: false) else { return }
        guard case .flag(let flag) = json else {
            return note(place(name), "is \(json.kind)", "write true or false")
        }
        value = flag
    }

    mutating func number(_ name: String, _ value: inout UInt64?) {
        guard let json = self.value(name, isOptional: true) else { return }
        guard case .number(let text) = json, let number = UInt64(text), number > 0 else {
            return note(place(name), "is no whole number above 0", "write one, or leave it out")
        }
        value = number
    }

    mutating func amount(_ name: String, _ value: inout Cents) {
        guard let json = self.value(name, isOptional: false) else { return }
        value = amount(json, name)
    }

    mutating func amount(_ name: String, _ value: inout Cents?) {
        guard let json = self.value(name, isOptional: true) else { return }
        value = amount(json, name)
    }

    private mutating func amount(_ json: LineJSON, _ name: String) -> Cents {
        if case .text(let text) = json, let amount = LineAmount.read(text) { return amount }
        note(place(name), "is no amount", "write it as a text such as \"123.45\"")
        return Cents(0)
    }

    mutating func texts(
        _ name: String, _ value: inout [String], _ count: ClosedRange<Int>, _ rule: LineRule
    ) {
        guard let json = self.value(name, isOptional: count.lowerBound == 0) else { return }
        let path = place(name)
        value = []
        for (index, element) in list(json, path, count).enumerated() {
            value.append(text(element, "\(path)[\(index)]", rule))
        }
    }

    mutating func segments(_ name: String, _ value: inout [[String]]) {
        guard let json = self.value(name, isOptional: false) else { return }
        let path = place(name)
        value = []
        for (index, segment) in list(json, path, 1...Self.segmentCountMax).enumerated() {
            var elements: [String] = []
            for element in list(segment, "\(path)[\(index)]", 1...Self.elementCountMax) {
                if case .text(let text) = element {
                    elements.append(text)
                } else {
                    note("\(path)[\(index)]", "holds \(element.kind)", "write texts in quotes")
                }
            }
            value.append(elements)
        }
    }

    /// Segments of a 999; its line ends before.
    private static let segmentCountMax = Outcome.ownByteCountMax
    /// Elements of a segment, its id among them.
    private static let elementCountMax = 100

    mutating func object<T: LineFields>(_ name: String, _ value: inout T) {
        guard let json = self.value(name, isOptional: false) else { return }
        take(Self.read(&value, json, place(name), delimiters))
    }

    mutating func object<T: LineFields>(_ name: String, _ value: inout T?) {
        guard let json = self.value(name, isOptional: true) else { return }
        var object = T.blank
        take(Self.read(&object, json, place(name), delimiters))
        value = object
    }

    mutating func objects<T: LineFields>(
        _ name: String, _ value: inout [T], _ count: ClosedRange<Int>
    ) {
        guard let json = self.value(name, isOptional: count.lowerBound == 0) else { return }
        let path = place(name)
        value = []
        for (index, element) in list(json, path, count).enumerated() {
            var object = T.blank
            take(Self.read(&object, element, "\(path)[\(index)]", delimiters))
            value.append(object)
            if fault != nil { return }
        }
    }

    private mutating func take(_ other: LineFault?) { if fault == nil { fault = other } }

    mutating func skip(_ name: String) { known.append(name) }

    mutating func refuse(_ name: String, _ problem: String, _ remedy: String) {
        note(place(name), problem, remedy)
    }
}
