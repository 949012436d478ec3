/// Compares two messages field by field.
public enum FieldChanges {
    /// The fields whose values differ, in the order of the schema, values as JSON.
    ///
    /// A value at its default is empty text.
    public static func between<M: WireMessage>(_ old: M, _ new: M) -> [FieldChange] {
        zip(values(old), values(new)).compactMap { before, after in
            guard before.json != after.json else { return nil }
            var change = FieldChange()
            change.field = before.name
            change.before = before.json
            change.after = after.json
            return change
        }
    }

    private static func values<M: WireMessage>(_ message: M) -> [(name: String, json: String)] {
        var collector = FieldCollector()
        var copy = message
        do {
            try copy.fields(&collector)
        } catch {
            preconditionFailure("a collector never refuses a field: \(error)")
        }
        return collector.values
    }
}

/// Collects each field in the order of the schema: its name, and its value as JSON.
private struct FieldCollector: FieldVisitor {
    var values: [(name: String, json: String)] = []

    private mutating func keep(_ name: StaticString, _ body: (inout JSONText) -> Void) {
        var text = JSONText()
        body(&text)
        let object = text.object
        // `{"name":value}`: what stands between the colon and the last brace; `{}` for a default.
        let start = "\(name)".utf8.count + 4
        let json = object.utf8.count > start ? String(object.dropFirst(start).dropLast()) : ""
        values.append(("\(name)", json))
    }

    mutating func text(_ n: Int, _ name: StaticString, _ value: inout String) {
        keep(name) { $0.text(n, name, &value) }
    }
    mutating func texts(_ n: Int, _ name: StaticString, _ value: inout [String]) {
        keep(name) { $0.texts(n, name, &value) }
    }
    mutating func uint(_ n: Int, _ name: StaticString, _ value: inout UInt64) {
        keep(name) { $0.uint(n, name, &value) }
    }
    mutating func uints(_ n: Int, _ name: StaticString, _ value: inout [UInt64]) {
        keep(name) { $0.uints(n, name, &value) }
    }
    mutating func int(_ n: Int, _ name: StaticString, _ value: inout Int64) {
        keep(name) { $0.int(n, name, &value) }
    }
    mutating func optionalInt(_ n: Int, _ name: StaticString, _ value: inout Int64?) {
        keep(name) { $0.optionalInt(n, name, &value) }
    }
    mutating func instant(_ n: Int, _ name: StaticString, _ value: inout Int64) {
        keep(name) { $0.instant(n, name, &value) }
    }
    mutating func bool(_ n: Int, _ name: StaticString, _ value: inout Bool) {
        keep(name) { $0.bool(n, name, &value) }
    }
    mutating func bytes(_ n: Int, _ name: StaticString, _ value: inout [UInt8]) {
        keep(name) { $0.bytes(n, name, &value) }
    }
    mutating func message<M: WireMessage>(_ n: Int, _ name: StaticString, _ value: inout M?) {
        keep(name) { $0.message(n, name, &value) }
    }
    mutating func messages<M: WireMessage>(_ n: Int, _ name: StaticString, _ value: inout [M]) {
        keep(name) { $0.messages(n, name, &value) }
    }
}
