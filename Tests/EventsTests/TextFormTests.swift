import Events
import Foundation
import Testing

/// Compares a message with what Foundation read from its JSON.
private struct JSONComparison: FieldVisitor {
    var object: [String: Any]
    var differences: [String] = []

    private mutating func compare<T: Equatable>(_ name: StaticString, _ found: T?, _ value: T?) {
        if found != value { differences.append("\(name): \(String(describing: found))") }
        object["\(name)"] = nil
    }

    private func number(_ name: StaticString) -> NSNumber? { object["\(name)"] as? NSNumber }

    /// A text by its bytes, for two texts can be equal and have different bytes.
    ///
    /// Without U+FEFF: JSONSerialization loses one that opens a text or follows an escape, taking
    /// it for a byte order mark.
    private static func bytes(_ text: String) -> [UInt8] {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\u{FEFF}" })).utf8.map {
            $0
        }
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        let found = (object["\(name)"] as? String).map(Self.bytes)
        compare(name, found, value.isEmpty ? nil : Self.bytes(value))
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        let found = (object["\(name)"] as? [String])?.map(Self.bytes)
        compare(name, found, value.isEmpty ? nil : value.map(Self.bytes))
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        compare(name, self.number(name)?.uint64Value, value == 0 ? nil : value)
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        let found = (object["\(name)"] as? [NSNumber])?.map(\.uint64Value)
        compare(name, found, value.isEmpty ? nil : value)
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        compare(name, self.number(name)?.int64Value, value == 0 ? nil : value)
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?) {
        compare(name, self.number(name)?.int64Value, value)
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        let expected = value == 0 ? nil : UTCText.of(microseconds: value)
        compare(name, object["\(name)"] as? String, expected)
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        compare(name, object["\(name)"] as? Bool, value ? true : nil)
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        let hex = value.map { String(format: "%02x", Int($0)) }.joined()
        compare(name, object["\(name)"] as? String, value.isEmpty ? nil : hex)
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) throws(WireError) {
        let found = object["\(name)"] as? [String: Any]
        compare(name, found == nil, value == nil)
        guard let found, let value else { return }
        differences += try Self.differences(value, found).map { "\(name).\($0)" }
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError) {
        let found = object["\(name)"] as? [[String: Any]]
        compare(name, found?.count, value.isEmpty ? nil : value.count)
        for (item, part) in zip(value, found ?? []) {
            differences += try Self.differences(item, part).map { "\(name).\($0)" }
        }
    }

    static func differences<M: WireMessage>(
        _ message: M, _ object: [String: Any]
    ) throws(WireError) -> [String] {
        var copy = message
        var visitor = JSONComparison(object: object)
        try copy.fields(&visitor)
        return visitor.differences + visitor.object.keys.map { "left over: \($0)" }
    }
}

@Suite("JSON and moments as text")
struct TextFormTests {
    @Test("an event's JSON is valid and says what the event says", arguments: EventType.allCases)
    func json(type: EventType) throws {
        for round in 0..<12 {
            let seed = SeededRandom.runSeed &+ UInt64(round)
            let style = RandomFields.Style.allCases[round % 4]
            let event = try Event.random(type, seed: seed, style: style)
            let parsed = try JSONSerialization.jsonObject(with: Data(event.json.utf8))
            var object = try #require(parsed as? [String: Any])
            #expect(object.removeValue(forKey: "type") as? String == type.name)
            let payload = try #require(object.removeValue(forKey: "payload") as? [String: Any])
            let sequence = object["sequence"] as? NSNumber
            #expect(sequence?.uint64Value == event.envelope.sequence)
            if event.envelope.sequence == 0 { object["sequence"] = nil }
            let envelopeFaults = try JSONComparison.differences(event.envelope, object)
            let payloadFaults = try differences(event.payload, payload)
            #expect(envelopeFaults == [], "\(style), seed \(seed)")
            #expect(payloadFaults == [], "\(style), seed \(seed)")
        }
    }

    private func differences<P: EventPayload>(
        _ payload: P, _ object: [String: Any]
    ) throws -> [String] {
        try JSONComparison.differences(payload, object)
    }

    @Test("every control character, quote and separator is a valid JSON string")
    func quoting() throws {
        for value in (0...0x2030 as ClosedRange<UInt32>) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(String(scalar))b"
            let json = Data("[\(JSONText.quoted(text))]".utf8)
            let parsed = try JSONSerialization.jsonObject(with: json) as? [String]
            #expect(parsed.map { Array($0[0].utf8) } == Array(text.utf8), "U+\(value)")
        }
    }

    @Test("a moment as text is what Foundation makes of it, from 1900 to 2200")
    func moments() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededRandom(seed: SeededRandom.runSeed)
        for _ in 0..<10_000 {
            let seconds = Int64.random(in: -2_208_988_800..<7_258_118_400, using: &random)
            let fraction = Int64.random(in: 0..<1_000_000, using: &random)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            let expected = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.year ?? 0, parts.month ?? 0,
                parts.day ?? 0, parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0,
                Int(fraction))
            #expect(
                UTCText.of(microseconds: seconds * 1_000_000 + fraction) == expected,
                "seed \(SeededRandom.runSeed)")
        }
    }

    @Test(
        "the edges of time have a text too",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
            (Int64.min, "-290308-12-21T19:59:05.224192Z"),
            (Int64.max, "294247-01-10T04:00:54.775807Z"),
        ] as [(Int64, String)])
    func edges(microseconds: Int64, text: String) {
        #expect(UTCText.of(microseconds: microseconds) == text)
    }
}
