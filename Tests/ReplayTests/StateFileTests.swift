import DaybookTestSupport
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite struct StateFileTests {
    private let log = Fixture.sources.newIdentity()

    @Test("A state file gives back every entry in order, and says which state it is of")
    func roundTrip() throws {
        let disk = try Fixture.smallLog()
        var state = try Replayer(Fixture.data(disk)).run().state
        let sequence = try #require(state.lastSequence)
        try StateFile.write(state, log: log, dataFolder: Fixture.folder, disk: disk)
        var reader = try StateFileReader(
            dataFolder: Fixture.folder, sequence: sequence, disk: disk)
        #expect(reader.log == log)
        #expect(reader.digest == state.digest().total)
        var expected: [StateEntry] = []
        state.forEachStateEntry { expected.append($0) }
        var found: [StateEntry] = []
        while let entry = try reader.next() { found.append(entry) }
        #expect(found == expected)
        #expect(found.count == state.entryCount)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.precedes($1) })
        for entry in found { #expect(try entry.json().hasPrefix("{")) }
    }

    @Test("The newest three files are kept, and none is half written when a call fails")
    func keepsThree() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        var state = ProjectedState()
        for record in records.prefix(6) {
            try state.apply(record.span.bytes)
            try StateFile.write(state, log: log, dataFolder: Fixture.folder, disk: disk)
        }
        let kept = try StateFile.sequences(dataFolder: Fixture.folder, disk: disk)
        #expect(kept == [3, 4, 5])
        let seventh = records[6]
        for call in 1...14 {
            let copy = disk.copy()
            var next = state
            try next.apply(seventh.span.bytes)
            copy.failCall(call, .before)
            do {
                try StateFile.write(next, log: log, dataFolder: Fixture.folder, disk: copy)
            } catch {
                #expect(error.code == .inputOutput, "call \(call)")
            }
            copy.heal()
            for sequence in try StateFile.sequences(dataFolder: Fixture.folder, disk: copy) {
                _ = try StateFileReader(
                    dataFolder: Fixture.folder, sequence: sequence, disk: copy)
            }
            try StateFile.write(next, log: log, dataFolder: Fixture.folder, disk: copy)
            #expect(
                try StateFile.sequences(dataFolder: Fixture.folder, disk: copy) == [4, 5, 6])
        }
    }

    @Test("Every flipped bit of a state file is noticed")
    func everyBit() throws {
        let disk = try Fixture.smallLog()
        var state = ProjectedState()
        for record in try Fixture.records(disk).prefix(2) {
            try state.apply(record.span.bytes)
        }
        try StateFile.write(state, log: log, dataFolder: Fixture.folder, disk: disk)
        let path = StateFile.path(dataFolder: Fixture.folder, sequence: 1)
        let bytes = try #require(disk.contents(of: path))
        for bit in 0..<(bytes.count * 8) {
            disk.flipBit(bit % 8, at: bit / 8, of: path)
            #expect(throws: StateFileError.self) {
                _ = try StateFileReader(dataFolder: Fixture.folder, sequence: 1, disk: disk)
            }
            disk.setContents(of: path, bytes)
        }
    }

    @Test("A valid state file beyond the log's end says that the log is too short")
    func evidence() throws {
        let disk = try Fixture.smallLog()
        let records = try Fixture.records(disk)
        let state = try Replayer(Fixture.data(disk)).run().state
        let short = SimulatedDisk()
        try Fixture.write(Array(records.dropLast(5)), perBatch: 4, to: short)
        try StateFile.write(state, log: log, dataFolder: Fixture.folder, disk: short)
        let error = try #require(throws: ReplayError.self) {
            try Replayer(Fixture.data(short)).run()
        }
        #expect(error.code == .logTooShort)
        #expect(error.sequence == state.lastSequence)
        // One of another log says nothing.
        let foreign = SimulatedDisk()
        try Fixture.write(Array(records.dropLast(5)), perBatch: 4, to: foreign)
        try StateFile.write(
            state, log: LogIdentity(low: 1, high: 2), dataFolder: Fixture.folder, disk: foreign)
        #expect(try Replayer(Fixture.data(foreign)).run().events == UInt64(records.count - 5))
    }

    @Test("The worked examples of docs/format/digest.md, made by a program that shares no code")
    func workedExamples() throws {
        var state = ProjectedState()
        #expect(
            state.digest().hex
                == "ffc5a4c6f5940ab3b584e7a2a16b6e9ba47398ade04ab75668795b512ee45527")
        var alive = Envelope()
        alive.time = 1_000_000
        let record = Event(alive, EngineAlive()).encoded()
        try state.apply(record.span.bytes)
        #expect(
            state.digest().hex
                == "d0932f1c0cbc95da0c8a36ef435746dec2d04c3807a36a6dba397db8e5f0277c")
        let disk = try Fixture.smallLog()
        try StateFile.write(state, log: log, dataFolder: Fixture.folder, disk: disk)
        let path = StateFile.path(dataFolder: Fixture.folder, sequence: 0)
        let bytes = try #require(disk.contents(of: path))
        let expected = """
            4441594253544154010000000000000000000000000000000001020304050607
            08090a0b0c0d0e0f23cf6fb12e9516792726907f946227d9ba705dd525892a62
            618f37f710bcd74601000000000000001e0a06656e67696e651206656e67696e
            651a06656e67696e65220448c0843d66feac6eb2d36eb94a72b4792a74547e0f
            5e65ce450e31b1bfd3bc90fc8bca68
            """
        #expect(JSONText.hex(bytes) == expected.split(separator: "\n").joined())
    }
}
