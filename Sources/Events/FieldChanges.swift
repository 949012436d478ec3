/// Compares two messages field by field.
public enum FieldChanges {
    /// The fields whose values differ, in the order of the schema, values as JSON.
    public static func between<M: WireMessage>(_ old: M, _ new: M) -> [FieldChange] {
        let before = values(old)
        let after = values(new)
        var result: [FieldChange] = []
        for (name, value) in after where before[name] != value {
            result.append(change(name, before[name] ?? "", value))
        }
        for (name, value) in before where after[name] == nil {
            result.append(change(name, value, ""))
        }
        return result.sorted { $0.field.utf8.lexicographicallyPrecedes($1.field.utf8) }
    }

    private static func change(_ name: String, _ before: String, _ after: String) -> FieldChange {
        var change = FieldChange()
        change.field = name
        change.before = before
        change.after = after
        return change
    }

    private static func values<M: WireMessage>(_ message: M) -> [String: String] {
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

/// Collects each field that is not at its default, as JSON by name.
private struct FieldCollector: FieldVisitor {
    var values: [String: String] = [:]

    private mutating func keep(_ name: StaticString, _ body: (inout JSONText) -> Void) {
        var text = JSONText()
        body(&text)
        let object = text.object
        // `{"name":value}`: what stands between the colon and the last brace; `{}` for a default.
        let start = "\(name)".utf8.count + 4
        if object.utf8.count > start {
            values["\(name)"] = String(object.dropFirst(start).dropLast())
        }
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
