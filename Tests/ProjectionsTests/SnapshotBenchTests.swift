import Bench
import DaybookTestSupport
import Testing

@Suite struct SnapshotBenchTests {
    @Test("The benchmark of snapshots runs at a small size, and gives the same digest each time")
    func smoke() throws {
        var digests: Set<String> = []
        for _ in 0..<2 {
            let folder = try TemporaryFolder()
            let result = try benchSnapshot(
                schedules: 3_000, openRuns: 30, folder: folder.path + "/data")
            #expect(result.schedules == 3_000)
            #expect(result.fileBytes > 3_000 * 100)
            #expect(result.appends > 0)
            #expect(result.appendMaxMilliseconds > 0)
            digests.insert(result.digest)
        }
        #expect(digests.allSatisfy { $0.utf8.count == 64 })
    }
}
