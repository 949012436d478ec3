import DaybookTestSupport
import EventLog
import Testing

@Suite struct LogStoreTests {
    @Test("a log gives back what was written, over many segments and openings")
    func roundTrip() throws {
        let disk = SimulatedDisk()
        var written: [[UInt8]] = []
        for opening in 1...4 {
            var store = try LogFixture.open(disk)
            #expect(store.term == UInt64(opening))
            for size in 1...40 {
                let records = (0..<(size % 3 + 1)).map {
                    LogFixture.record(UInt64(written.count + $0), byteCount: size * 37)
                }
                let ticket = try store.write(records)
                #expect(ticket.first.rawValue == UInt64(written.count))
                written += records
                #expect(store.durableThrough == ticket.last)
            }
            try store.close()
        }
        #expect(disk.paths.filter { $0.hasSuffix(".log") }.count > 3)
        try LogFixture.expect(written, on: disk)
    }
}
