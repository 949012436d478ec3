import DaybookTestSupport
import EventLog
import Testing

/// Each call of opening, writing, rolling and closing fails in turn, not done and done.
@Suite struct FaultTests {
    static let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)

    @Test(
        "whichever call fails, nothing acknowledged is lost, and the next opening goes on",
        arguments: SimulatedDisk.FailureMode.allCases, [0, 100])
    func everyCall(mode: SimulatedDisk.FailureMode, keep: Int) throws {
        var call = 1
        var reached = true
        while reached {
            let disk = SimulatedDisk()
            // A life before, so that opening has something to recover.
            var before = try LogFixture.open(disk, Self.configuration)
            try before.write([LogFixture.record(0, byteCount: 100)])
            disk.killProcess()

            var run = Run(acknowledged: [LogFixture.record(0, byteCount: 100)])
            let start = disk.callCount
            disk.failCall(call, mode)
            run.live(disk)
            reached = disk.callCount - start >= call
            disk.heal()
            var random = SeededGenerator(seed: UInt64(call))
            disk.crash(using: &random, keep: keep)
            try run.check(disk, "call \(call), \(mode), keeping \(keep) in a hundred")
            call += 1
        }
        #expect(call > 55)
    }

    @Test("after a failed write nothing more is written, and nothing is synced again")
    func poisoned() throws {
        for mode in SimulatedDisk.FailureMode.allCases {
            for call in 1...2 {
                let disk = SimulatedDisk()
                var store = try LogFixture.open(disk)
                disk.failCall(call, mode)
                #expect(throws: EventLogError.code(.outcomeUnknown)) { try store.write([[1]]) }
                let calls = disk.callCount
                #expect(throws: EventLogError.code(.outcomeUnknown)) { try store.write([[2]]) }
                #expect(throws: EventLogError.code(.outcomeUnknown)) { try store.commitMark() }
                try store.close()
                #expect(disk.callCount == calls)
                try LogFixture.open(disk).close()
                let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
                #expect(report.verdict == .clean)
            }
        }
    }

    @Test("bytes that a failed sync left in the cache are written again before they are trusted")
    func rewritten() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        disk.failCall(2, .before)
        #expect(throws: EventLogError.code(.outcomeUnknown)) { try store.write([[5]]) }
        disk.killProcess()
        // The process starts again on the same machine: the cache shows the batch as good.
        let again = try LogFixture.open(disk)
        #expect(again.nextSequence.rawValue == 1)
        #expect(again.recovery.rewrittenByteCount > 0)
        var random = SeededGenerator(seed: 1)
        disk.crash(using: &random, keep: 0)
        try LogFixture.open(disk).close()
        try LogFixture.expect([[5]], on: disk)
    }
}

/// One life over three segments.
private struct Run {
    var acknowledged: [[UInt8]]
    var inDoubt: [[UInt8]] = []

    mutating func live(_ disk: SimulatedDisk) {
        do throws(EventLogError) {
            var store = try LogFixture.open(disk, FaultTests.configuration)
            for number in 1..<6 as Range<UInt64> {
                inDoubt = [LogFixture.record(number, byteCount: 3_000 * Int(number % 3))]
                if number == 3 { try? store.prepareNextSegment() }
                try store.write(inDoubt)
                acknowledged += inDoubt
                inDoubt = []
            }
            try store.close()
        } catch {
            #expect(error.isFailureOfCall, "\(error)")
        }
    }

    func check(_ disk: SimulatedDisk, _ place: String) throws {
        let store = try LogFixture.open(disk, FaultTests.configuration)
        let count = Int(store.nextSequence.rawValue)
        try store.close()
        let both = acknowledged + inDoubt
        #expect(count == acknowledged.count || count == both.count, "\(place)")
        let found = try LogFixture.records(disk).map(\.1)
        #expect(found.elementsEqual(both.prefix(count)), "\(place)")
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        #expect(report.verdict == .clean, "\(place)")
    }
}
