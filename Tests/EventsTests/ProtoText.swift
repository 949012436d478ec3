import Events

/// Writes a message in the Protocol Buffers text format, as `protoc --decode` prints it.
///
/// It is written apart from our codec, from the text format's specification, so that what protoc
/// says of our bytes can be compared with what we meant.
struct ProtoText: FieldVisitor {
    private(set) var text = ""
    private var indentation = ""

    /// An event as protoc prints `daybook.v1.Event`.
    static func of(_ event: Event) -> String {
        var writer = ProtoText()
        writer.append(event)
        return writer.text
    }

    /// Several events as protoc prints `daybook.v1.EventList`.
    static func of(_ events: [Event]) -> String {
        var writer = ProtoText()
        for event in events { writer.block("events") { $0.append(event) } }
        return writer.text
    }

    private mutating func append(_ event: Event) {
        append(event.envelope)
        payload(event.payload, named: Self.snake("\(event.type)"))
    }

    private mutating func payload<P: EventPayload>(_ payload: P, named name: String) {
        block(name) { $0.append(payload) }
    }

    private mutating func append<M: WireMessage>(_ message: M) {
        var copy = message
        // A visitor that never throws makes a message that never throws.
        try? copy.fields(&self)
    }

    private mutating func block(_ name: String, _ body: (inout ProtoText) -> Void) {
        text += "\(indentation)\(name) {\n"
        indentation += "  "
        body(&self)
        indentation.removeLast(2)
        text += "\(indentation)}\n"
    }

    /// `scheduled` as `scheduled`.
    static func snake(_ name: String) -> String {
        name.reduce(into: "") { result, letter in
            result += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
        }
    }

    private mutating func line(_ name: StaticString, _ value: String) {
        text += "\(indentation)\(Self.snake("\(name)")): \(value)\n"
    }

    private func quoted(_ bytes: some Sequence<UInt8>) -> String {
        var result = "\""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): result += "\\n"
            case UInt8(ascii: "\r"): result += "\\r"
            case UInt8(ascii: "\t"): result += "\\t"
            case UInt8(ascii: "\""): result += "\\\""
            case UInt8(ascii: "'"): result += "\\'"
            case UInt8(ascii: "\\"): result += "\\\\"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let octal = String(byte, radix: 8)
                result += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            }
        }
        return result + "\""
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        if !value.isEmpty { line(name, quoted(value.utf8)) }
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        for item in value { line(name, quoted(item.utf8)) }
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        if value != 0 { line(name, "\(value)") }
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        for item in value { line(name, "\(item)") }
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        if value != 0 { line(name, "\(value)") }
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?) {
        if let value { line(name, "\(value)") }
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        int(number, name, &value)
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        if value { line(name, "true") }
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        if !value.isEmpty { line(name, quoted(value)) }
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) {
        guard let message = value else { return }
        block(Self.snake("\(name)")) { $0.append(message) }
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) {
        for message in value { block(Self.snake("\(name)")) { $0.append(message) } }
    }
}
