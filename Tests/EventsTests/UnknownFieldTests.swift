import Events
import Testing

@Suite("what this build does not know")
struct UnknownFieldTests {
    /// One field of each wire type, with numbers below and above 63.
    private func foreign(_ numbers: ClosedRange<Int>) -> [UInt8] {
        var writer = WireWriter()
        for number in numbers {
            let tag = UInt64(number) << 3
            writer.varint(tag | 0)
            writer.varint(.max)
            writer.varint(tag | 1)
            for byte in 1...8 { writer.varint(UInt64(byte)) }
            writer.varint(tag | 2)
            writer.varint(3)
            for byte in [0x7F, 0, 1] as [UInt64] { writer.varint(byte) }
            writer.varint(tag | 5)
            for byte in 1...4 { writer.varint(UInt64(byte)) }
        }
        return writer.bytes
    }

    private func delimited(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.varint(UInt64(number) << 3 | 2)
        writer.varint(UInt64(content.count))
        return writer.bytes + content
    }

    @Test("unknown fields of the envelope, a payload and a nested message pass byte for byte")
    func kept() throws {
        let nested = foreign(40...41) + foreign(70...70)
        let payload = foreign(50...50) + foreign(536_870_911...536_870_911)
        let envelope = foreign(9...15)
        var definition = ScheduleDefinition()
        definition.jobId = "834-nightly"
        var target = TargetBinding()
        target.name = "834"
        target.unknownFields = nested
        definition.target = target
        definition.dependencies = [Dependency(), Dependency()]
        definition.dependencies[1].unknownFields = nested
        definition.unknownFields = nested
        var created = ScheduleCreated()
        created.definition = definition
        created.unknownFields = payload
        var head = Envelope()
        head.sequence = 7
        head.unknownFields = envelope

        let event = Event(head, created)
        let bytes = event.encoded()
        let read = try Event(decoding: bytes)
        #expect(read.envelope.unknownFields == envelope)
        let readPayload = try #require(read.payload as? ScheduleCreated)
        #expect(readPayload.unknownFields == payload)
        let readDefinition = try #require(readPayload.definition)
        #expect(readDefinition.unknownFields == nested)
        #expect(readDefinition.target?.unknownFields == nested)
        #expect(readDefinition.dependencies.map(\.unknownFields) == [[], nested])
        #expect(read.encoded() == bytes)
        #expect(read.isSame(as: event))
    }

    @Test("unknown fields that stand before known ones are kept, in their order")
    func order() throws {
        var known = WireWriter()
        known.append(KeyValue("a", "b"))
        let early = foreign(3...4)
        let late = foreign(5...5)
        let message = try KeyValue(decoding: early + known.bytes + late)
        #expect(message.unknownFields == early + late)
        #expect(message.encoded() == known.bytes + early + late)
    }

    @Test("protoc sees our unknown fields, and passes them on as we do")
    func throughProtoc() throws {
        var envelope = Envelope()
        envelope.tenant = "default"
        // No fixed-width groups of bytes with protoc's own field numbers: just a later field.
        envelope.unknownFields = delimited(9, Array("salt".utf8))
        let bytes = Event(envelope, EngineAlive()).encoded()
        let text = try Protoc.decode("Event", bytes)
        #expect(text == "tenant: \"default\"\nengine_alive {\n}\n9: \"salt\"\n")
    }

    @Test(
        "an event of an unknown type is a view, and decoding names its number",
        arguments: [31, 63, 64, 200, 536_870_911])
    func unknownType(number: Int) throws {
        var envelope = Envelope()
        envelope.sequence = 12
        envelope.time = -5
        let record = envelope.encoded() + delimited(number, [8, 1])
        let fields = try EventFields(record.span.bytes)
        let view = fields.view
        #expect(view.type == nil)
        #expect(view.payloadNumber == number)
        #expect(view.sequence == 12)
        #expect(view.time == -5)
        let first = view.uint(1)
        #expect(first == 1)
        let error = #expect(throws: WireError.self) { _ = try Event(decoding: record) }
        #expect(error?.code == .unknownEventType)
        #expect(error?.field == number)
        #expect("\(error.map { "\($0)" } ?? "")".contains("event type \(number) "))
    }

    @Test("a record has exactly one payload")
    func onePayload() throws {
        let envelope = Envelope().encoded()
        expectWireError(.noPayload) { _ = try Event(decoding: envelope + []) }
        let one = delimited(19, [])
        _ = try Event(decoding: one)
        expectWireError(.severalPayloads) { _ = try Event(decoding: one + one) }
        expectWireError(.severalPayloads) { _ = try Event(decoding: one + delimited(999, [])) }
        expectWireError(.unexpectedWireType) {
            _ = try Event(decoding: [19 << 3 & 0x7F | 0x80, 1, 0])
        }
    }
}

/// Expects a `WireError` of one kind.
func expectWireError(
    _ code: WireError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    let error = #expect(throws: WireError.self, sourceLocation: sourceLocation, performing: body)
    #expect(error?.code == code, sourceLocation: sourceLocation)
}
