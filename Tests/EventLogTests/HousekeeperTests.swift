import DaybookTestSupport
import EventLog
import Synchronization
import Testing

@Suite struct HousekeeperTests {
    /// What a housekeeper reported, and a signal for each.
    final class Reports: Sendable {
        private let list = Mutex<[LogHousekeeper.Report]>([])
        private let came = AsyncSignal()

        @Sendable func take(_ report: LogHousekeeper.Report) {
            list.withLock { $0.append(report) }
            came.signal()
        }

        /// Waits until `found` gives something.
        func wait<Found>(_ found: ([LogHousekeeper.Report]) -> Found?) async -> Found {
            while true {
                if let answer = list.withLock({ found($0) }) { return answer }
                await came.wait()
            }
        }

        var all: [LogHousekeeper.Report] { list.withLock { $0 } }

        var sealed: [SequenceNumber] { Self.sealed(all) }

        private static func sealed(_ reports: [LogHousekeeper.Report]) -> [SequenceNumber] {
            reports.compactMap { report in
                if case .sealed(let outcome) = report { outcome.segment } else { nil }
            }
        }

        func waitForSealed(_ count: Int) async {
            let last = await wait { reports in
                let sealed = Self.sealed(reports)
                return sealed.count >= count ? sealed.last : nil
            }
            #expect(sealed.contains(last))
        }

        func waitForScrub() async -> LogHousekeeper.Scrub {
            await wait { reports in
                for case .scrubbed(let scrub) in reports { return scrub }
                return nil
            }
        }
    }

    static func settings(_ disk: SimulatedDisk, scrubs: Bool) -> LogHousekeeper.Settings {
        var settings = LogHousekeeper.Settings(
            folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary())
        settings.scrubInterval = scrubs ? .seconds(86_400) : nil
        settings.scrubBytesPerSecond = 1 << 40
        return settings
    }

    @Test("what an earlier life left is sealed, then what becomes full; appends go on meanwhile")
    func seals() async throws {
        let sample = try SealedSample(seed: 1)
        let left = try sample.pending
        #expect(left.count > 2)
        let reports = Reports()
        var store = try LogFixture.open(sample.disk, SealedSample.configuration)
        let keeper = try LogHousekeeper(
            Self.settings(sample.disk, scrubs: false), report: reports.take)
        await reports.waitForSealed(left.count)
        #expect(reports.sealed == left)
        var records = sample.records
        let before = store.segmentFirstSequence
        while store.segmentFirstSequence == before {
            let record = LogFixture.record(UInt64(records.count), byteCount: 900)
            try store.write([record])
            records.append(record)
        }
        keeper.wake()
        await reports.waitForSealed(left.count + 1)
        #expect(reports.sealed.last == before)
        keeper.close()
        try store.close()
        sample.disk.killProcess()
        #expect(try sample.pending == [])
        try LogFixture.expect(records, on: sample.disk)
    }

    @Test("a scrub reads every sealed segment, and says which one is damaged")
    func scrubs() async throws {
        let sample = try SealedSample(seed: 2)
        try sample.seal()
        let good = Reports()
        var keeper = try LogHousekeeper(
            Self.settings(sample.disk, scrubs: true), report: good.take)
        let first = await good.waitForScrub()
        keeper.close()
        let paths = sample.paths(".lz4")
        #expect(first.problems == [] && first.segmentCount == paths.count)
        #expect(
            first.byteCount == paths.reduce(0) { $0 + (sample.disk.contents(of: $1)?.count ?? 0) })

        sample.disk.flipBit(3, at: 150, of: paths[1])
        let bad = Reports()
        keeper = try LogHousekeeper(Self.settings(sample.disk, scrubs: true), report: bad.take)
        let second = await bad.waitForScrub()
        keeper.close()
        #expect(second.problems.count == 1)
        #expect(second.problems.first?.contains(paths[1]) == true)
        sample.disk.flipBit(3, at: 150, of: paths[1])
        try sample.expectWhole()
    }

    @Test(
        "a scrub that is not due is not run, and one segment that cannot be sealed stops no other")
    func damagedSegment() async throws {
        let sample = try SealedSample(seed: 3)
        let pending = try sample.pending
        let path = try #require(sample.paths(".log").first)
        sample.disk.flipBit(0, at: 4_096 + 80, of: path)
        let reports = Reports()
        var settings = Self.settings(sample.disk, scrubs: true)
        settings.scrubAge = .seconds(3_600)
        let keeper = try LogHousekeeper(settings, report: reports.take)
        await reports.waitForSealed(pending.count - 1)
        keeper.wake()
        keeper.close()
        let failed = reports.all.compactMap { report in
            if case .failed(_, let error) = report { error } else { nil as EventLogError? }
        }
        #expect(failed == [.code(.damaged)])
        #expect(!reports.all.contains { if case .scrubbed = $0 { true } else { false } })
        sample.disk.flipBit(0, at: 4_096 + 80, of: path)
        try sample.expectWhole()
    }

    @Test("sealing all leaves one empty active segment, and a damaged one beside a good seal goes")
    func sealAll() throws {
        let sample = try SealedSample(seed: 4)
        let first = try #require(sample.paths(".log").first)
        let active = try #require(sample.disk.contents(of: first))
        try sample.seal([try #require(try sample.pending.first)])
        // As a crash before the removal leaves it; and then the medium flips a bit.
        sample.disk.setContents(of: first, active)
        sample.disk.flipBit(0, at: 4_096 + 80, of: first)
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(report.verdict == .damaged)
        let outcomes = try LogStore.sealAll(
            folder: LogFixture.folder, disk: sample.disk,
            configuration: SealedSample.configuration, sources: LogFixture.sources)
        #expect(outcomes.first?.wasSealed == true)
        #expect(sample.paths(".log").count == 1)
        #expect(outcomes.last?.endSequence.rawValue == UInt64(sample.records.count))
        let again = try LogStore.sealAll(
            folder: LogFixture.folder, disk: sample.disk,
            configuration: SealedSample.configuration, sources: LogFixture.sources)
        #expect(again == [])
        try sample.expectWhole()
    }
}
