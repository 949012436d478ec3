import CChecksum
import DaybookTestSupport
import EventLog
import Testing

@Suite struct ChecksumTests {
    /// RFC 3720 section B.4; "123456789" is the check value of the CRC catalogue.
    static let vectors: [([UInt8], UInt32)] = [
        (Array(repeating: 0, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test("the vectors of RFC 3720 come out, by instruction and by table", arguments: vectors)
    func knownAnswers(bytes: [UInt8], expected: UInt32) {
        #expect(Checksum.crc32c(bytes.span.bytes) == expected)
        #expect(
            bytes.withUnsafeBytes { daybook_crc32c_table(0, $0.baseAddress, $0.count) } == expected)
    }

    @Test("a checksum goes on where another ended, at every cut")
    func streaming() {
        var random = SeededGenerator(seed: 1)
        let bytes = (0..<7_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let whole = Checksum.crc32c(bytes.span.bytes)
        #expect(
            bytes.withUnsafeBytes { daybook_crc32c_table(0, $0.baseAddress, $0.count) } == whole)
        for cut in stride(from: 0, through: bytes.count, by: 37) {
            let head = Checksum.crc32c(bytes.span.bytes.extracting(0..<cut))
            let tail = bytes.span.bytes.extracting(cut..<bytes.count)
            #expect(Checksum.crc32c(tail, seed: head) == whole)
        }
    }
}
