import DaybookTestSupport
import EventLog
import Testing

/// The rows of the table of verdicts that concern sealed segments.
@Suite struct SealedJudgeTests {
    static let scopes: [LogConfiguration.RecoveryScope] = [.lastSegment, .everySegment]

    private func sealed() throws -> SealedSample {
        let sample = try SealedSample(seed: 7, count: 80)
        #expect(try sample.seal().count >= 4)
        return sample
    }

    private func inspect(
        _ sample: SealedSample, _ scope: LogConfiguration.RecoveryScope
    ) throws -> RecoveryReport {
        try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk, scope: scope)
    }

    @Test("a sealed segment that is gone from the middle is missing", arguments: scopes)
    func missingMiddle(scope: LogConfiguration.RecoveryScope) throws {
        let sample = try sealed()
        let paths = sample.paths(".lz4")
        for path in paths {
            let whole = try #require(sample.disk.contents(of: path))
            sample.disk.erase(path)
            let report = try inspect(sample, scope)
            // The oldest may have been retired.
            if path == paths.first {
                #expect(report.verdict == .clean, "\(report)")
            } else {
                #expect(report.verdict == .foreignOrMissing, "\(path): \(report)")
                let first = UInt64(path.dropFirst(10).prefix(20))
                #expect(report.firstSequenceAtRisk?.rawValue == first, "\(path): \(report)")
                #expect(report.lastSequenceAtRisk != nil)
                #expect(report.remedy?.contains("accept-loss --data /data --ticket T") == true)
            }
            sample.disk.setContents(of: path, whole)
        }
        try sample.expectWhole()
    }

    @Test("a last segment that is gone is missed, since the one before it is sealed")
    func missingActive() throws {
        for scope in Self.scopes {
            let sample = try sealed()
            let active = try #require(sample.paths(".log").first)
            sample.disk.erase(active)
            let report = try inspect(sample, scope)
            #expect(report.verdict == .foreignOrMissing, "\(report)")
            #expect(report.segment == active)
            #expect(report.firstSequenceAtRisk?.rawValue == UInt64(active.dropFirst(10).prefix(20)))
            #expect(throws: EventLogError.code(.foreignOrMissing)) {
                _ = try LogFixture.open(sample.disk, SealedSample.configuration).close()
            }
            #expect(!sample.disk.paths.contains { $0.hasSuffix(".log") })
            // An index alone says it too.
            let last = try #require(sample.paths(".lz4").last)
            sample.disk.erase(last)
            sample.disk.erase(try #require(sample.paths(".lz4").last))
            let again = try inspect(sample, scope)
            #expect(again.verdict == .foreignOrMissing, "\(again)")
        }
    }

    @Test("a sealed form, or an index, of the last segment says that one followed")
    func evidence() throws {
        let sample = try SealedSample(seed: 8, count: 50)
        let names = sample.paths(".log")
        let name = try #require(try sample.pending.last)
        let active = try #require(sample.disk.contents(of: LogFixture.path(name, ".log")))
        try sample.seal([name])
        sample.disk.setContents(of: LogFixture.path(name, ".log"), active)
        #expect(try inspect(sample, .lastSegment).verdict == .clean)
        // The segment behind it goes.
        let last = try #require(names.last)
        let lastBytes = try #require(sample.disk.contents(of: last))
        sample.disk.erase(last)
        for scope in Self.scopes {
            let report = try inspect(sample, scope)
            #expect(report.verdict == .foreignOrMissing && report.segment == last, "\(report)")
        }
        // Only the index is left to tell.
        sample.disk.erase(LogFixture.path(name, ".lz4"))
        for scope in Self.scopes {
            let report = try inspect(sample, scope)
            #expect(report.verdict == .foreignOrMissing && report.segment == last, "\(report)")
            #expect(report.detail?.contains(".idx") == true)
        }
        // A bad index is ignored, and so is one of another log.
        let index = LogFixture.path(name, ".idx")
        let whole = try #require(sample.disk.contents(of: index))
        sample.disk.flipBit(0, at: whole.count / 2, of: index)
        #expect(try inspect(sample, .lastSegment).verdict == .clean)
        var other = whole
        other[16] ^= 1
        LogFixture.fixIndex(&other)
        sample.disk.setContents(of: index, other)
        #expect(try inspect(sample, .lastSegment).verdict == .clean)
        sample.disk.setContents(of: last, lastBytes)
        try sample.expectWhole()
    }

    @Test("a bad header behind a sealed segment is damage, not a roll that was cut off")
    func tornRollBehindSealed() throws {
        let sample = try sealed()
        let active = try #require(sample.paths(".log").first)
        let count = try #require(sample.disk.contents(of: active)).count
        sample.disk.setContents(of: active, [9] + [UInt8](repeating: 0, count: count - 1))
        for scope in Self.scopes {
            let report = try inspect(sample, scope)
            #expect(report.verdict == .damaged && report.segment == active, "\(report)")
        }
    }

    @Test("an invalid sealed form beside an active one, and what sealing leaves, do no harm")
    func harmless() throws {
        let sample = try SealedSample(seed: 9, count: 60)
        let names = try sample.pending
        sample.disk.setContents(of: LogFixture.path(names[0], ".lz4"), [1, 2, 3])
        sample.disk.setContents(of: LogFixture.path(names[1], ".lz4"), [])
        sample.disk.setContents(of: LogFixture.path(names[1], ".sealing"), [4])
        sample.disk.setContents(of: LogFixture.path(names[1], ".indexing"), [5])
        sample.disk.setContents(of: LogFixture.path(names[2], ".idx"), [6])
        for scope in Self.scopes { #expect(try inspect(sample, scope).verdict == .clean) }
        try sample.expectWhole()
        try sample.seal()
        #expect(sample.paths(".sealing").isEmpty && sample.paths(".indexing").isEmpty)
        try sample.expectWhole()
    }

    @Test("a sealed segment of another log, or of other records, is refused", arguments: scopes)
    func foreign(scope: LogConfiguration.RecoveryScope) throws {
        let sample = try sealed()
        let other = try SealedSample(seed: 7, count: 80, byteCountMax: 1_499)
        try other.seal()
        let both = Set(sample.paths(".lz4")).intersection(other.paths(".lz4"))
        let path = try #require(both.max())
        sample.disk.setContents(of: path, try #require(other.disk.contents(of: path)))
        let report = try inspect(sample, scope)
        #expect(!report.isUsable, "\(report)")
    }

    @Test("an opening reads of each sealed segment its two ends only")
    func fewCalls() throws {
        let sample = try SealedSample(seed: 10, count: 320)
        try sample.seal()
        let count = sample.paths(".lz4").count
        #expect(count > 20)
        let start = sample.disk.callCount
        #expect(try inspect(sample, .lastSegment).verdict == .clean)
        // Open, size, identity, footer.
        #expect(sample.disk.callCount - start < 4 * count + 20)
    }

    @Test("segments are verified one by one, in any order, and then joined")
    func verification() throws {
        let sample = try SealedSample(seed: 11, count: 40)
        let pending = try sample.pending
        try sample.seal(Array(pending.dropLast()))
        let names = sample.paths("").filter { $0.hasSuffix(".lz4") || $0.hasSuffix(".log") }
            .compactMap { UInt64($0.dropFirst(10).prefix(20)) }
        let found =
            try names.reversed().map {
                try SegmentVerification.verify(
                    SequenceNumber($0), folder: LogFixture.folder, disk: sample.disk)
            }.reversed() as [SegmentVerification]
        for (segment, next) in zip(found, found.dropFirst()) {
            #expect(segment.problem == nil && segment.torn == nil)
            #expect(segment.problem(before: next) == nil)
            #expect(segment.endRoot == next.startRoot)
        }
        #expect(found.reduce(0) { $0 + $1.recordCount } == UInt64(sample.records.count))
        #expect(found.map(\.isSealed).filter { $0 }.count == pending.count - 1)
        #expect(found[0].problem(before: found[2]) != nil)
        let store = try LogFixture.open(sample.disk, SealedSample.configuration)
        #expect(found.last?.endRoot == store.treeHead.root)
        try store.close()
        try sample.expectWhole()
    }
}
