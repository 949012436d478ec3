import Projections
import Server
import Synchronization
import Testing

/// Durations of two forecasts that are compared.
@Suite struct SettledDurationsTests {
    @Test("what was answered stays, though the log goes on; an error is asked for again")
    func settled() throws {
        struct Unread: Error {}
        let calls = Mutex(0)
        let durations = SettledDurations { key in
            let call = calls.withLock { count in
                count += 1
                return count
            }
            if call == 1 { throw Unread() }
            return key.jobId == "new" ? nil : Int64(call)
        }
        let (old, new) = (ScheduleKey("default", "old"), ScheduleKey("default", "new"))
        #expect(throws: Unread.self) { try durations.duration(of: old) }
        for _ in 0..<3 {
            #expect(try durations.duration(of: old) == 2)
            #expect(try durations.duration(of: new) == nil)
        }
        #expect(calls.withLock { $0 } == 3)
    }
}
