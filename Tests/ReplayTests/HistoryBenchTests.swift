import Bench
import DaybookTestSupport
import Foundation
import Testing

@Suite struct HistoryBenchTests {
    @Test("the history benchmark asks about every kind, of a log with runs over many segments")
    func smoke() throws {
        let environment = ProcessInfo.processInfo.environment
        let events = environment["DAYBOOK_HISTORY_EVENTS"].flatMap { Int($0) } ?? 80_000
        try TemporaryFolder.with { folder in
            let made = try makeHistoryLog(events: events, folder: folder + "/data", seed: 1)
            let result = try benchHistory(folder: folder + "/data", questions: 40, seed: 1)
            #expect(Int(result.records) <= made && result.segments > 3)
            #expect(result.longRunSegments > 1)
            for times in [result.jobRecords, result.jobRuns, result.run, result.longRun] {
                #expect(times.p50 > 0 && times.p50 <= times.p95 && times.p95 <= times.max)
            }
            if environment["DAYBOOK_HISTORY_EVENTS"] != nil {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
                print(String(decoding: try encoder.encode(result), as: UTF8.self))
            }
        }
    }
}
