import Bench
import DaybookTestSupport
import Testing

@Suite struct SnapshotBenchTests {
    @Test("The benchmark of snapshots runs at a small size, and loads what it wrote")
    func smoke() throws {
        try TemporaryFolder.with { folder in
            let result = try benchSnapshot(
                schedules: 3_000, openRuns: 30, folder: folder + "/data")
            #expect(result.schedules == 3_000)
            #expect(result.fileBytes > 3_000 * 100)
            #expect(result.appends > 0)
            #expect(result.appendMaxMilliseconds > 0)
            #expect(result.digest.utf8.count == 64)
        }
    }
}
