import Events
import Foundation
import Testing

@Suite("the schema file and the code say the same")
struct SchemaTests {
    /// `(number, kind, name)` of every message, from the code.
    private func codeSchema() throws -> [String: [String]] {
        var collector = SchemaCollector()
        try collector.collectEnvelope()
        for type in EventType.allCases { try collector.collect(type.payload) }
        return collector.messages
    }

    /// The same from the schema, as protoc understands it.
    private func fileSchema() throws -> [String: [String]] {
        let set = try FileDescriptorSet(decoding: Protoc.descriptorSet())
        #expect(set.files.count == 1)
        var messages: [String: [String]] = [:]
        for message in set.files.flatMap(\.messages) {
            messages[message.name] = message.fields.map(\.summary)
        }
        return messages
    }

    @Test("every message has the same fields with the same numbers, kinds and names")
    func structure() throws {
        var file = try fileSchema()
        var code = try codeSchema()
        file["EventList"] = nil
        code["Event"] = code.removeValue(forKey: "Envelope")
        for type in EventType.allCases {
            let message = "\(type.payload)"
            code["Event"]?.append("\(type.rawValue) .daybook.v1.\(message) \(type) in oneof 0")
        }
        #expect(Set(file.keys) == Set(code.keys))
        for (name, fields) in code { #expect(file[name] == fields, "\(name)") }
    }

    @Test("field names in the schema are the JSON names in snake case")
    func fieldNames() throws {
        let set = try FileDescriptorSet(decoding: Protoc.descriptorSet())
        for field in set.files.flatMap(\.messages).flatMap(\.fields) {
            #expect(field.name == ProtoText.snake(field.jsonName))
        }
    }

    @Test("the package is daybook.v1 and the syntax proto3")
    func header() throws {
        let file = try #require(FileDescriptorSet(decoding: Protoc.descriptorSet()).files.first)
        #expect(file.package == "daybook.v1")
        #expect(file.syntax == "proto3")
    }

    @Test("every type says its own number, and names follow one pattern without repeats")
    func types() {
        for type in EventType.allCases {
            #expect(type.payload.type == type)
            #expect(type.rawValue >= Envelope.payloadNumberMin)
            // Numbers that Protocol Buffers keeps for itself.
            #expect(!(19_000...19_999).contains(type.rawValue))
            #expect(type.name.wholeMatch(of: /scheduler(\.[a-z_]+){2}/) != nil, "\(type.name)")
        }
        #expect(Set(EventType.allCases.map(\.name)).count == EventType.allCases.count)
    }

    @Test("events.md lists every type with its number, name and message, and no other")
    func document() throws {
        let page = try String(
            contentsOf: Protoc.schemaFolder.appending(path: "events.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.contains("| `scheduler.") }
        let expected = EventType.allCases.map {
            "| \($0.rawValue) | `\($0.name)` | `\($0.payload)` |"
        }
        #expect(rows.count == expected.count)
        for (row, start) in zip(rows, expected) { #expect(row.hasPrefix(start)) }
    }

    /// The first fenced block of a kind in events.md.
    private func block(_ kind: String) throws -> String {
        let page = try String(
            contentsOf: Protoc.schemaFolder.appending(path: "events.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```\(kind)\n"))
        let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
        return String(page[start.upperBound..<end.lowerBound])
    }

    @Test("the example in events.md is a record, and says what the page says")
    func example() throws {
        let record = try block("hex").split(whereSeparator: \.isWhitespace).map {
            try #require(UInt8($0, radix: 16))
        }
        let event = try Event(decoding: record)
        #expect(record.count == 123)
        #expect(event.encoded() == record)
        #expect(ProtoText.of(event) == (try block("text")))
        #expect(try Protoc.decode("Event", record) == (try block("text")))
        let due = try #require(event.payload as? RunDue)
        #expect(UTCText.of(microseconds: due.scheduled) == "2027-04-03T00:00:00.000000Z")
    }
}
