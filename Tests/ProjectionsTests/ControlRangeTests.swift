import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Testing
import Timetable

/// What is kept of control numbers: little, found quickly, and the same from a snapshot.
@Suite struct ControlRangeTests {
    private static let name = "ISA/ZZ:US/ZZ:THEM"

    /// A state to which events are applied, one after the other.
    private struct Book {
        var state = ProjectedState()
        var time: Int64 = 1_772_409_600_000_000

        mutating func apply<P: EventPayload>(_ payload: P) throws {
            var envelope = Envelope()
            envelope.sequence = state.nextSequence
            envelope.time = time
            envelope.tenant = "default"
            envelope.actor = "user:test"
            let record = Event(envelope, payload).encoded()
            try state.apply(record.span.bytes)
        }

        mutating func begin() throws {
            var created = ControlAllocatorCreated()
            created.name = name
            created.start = 1
            try apply(created)
        }

        mutating func issue(_ first: UInt64, _ count: UInt64, file: String = "") throws {
            var issued = ControlNumbersIssued()
            (issued.name, issued.generation) = (name, 1)
            (issued.first, issued.count) = (first, count)
            (issued.partner, issued.transactionType, issued.file) = ("THEM", "277CA", file)
            try apply(issued)
        }

        mutating func fail(_ first: UInt64, _ count: UInt64) throws {
            var failed = ControlNumbersFailed()
            (failed.name, failed.generation) = (name, 1)
            (failed.first, failed.count, failed.reason) = (first, count, "it failed")
            try apply(failed)
        }

        mutating func persist(_ first: UInt64, _ count: UInt64) throws {
            var persisted = ControlNumbersPersisted()
            (persisted.name, persisted.generation) = (name, 1)
            (persisted.first, persisted.count) = (first, count)
            try apply(persisted)
        }

        func gaps(after seconds: Int64 = 3_600) -> [ControlGap] {
            ControlGapQuery(now: time + seconds * 1_000_000, persistWithin: 600_000_000)
                .gaps(in: state.control)
        }
    }

    @Test("a million numbers, each of a file of its own, are looked through")
    func million() throws {
        var book = Book()
        try book.begin()
        for number in 1...UInt64(1_000_000) {
            try book.issue(number, 1, file: "file-\(number)")
        }
        for number in stride(from: UInt64(1), to: 1_000_000, by: 1_000) {
            try book.fail(number, 2)
        }
        var query = ControlGapQuery(now: book.time + 1, persistWithin: 600_000_000)
        let gaps = query.gaps(in: book.state.control)
        #expect(gaps.count == 1_000 && gaps.allSatisfy { $0.severity == .moderate })
        query.now = book.time + 3_600_000_000
        let all = query.gaps(in: book.state.control)
        #expect(all.count == 1 && all.first?.count == 1_000_000)
        #expect(all.first?.status == .mixed && all.first?.files.count == ControlGap.namedMax)
    }

    @Test("numbers that were written take no room, however many there were")
    func room() throws {
        var book = Book()
        try book.begin()
        for round in 0..<UInt64(2_000) {
            book.time += 1_000_000
            try book.issue(1 + 50 * round, 50)
            try book.persist(1 + 50 * round, 50)
        }
        #expect(book.state.control.pages.count == 0 && book.gaps().isEmpty)
        let allocator = try #require(
            book.state.control.allocators(partner: "THEM", transactionType: "").first)
        #expect(allocator.persisted == 100_000 && allocator.days.count == 1)
        #expect(allocator.uses.map(\.issued) == [100_000])
        #expect(book.state.control.allocators(partner: "OTHER", transactionType: "").isEmpty)
    }

    @Test("numbers of one file and second stand as one range, and are parted where they must be")
    func ranges() throws {
        var book = Book()
        try book.begin()
        for number in 1...UInt64(2_000) { try book.issue(number, 1) }
        var ranges = 0
        book.state.control.pages.forEach { ranges += $0.ranges.count }
        #expect(ranges == 2)
        try book.persist(1_000, 40)
        try book.fail(5, 1)
        let gaps = book.gaps().sorted { $0.first < $1.first }
        #expect(gaps.map(\.first) == [1, 1_040])
        #expect(gaps.map(\.count) == [999, 961])
        #expect(gaps.map(\.status) == [.mixed, .notPersisted])
        // The filters look at every number of a gap, and by its first moment.
        var query = ControlGapQuery(now: book.time + 1, persistWithin: 0)
        query.partner = "OTHER"
        #expect(query.gaps(in: book.state.control).isEmpty)
        query.partner = "THEM"
        query.since = book.time + 1
        #expect(query.gaps(in: book.state.control).isEmpty)
        query.since = book.time
        #expect(query.gaps(in: book.state.control).count == 2)
    }

    @Test("events that cannot follow are refused, whatever they say")
    func impossible() throws {
        let bad: [(inout Book) throws -> Void] = [
            { try $0.issue(5, 1) }, { try $0.issue(3, 0) }, { try $0.issue(2, 1) },
            { try $0.issue(3, .max) }, { try $0.persist(3, 1) }, { try $0.persist(2, 2) },
            { try $0.persist(0, 1) }, { try $0.fail(1, .max) }, { try $0.fail(.max, 1) },
            { book in
                var reset = ControlAllocatorReset()
                (reset.generation, reset.next) = (3, 1)
                try book.apply(reset)
            },
            { book in
                var issued = ControlNumbersIssued()
                (issued.allocator, issued.generation, issued.first, issued.count) = (9, 1, 1, 1)
                try book.apply(issued)
            },
        ]
        for event in bad {
            var book = Book()
            try book.begin()
            try book.issue(1, 2)
            #expect(throws: ProjectionError.self) { try event(&book) }
        }
    }

    @Test("a snapshot holds them, and a state without them has the digests that it always had")
    func snapshot() throws {
        try TemporaryFolder.with { folder in
            var book = Book()
            try book.begin()
            try book.issue(1, 5_000, file: "a")
            try book.fail(1_020, 10)
            var issued = ControlNumbersIssued()
            (issued.name, issued.generation, issued.first, issued.count) = (Self.name, 1, 5_001, 2)
            var envelope = Envelope()
            envelope.sequence = book.state.nextSequence
            envelope.time = book.time
            envelope.tenant = "default"
            envelope.actor = "user:test"
            envelope.request = "key-1"
            try book.state.apply(Event(envelope, issued).encoded().span.bytes)
            let log = LogIdentity(low: 1, high: 2)
            try Snapshot.write(book.state, log: log, dataFolder: folder, disk: RealDisk())
            let found = try Snapshot.newest(
                log: log, within: Snapshot.Bound(), dataFolder: folder, disk: RealDisk())
            #expect(found.unusable.isEmpty)
            var (loaded, live) = (found.state, book.state)
            #expect(loaded.digest() == live.digest())
            let known = loaded.control.requests.answer(
                tenant: "default", request: "key-1", at: book.time)
            #expect(known?.parts.map(\.first) == [5_001])
            #expect(loaded.digest().projections.map(\.name).contains("control-requests"))
            var empty = ProjectedState()
            #expect(!empty.digest().projections.contains { $0.name.hasPrefix("control") })
        }
    }

    @Test("requests are remembered for a day, and never more than there is room for")
    func requests() throws {
        var book = Book()
        try book.begin()
        func ask(_ key: String, _ first: UInt64) throws {
            var issued = ControlNumbersIssued()
            (issued.name, issued.generation, issued.first, issued.count) = (Self.name, 1, first, 1)
            var envelope = Envelope()
            envelope.sequence = book.state.nextSequence
            envelope.time = book.time
            envelope.request = key
            try book.state.apply(Event(envelope, issued).encoded().span.bytes)
        }
        let count = UInt64(ControlRequests.countMax)
        for number in 1...(count + 10) { try ask("key-\(number)", number) }
        #expect(book.state.control.requests.count == Int(count))
        func answer(_ key: String) -> ControlRequest? {
            book.state.control.requests.answer(tenant: "", request: key, at: book.time)
        }
        #expect(answer("key-10") == nil && answer("key-11")?.parts.first?.first == 11)
        book.time += ControlRequests.age
        #expect(answer("key-11") == nil)
        try ask("last", count + 11)
        #expect(book.state.control.requests.count == 1)
    }
}
