import DaybookTestSupport

/// Good bytes, changed as an enemy or a bad disk would.
enum HostileBytes {
    /// What parsers of text stumble over.
    private static let traps: [[UInt8]] = [
        [0x0A], [0x0A, 0x0A], [0x00], [0x0D], [0x09], [0x20], [0x7F], [0xFF], [0xC0, 0x80],
        [0xED, 0xA0, 0x80], [0xC2, 0x85], [0xC2, 0xA0], [0xE2, 0x80, 0x94, 0x20], [0x2B], [0x3D],
        [0x3D, 0x3D], [0x30], [0x2D], [0x2E], Array("18446744073709551616".utf8),
        Array("index ".utf8), Array("extra AA==\n".utf8), [0xE2, 0x80, 0x94, 0x20, 0x61, 0x20],
    ]

    /// One to three changes, which follow from the seed.
    static func changed(_ good: [UInt8], seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var bytes = good
        for _ in 0...Int.random(in: 0...2, using: &random) { change(&bytes, &random) }
        return bytes
    }

    private static func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...40, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where place < bytes.count:
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.removeSubrange(place...)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 5:
            // A whole line again, somewhere at a line's start.
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            guard let line = lines.randomElement(using: &random) else { return }
            let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            bytes.insert(contentsOf: Array(line) + [0x0A], at: start)
        case 6:
            let moved = Array(bytes[place..<end])
            bytes.removeSubrange(place..<end)
            bytes.insert(contentsOf: moved, at: Int.random(in: 0...bytes.count, using: &random))
        default:
            guard let trap = traps.randomElement(using: &random) else { return }
            bytes.insert(contentsOf: trap, at: place)
        }
    }
}
