import DaybookTestSupport
import EventLog
import Testing

@Suite struct LogReaderTests {
    /// 60 records in decisions of one to four, over several segments.
    private func sample(_ disk: SimulatedDisk) throws -> [[UInt8]] {
        var store = try LogFixture.open(disk)
        var records: [[UInt8]] = []
        while records.count < 60 {
            let decision = (0...(records.count % 4)).map {
                LogFixture.record(UInt64(records.count + $0), byteCount: 50 + records.count * 40)
            }
            try store.write(decision)
            records += decision
        }
        try store.close()
        return records
    }

    @Test(
        "reading can start at every sequence",
        arguments: [LogReader.Trust.everything, .provedDurable])
    func everySequence(trust: LogReader.Trust) throws {
        let disk = SimulatedDisk()
        let records = try sample(disk)
        for start in 0...records.count {
            let found = try LogFixture.records(
                disk, trust: trust, from: SequenceNumber(UInt64(start)))
            #expect(found.map(\.1) == Array(records[start...]), "from \(start)")
            #expect(found.map { Int($0.0.rawValue) } == Array(start..<records.count))
        }
        try LogFixture.expect(records, on: disk)
    }

    @Test("behind a seek no record is given until the next batch was asked for")
    func seekForgets() throws {
        let disk = SimulatedDisk()
        let records = try sample(disk)
        var reader = try LogReader.open(
            folder: LogFixture.folder, disk: disk, trust: .everything)
        _ = try reader.nextBatch()
        try reader.seek(to: SequenceNumber(UInt64(records.count - 1)))
        reader.forEachRecord { sequence, _ in Issue.record("\(sequence) was given") }
        var found: [[UInt8]] = []
        try reader.forEach { _, bytes in
            found.append(bytes.withUnsafeBytes { Array($0) })
            return true
        }
        #expect(found == [records[records.count - 1]])
        try LogFixture.expect(records, on: disk)
    }

    @Test("a reader beside a live writer sees what is proved, and goes on when there is more")
    func live() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        var reader = try LogReader.open(
            folder: LogFixture.folder, disk: disk, trust: .provedDurable)
        var seen: [[UInt8]] = []
        var written: [[UInt8]] = []
        for number in 0..<80 as Range<UInt64> {
            let record = LogFixture.record(number, byteCount: 2_000)
            try store.write([record])
            written.append(record)
            if number % 7 == 0 { try store.commitMark() }
            try reader.forEach { _, bytes in
                seen.append(bytes.withUnsafeBytes { Array($0) })
                return true
            }
            // All but the batch that no later one speaks for.
            #expect(seen.count == (number % 7 == 0 ? written.count : written.count - 1))
            #expect(seen.elementsEqual(written.prefix(seen.count)))
        }
        try store.close()
        #expect(disk.paths.filter { $0.hasSuffix(".log") }.count > 3)
        try LogFixture.expect(written, on: disk)
    }

    @Test("reading and inspecting change nothing, and need no lock")
    func changesNothing() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try store.write([[1], [2]])
        let before = disk.paths.map { disk.contents(of: $0) }
        _ = try LogFixture.records(disk)
        _ = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        _ = try LogStatistics.read(folder: LogFixture.folder, disk: disk)
        #expect(disk.paths.map { disk.contents(of: $0) } == before)
        try store.close()
        try LogFixture.expect([[1], [2]], on: disk)
    }

    @Test("a folder without a log is said to have none")
    func noLog() throws {
        let disk = SimulatedDisk()
        #expect(throws: EventLogError.code(.noLog)) { try LogFixture.records(disk) }
        #expect(throws: EventLogError.code(.noLog)) {
            try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        }
    }

    @Test("a sequence older than the oldest segment is absent")
    func retired() throws {
        let disk = SimulatedDisk()
        let records = try sample(disk)
        disk.erase(try #require(disk.paths.first { $0.hasSuffix(".log") }))
        var reader = try LogReader.open(
            folder: LogFixture.folder, disk: disk, trust: .everything)
        let oldest = Int(reader.position.rawValue)
        #expect(oldest > 0)
        do throws(EventLogError) {
            try reader.seek(to: .zero)
            Issue.record("sequence 0 was found")
        } catch { #expect(error.code == .sequenceAbsent) }
        let found = try LogFixture.records(disk).map(\.1)
        #expect(found == Array(records[oldest...]))
    }

    @Test("statistics count what is there")
    func statistics() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try store.write([[1], [2], [3]])
        try store.write([[UInt8](repeating: 0, count: 5_000)])
        try store.close()
        let found = try LogStatistics.read(folder: LogFixture.folder, disk: disk)
        #expect(found.segmentCount == 1)
        #expect(found.batchCount == 2)
        #expect(found.commitMarkCount == 2)
        #expect(found.compressedBatchCount == 1)
        #expect(found.recordCount == 4)
        #expect(found.firstSequence == .zero && found.lastSequence == SequenceNumber(3))
        #expect(found.rawByteCount == 6 + 5_002)
        #expect(found.batchByteCount == 4 * 4_096)
    }
}
