import Events

/// Collects the fields of messages from the code, one line for each field.
struct SchemaCollector: FieldVisitor {
    private(set) var messages: [String: [String]] = [:]
    private var current: [String] = []

    mutating func collectEnvelope() throws(WireError) { try collect(Envelope.self) }

    mutating func collect<M: WireMessage>(_ type: M.Type) throws(WireError) {
        let name = "\(type)"
        if messages[name] != nil { return }
        let outer = current
        current = []
        var message = M()
        try message.fields(&self)
        messages[name] = current
        current = outer
    }

    private mutating func note(_ number: Int, _ kind: String, _ name: StaticString) {
        current.append("\(number) \(kind) \(name)")
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        note(number, "string", name)
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        note(number, "repeated string", name)
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        note(number, "uint64", name)
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        note(number, "repeated uint64", name)
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        note(number, "int64", name)
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?) {
        note(number, "optional int64", name)
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        note(number, "int64", name)
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        note(number, "bool", name)
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        note(number, "bytes", name)
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) throws(WireError) {
        note(number, ".daybook.v1.\(M.self)", name)
        try collect(M.self)
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError) {
        note(number, "repeated .daybook.v1.\(M.self)", name)
        try collect(M.self)
    }
}
