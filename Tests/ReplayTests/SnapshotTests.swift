import DaybookTestSupport
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite struct SnapshotTests {
    private let log = Fixture.sources.newIdentity()

    private func write(_ state: ProjectedState, _ disk: SimulatedDisk) throws {
        try Snapshot.write(state, log: log, dataFolder: Fixture.folder, disk: disk)
    }

    private func verify(_ sequence: UInt64, _ disk: SimulatedDisk) throws {
        try SnapshotFile(
            dataFolder: Fixture.folder, sequence: sequence, log: log, disk: disk
        ).verify()
    }

    private func load(_ disk: SimulatedDisk) throws -> Snapshot.Found {
        try Snapshot.newest(
            log: log, within: .init(), dataFolder: Fixture.folder, disk: disk)
    }

    private func state(_ records: some Sequence<[UInt8]>) throws -> ProjectedState {
        var state = ProjectedState()
        for record in records { try state.apply(record.span.bytes) }
        return state
    }

    @Test("A snapshot gives back every entry, and says which state it is of")
    func roundTrip() throws {
        let disk = try Fixture.smallLog()
        var state = try Replayer(Fixture.data(disk)).run().state
        let sequence = try #require(state.lastSequence)
        try write(state, disk)
        let file = try SnapshotFile(
            dataFolder: Fixture.folder, sequence: sequence, log: log, disk: disk)
        #expect(file.head.digest == state.digest().total)
        #expect(file.head.time == state.lastTime)
        #expect(file.head.entryCount == UInt64(state.entryCount))
        let found = try load(disk)
        #expect(found.sequence == sequence)
        #expect(found.unusable.isEmpty)
        var loaded = found.state
        #expect(loaded.digest() == state.digest())
        #expect(loaded.lastTime == state.lastTime)
        var expected: [StateEntry] = []
        state.forEachStateEntry { expected.append($0) }
        var entries: [StateEntry] = []
        loaded.forEachStateEntry { entries.append($0) }
        #expect(entries == expected)
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.precedes($1) })
        for entry in entries { #expect(try entry.json().hasPrefix("{")) }
        // Bucket by bucket, as comparisons read them.
        var count = 0
        for projection in state.digest().projections {
            for bucket in 0..<(projection.buckets.count / 8) {
                let inFile = try file.entries(projection: projection.name, bucket: bucket)
                #expect(inFile == state.entries(projection: projection.name, bucket: bucket))
                count += inFile.count
            }
        }
        #expect(count == state.entryCount)
    }

    @Test("The newest three are kept, and whatever call fails, every file that stands is whole")
    func everyFailedCall() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        for count in 1...6 { try write(try state(records.prefix(count)), disk) }
        let kept = try Snapshot.sequences(dataFolder: Fixture.folder, disk: disk)
        #expect(kept == [3, 4, 5])
        let next = try state(records.prefix(7))
        var failures = 0
        for (call, mode) in (1...16).flatMap({ call in
            SimulatedDisk.FailureMode.allCases.map { (call, $0) }
        }) {
            let copy = disk.copy()
            copy.failCall(call, mode)
            do throws(SnapshotError) {
                try Snapshot.write(next, log: log, dataFolder: Fixture.folder, disk: copy)
            } catch {
                failures += 1
                #expect(error.code == .inputOutput, "call \(call)")
            }
            copy.heal()
            for sequence in try Snapshot.sequences(dataFolder: Fixture.folder, disk: copy) {
                try verify(sequence, copy)
            }
            try write(next, copy)
            #expect(
                try Snapshot.sequences(dataFolder: Fixture.folder, disk: copy) == [4, 5, 6])
        }
        #expect(failures > 15)
    }

    @Test("A crash at any call of the writing leaves a folder to start from")
    func everyCrash() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        for count in 1...4 { try write(try state(records.prefix(count)), disk) }
        let next = try state(records.prefix(9))
        var outcomes: Set<UInt64?> = []
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let copy = disk.copy()
            copy.failCall(Int(random.next() % 14) + 1, .after)
            do throws(SnapshotError) {
                try Snapshot.write(next, log: log, dataFolder: Fixture.folder, disk: copy)
            } catch {
                #expect(error.code == .inputOutput, "seed \(seed)")
            }
            copy.heal()
            copy.crash(using: &random)
            let found = try load(copy)
            outcomes.insert(found.sequence)
            var loaded = found.state
            var expected = found.sequence == 8 ? next : try state(records.prefix(4))
            #expect(loaded.digest() == expected.digest(), "seed \(seed)")
            #expect(found.unusable.isEmpty, "seed \(seed)")
            // What was left does not keep the next from being written.
            try write(next, copy)
            #expect(try load(copy).sequence == 8, "seed \(seed)")
        }
        #expect(outcomes == [3, 8])
    }

    @Test("Every flipped bit of a snapshot is noticed, and the one before it is used")
    func everyBit() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        try write(try state(records.prefix(1)), disk)
        let second = try state(records.prefix(2))
        try write(second, disk)
        let path = Snapshot.path(dataFolder: Fixture.folder, sequence: 1)
        let bytes = try #require(disk.contents(of: path))
        for bit in 0..<(bytes.count * 8) {
            disk.flipBit(bit % 8, at: bit / 8, of: path)
            #expect(throws: SnapshotError.self, "bit \(bit)") { try verify(1, disk) }
            guard bit % 997 == 0 else {
                disk.setContents(of: path, bytes)
                continue
            }
            let found = try load(disk)
            #expect(found.sequence == 0, "bit \(bit)")
            #expect(found.unusable.map(\.path) == [path], "bit \(bit)")
            disk.setContents(of: path, bytes)
        }
        for count in 0..<bytes.count {
            disk.setContents(of: path, Array(bytes.prefix(count)))
            #expect(throws: SnapshotError.self, "cut at \(count)") { try verify(1, disk) }
        }
        disk.setContents(of: path, bytes + [0])
        #expect(try load(disk).sequence == 0)
    }

    @Test("A snapshot with right checksums and entries of another state is dropped by its digest")
    func wrongDigest() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        let one = try state(records.prefix(1))
        var (other, alive) = (one, Envelope())
        alive.sequence = 1
        alive.time = one.lastTime + 1
        try other.apply(Event(alive, EngineAlive()).encoded().span.bytes)
        try write(one, disk)
        try write(other, disk)
        let paths = [0, 1].map { Snapshot.path(dataFolder: Fixture.folder, sequence: $0) }
        let contents = try paths.map { try #require(disk.contents(of: $0)) }
        // The head of the one with the groups of the other.
        let ends = contents.map { 20 + Int($0[12]) + Int($0[13]) << 8 }
        disk.setContents(
            of: paths[1], Array(contents[1][..<ends[1]] + contents[0][ends[0]...]))
        let found = try load(disk)
        #expect(found.sequence == 0)
        #expect(found.unusable.first?.message.contains("digest") == true)
    }

    @Test("An older version and a foreign identity are told, and passed over")
    func foreign() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        try write(try state(records.prefix(1)), disk)
        let path = Snapshot.path(dataFolder: Fixture.folder, sequence: 0)
        var bytes = try #require(disk.contents(of: path))
        bytes[8] = 0
        disk.setContents(of: path, bytes)
        #expect(try load(disk).unusable.map(\.code) == [.foreign])
        bytes[8] = 1
        disk.setContents(of: path, bytes)
        #expect(try load(disk).sequence == 0)
        let found = try Snapshot.newest(
            log: LogIdentity(low: 1, high: 2), within: .init(), dataFolder: Fixture.folder,
            disk: disk)
        #expect(found.sequence == nil)
        #expect(found.unusable.map(\.code) == [.foreign])
        // One that was renamed says itself of which sequence it is.
        disk.setContents(of: Snapshot.path(dataFolder: Fixture.folder, sequence: 7), bytes)
        #expect(try load(disk).sequence == 0)
    }

    @Test("Neither the state of an empty log nor one with an open stage is written")
    func notReady() throws {
        let disk = try Fixture.smallLog()
        #expect(throws: SnapshotError.self) { try write(ProjectedState(), disk) }
        var envelope = Envelope()
        envelope.stage = 1
        var staged = ProjectedState()
        try staged.apply(Event(envelope, EngineAlive()).encoded().span.bytes)
        #expect(staged.isStageOpen)
        let error = #expect(throws: SnapshotError.self) { try write(staged, disk) }
        #expect(error?.code == .notReady)
        #expect(try Snapshot.sequences(dataFolder: Fixture.folder, disk: disk).isEmpty)
    }

    @Test("A valid snapshot beyond the log's end says that the log is too short")
    func evidence() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        let state = try Replayer(Fixture.data(disk)).run().state
        let short = SimulatedDisk()
        try Fixture.write(Array(records.dropLast(5)), perBatch: 4, to: short)
        try write(state, short)
        for start in [Replayer.Start.nothing, .snapshot] {
            var options = Replayer.Options()
            options.start = start
            let error = try #require(throws: ReplayError.self) {
                try Replayer(Fixture.data(short), options).run()
            }
            #expect(error.code == .logTooShort)
            #expect(error.sequence == state.lastSequence)
        }
        // One of another log says nothing.
        let foreign = SimulatedDisk()
        try Fixture.write(Array(records.dropLast(5)), perBatch: 4, to: foreign)
        try Snapshot.write(
            state, log: LogIdentity(low: 1, high: 2), dataFolder: Fixture.folder, disk: foreign)
        #expect(try Replayer(Fixture.data(foreign)).run().events == UInt64(records.count - 5))
    }

    @Test("The worked examples of docs/format, made by a program that shares no code")
    func workedExamples() throws {
        var state = ProjectedState()
        #expect(
            state.digest().hex
                == "409363221f46013291e7b3f73c2aa91ab36e8d1e49bfcb7f296bd6ebc8b2288e")
        var alive = Envelope()
        alive.time = 1_000_000
        let record = Event(alive, EngineAlive()).encoded()
        try state.apply(record.span.bytes)
        #expect(
            state.digest().hex
                == "8a0e557673e0096540b9046cfd0a6ec07c5558b218a54446dfdf3a37ea7091ba")
        let disk = try Fixture.smallLog()
        try write(state, disk)
        let path = Snapshot.path(dataFolder: Fixture.folder, sequence: 0)
        let bytes = try #require(disk.contents(of: path))
        #expect(bytes.count == 6_788)
        let start = """
            44415942534e415001000000531a00000d82e8ce10c0843d1a10000102030405
            060708090a0b0c0d0e0f22208a0e557673e0096540b9046cfd0a6ec07c5558b2
            18a54446dfdf3a37ea7091ba2aaf010a06616c6572747310011a20a76898fc89
            """
        #expect(
            JSONText.hex(Array(bytes.prefix(96))) == start.split(separator: "\n").joined())
        #expect(
            JSONText.hex(Array(bytes.suffix(29)))
                == "05000000000000000500000000000000010000009fbc94910448c0843d")
    }
}
