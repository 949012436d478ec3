import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Projections
import Replay
import Testing

@Suite("availability and on-time rate of a month") struct AvailabilityTests {
    /// A life of an engine, to a stop or to a kill.
    private func live(
        _ disk: SimulatedDisk, from start: String, to end: String, stops: Bool,
        definitions: [ScheduleDefinition]? = nil,
        _ answer: @escaping LogMaker.Answer = {
            _ in Fixture.success()
        }
    ) throws {
        let isFirst = definitions != nil
        let state = isFirst ? ProjectedState() : try Replayer(Fixture.data(disk)).run().state
        var maker = try LogMaker.start(
            folder: Fixture.folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 64 * 4_096),
            sources: Fixture.sources, state: state, now: try Fixture.moment(start),
            batchByteCount: 16_000, zones: Fixture.zones, answer: answer)
        if let definitions {
            try maker.handle(.applyConfiguration(Fixture.configuration(definitions)))
        }
        try maker.advance(to: try Fixture.moment(end))
        if stops { try maker.handle(.stop(reason: "SIGTERM")) }
        try maker.close()
        disk.killProcess()
    }

    private func seal(_ disk: SimulatedDisk) throws {
        for name in try SegmentSealing.pending(folder: Fixture.folder, disk: disk) {
            let outcome = try SegmentSealing(
                segment: name, folder: Fixture.folder, disk: disk, vocabulary: EventVocabulary()
            ).run()
            #expect(outcome.indexFailure == nil)
        }
    }

    private func month(
        _ disk: SimulatedDisk, _ text: String, job: String? = nil
    ) throws -> Availability {
        try History(Fixture.data(disk)).availability(of: UTCMonth(parsing: text), job: job)
    }

    @Test("a stop is planned, a kill counts from the last sign of life, and both have an end")
    func outages() throws {
        let disk = SimulatedDisk()
        try live(
            disk, from: "2026-03-30T00:00:00Z", to: "2026-03-30T12:00:00Z", stops: true,
            definitions: [Fixture.definition("one", "0 * * * *")])
        // The last sign of this life comes at 16:00:00.
        try live(disk, from: "2026-03-30T13:00:00Z", to: "2026-03-30T16:00:30Z", stops: false)
        try live(disk, from: "2026-03-30T16:10:00Z", to: "2026-04-01T06:00:00Z", stops: true)
        let open = try month(disk, "2026-03")
        try seal(disk)
        let march = try month(disk, "2026-03")
        #expect(march.json == open.json)
        #expect(march.from == (try Fixture.moment("2026-03-30T00:00:00Z")))
        #expect(march.to == (try Fixture.moment("2026-04-01T00:00:00Z")))
        #expect(march.outages.map(\.cause) == [.stopped, .killed])
        #expect(march.outages.first?.reason == "SIGTERM")
        #expect(march.outages.last?.from == (try Fixture.moment("2026-03-30T16:00:00Z")))
        #expect(march.outages.last?.verdict == "clean")
        #expect(march.plannedMicroseconds == 3_600_000_000)
        #expect(march.downMicroseconds == 4_200_000_000)
        // 4,200 of 172,800 seconds.
        #expect(march.percent == "97.5694")
        #expect(Availability.goals.map { march.meets($0) } == [false, false])
        let april = try month(disk, "2026-04")
        #expect(april.coveredMicroseconds == 6 * 3_600_000_000)
        #expect(april.outages.isEmpty)
        #expect(april.percent == "100.0000")
        #expect(Availability.goals.map { april.meets($0) } == [true, true])
        #expect(
            try History(Fixture.data(disk)).months().map(\.description) == ["2026-03", "2026-04"])
    }

    @Test("a month of which the log has nothing is not judged, and one without a start is all down")
    func edges() throws {
        let disk = SimulatedDisk()
        try live(
            disk, from: "2026-01-15T00:00:00Z", to: "2026-01-31T12:00:00Z", stops: true,
            definitions: [Fixture.definition("one", "0 0 * * *")])
        try live(disk, from: "2026-03-02T00:00:00Z", to: "2026-03-02T01:00:00Z", stops: false)
        try seal(disk)
        for outside in ["2025-12", "2026-04", "2031-01"] {
            let none = try month(disk, outside)
            #expect(none.coveredMicroseconds == 0, "\(outside)")
            #expect(none.percent == nil)
            #expect(none.meets(Availability.goals[0]) == nil)
            #expect(none.runs.due == 0 && none.onTimePercent == nil)
        }
        let february = try month(disk, "2026-02")
        #expect(february.coveredMicroseconds == 28 * 86_400_000_000)
        #expect(february.percent == "0.0000")
        #expect(february.outages.count == 1)
        #expect(february.outages.first?.isPlanned == true)
        // It goes on into March, where it ends.
        let march = try month(disk, "2026-03")
        #expect(march.outages.first?.from == (try Fixture.moment("2026-03-01T00:00:00Z")))
        #expect(march.outages.first?.to == (try Fixture.moment("2026-03-02T00:00:00Z")))
        #expect(throws: ReplayError.self) { try UTCMonth(parsing: "2026-13") }
        #expect(throws: ReplayError.self) { try UTCMonth(parsing: "2026-3") }
        let empty = History(Fixture.data(SimulatedDisk()))
        #expect(throws: ReplayError.self) { try empty.months() }
    }

    @Test("an engine that writes nothing for longer than two minutes was down since its last sign")
    func silence() throws {
        let disk = SimulatedDisk()
        try live(
            disk, from: "2026-03-30T00:00:00Z", to: "2026-03-30T02:00:00Z", stops: true,
            definitions: [Fixture.definition("one", "0 0 * * *")])
        let records = try Fixture.records(disk)
        let from = try Fixture.moment("2026-03-30T01:00:00Z")
        for (silence, isDown) in [(Int64(1), false), (3, true)] {
            // Everything after 01:00 comes so many minutes later.
            let moved = SimulatedDisk()
            let changed = try records.map { record in
                var event = try Event(decoding: record)
                if event.envelope.time > from {
                    event.envelope.time += silence * 60_000_000
                }
                return event.encoded()
            }
            try Fixture.write(changed, perBatch: 100, to: moved)
            let march = try month(moved, "2026-03")
            #expect(march.outages.map(\.cause) == (isDown ? [.silent] : []))
            #expect(march.downMicroseconds == (isDown ? (silence + 1) * 60_000_000 : 0))
            #expect(!isDown || march.outages.first?.from == from)
        }
    }

    @Test("runs on time, late, missed and coalesced, of all jobs or of one")
    func runs() throws {
        let disk = SimulatedDisk()
        var missed = Fixture.definition("missed", "0 * * * *")
        missed.catchUp = "none"
        var waits = Fixture.definition("waits", "30 9 * * *")
        waits.overlap = "skip"
        try live(
            disk, from: "2026-03-30T00:00:00Z", to: "2026-03-30T05:30:00Z", stops: true,
            definitions: [Fixture.definition("one", "0 * * * *"), missed, waits])
        // Down for the occurrences of 06:00 to 08:00: a late run stands for all of `one`.
        try live(disk, from: "2026-03-30T08:50:00Z", to: "2026-04-02T00:00:00Z", stops: true)
        try seal(disk)
        let one = try month(disk, "2026-03", job: "one").runs
        // 01:00 to 05:00, one to catch up, 09:00 to 23:00 of the 30th, all of the 31st.
        #expect(one.due == 5 + 1 + 15 + 24)
        #expect(one.coalesced == 2)
        #expect(one.missed == 0)
        #expect(one.late == 1)
        #expect(one.onTime == one.due - 1)
        let gap = try month(disk, "2026-03", job: "missed").runs
        #expect(gap.missed == 3)
        #expect(gap.onTime == 5 + 15 + 24)
        #expect(gap.late == 0)
        let found = try month(disk, "2026-03")
        #expect(found.runs.due == one.due + gap.due + 2)
        #expect(found.runs.expected == one.expected + gap.expected + 2)
        #expect(found.onTimePercent == "93.7500")
        #expect(found.runs.waiting == 0)
    }
}
