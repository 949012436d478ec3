import Bench
import DaybookTestSupport
import EventLog
import Events
import Replay
import Testing

/// The whole life of an exchanged file, in the golden log made anew.
@Suite struct FileLifeTests {
    /// The golden log, and the sequences at which some of its events stand.
    private func golden(
        _ body: (History, [Event]) throws -> Void
    ) throws {
        try TemporaryFolder.with { folder in
            let disk = RealDisk()
            try GoldenFolder.make(at: folder, disk: disk)
            var events: [Event] = []
            var reader = try LogReader.open(folder: folder, disk: disk, trust: .everything)
            var records: [[UInt8]] = []
            try reader.forEach { _, record in
                records.append(record.withUnsafeBytes { Array($0) })
                return true
            }
            for record in records { events.append(try Event(decoding: record)) }
            let data = DataFolder(path: folder, disk: disk, trust: .everything)
            try body(History(data), events)
        }
    }

    private static func isNotification(_ type: EventType) -> Bool {
        type == .notificationSent || type == .notificationFailed
    }

    @Test("a file of ours: begun, numbered, built, checked, written, published, acknowledged")
    func ours() throws {
        try golden { history, events in
            let grouped = try #require(
                events.last { (($0.payload as? FileGrouped)?.reassembles ?? 0) != 0 })
            let life = try history.life(ofFile: grouped.envelope.sequence)
            let types = life.events.map(\.type)
            #expect(
                types == [
                    .fileGrouped, .controlNumbersIssued, .controlNumbersIssued,
                    .controlNumbersIssued, .fileBuilt, .fileChecked, .fileAssembled,
                    .filePublished, .fileAcknowledged,
                ])
            #expect(life.sentences.count == types.count)
            #expect(life.sentences.allSatisfy { $0.text.hasSuffix(".") })
            // The one in whose place it is made: set aside, with its alerts and their end.
            let first = try #require((grouped.payload as? FileGrouped)?.reassembles)
            let before = try history.life(ofFile: first)
            #expect(before.events.map(\.type).contains(.fileQuarantined))
            #expect(before.events.map(\.type).contains(.alertCleared))
            let told = before.sentences.filter { $0.text.hasPrefix("The notification of alert ") }
            #expect(told.count == before.events.count { Self.isNotification($0.type) })
            #expect(before.sentences.allSatisfy { !$0.text.contains("scheduler.") })
            #expect(before.events.last?.envelope.sequence ?? 0 >= grouped.envelope.sequence)
        }
    }

    @Test("a received file: its interchanges, its duplicate, what answers it, and their files")
    func received() throws {
        try golden { history, events in
            let received = try #require(events.first { $0.type == .fileReceived })
            let life = try history.life(ofFile: received.envelope.sequence)
            let types = Set(life.events.map(\.type))
            #expect(
                types.isSuperset(of: [
                    .fileReceived, .interchangeReceived, .duplicateFound, .outcomeReceived,
                    .fileGrouped, .fileAssembled, .filePublished, .fileQuarantined,
                ]))
            let sequences = life.events.map(\.envelope.sequence)
            #expect(sequences == Array(Set(sequences)).sorted())
            #expect(!types.contains(.runDue) && !types.contains(.legalHoldPlaced))
        }
    }

    @Test("a number of something else is none")
    func notAFile() throws {
        try golden { history, events in
            let other = try #require(events.first { $0.type == .runDue })
            for number in [other.envelope.sequence, UInt64(events.count) + 5, .max] {
                let error = #expect(throws: ReplayError.self) {
                    try history.life(ofFile: number)
                }
                #expect(error?.code == .notFound)
            }
        }
    }
}
