import DaybookTestSupport
import Dispatch
import EventLog
import Synchronization
import Testing

@Suite struct LogWriterTests {
    /// Stops the disk before a sync, until it is told to go on.
    final class Gate: Sendable {
        let entered = AsyncSignal()
        // What waits for it is the writer's own thread.
        let release = DispatchSemaphore(value: 0)

        func close(_ disk: SimulatedDisk) {
            disk.setHook { [self] call in
                guard call == "sync" else { return }
                entered.signal()
                release.wait()
            }
        }

        /// Lets this sync and all later ones go; twice is as good as once.
        func open(_ disk: SimulatedDisk) {
            disk.setHook(nil)
            release.signal()
        }
    }

    static func writer(
        _ disk: SimulatedDisk, limits: LogWriter.Limits = quiet,
        callbacks: LogWriter.Callbacks = .init()
    ) throws(EventLogError) -> LogWriter {
        try LogWriter.open(
            folder: LogFixture.folder, disk: disk, configuration: LogFixture.small,
            sources: LogFixture.sources, limits: limits, callbacks: callbacks)
    }

    /// No idle marks, which would take syncs of their own.
    static var quiet: LogWriter.Limits {
        var limits = LogWriter.Limits()
        limits.idleMarkMilliseconds = 3_600_000
        return limits
    }

    static func append(
        _ writer: LogWriter, _ records: [[UInt8]], expected: UInt64? = nil
    ) throws(EventLogError) -> LogTicket {
        let decision = LogFixture.decision(records)
        return try writer.append(
            decision.span.bytes, recordCount: records.count,
            expectedFirst: expected.map { SequenceNumber($0) })
    }

    @Test("what is queued while a sync runs becomes one batch, in the order of the calls")
    func groupCommit() async throws {
        let disk = SimulatedDisk()
        let writer = try Self.writer(disk)
        let gate = Gate()
        gate.close(disk)
        defer { gate.open(disk) }
        let first = try Self.append(writer, [[0]], expected: 0)
        await gate.entered.wait()
        var last = first
        for number in 1..<20 as Range<UInt8> {
            last = try Self.append(writer, [[number]], expected: UInt64(number))
            #expect(last.first.rawValue == UInt64(number))
        }
        #expect(writer.durableThrough == nil)
        gate.open(disk)
        try await writer.durable(last)
        #expect(writer.durableThrough == last.last)
        try await writer.durable(first)
        #expect(writer.batchCount == 2)
        try writer.close()
        try LogFixture.expect((0..<20).map { [$0] }, on: disk)
    }

    @Test("a full queue refuses at once, and a caller that waits gets in, in its turn")
    func queueBounds() async throws {
        let disk = SimulatedDisk()
        var limits = Self.quiet
        limits.queueRecordCount = 3
        let writer = try Self.writer(disk, limits: limits)
        let gate = Gate()
        gate.close(disk)
        defer { gate.open(disk) }
        _ = try Self.append(writer, [[0]])
        await gate.entered.wait()
        for number in 1...3 as ClosedRange<UInt8> { _ = try Self.append(writer, [[number]]) }
        #expect(throws: EventLogError.code(.queueFull)) { try Self.append(writer, [[9]]) }
        let waiting = Task {
            try await writer.appendDurably(LogFixture.decision([[4], [5]]), recordCount: 2)
        }
        while writer.roomWaiterCount == 0 { await Task.yield() }
        #expect(throws: EventLogError.code(.queueFull)) { try Self.append(writer, [[9]]) }
        gate.open(disk)
        #expect(try await waiting.value.first.rawValue == 4)
        try writer.close()
        try LogFixture.expect((0...5).map { [$0] }, on: disk)
    }

    @Test("a small append does not overtake a larger one that waits for room")
    func noOvertaking() async throws {
        let disk = SimulatedDisk()
        var limits = Self.quiet
        limits.queueRecordCount = 3
        let writer = try Self.writer(disk, limits: limits)
        let gate = Gate()
        gate.close(disk)
        defer { gate.open(disk) }
        _ = try Self.append(writer, [[0]])
        await gate.entered.wait()
        _ = try Self.append(writer, [[1], [2]])
        let waiting = Task {
            try await writer.appendDurably(LogFixture.decision([[3], [4]]), recordCount: 2)
        }
        while writer.roomWaiterCount == 0 { await Task.yield() }
        // There is room for one, but it is not its turn.
        #expect(throws: EventLogError.code(.queueFull)) { try Self.append(writer, [[9]]) }
        gate.open(disk)
        #expect(try await waiting.value.first.rawValue == 3)
        try writer.close()
        try LogFixture.expect((0...4).map { [$0] }, on: disk)
    }

    @Test("many callers at once get every sequence once, and find their own record there")
    func manyCallers() async throws {
        let disk = SimulatedDisk()
        var limits = Self.quiet
        limits.queueRecordCount = 10
        let writer = try Self.writer(disk, limits: limits)
        let found = try await withThrowingTaskGroup(of: [(UInt64, [UInt8])].self) { group in
            for task in 0..<16 as Range<UInt64> {
                group.addTask {
                    var mine: [(UInt64, [UInt8])] = []
                    for number in 0..<20 as Range<UInt64> {
                        let record = LogFixture.record(task * 100 + number, byteCount: 60)
                        let ticket = try await writer.appendDurably(LogFixture.decision([record]))
                        #expect(writer.durableThrough.map { $0 >= ticket.last } == true)
                        mine.append((ticket.first.rawValue, record))
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try writer.close()
        let ordered = found.sorted { $0.0 < $1.0 }
        #expect(ordered.map(\.0) == Array(0..<320))
        try LogFixture.expect(ordered.map(\.1), on: disk)
    }

    @Test("many callers on the real disk, over several segments made in the background")
    func realDisk() async throws {
        try await TemporaryFolder.with { folder in
            let data = folder + "/data"
            let writer = try LogWriter.open(
                folder: data, configuration: LogConfiguration(segmentByteCount: 32 * 4_096))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 as Range<UInt64> {
                    group.addTask {
                        for number in 0..<12 as Range<UInt64> {
                            let record = LogFixture.record(task * 100 + number, byteCount: 3_000)
                            _ = try await writer.appendDurably(LogFixture.decision([record]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            try writer.close()
            let found = try LogFixture.records(RealDisk(), folder: data).map(\.1)
            let expected = (0..<8).flatMap { task in
                (0..<12).map { LogFixture.record(UInt64(task * 100 + $0), byteCount: 3_000) }
            }
            #expect(Set(found) == Set(expected) && found.count == 96)
            try LogFixture.expect(found, on: RealDisk(), folder: data)
        }
    }

    @Test("closing writes what is queued and a mark; afterwards appends are refused")
    func close() async throws {
        let disk = SimulatedDisk()
        let writer = try Self.writer(disk)
        let gate = Gate()
        gate.close(disk)
        defer { gate.open(disk) }
        let tickets = try (0..<5).map { try Self.append(writer, [[$0]]) }
        await gate.entered.wait()
        gate.open(disk)
        try writer.close()
        try writer.close()
        for ticket in tickets { try await writer.durable(ticket) }
        #expect(throws: EventLogError.code(.closed)) { try Self.append(writer, [[9]]) }
        await #expect(throws: EventLogError.code(.closed)) {
            try await writer.appendDurably([1, 9])
        }
        #expect(try LogFixture.records(disk, trust: .provedDurable).count == 5)
        try LogFixture.expect((0..<5).map { [$0] }, on: disk)
    }

    @Test(
        "when a write or a sync fails, everyone who waits, and everyone later, hears it",
        arguments: SimulatedDisk.FailureMode.allCases, [1, 2])
    func failure(mode: SimulatedDisk.FailureMode, call: Int) async throws {
        let disk = SimulatedDisk()
        let fatal = Mutex<[EventLogError]>([])
        let writer = try Self.writer(
            disk,
            callbacks: .init(onFatal: { error in fatal.withLock { $0.append(error) } }))
        disk.failCall(call, mode)
        let ticket = try Self.append(writer, [[1]])
        await #expect(throws: EventLogError.code(.outcomeUnknown)) {
            try await writer.durable(ticket)
        }
        await #expect(throws: EventLogError.code(.outcomeUnknown)) {
            try await writer.appendDurably([1, 9])
        }
        #expect(throws: EventLogError.code(.outcomeUnknown)) { try Self.append(writer, [[2]]) }
        #expect(throws: EventLogError.code(.outcomeUnknown)) { try writer.close() }
        #expect(fatal.withLock { $0 } == [.code(.outcomeUnknown)])
        disk.heal()
        disk.killProcess()
        try LogFixture.open(disk).close()
        let found = try LogFixture.records(disk).map(\.1)
        #expect(found == [] || found == [[1]])
        try LogFixture.expect(found, on: disk)
    }

    @Test("the news of durability comes once for each batch, in order")
    func onDurable() async throws {
        let disk = SimulatedDisk()
        let news = Mutex<[UInt64]>([])
        let writer = try Self.writer(
            disk,
            callbacks: .init(onDurable: { last in news.withLock { $0.append(last.rawValue) } }))
        for number in 0..<10 as Range<UInt8> {
            try await writer.durable(try Self.append(writer, [[number], [number]]))
        }
        try writer.close()
        #expect(news.withLock { $0 } == (0..<10).map { $0 * 2 + 1 })
        try LogFixture.expect((0..<10).flatMap { [[$0], [$0]] }, on: disk)
    }

    @Test("after a short idle time a commit mark says that all is durable")
    func idleMark() async throws {
        let disk = SimulatedDisk()
        var limits = Self.quiet
        limits.idleMarkMilliseconds = 1
        let writer = try Self.writer(disk, limits: limits)
        let syncs = AsyncSignal()
        disk.setHook { if $0 == "sync" { syncs.signal() } }
        _ = try await writer.appendDurably([1, 7])
        await syncs.wait()
        // The mark's own sync comes without anyone asking.
        await syncs.wait()
        disk.setHook(nil)
        #expect(try LogFixture.records(disk, trust: .provedDurable).map(\.1) == [[7]])
        try writer.close()
        try LogFixture.expect([[7]], on: disk)
    }

    @Test("a caller that gives a number which is not the next is a fault of the program")
    func wrongNumber() async {
        await #expect(processExitsWith: .failure) {
            let writer = try LogWriterTests.writer(SimulatedDisk())
            _ = try LogWriterTests.append(writer, [[1]], expected: 5)
        }
    }

    @Test("a second process cannot open the log")
    func secondProcess() async throws {
        try await TemporaryFolder.with { folder in
            let data = folder + "/data"
            let writer = try LogWriter.open(folder: data, configuration: LogFixture.small)
            _ = try await writer.appendDurably([1, 7])
            await #expect(processExitsWith: .success) { [data = data as String] in
                do throws(EventLogError) {
                    _ = try LogStore.open(
                        folder: data, disk: RealDisk(), configuration: LogFixture.small)
                } catch {
                    guard error.code == .locked, error.message.contains("pid ") else {
                        throw error
                    }
                    return
                }
                throw EventLogError.code(.damaged)
            }
            try writer.close()
            try LogFixture.expect([[7]], on: RealDisk(), folder: data)
        }
    }
}
