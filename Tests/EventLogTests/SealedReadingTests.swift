import DaybookTestSupport
import EventLog
import Testing

/// Reading a log while it is sealed.
@Suite struct SealedReadingTests {
    @Test("a reader goes on while every segment is sealed under it")
    func sealedMeanwhile() throws {
        for stop in 0..<40 {
            let sample = try SealedSample(seed: 13, count: 40)
            var reader = try LogReader.open(
                folder: LogFixture.folder, disk: sample.disk, trust: .provedDurable)
            var found: [[UInt8]] = []
            func take(_ reader: borrowing LogReader) {
                reader.forEachRecord { _, bytes in
                    found.append(bytes.withUnsafeBytes { Array($0) })
                }
            }
            while found.count < stop, try reader.nextBatch() != nil { take(reader) }
            try sample.seal()
            while try reader.nextBatch() != nil { take(reader) }
            #expect(found == sample.records, "stopped at \(stop)")
        }
    }

    @Test("a segment that is sealed between the listing and the opening is found all the same")
    func race() throws {
        for call in 1..<120 {
            let sample = try SealedSample(seed: 14, count: 20)
            let count = Box(0)
            let isSealing = Box(false)
            let disk = sample.disk
            disk.setHook { _ in
                guard !isSealing.value else { return }
                count.value += 1
                guard count.value == call else { return }
                isSealing.value = true
                for name in (try? SegmentSealing.pending(folder: "/data", disk: disk)) ?? [] {
                    _ = try? LogFixture.sealing(name, disk).run()
                }
            }
            let found = try LogFixture.records(disk).map(\.1)
            #expect(found == sample.records, "sealed before call \(call)")
            disk.setHook(nil)
        }
    }

    @Test("a log can be inspected while it is sealed")
    func inspected() throws {
        for scope in [LogConfiguration.RecoveryScope.lastSegment, .everySegment] {
            for call in 1..<60 {
                let sample = try SealedSample(seed: 14, count: 20)
                let count = Box(0)
                let disk = sample.disk
                disk.setHook { _ in
                    count.value += 1
                    guard count.value == call else { return }
                    for name in (try? SegmentSealing.pending(folder: "/data", disk: disk)) ?? [] {
                        _ = try? LogFixture.sealing(name, disk).run()
                    }
                }
                let report = try LogInspection.inspect(
                    folder: LogFixture.folder, disk: disk, scope: scope)
                #expect(report.verdict == .clean, "sealed before call \(call): \(report)")
                disk.setHook(nil)
            }
        }
    }

    @Test("a writer goes on while the segments before are sealed")
    func beside() throws {
        let disk = SimulatedDisk()
        var random = SeededGenerator(seed: 15)
        var store = try LogFixture.open(disk, SealedSample.configuration)
        var records: [[UInt8]] = []
        for number in 0..<80 as Range<UInt64> {
            let record = KeyedRecord(number, using: &random, 2_000).bytes
            try store.write([record])
            records.append(record)
            guard number % 5 == 0 else { continue }
            for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: disk) {
                let outcome = try LogFixture.sealing(name, disk).run()
                #expect(outcome.endSequence <= store.nextSequence)
            }
        }
        let root = store.treeHead.root
        try store.close()
        try LogFixture.expect(records, on: disk)
        let again = try LogFixture.open(disk, SealedSample.configuration)
        #expect(again.treeHead.root == root)
        try again.close()
    }
}
