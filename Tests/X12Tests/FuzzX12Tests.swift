import Foundation
import Testing
import X12

/// SplitMix64: small, seeded, the same on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Files changed at random: nothing traps or hangs, and what is answered stays true to itself.
@Suite struct FuzzX12Tests {
    struct Finding: Error, CustomStringConvertible { let description: String }

    private static let signs = [UInt8]("*:^~\r\n\0 A0-.ISAGESTEHLNM1".utf8) + [0x7F, 0x80, 0xFF]

    /// The files of the vectors that are small enough to be changed often.
    private static func files() throws -> [[UInt8]] {
        let rows = try VectorTests.rows().map { try Vectors.bytes($0.file) }
        return rows.filter { $0.count < 5_000 && $0.count > 60 }
    }

    private static func segments(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false)
    }

    /// One to four changes, of bytes or of whole segments.
    private static func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0...(random.next() % 4) {
            guard bytes.count > 2 else { return }
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 7 {
            case 0: bytes[place] = signs[Int(random.next() % UInt64(signs.count))]
            case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
            case 2:
                bytes.removeSubrange(place..<min(bytes.count, place + 1 + Int(random.next() % 9)))
            case 3: bytes.insert(signs[Int(random.next() % UInt64(signs.count))], at: place)
            case 4: bytes.removeLast(Int(random.next() % UInt64(bytes.count)) / 2)
            default:
                var parts = segments(bytes)
                let (one, other) = (
                    Int(random.next() % UInt64(parts.count)),
                    Int(random.next() % UInt64(parts.count))
                )
                switch random.next() % 3 {
                case 0: parts.remove(at: one)
                case 1: parts.insert(parts[one], at: other)
                default: parts.swapAt(one, other)
                }
                bytes = Array(parts.joined(separator: [UInt8(ascii: "~")]))
            }
        }
    }

    /// What must hold of every answer.
    private static func verify(_ results: [InterchangeResult]) throws(Finding) {
        for result in results {
            if result.fault != nil && result.groups != nil {
                throw Finding(description: "a rejected interchange has a 999")
            }
            for group in result.groups ?? [] {
                let accepted = group.sets.count { $0.code == "A" }
                let isRight =
                    group.code == "A"
                    ? accepted == group.received && group.errors.isEmpty
                    : group.code == "P" ? accepted > 0 && accepted < group.received : true
                guard isRight, group.accepted <= accepted, group.errors.count <= 5 else {
                    throw Finding(description: "AK9 contradicts its sets")
                }
                for set in group.sets where (set.code == "A") != set.errors.isEmpty {
                    throw Finding(description: "IK5 contradicts itself")
                }
                try verify(group.acknowledgment())
            }
        }
    }

    /// Whether a 999 can be written.
    private static func verify(_ content: SetContent) throws(Finding) {
        do throws(X12Error) {
            var builder = try InterchangeBuilder(Built.envelope(), controlNumber: 1)
            try builder.beginGroup(setID: "999", version: content.version, controlNumber: 1)
            try builder.add(content, controlNumber: 1)
        } catch {
            throw Finding(description: "the 999 cannot be written: \(error)")
        }
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("files that are changed at random are answered, and the same in chunks of any size")
    func changed() throws {
        let files = try Self.files()
        #expect(files.count > 60)
        let partners = try Vectors.partners()
        let seconds = Self.number("DAYBOOK_FUZZ_SECONDS")
        let first = Self.number("DAYBOOK_FUZZ_SEED") ?? 0
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var (seed, deep) = (first, UInt64(0))
        while end.map({ seed == first || ContinuousClock.now < $0 }) ?? (seed < first + 4_000) {
            var random = SeededRandom(seed: seed)
            var bytes = files[Int(random.next() % UInt64(files.count))]
            Self.change(&bytes, &random)
            let whole = try Vectors.results(bytes, partners: partners)
            let chunk = 1 + Int(random.next() % 97)
            let parts = try Vectors.results(bytes, partners: partners, chunk: chunk)
            do throws(Finding) {
                if whole != parts {
                    throw Finding(description: "chunks of \(chunk) are answered otherwise")
                }
                try Self.verify(whole)
            } catch {
                Issue.record("DAYBOOK_FUZZ_SEED=\(seed): \(error)")
                return
            }
            if whole.contains(where: { $0.groups != nil }) { deep += 1 }
            seed += 1
        }
        // A fuzzer that never gets past the envelope finds nothing.
        if seed - first > 100 { #expect(deep > (seed - first) / 5, "\(deep) deep") }
        if seconds != nil { print("x12: \(seed - first) cases, \(deep) past the envelope") }
    }

    @Test("every file of the vectors is answered the same in chunks of every size up to 130 bytes")
    func chunks() throws {
        let partners = try Vectors.partners()
        for row in try VectorTests.rows() {
            let bytes = try Vectors.bytes(row.file)
            guard bytes.count < 2_000 else { continue }
            let whole = try Vectors.results(bytes, partners: partners)
            for chunk in 1...130 {
                let parts = try Vectors.results(bytes, partners: partners, chunk: chunk)
                #expect(parts == whole, "\(row.file) in chunks of \(chunk)")
            }
        }
    }

    @Test("a file is answered wherever it is cut, and never accepted before its end")
    func cuts() throws {
        let bytes = try Vectors.bytes("valid/v07_276_three_claims_isa14.edi")
        let partners = try Vectors.partners()
        let last = bytes.lastIndex(of: UInt8(ascii: "~")) ?? 0
        for count in 0...bytes.count {
            let results = try Vectors.results(Array(bytes[..<count]), partners: partners)
            let isWhole = count > last
            #expect(results.contains { $0.fault == nil } == isWhole, "cut at \(count)")
        }
    }

    @Test("a segment without end is given up, in bounded memory")
    func endless() throws {
        var bytes = try Array(Vectors.bytes("valid/v04_270_no_newlines.edi").prefix(106))
        bytes += [UInt8](repeating: UInt8(ascii: "A"), count: X12Parser.segmentByteCountMax + 2)
        let partners = try Vectors.partners()
        let whole = try Vectors.results(bytes, partners: partners)
        #expect(whole.first?.fault?.note == "022")
        #expect(try Vectors.results(bytes, partners: partners, chunk: 4_099) == whole)
    }
}
