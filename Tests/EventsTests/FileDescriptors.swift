import Events

// The part of google/protobuf/descriptor.proto that the schema test reads. Our own codec reads
// it, which proves the codec on messages that it did not write.

struct FileDescriptorSet: WireMessage {
    var files: [FileDescriptor] = []
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.messages(1, "file", &files)
    }
}

struct FileDescriptor: WireMessage {
    var package = ""
    var messages: [MessageDescriptor] = []
    var syntax = ""
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(2, "package", &package)
        try v.messages(4, "messageType", &messages)
        try v.text(12, "syntax", &syntax)
    }
}

struct MessageDescriptor: WireMessage {
    var name = ""
    var fields: [FieldDescriptor] = []
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.messages(2, "field", &fields)
    }
}

struct FieldDescriptor: WireMessage {
    var name = ""
    var number: UInt64 = 0
    var label: UInt64 = 0
    var type: UInt64 = 0
    var typeName = ""
    var oneof: Int64?
    var jsonName = ""
    var isOptional = false
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.uint(3, "number", &number)
        try v.uint(4, "label", &label)
        try v.uint(5, "type", &type)
        try v.text(6, "typeName", &typeName)
        try v.optionalInt(9, "oneofIndex", &oneof)
        try v.text(10, "jsonName", &jsonName)
        try v.bool(17, "proto3Optional", &isOptional)
    }

    /// The field in one line, as `SchemaCollector` writes it.
    var summary: String {
        let kinds: [UInt64: String] = [
            3: "int64", 4: "uint64", 8: "bool", 9: "string", 11: typeName, 12: "bytes",
        ]
        let kind = kinds[type] ?? "unexpected type \(type)"
        let prefix = label == 3 ? "repeated " : isOptional ? "optional " : ""
        let suffix = isOptional ? "" : oneof.map { " in oneof \($0)" } ?? ""
        return "\(number) \(prefix)\(kind) \(jsonName)\(suffix)"
    }
}
