import Events
import Testing

/// The texts of a run in one array, against a list of strings that does the same.
@Suite struct TextRowTests {
    private static let count = 7

    @Test("texts that are set again and again are what they were set to", arguments: 0..<40)
    func followsList(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var row = TextRow(count: Self.count)
        var list = Array(repeating: "", count: Self.count)
        for step in 0..<300 {
            let index = Int.random(in: 0..<Self.count, using: &random)
            let text = Self.text(&random)
            row[index] = text
            list[index] = text
            for place in 0..<Self.count {
                #expect(row[place] == list[place], "seed \(seed), step \(step), text \(place)")
                #expect(row.isEmpty(place) == list[place].isEmpty, "seed \(seed), step \(step)")
                #expect(row.content(place) == Array(list[place].utf8), "seed \(seed)")
            }
        }
    }

    @Test("rows with the same texts are equal, however they came to have them", arguments: 0..<40)
    func equality(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let list = (0..<Self.count).map { _ in Self.text(&random) }
        var grown = TextRow(count: Self.count)
        for _ in 0..<30 {
            grown[Int.random(in: 0..<Self.count, using: &random)] = Self.text(&random)
        }
        var plain = TextRow(count: Self.count)
        for (index, text) in list.enumerated() {
            grown[index] = text
            plain[index] = text
        }
        #expect(grown == plain, "seed \(seed)")
        var other = plain
        other[3] += "x"
        #expect(other != plain, "seed \(seed)")
        #expect(plain[3] == list[3], "a copy is a row of its own; seed \(seed)")
        #expect(TextRow(count: 1) != TextRow(count: 2))
    }

    @Test("a row that is filled has the texts that stand there, and room for others")
    func ranges() {
        let record = Array("tenant-a|nightly|Europe/Berlin|ü".utf8)
        let parts = [(0, 8), (9, 7), (0, 0), (17, 13), (31, 2), (0, 0), (0, 0)]
        let ranges = parts.map { FieldRange((offset: $0.0, byteCount: $0.1)) }
        var row = TextRow(count: Self.count)
        row[2] = "a text that was there before"
        row.fill(from: record.span.bytes, ranges.span, spare: 4)
        let expected = ["tenant-a", "nightly", "", "Europe/Berlin", "ü", "", ""]
        #expect((0..<Self.count).map { row[$0] } == expected)
        row[6] = "a text that is longer than the room that there was"
        row[1] = ""
        #expect(row[6] == "a text that is longer than the room that there was")
        #expect(row.isEmpty(1) && row[0] == "tenant-a" && row[4] == "ü")
        let copy = row
        row.fill(
            from: record.span.bytes, [FieldRange](repeating: FieldRange(), count: Self.count).span,
            spare: 0)
        #expect(row == TextRow(count: Self.count))
        #expect(copy[0] == "tenant-a", "a copy is a row of its own")
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let length = [0, 1, 5, 15, 16, 60, 300].randomElement(using: &random) ?? 0
        return String((0..<length).map { _ in "aé0/…".randomElement(using: &random) ?? "a" })
    }
}
