/// Writes messages as Protocol Buffers, canonically: fields in the order of their numbers, values
/// at their default left out.
public struct WireWriter: FieldVisitor, Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init(reservingByteCount byteCount: Int = 256) { bytes.reserveCapacity(byteCount) }

    /// Forgets what was written, keeping the room.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Appends a message's fields.
    public mutating func append<M: WireMessage>(_ message: M) {
        message.writeFields(to: &self)
        if !message.unknownFields.isEmpty { bytes.append(contentsOf: message.unknownFields) }
    }

    /// Appends a message's length as a varint, then its fields.
    public mutating func appendDelimited<M: WireMessage>(_ message: M) {
        lengthPrefixed { $0.append(message) }
    }

    /// Appends bytes that are well-formed fields already.
    mutating func appendRaw(_ fields: [UInt8]) { bytes.append(contentsOf: fields) }

    /// Appends a base-128 varint.
    public mutating func varint(_ value: UInt64) {
        if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func tag(_ number: Int, _ wireType: UInt64) {
        // Numbers up to 15, which most are, take one byte.
        let tag = UInt64(number) << 3 | wireType
        if number < 16 { bytes.append(UInt8(truncatingIfNeeded: tag)) } else { varint(tag) }
    }

    /// Writes content whose length is known only afterwards: `body` appends it, and the length
    /// then goes before it.
    ///
    /// - Returns: the content's byte count.
    @discardableResult
    mutating func lengthPrefixed(_ body: (inout WireWriter) -> Void) -> Int {
        let start = bytes.count
        bytes.append(0)
        body(&self)
        let length = bytes.count - start - 1
        var rest = length
        var place = start
        while rest >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
            bytes.insert(0, at: place)
        }
        bytes[place] = UInt8(rest)
        return length
    }

    public mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        if value.isEmpty { return }
        element(number, value)
    }

    public mutating func text(
        _ number: Int, _ name: StaticString, in row: inout TextRow, at index: Int
    ) {
        if row.isEmpty(index) { return }
        tag(number, 2)
        // Safe: the bytes are copied within the closure.
        unsafe row.withContent(index) { content in
            varint(UInt64(content.count))
            unsafe bytes.append(contentsOf: content)
        }
    }

    private mutating func element(_ number: Int, _ value: String) {
        tag(number, 2)
        let utf8 = value.utf8
        varint(UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    public mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        for item in value { element(number, item) }
    }

    public mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        if value == 0 { return }
        tag(number, 0)
        varint(value)
    }

    public mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        if value.isEmpty { return }
        tag(number, 2)
        let items = value
        lengthPrefixed { writer in for item in items { writer.varint(item) } }
    }

    public mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        if value == 0 { return }
        tag(number, 0)
        varint(UInt64(bitPattern: value))
    }

    public mutating func optionalInt(
        _ number: Int, _ name: StaticString, _ value: inout Int64?
    ) {
        guard let value else { return }
        tag(number, 0)
        varint(UInt64(bitPattern: value))
    }

    public mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        int(number, name, &value)
    }

    public mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        if !value { return }
        tag(number, 0)
        bytes.append(1)
    }

    public mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        if value.isEmpty { return }
        tag(number, 2)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    public mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) {
        guard let message = value else { return }
        tag(number, 2)
        lengthPrefixed { $0.append(message) }
    }

    public mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) {
        for message in value {
            tag(number, 2)
            lengthPrefixed { $0.append(message) }
        }
    }
}
