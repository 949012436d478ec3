import DaybookTestSupport
import EventLog
import Testing

/// The same on the machine's own file system.
@Suite struct ProvingRealDiskTests {
    @Test("proofs, the static tree, a repair and an accepted loss work on the real disk")
    func realDisk() throws {
        try TemporaryFolder.with { folder in
            let disk = RealDisk()
            let data = folder + "/data"
            var records: [[UInt8]] = []
            var store = try LogStore.open(
                folder: data, disk: disk, configuration: SealedSample.configuration,
                sources: LogFixture.sources)
            for number in 0..<300 as Range<UInt64> {
                records.append(LogFixture.record(number, byteCount: 200))
                try store.write([records[Int(number)]])
            }
            try store.close()
            try ProvingFixture.checkpoints([300], of: records, on: disk, folder: data)
            for name in try SegmentSealing.pending(folder: data, disk: disk) {
                _ = try SegmentSealing(segment: name, folder: data, disk: disk).run()
            }
            let proof = try LogProver.prove(
                folder: data, disk: disk, sequence: SequenceNumber(17))
            #expect(proof.record == records[17])
            let progress = try StaticTiles.write(folder: data, disk: disk, out: folder + "/out")
            #expect(progress.writtenCount == 6)
            let tiles = TreeTiles(folder: data, disk: disk)
            #expect(try tiles.extend(below: SequenceNumber(300)) == 0 && tiles.claim() == nil)

            let names = try #require(try disk.list(data + "/log"))
            let middle = try #require(names.filter { $0.hasSuffix(".lz4") }.dropFirst().first)
            let last = try #require(names.last { $0.hasSuffix(".log") })
            _ = try disk.createFolder(folder + "/copy")
            try disk.rename(data + "/log/" + middle, to: folder + "/copy/" + middle)
            let report = try LogRepair.repair(folder: data, from: folder + "/copy", disk: disk)
            #expect(report.after?.verdict == .clean && report.steps.count == 1, "\(report)")
            try LogFixture.expect(records, on: disk, folder: data)

            try disk.remove(data + "/log/" + last)
            let lost = try LogRepair.acceptLoss(folder: data, disk: disk) { facts in
                Array("lost from \(facts.firstLost)".utf8)
            }
            let first = try #require(lost.loss?.firstLost.rawValue)
            #expect(lost.loss?.lastLost?.rawValue == 299 && lost.after?.verdict == .clean)
            let kept = Array(records.prefix(Int(first)))
            try LogFixture.expect(
                kept + [Array("lost from \(first)".utf8)], on: disk, folder: data)
        }
    }
}
