import Events
import Testing

/// Reads each field of a message in place and compares it with the decoded one.
private struct InPlaceComparison: FieldVisitor {
    let record: [UInt8]
    let offset: Int
    let byteCount: Int
    var comparisons = 0
    var differences: [String] = []

    private mutating func compare(
        _ name: StaticString, _ isSame: (borrowing EventView) throws(WireError) -> Bool
    ) throws(WireError) {
        comparisons += 1
        // A copy: the table must not borrow from `self` while the differences grow.
        let record = record
        let fields = try EventFields(
            message: record.span.bytes, offset: offset, byteCount: byteCount)
        let table = fields.view
        let same = try isSame(table)
        if !same { differences.append("\(name)") }
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String)
        throws(WireError)
    {
        let text = value
        try compare(name) { table throws(WireError) in
            let found = try table.text(number)
            return found == text && table.has(number) == !text.isEmpty
        }
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String])
        throws(WireError)
    {
        let isEmpty = value.isEmpty
        try compare(name) { table in table.has(number) != isEmpty }
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64)
        throws(WireError)
    {
        let expected = value
        try compare(name) { table in table.uint(number) == expected }
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64])
        throws(WireError)
    {
        let isEmpty = value.isEmpty
        try compare(name) { table in table.has(number) != isEmpty }
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    {
        let expected = value
        try compare(name) { table in table.int(number) == expected }
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?)
        throws(WireError)
    {
        let expected = value
        try compare(name) { table in
            table.has(number) ? table.int(number) == expected : expected == nil
        }
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64)
        throws(WireError)
    {
        try int(number, name, &value)
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool)
        throws(WireError)
    {
        let expected = value
        try compare(name) { table in table.bool(number) == expected }
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8])
        throws(WireError)
    {
        let expected = value
        let record = record
        try compare(name) { table in
            let (offset, byteCount) = table.range(number)
            return Array(record[offset..<(offset + byteCount)]) == expected
        }
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) throws(WireError) {
        let expected = value
        let record = record
        var part: (Int, Int)?
        try compare(name) { table in
            if table.has(number) { part = table.range(number) }
            return table.has(number) == (expected != nil)
        }
        guard let (offset, byteCount) = part, var expected else { return }
        var inner = InPlaceComparison(record: record, offset: offset, byteCount: byteCount)
        try expected.fields(&inner)
        comparisons += inner.comparisons
        differences += inner.differences.map { "\(name).\($0)" }
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError) {
        let isEmpty = value.isEmpty
        try compare(name) { table in table.has(number) != isEmpty }
    }
}

@Suite("reading in place")
struct EventViewTests {
    @Test(
        "a view says what the decoded event says, in every field of every type",
        arguments: EventType.allCases)
    func agrees(type: EventType) throws {
        for round in 0..<20 {
            let seed = SeededRandom.runSeed &+ UInt64(round)
            let style = RandomFields.Style.allCases[round % 4]
            let event = try Event.random(type, seed: seed, style: style)
            let record = event.encoded()
            let fields = try EventFields(record.span.bytes)
            let view = fields.view
            #expect(view.type == type)
            #expect(view.payloadNumber == type.rawValue)
            #expect(view.sequence == event.envelope.sequence)
            #expect(view.time == event.envelope.time)
            #expect(view.stage == event.envelope.stage)
            let differences = try compare(event, record, payloadAt: payload(record, type))
            #expect(differences == [], "\(style), seed \(seed)")
        }
    }

    @Test("what is noted of a record says where its fields stand, wherever the words begin")
    func notes() throws {
        var words: [UInt64] = []
        var ends: [Int] = []
        let records = try EventType.allCases.enumerated().map { number, type in
            try Event.random(
                type, seed: SeededRandom.runSeed, style: RandomFields.Style.allCases[number % 4]
            ).encoded()
        }
        for record in records {
            let start = ends.last ?? 0
            ends.append(start + EventFields.note(record.span.bytes, into: &words, at: start))
        }
        for (index, record) in records.enumerated() {
            let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
            let noted = EventView(record.span.bytes, noted: words.span.extracting(range))
            let fields = try EventFields(record.span.bytes)
            let view = fields.view
            let type = view.payloadNumber
            #expect(noted.sequence == view.sequence && noted.time == view.time)
            #expect(noted.payloadNumber == type)
            for number in 1..<32 {
                let same = [
                    noted.has(number) == view.has(number),
                    noted.uint(number) == view.uint(number),
                    noted.range(number) == view.range(number),
                    (try? noted.text(number)) == (try? view.text(number)),
                ]
                #expect(!same.contains(false), "field \(number) of \(type)")
            }
        }
        let cut = records[0].dropLast()
        #expect(EventFields.note(Array(cut).span.bytes, into: &words, at: 0) == 0)
    }

    private func payload(_ record: [UInt8], _ type: EventType) throws -> (Int, Int) {
        var cursor = WireCursor(record.span.bytes)
        while let field = try cursor.next() {
            if field.number == type.rawValue { return (field.offset, field.byteCount) }
        }
        throw WireError(.noPayload, offset: 0)
    }

    private func compare(
        _ event: Event, _ record: [UInt8], payloadAt place: (Int, Int)
    ) throws -> [String] {
        var envelope = event.envelope
        var outer = InPlaceComparison(record: record, offset: 0, byteCount: record.count)
        try envelope.fields(&outer)
        #expect(outer.comparisons == 8)
        return outer.differences + (try compare(event.payload, record, place))
    }

    private func compare<P: EventPayload>(
        _ payload: P, _ record: [UInt8], _ place: (Int, Int)
    ) throws -> [String] {
        var copy = payload
        var inner = InPlaceComparison(record: record, offset: place.0, byteCount: place.1)
        try copy.fields(&inner)
        #expect(inner.comparisons > 0)
        return inner.differences
    }

    @Test("text is compared in place as bytes")
    func isText() throws {
        let record = [0x0A, 3, 0x61, 0x62, 0x63] as [UInt8]
        let fields = try EventFields(message: record.span.bytes, offset: 0, byteCount: record.count)
        let table = fields.view
        let yes = [table.isText(1, "abc"), table.isText(2, "")]
        let no = [
            table.isText(1, "abd"), table.isText(1, "ab"), table.isText(1, "abcd"),
            table.isText(1, ""), table.isText(2, "a"),
        ]
        #expect(yes.allSatisfy { $0 })
        #expect(!no.contains(true))
    }
}
