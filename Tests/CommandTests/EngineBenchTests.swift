import DaybookTestSupport
import Testing

/// The benchmarks that run a whole engine: that they measure what they say, not how fast.
@Suite struct EngineBenchTests {
    @Test("every run of a dispatch benchmark is dispatched and succeeds, of bystanders too")
    func dispatch() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "bench", "dispatch", "--schedules", "40", "--rounds", "1", "--rate", "30",
                "--bystanders", "2", "--folder", folder, "--json")
            #expect(result.code == 0, "\(result.errors)")
            for member in ["\"due\":40", "\"dispatched\":40", "\"succeeded\":40"] {
                #expect(result.output.contains(member), "\(result.output)")
            }
        }
    }

    @Test("a creation benchmark makes schedules from all its callers")
    func create() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "bench", "create", "--callers", "4", "--seconds", "0.2", "--folder", folder,
                "--json")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.contains("\"callers\":4"), "\(result.output)")
            #expect(!result.output.contains("\"schedules\":0"), "\(result.output)")
        }
    }

    @Test("a benchmark of customers makes its schedules, and is refused nothing")
    func customers() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "bench", "customers", "--schedules", "20", "--operations", "50", "--seconds", "1",
                "--folder", folder, "--json")
            #expect(result.code == 0, "\(result.errors)")
            for member in ["\"operations\":50", "\"failed\":0", "\"schedules\":20"] {
                #expect(result.output.contains(member), "\(result.output)")
            }
        }
    }

    @Test("a benchmark of control numbers gives none out twice, and sees its gaps")
    func control() async throws {
        try await TemporaryFolder.with { folder in
            let result = try await Program.run(
                "bench", "control", "--callers", "4", "--seconds", "0.2", "--folder", folder,
                "--json")
            #expect(result.code == 0, "\(result.errors)")
            for member in ["\"wrong_numbers\":0", "\"failures\":0", "\"gaps\":10000"] {
                #expect(result.output.contains(member), "\(result.output)")
            }
        }
    }
}
