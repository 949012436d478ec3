import Exchange
import Testing
import X12

/// Files of outcomes: where each stands, and that a file is taken whole or not at all.
@Suite struct OutcomeReaderTests {
    private static func file(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in 0..<count {
            let body = Samples.bodies[number % 5].make(number)
            bytes += Samples.outcome(number, body).encoded() + [0x0A]
        }
        return bytes
    }

    /// A reader that gives so many bytes at a time.
    private static func lines(_ bytes: [UInt8], chunk: Int) -> LineReader {
        var place = 0
        return LineReader {
            defer { place = min(bytes.count, place + chunk) }
            return Array(bytes[place..<min(bytes.count, place + chunk)])
        }
    }

    private static func entries(
        _ lines: LineReader
    ) throws(ExchangeError) -> [OutcomeReader.Entry] {
        try OutcomeReader.entries(lines) { $0 == "CLINICA" ? X12Delimiters() : nil }
    }

    @Test("each entry's place gives its outcome, in chunks of any size")
    func places() throws {
        let bytes = Self.file(10)
        let whole = try Self.entries(LineReader(bytes))
        #expect(whole.count == 10)
        for (number, entry) in whole.enumerated() {
            let place = Int(entry.offset)..<Int(entry.offset + entry.byteCount)
            let outcome = try Outcome(bytes[place], types: Outcome.businessTypes)
            #expect(outcome.id == "OUT-\(number)" && entry.id == outcome.id)
            #expect(entry.type == outcome.type && entry.ingestion == outcome.ingestion)
        }
        for chunk in [1, 2, 3, 7, 64, 1_000, 4_096] {
            #expect(try Self.entries(Self.lines(bytes, chunk: chunk)) == whole, "\(chunk)")
        }
        // The last line may have no end.
        #expect(try Self.entries(LineReader(Array(bytes.dropLast()))) == whole)
    }

    @Test("every bad line is told, and then nothing of the file is taken")
    func refused() throws {
        var lines = Self.file(6).split(separator: 0x0A).map { Array($0) }
        lines[1] = Array("{\"partner\":\"CLINICA\"}".utf8)
        lines[3] = lines[2]
        lines[4] = []
        let bytes = Array(lines.joined(separator: [0x0A]))
        let error = #expect(throws: ExchangeError.self) { try Self.entries(LineReader(bytes)) }
        let message = error?.message ?? ""
        #expect(message.contains("3 of its lines are bad"))
        #expect(message.contains("line 2, field 'type': is missing"))
        #expect(message.contains("line 4, field 'id': stood on a line before"))
        #expect(message.contains("line 5 is no JSON at byte 1"))
        var reader = OutcomeReader(LineReader(bytes)) { _ in X12Delimiters() }
        var good = 0
        while let item = try reader.next() { if case .entry = item { good += 1 } }
        #expect(good == 3)
    }

    @Test("a partner that is not defined, an empty file and a failing disk are errors")
    func others() {
        let line = Samples.outcome(1, Samples.claims(1)).encoded()
        let unknown = #expect(throws: ExchangeError.self) {
            try OutcomeReader.entries(LineReader(line)) { _ in nil }
        }
        #expect(unknown?.message.contains("field 'partner': is not defined") == true)
        #expect(throws: ExchangeError.self) { try Self.entries(LineReader([])) }
        let disk = #expect(throws: ExchangeError.self) {
            try Self.entries(
                LineReader { () throws(ExchangeError) in
                    throw ExchangeError("storage", "the disk is gone")
                })
        }
        #expect(disk?.code == "storage")
    }

    @Test("a line over 1 MiB is bad, its neighbours are good, and memory stays bounded")
    func tooLong() throws {
        let good = Samples.outcome(1, Samples.claims(1)).encoded()
        let long = [UInt8](repeating: 0x20, count: Outcome.byteCountMax + 1)
        let bytes = good + [0x0A] + long + [0x0A] + good
        var lines = Self.lines(bytes, chunk: 100_000)
        var seen: [LineReader.Line] = []
        while let line = try lines.next() { seen.append(line) }
        #expect(seen.map(\.isTooLong) == [false, true, false])
        #expect(seen[1].bytes.isEmpty && seen[1].byteCount == UInt64(long.count))
        #expect(seen[2].offset == UInt64(good.count + long.count + 2))
        #expect(Array(seen[2].bytes) == good)
        let error = #expect(throws: ExchangeError.self) {
            try Self.entries(Self.lines(bytes, chunk: 100_000))
        }
        #expect(error?.message.contains("line 2 is longer than 1 MiB") == true)
    }

    @Test("of many bad lines the first are told, and how many there are")
    func many() {
        let bytes = Array(repeating: Array("{}\n".utf8), count: 1_000).flatMap { $0 }
        let error = #expect(throws: ExchangeError.self) { try Self.entries(LineReader(bytes)) }
        #expect(error?.message.contains("1000 of its lines") == true)
        #expect(error?.message.contains("(980 more)") == true)
    }
}
