import Events
import Testing

@Suite("protoc agrees with the codec")
struct ProtocTests {
    @Test(
        "protoc reads every type as we wrote it, and we read it as protoc writes it",
        arguments: EventType.allCases)
    func everyType(type: EventType) throws {
        for style in RandomFields.Style.allCases {
            let event = try Event.random(type, seed: SeededRandom.runSeed, style: style)
            let bytes = event.encoded()
            let text = try Protoc.decode("Event", bytes)
            #expect(text == ProtoText.of(event), "\(type), \(style), seed \(SeededRandom.runSeed)")
            let answer = try Protoc.encode("Event", text)
            #expect(answer == bytes, "\(type), \(style), seed \(SeededRandom.runSeed)")
            #expect(try Event(decoding: answer).isSame(as: event), "\(type), \(style)")
        }
    }

    @Test("protoc agrees on many events of every type")
    func manyEvents() throws {
        var events: [Event] = []
        for type in EventType.allCases {
            for round in 0..<50 {
                let seed = SeededRandom.runSeed &+ UInt64(round) &* 1_000_003
                events.append(
                    try Event.random(type, seed: seed, style: round % 2 == 0 ? .small : .mixed))
            }
        }
        let list = EventList.bytes(of: events)
        let text = try Protoc.decode("EventList", list)
        let expected = ProtoText.of(events)
        // Compared whole, shown by line: a difference must not print a megabyte.
        if text != expected {
            let (a, b) = (text.split(separator: "\n"), expected.split(separator: "\n"))
            let index = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            Issue.record("line \(index): protoc \(a[index]), ours \(b[index])")
        }
        let answer = try Protoc.encode("EventList", text)
        #expect(answer == list, "seed \(SeededRandom.runSeed)")
        let read = try EventList(decoding: answer).records.map { try Event(decoding: $0) }
        #expect(read.count == events.count)
        #expect(zip(read, events).allSatisfy { $0.isSame(as: $1) }, "seed \(SeededRandom.runSeed)")
    }

    @Test("the random values meet every kind of field")
    func everyKind() throws {
        var fields = RandomFields(seed: SeededRandom.runSeed, style: .extremes)
        for type in EventType.allCases { _ = try fields.payload(type.payload) }
        // No type has a plain signed integer yet; `optionalInt` and `instant` write the same.
        let expected: Set = [
            "text", "texts", "uint", "uints", "optionalInt", "instant", "bool", "bytes",
            "message", "messages",
        ]
        #expect(fields.kinds.isSuperset(of: expected))
    }
}

/// `daybook.v1.EventList`: what the records of a log are, once each has this field's tag before
/// its length.
struct EventList {
    let records: [[UInt8]]

    static func bytes(of events: [Event]) -> [UInt8] {
        var writer = WireWriter()
        for event in events {
            writer.varint(1 << 3 | 2)
            event.writeDelimited(to: &writer)
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        var records: [[UInt8]] = []
        var cursor = WireCursor(bytes.span.bytes)
        while let field = try cursor.next() {
            records.append(Array(bytes[field.offset..<(field.offset + field.byteCount)]))
        }
        self.records = records
    }
}
