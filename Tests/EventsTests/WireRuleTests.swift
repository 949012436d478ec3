import Events
import Testing

/// A message that can hold itself, which no event can: for the bound on depth.
private struct Nest: WireMessage {
    var children: [Nest] = []
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.messages(1, "children", &children)
    }
}

/// One field of every kind.
private struct Kinds: WireMessage {
    var text = ""
    var texts: [String] = []
    var uint: UInt64 = 0
    var uints: [UInt64] = []
    var int: Int64 = 0
    var optional: Int64?
    var instant: Int64 = 0
    var bool = false
    var bytes: [UInt8] = []
    var message: KeyValue?
    var messages: [KeyValue] = []
    var unknownFields: [UInt8] = []

    mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "text", &text)
        try v.texts(2, "texts", &texts)
        try v.uint(3, "uint", &uint)
        try v.uints(4, "uints", &uints)
        try v.int(5, "int", &int)
        try v.optionalInt(6, "optional", &optional)
        try v.instant(7, "instant", &instant)
        try v.bool(8, "bool", &bool)
        try v.bytes(9, "bytes", &bytes)
        try v.message(10, "message", &message)
        try v.messages(11, "messages", &messages)
    }
}

@Suite("the rules of the wire")
struct WireRuleTests {
    @Test("defaults take no bytes, and no bytes give defaults")
    func defaults() throws {
        #expect(Kinds().encoded() == [])
        #expect(try Kinds(decoding: []) == Kinds())
    }

    @Test("the last value of a field that stands several times wins")
    func lastWins() throws {
        let first = [UInt8]([0x0A, 1, 0x61, 0x18, 5, 0x40, 1, 0x4A, 1, 9])
        let second = [UInt8]([0x0A, 1, 0x62, 0x18, 6, 0x40, 0, 0x4A, 0])
        let message = try Kinds(decoding: first + second)
        #expect(message.text == "b")
        #expect(message.uint == 6)
        #expect(message.bool == false)
        #expect(message.bytes == [])
        let bytes = first + second
        let fields = try EventFields(message: bytes.span.bytes, offset: 0, byteCount: bytes.count)
        let table = fields.view
        let (text, uint, bool) = (try table.text(1), table.uint(3), table.bool(8))
        let byteCount = table.range(9).byteCount
        #expect(text == "b")
        #expect(uint == 6)
        #expect(bool == false)
        #expect(byteCount == 0)
    }

    @Test(
        "a field that is varint and content in one message is refused, and absent in place",
        arguments: [3, 9])
    func mixedWireTypes(number: UInt8) throws {
        // The varint's value, taken for a place and a length, would lie outside the bytes.
        let varint = [number << 3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        let content = [number << 3 | 2, 1, 0x61]
        for bytes in [varint + content, content + varint] {
            expectWireError(.unexpectedWireType) { _ = try Kinds(decoding: bytes) }
            let fields = try EventFields(
                message: bytes.span.bytes, offset: 0, byteCount: bytes.count)
            let table = fields.view
            let (uint, range, text) = (
                table.uint(Int(number)), table.range(Int(number)), try table.text(Int(number))
            )
            #expect(uint == 0)
            #expect(range == (0, 0))
            #expect(text == "")
        }
    }

    @Test("a nested message that stands twice is refused, for readers would differ")
    func severalMessages() {
        expectWireError(.severalMessages) { _ = try Kinds(decoding: [0x52, 0, 0x52, 0]) }
    }

    @Test("repeated integers are read packed, unpacked, and mixed, and written packed")
    func packed() throws {
        let packed: [UInt8] = [0x22, 4, 1, 0xAC, 0x02, 0]
        let unpacked: [UInt8] = [0x20, 1, 0x20, 0xAC, 0x02, 0x20, 0]
        #expect(try Kinds(decoding: packed).uints == [1, 300, 0])
        #expect(try Kinds(decoding: unpacked).uints == [1, 300, 0])
        #expect(try Kinds(decoding: unpacked + packed).uints == [1, 300, 0, 1, 300, 0])
        #expect(try Kinds(decoding: unpacked).encoded() == packed)
        expectWireError(.truncated) { _ = try Kinds(decoding: [0x22, 1, 0x80]) }
    }

    @Test("an optional zero is present; a missing one is nil")
    func optional() throws {
        #expect(try Kinds(decoding: [0x30, 0]).optional == 0)
        #expect(try Kinds(decoding: []).optional == nil)
        #expect(try Kinds(decoding: [0x30, 0]).encoded() == [0x30, 0])
    }

    @Test("a present but empty message is not a missing one")
    func emptyMessage() throws {
        #expect(try Kinds(decoding: [0x52, 0]).message == KeyValue())
        #expect(try Kinds(decoding: []).message == nil)
        #expect(try Kinds(decoding: [0x5A, 0, 0x5A, 0]).messages.count == 2)
    }

    @Test(
        "a known field with another wire type is refused, whichever it is",
        arguments: 1...11, [0, 1, 2, 5])
    func wrongWireType(number: Int, wireType: Int) throws {
        let content: [Int: [UInt8]] = [
            0: [1], 1: [1, 2, 3, 4, 5, 6, 7, 8], 2: [0], 5: [1, 2, 3, 4],
        ]
        let bytes = [UInt8(number << 3 | wireType)] + (content[wireType] ?? [])
        let isInteger = [3, 4, 5, 6, 7, 8].contains(number)
        let isContent = [1, 2, 4, 9, 10, 11].contains(number)
        if wireType == 0 && isInteger || wireType == 2 && isContent {
            _ = try Kinds(decoding: bytes)
        } else {
            expectWireError(.unexpectedWireType) { _ = try Kinds(decoding: bytes) }
        }
    }

    @Test("the groups of old and the undefined wire types are refused", arguments: [3, 4, 6, 7])
    func badWireType(wireType: Int) {
        expectWireError(.badWireType) { _ = try Kinds(decoding: [UInt8(15 << 3 | wireType)]) }
    }

    @Test("a varint has at most ten bytes and 64 bits; a longer form of a small one is read")
    func varints() throws {
        let nines = [UInt8](repeating: 0xFF, count: 9)
        #expect(try Kinds(decoding: [0x18] + nines + [1]).uint == .max)
        expectWireError(.overlongVarint) { _ = try Kinds(decoding: [0x18] + nines + [2]) }
        expectWireError(.overlongVarint) { _ = try Kinds(decoding: [0x18] + nines + [0x81, 0]) }
        expectWireError(.truncated) { _ = try Kinds(decoding: [0x18] + nines) }
        let padded = [UInt8](repeating: 0x80, count: 9) + [0]
        #expect(try Kinds(decoding: [0x18] + padded).uint == 0)
        #expect(try Kinds(decoding: [0x18, 0x85, 0x80, 0x00]).uint == 5)
    }

    @Test("a field number is 1 to 536,870,911")
    func fieldNumbers() throws {
        expectWireError(.badFieldNumber) { _ = try Kinds(decoding: [0x00, 0]) }
        var writer = WireWriter()
        writer.varint(536_870_911 << 3)
        let last = writer.bytes + [1]
        #expect(try Kinds(decoding: last).unknownFields == last)
        writer.removeAll()
        writer.varint(536_870_912 << 3)
        expectWireError(.badFieldNumber) { _ = try Kinds(decoding: writer.bytes + [1]) }
    }

    @Test("text that is not UTF-8 is refused, in place too")
    func utf8() throws {
        let bad: [[UInt8]] = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]]
        for content in bad {
            let bytes = [0x0A, UInt8(content.count)] + content
            expectWireError(.invalidUTF8) { _ = try Kinds(decoding: bytes) }
            expectWireError(.invalidUTF8) {
                let fields = try EventFields(
                    message: bytes.span.bytes, offset: 0, byteCount: bytes.count)
                let table = fields.view
                _ = try table.text(1)
            }
            expectWireError(.invalidUTF8) { _ = try Kinds(decoding: [0x12] + bytes[1...]) }
        }
    }

    @Test("sixteen messages nest; a seventeenth is refused; a million do not exhaust the stack")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var layers: [[UInt8]] = []
            var byteCount = 0
            for _ in 1..<depth {
                var writer = WireWriter()
                writer.varint(1 << 3 | 2)
                writer.varint(UInt64(byteCount))
                layers.append(writer.bytes)
                byteCount += writer.bytes.count
            }
            return Array(layers.reversed().joined())
        }
        _ = try Nest(decoding: nested(16))
        expectWireError(.tooDeep) { _ = try Nest(decoding: nested(17)) }
        expectWireError(.tooDeep) { _ = try Nest(decoding: nested(1_000_000)) }
    }

    @Test(
        "a delimited record is its length, then its bytes, at every width of the length",
        arguments: [0, 100, 120, 127, 128, 200, 16_370, 16_383, 16_384, 65_000])
    func delimited(count: Int) throws {
        var sent = NotificationSent()
        sent.channel = String(repeating: "x", count: count)
        let event = Event(Envelope(), sent)
        var writer = WireWriter()
        let byteCount = event.writeDelimited(to: &writer)
        var prefix = WireWriter()
        prefix.varint(UInt64(byteCount))
        #expect(byteCount == event.encoded().count)
        #expect(writer.bytes == prefix.bytes + event.encoded())
    }
}
