import Bench
import Glibc
import Testing

@Suite("The memory benchmark")
struct MemoryBenchTests {
    @Test("it makes as many schedules as it is asked for, and the same ones each time")
    func smoke() throws {
        // For the figures of docs/benchmarks.md without a command: DAYBOOK_MEMORY_SCHEDULES=1000000
        let wanted = getenv("DAYBOOK_MEMORY_SCHEDULES").flatMap { Int(String(cString: $0)) }
        let result = try benchMemory(schedules: wanted ?? 2_000)
        if wanted != nil { return print(result) }
        let again = try benchMemory(schedules: result.schedules)
        #expect(result.schedules == (wanted ?? 2_000))
        #expect(result.digest == again.digest)
        #expect(result.peakBytes > 0 && result.residentBytes > 0)
        #expect(result.limitBytesPerSchedule > 55 && result.limitBytesPerSchedule < 200)
    }
}
