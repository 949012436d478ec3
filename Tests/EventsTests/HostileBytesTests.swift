import Events
import Testing

@Suite("hostile bytes")
struct HostileBytesTests {
    /// Does all that a reader may do with a record; whatever the bytes, it returns.
    ///
    /// - Returns: whether the record is an event.
    @discardableResult
    private func read(_ record: [UInt8]) -> Bool {
        let isView = readInPlace(record)
        guard let event = try? Event(decoding: record) else { return false }
        #expect(isView, "decoded, but no view: \(JSONText.hex(record))")
        _ = event.json
        // What was read can be written and read again, and is the same.
        let again = try? Event(decoding: event.encoded())
        #expect(again?.isSame(as: event) == true, "not stable: \(JSONText.hex(record))")
        return true
    }

    private func readInPlace(_ record: [UInt8]) -> Bool {
        do {
            return try readFields(try EventFields(record.span.bytes).view, record.count)
        } catch {
            return false
        }
    }

    private func readFields(
        _ view: borrowing EventView, _ recordByteCount: Int
    ) throws(WireError) -> Bool {
        var sum = view.sequence ^ UInt64(bitPattern: view.time) ^ view.stage
        for number in 1..<32 {
            sum ^= view.uint(number) ^ UInt64(bitPattern: view.int(number))
            let (offset, byteCount) = view.range(number)
            #expect(offset >= 0 && offset + byteCount <= recordByteCount)
            _ = try? view.text(number)
            _ = view.isText(number, "engine")
            do {
                _ = try EventFields(message: view.bytes, offset: offset, byteCount: byteCount)
            } catch {
                #expect(error.offset <= recordByteCount)
            }
        }
        for number in 3...6 {
            if let (offset, byteCount) = try? view.envelopeRange(number) {
                #expect(offset >= 0 && offset + byteCount <= recordByteCount)
            }
        }
        _ = view.isActor("engine")
        return sum <= .max
    }

    @Test(
        "every truncation of a record of every type is refused or read, and nothing traps",
        arguments: EventType.allCases)
    func truncations(type: EventType) throws {
        let record = try Event.random(type, seed: SeededRandom.runSeed, style: .small).encoded()
        #expect(read(record))
        for count in 0..<record.count { read(Array(record[..<count])) }
    }

    @Test(
        "every flip of a bit in a record of every type is refused or read, and nothing traps",
        arguments: EventType.allCases)
    func flips(type: EventType) throws {
        var record = try Event.random(type, seed: SeededRandom.runSeed, style: .small).encoded()
        // A definition is long; its first bytes hold every kind of field.
        for index in 0..<min(record.count, 300) {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 0xFF] as [UInt8] {
                record[index] ^= mask
                read(record)
                record[index] ^= mask
            }
        }
    }

    @Test("random bytes are refused or read, and nothing traps")
    func randomBytes() {
        var random = SeededRandom(seed: SeededRandom.runSeed)
        var events = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...120, using: &random)
            var record = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of them begin with the tag and length of a payload, or few would get far.
            if Bool.random(using: &random),
                let type = EventType.allCases.randomElement(using: &random)
            {
                var writer = WireWriter()
                writer.varint(UInt64(type.rawValue) << 3 | 2)
                writer.varint(UInt64(count))
                record = writer.bytes + record
            }
            if read(record) { events += 1 }
        }
        #expect(events > 0, "none was well formed: seed \(SeededRandom.runSeed)")
    }

    @Test("records with fields dropped, doubled and swapped are refused or read, and nothing traps")
    func shuffledFields() throws {
        var random = SeededRandom(seed: SeededRandom.runSeed)
        for type in EventType.allCases {
            let record = try Event.random(type, seed: random.next(), style: .small).encoded()
            var cursor = WireCursor(record.span.bytes)
            var parts: [[UInt8]] = []
            while let field = try cursor.next() {
                parts.append(Array(record[field.start..<cursor.offset]))
            }
            for _ in 0..<20 {
                let count = Int.random(in: 0...parts.count + 2, using: &random)
                let chosen = (0..<count).compactMap { _ in parts.randomElement(using: &random) }
                read(Array(chosen.joined()))
            }
        }
    }

    @Test("a length near the largest integer is refused")
    func hugeLengths() {
        for length in [UInt64.max, UInt64(Int.max), UInt64(Int.max) + 1, 1 << 32, 1 << 31] {
            var writer = WireWriter()
            writer.varint(19 << 3 | 2)
            writer.varint(length)
            expectWireError(.truncated) { _ = try Event(decoding: writer.bytes) }
        }
    }
}
