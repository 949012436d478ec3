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
}
