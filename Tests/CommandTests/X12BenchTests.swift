import DaybookTestSupport
import Testing

/// The benchmark of X12: that it measures what it says, not how fast.
@Suite struct X12BenchTests {
    @Test("an 837 is answered, and every outcome becomes a file")
    func assembly() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "bench", "x12", "--megabytes", "1", "--files", "300", "--folder", folder, "--json")
            #expect(result.code == 0, "\(result.errors)")
            for member in ["\"answer\":\"A\"", "\"files\":300"] {
                #expect(result.output.contains(member), "\(result.output)")
            }
        }
    }
}
