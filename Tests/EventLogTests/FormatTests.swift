import DaybookTestSupport
import EventLog
import Testing

/// The bytes of docs/format/log.md's example.
///
/// They change only with the format's version.
@Suite struct FormatTests {
    static let expected: [(offset: Int, bytes: String)] = [
        (
            0,
            "444159424b4c4f470100000000000000000102030405060708090a0b0c0d0e0f"
                + "000000000000000000e025dafe5b060000300000000000000000000000000000"
                + "0000000000000000"
        ),
        (4_092, "362290e1"),
        (
            4_096,
            "444261740c2373b9000000000000000000000000000000000000000000000000"
                + "ffffffffffffffff0100000000000000af5570f5000100000000000000000000"
                + "00000000"
        ),
        (
            8_192,
            "44426174565687c70a0000000a00000032f7ce73020000000000000000000000"
                + "ffffffffffffffff01000000000000000c2373b9000000000000000000000000"
                + "000000000568656c6c6f036c6f67"
        ),
    ]

    @Test("the example of the format's page is what the writer writes, to the byte")
    func example() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk, LogConfiguration(segmentByteCount: 3 * 4_096))
        try store.write([Array("hello".utf8), Array("log".utf8)])
        disk.killProcess()
        var whole = [UInt8](repeating: 0, count: 12_288)
        for (offset, digits) in Self.expected {
            let bytes = LogFixture.bytes(digits)
            whole.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        let path = "/data/log/00000000000000000000.log"
        #expect(disk.contents(of: path) == whole)
        disk.setContents(of: path, whole)
        try LogFixture.expect([Array("hello".utf8), Array("log".utf8)], on: disk)
    }
}
