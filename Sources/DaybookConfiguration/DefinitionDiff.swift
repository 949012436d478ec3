import Events

/// What changed between two definitions, field by field, in the order of the fields.
///
/// Values are JSON; empty where the field is at its wire default (0, false, "", none).
public func diff(_ old: ScheduleDefinition, _ new: ScheduleDefinition) -> [FieldChange] {
    let before = FieldValues.of(old)
    let after = FieldValues.of(new)
    var changes: [FieldChange] = []
    for (left, right) in zip(before, after) where left.json != right.json {
        var change = FieldChange()
        change.field = left.name
        change.before = left.json
        change.after = right.json
        changes.append(change)
    }
    return changes
}

/// Collects the fields of a message as JSON, one by one.
private struct FieldValues: FieldVisitor {
    private(set) var values: [(name: String, json: String)] = []

    static func of(_ definition: ScheduleDefinition) -> [(name: String, json: String)] {
        var copy = definition
        var visitor = FieldValues()
        do {
            try copy.fields(&visitor)
        } catch {
            preconditionFailure("a collector never refuses a field: \(error)")
        }
        return visitor.values
    }

    /// Takes one member out of the object that `JSONText` made of it.
    private mutating func keep(_ name: StaticString, _ json: JSONText) {
        let lead = "{\"\(name)\":".utf8.count
        let value = json.object.utf8.dropFirst(lead).dropLast()
        values.append(("\(name)", String(value) ?? ""))
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        var json = JSONText()
        json.text(number, name, &value)
        keep(name, json)
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        var json = JSONText()
        json.texts(number, name, &value)
        keep(name, json)
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        var json = JSONText()
        json.uint(number, name, &value)
        keep(name, json)
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        var json = JSONText()
        json.uints(number, name, &value)
        keep(name, json)
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        var json = JSONText()
        json.int(number, name, &value)
        keep(name, json)
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?) {
        var json = JSONText()
        json.optionalInt(number, name, &value)
        keep(name, json)
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        var json = JSONText()
        json.instant(number, name, &value)
        keep(name, json)
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        var json = JSONText()
        json.bool(number, name, &value)
        keep(name, json)
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        var json = JSONText()
        json.bytes(number, name, &value)
        keep(name, json)
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) {
        var json = JSONText()
        json.message(number, name, &value)
        keep(name, json)
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) {
        var json = JSONText()
        json.messages(number, name, &value)
        keep(name, json)
    }
}
