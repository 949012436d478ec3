import DaybookTestSupport
import EventLog
import Synchronization
import Testing

@Suite struct SpaceTests {
    /// Reports of space in the order in which they came, and a signal for each.
    final class Reports: Sendable {
        private let list = Mutex<[LogSpace]>([])
        private let came = AsyncSignal()

        var callbacks: LogWriter.Callbacks {
            LogWriter.Callbacks(onSpace: { [self] report in
                list.withLock { $0.append(report.space) }
                came.signal()
            })
        }

        func next() async { await came.wait() }

        var all: [LogSpace] { list.withLock { $0 } }
    }

    static let segment = 16 * 4_096

    static var configuration: LogConfiguration {
        var configuration = LogConfiguration(segmentByteCount: segment)
        configuration.lowSpaceByteCount = 8 * segment
        configuration.fullSpaceByteCount = 2 * segment
        return configuration
    }

    static func used(_ disk: SimulatedDisk) -> Int {
        disk.paths.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) }
    }

    static func writer(_ disk: SimulatedDisk, _ reports: Reports) throws -> LogWriter {
        try LogWriter.open(
            folder: LogFixture.folder, disk: disk, configuration: configuration,
            sources: LogFixture.sources, limits: LogWriterTests.quiet,
            callbacks: reports.callbacks)
    }

    @Test("a disk that fills says low, then full; what was appended waits, and goes on by itself")
    func fillsAndResumes() async throws {
        let disk = SimulatedDisk()
        let reports = Reports()
        let writer = try Self.writer(disk, reports)
        let record = LogFixture.record(1, byteCount: 9_000)
        _ = try await writer.appendDurably(LogFixture.decision([record]))
        #expect(reports.all == [.ample])
        // Room for one more segment and a little: the next is made, then nothing.
        disk.setCapacity(Self.used(disk) + Self.segment + 4_096)
        var tickets: [LogTicket] = []
        for _ in 0..<16 {
            tickets.append(try LogWriterTests.append(writer, [record]))
        }
        await reports.next()
        while reports.all.last != .full { await reports.next() }
        // The rest of this segment and the next one hold some of them, and no more.
        let held = try #require(tickets.last)
        #expect(writer.durableThrough.map { $0 < held.last } ?? true)
        disk.setCapacity(.max)
        try await writer.durable(held)
        while reports.all.last != .ample { await reports.next() }
        try writer.close()
        #expect(reports.all.contains(.full))
        try LogFixture.expect([[UInt8]](repeating: record, count: 17), on: disk)
    }

    @Test("room that comes back is noticed though nothing is written, whenever a mark is due")
    func noticesWhileIdle() async throws {
        let disk = SimulatedDisk()
        let reports = Reports()
        disk.setCapacity(Self.segment + 4_096)
        let writer = try Self.writer(disk, reports)
        // The marks of this writer come after an hour.
        _ = try await writer.appendDurably([1, 7])
        while reports.all.last != .full { await reports.next() }
        disk.setCapacity(.max)
        while reports.all.last != .ample { await reports.next() }
        try writer.close()
        try LogFixture.expect([[7]], on: disk)
    }

    @Test("closing on a full disk says that what was queued was not written, and loses no more")
    func closesWhileFull() async throws {
        let disk = SimulatedDisk()
        let reports = Reports()
        let writer = try Self.writer(disk, reports)
        let record = LogFixture.record(1, byteCount: 9_000)
        _ = try await writer.appendDurably(LogFixture.decision([record]))
        disk.setCapacity(Self.used(disk))
        var last: LogTicket?
        for _ in 0..<16 { last = try LogWriterTests.append(writer, [record]) }
        while reports.all.last != .full { await reports.next() }
        #expect(throws: EventLogError.code(.noSpace)) { try writer.close() }
        let held = try #require(last)
        await #expect(throws: EventLogError.code(.noSpace)) { try await writer.durable(held) }
        let durable = try #require(writer.durableThrough)
        disk.setCapacity(.max)
        let count = Int(durable.rawValue) + 1
        #expect(count < 17)
        try LogFixture.expect([[UInt8]](repeating: record, count: count), on: disk)
    }

    /// Makes the reserve; one that is there already is a failure.
    static func makeReserve(_ store: inout LogStore) throws {
        let reservation = store.reservation
        store.adoptReserve(try #require(reservation).run())
    }

    /// The macro cannot look into a store, which cannot be copied.
    static func expectReserve(_ expected: Bool, of found: Bool) throws {
        #expect(found == expected)
    }

    @Test("the reserve becomes the next segment when the disk is full, and is made again after")
    func reserve() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try Self.makeReserve(&store)
        try Self.expectReserve(true, of: store.hasReserve)
        disk.setCapacity(Self.used(disk))
        try store.prepareNextSegment()
        try Self.expectReserve(false, of: store.hasReserve)
        let records = (0..<12).map { LogFixture.record($0, byteCount: 5_000) }
        for record in records { try store.write([record]) }
        try store.close()
        disk.setCapacity(.max)
        store = try LogFixture.open(disk)
        try Self.expectReserve(false, of: store.hasReserve)
        try store.close()
        try LogFixture.expect(records, on: disk)
    }

    @Test("a reserve of an earlier life is found; one that was cut off is not")
    func reserveOfEarlierLife() throws {
        let disk = SimulatedDisk()
        var store = try LogFixture.open(disk)
        try Self.makeReserve(&store)
        try store.close()
        store = try LogFixture.open(disk)
        try Self.expectReserve(true, of: store.hasReserve)
        try store.close()
        let path = try #require(disk.paths.first { $0.contains("reserve") })
        disk.setContents(of: path, [UInt8](repeating: 0, count: 4_096))
        store = try LogFixture.open(disk)
        try Self.expectReserve(false, of: store.hasReserve)
        try Self.makeReserve(&store)
        try store.close()
        #expect(disk.contents(of: path)?.count == LogFixture.small.segmentByteCount)
        try LogFixture.expect([], on: disk)
    }

    @Test(
        "the state of space follows what is free, and does not waver",
        arguments: [
            ([800, 79, 80, 89, 90], "low low low ample"),
            ([800, 19, 21, 23, 79, 91], "full full low low ample"),
        ])
    func thresholds(free: [Int], expected: String) throws {
        var seen: [String] = []
        var configuration = LogConfiguration(segmentByteCount: Self.segment)
        configuration.lowSpaceByteCount = 80
        configuration.fullSpaceByteCount = 20
        var space = LogSpace.ample
        for bytes in free {
            space = space.next(
                freeByteCount: bytes, isOutOfSegments: false, configuration)
            seen.append(space.rawValue)
        }
        #expect(seen.dropFirst().joined(separator: " ") == expected)
    }

    @Test("the tree's head can be asked for at any time, and is that of what is durable")
    func treeHead() async throws {
        let disk = SimulatedDisk()
        let writer = try Self.writer(disk, Reports())
        #expect(try await writer.treeHead().size == 0)
        for number in 0..<9 as Range<UInt8> {
            _ = try await writer.appendDurably([1, number])
            #expect(try await writer.treeHead().size == UInt64(number) + 1)
        }
        let head = try await writer.treeHead()
        let atEnd = try writer.close()
        #expect(atEnd == head)
        await #expect(throws: EventLogError.code(.closed)) { try await writer.treeHead() }
        try LogFixture.expect((0..<9).map { [$0] }, on: disk)
    }
}
