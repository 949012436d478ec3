import Exchange
import Foundation
import Testing
import X12

/// Lines changed at random: nothing traps or hangs, no error repeats what stands in a line, and what
/// is read all the same can be written and built.
@Suite struct FuzzOutcomeTests {
    private static let parts = [
        "\"", "\\", "\\ud800", "\\udfff", "\\u0000", "{", "}", "[", "]", ":", ",", "null", "true",
        "-", "1e999", "99999999999999999999", "0.001", "*", "~", "\u{1F}", "é", "\r", "{\"a\":",
        "[[[[[[[[[[[[[[[[[[[[", "\"body\":", "\"type\":\"835\"", "\"type\":\"TA1\"", "\"full\":1",
    ].map { Array($0.utf8) }

    private static func change(_ bytes: inout [UInt8], _ random: inout Seeded) {
        for _ in 0...(random.next() % 4) {
            guard bytes.count > 2 else { return }
            let place = Int(random.next() % UInt64(bytes.count))
            let part = parts[Int(random.next() % UInt64(parts.count))]
            switch random.next() % 6 {
            case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
            case 1:
                bytes.removeSubrange(place..<min(bytes.count, place + 1 + Int(random.next() % 9)))
            case 2: bytes.insert(contentsOf: part, at: place)
            case 3: bytes.removeLast(Int(random.next() % UInt64(bytes.count)) / 2)
            case 4: bytes[place] = 0x30 + UInt8(random.next() % 10)
            default:
                // A stretch stands again somewhere else.
                let end = min(bytes.count, place + Int(random.next() % 200))
                let stretch = Array(bytes[place..<end])
                bytes.insert(contentsOf: stretch, at: Int(random.next() % UInt64(bytes.count)))
            }
        }
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("lines that are changed at random are refused without their content, or stay true")
    func changed() throws {
        let first = Self.number("DAYBOOK_FUZZ_SEED") ?? 0
        let count = Self.number("DAYBOOK_FUZZ_COUNT") ?? 6_000
        var taken: UInt64 = 0
        for seed in first..<(first + count) {
            var random = Seeded(seed)
            let make = Samples.bodies[Int(random.next() % UInt64(Samples.bodies.count))].make
            let outcome = Samples.outcome(Int(seed % 50), make(Int(random.next() % 50)))
            var bytes = outcome.encoded()
            Self.change(&bytes, &random)
            do throws(ExchangeError) {
                let read = try Outcome(bytes[...], types: Samples.types)
                taken += 1
                let again = try Outcome(read.encoded()[...], types: Samples.types)
                let file = try InterchangeComposer.compose(Samples.order([read]), [read])
                let findings = try CompositionCheck.findings(
                    file.bytes, Samples.order([read]), type: read.type)
                if again != read || !findings.isEmpty {
                    Issue.record("DAYBOOK_FUZZ_SEED=\(seed): \(findings)")
                    return
                }
            } catch {
                let message = error.message
                let isSilent = ["LAST", "FIRST", "CLINIC", "TRACE", "CLAIM"].allSatisfy {
                    !message.contains($0)
                }
                if !isSilent || message.utf8.count > 600 {
                    Issue.record("DAYBOOK_FUZZ_SEED=\(seed): \(message)")
                    return
                }
            }
        }
        // A fuzzer that never gets past the reader finds little.
        if count >= 1_000 { #expect(taken > count / 50, "\(taken) taken") }
        print("outcomes: seeds \(first) to \(first + count - 1), \(taken) taken")
    }

    @Test("bytes at random are refused")
    func noise() {
        for seed in UInt64(0)..<2_000 {
            var random = Seeded(seed)
            let bytes = (0..<(random.next() % 300)).map { _ in UInt8(random.next() % 256) }
            #expect(throws: ExchangeError.self) {
                try Outcome(bytes[...], types: Samples.types)
            }
        }
    }
}
