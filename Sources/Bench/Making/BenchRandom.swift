/// A small seeded generator (SplitMix64, Steele, Lea and Flood, OOPSLA 2014): the same seed gives
/// the same numbers on every machine.
struct BenchRandom: Sendable {
    private var state: UInt64

    /// A generator from a seed; any will do.
    init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15  // modulo 2^64, as the algorithm has it
        return Self.mixed(state)
    }

    /// A number from 0 up to but not including a bound, which is at least 1.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// A number of a range.
    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(below(Int(range.upperBound - range.lowerBound) + 1))
    }

    /// Whether something that is so many times in a million comes true now.
    mutating func happens(perMillion: Int) -> Bool { below(1_000_000) < perMillion }

    /// How often something happens that happens so many thousandths of a time on average.
    mutating func count(thousandths: Int) -> Int {
        thousandths / 1_000 + (below(1_000) < thousandths % 1_000 ? 1 : 0)
    }

    /// So many bytes of the next numbers, as hex.
    mutating func hex(byteCount: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * byteCount + 16)
        while text.count < 2 * byteCount {
            var bits = next()
            for _ in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: bits & 15)
                text.append(digit < 10 ? 48 + digit : 87 + digit)
                bits >>= 4
            }
        }
        return String(decoding: text.prefix(2 * byteCount), as: UTF8.self)
    }

    /// The finalizer: spreads a number over 64 bits.
    static func mixed(_ number: UInt64) -> UInt64 {
        var bits = number
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
