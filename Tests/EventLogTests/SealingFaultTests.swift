import DaybookTestSupport
import EventLog
import Testing

/// Each call of sealing fails in turn, not done and done; and the machine stops at each.
@Suite struct SealingFaultTests {
    private func sample() throws -> SealedSample {
        let sample = try SealedSample(seed: 6, count: 40, byteCountMax: 1_200)
        #expect(try sample.pending.count >= 2)
        return sample
    }

    @Test(
        "whichever call of sealing fails, one complete form is left, and it can be done again",
        arguments: SimulatedDisk.FailureMode.allCases, [0, 100, nil])
    func everyCall(mode: SimulatedDisk.FailureMode, keep: Int?) throws {
        let original = try sample()
        let name = try #require(try original.pending.first)
        var call = 1
        var reached = true
        var failures = 0
        var harmless = 0
        while reached {
            let sample = SealedSample(copying: original)
            let place = "call \(call), \(mode), keeping \(keep.map(String.init) ?? "all") in 100"
            sample.disk.failCall(call, mode)
            let start = sample.disk.callCount
            do throws(EventLogError) {
                // Only the index's failure does not make the sealing fail.
                let outcome = try LogFixture.sealing(name, sample.disk).run()
                #expect(!sample.disk.paths.contains(LogFixture.path(name, ".log")), "\(place)")
                let isFailed = sample.disk.callCount - start >= call
                if isFailed, outcome.indexFailure == nil { harmless += 1 }
            } catch {
                failures += 1
                #expect(error.isFailureOfCall, "\(place): \(error)")
            }
            reached = sample.disk.callCount - start >= call
            sample.disk.heal()
            try check(sample, name, place + ", before the crash")
            if let keep {
                var random = SeededGenerator(seed: UInt64(call))
                sample.disk.crash(using: &random, keep: keep)
            } else {
                sample.disk.killProcess()
            }
            try checkAndSealAgain(sample, name, place)
            call += 1
        }
        #expect(failures > 20)
        // Removing a left-over that is not there fails in any case, and so cannot fail "but done".
        #expect(harmless == (mode == .after ? 2 : 0))
    }

    @Test(
        "a crash at any call of sealing leaves the same records", arguments: 0..<4,
        [0, 50, nil])
    func everyCrash(part: UInt64, keep: Int?) throws {
        let original = try sample()
        let name = try #require(try original.pending.first)
        let counted = SealedSample(copying: original)
        let start = counted.disk.callCount
        _ = try LogFixture.sealing(name, counted.disk).run()
        let calls = counted.disk.callCount - start
        for call in 1...calls {
            let seed = part * 1_000 + UInt64(call)
            let sample = SealedSample(copying: original)
            let random = Box(SeededGenerator(seed: seed))
            // The disk is copied as it stands before the call, crashed: that is the crash.
            let count = Box(0)
            let crashed = Box<[SimulatedDisk]>([])
            sample.disk.setHook { _ in
                count.value += 1
                guard count.value == call else { return }
                crashed.value = (0..<4).map { _ in
                    sample.disk.crashedCopy(using: &random.value, keep: keep)
                }
            }
            _ = try LogFixture.sealing(name, sample.disk).run()
            sample.disk.setHook(nil)
            #expect(crashed.value.count == 4)
            for disk in crashed.value {
                let after = SealedSample(disk: disk, records: original.records)
                try checkAndSealAgain(after, name, "seed \(seed), crash before call \(call)")
            }
        }
    }

    /// One complete form, and the same records.
    private func check(_ sample: SealedSample, _ name: SequenceNumber, _ place: String) throws {
        let isThere = [".log", ".lz4"].map {
            sample.disk.paths.contains(LogFixture.path(name, $0))
        }
        #expect(isThere.contains(true), "\(place)")
        for scope in [LogConfiguration.RecoveryScope.everySegment, .lastSegment] {
            let report = try LogInspection.inspect(
                folder: LogFixture.folder, disk: sample.disk, scope: scope)
            #expect(report.verdict == .clean, "\(place): \(report)")
        }
        let found = try LogFixture.records(sample.disk).map(\.1)
        #expect(found == sample.records, "\(place)")
    }

    private func checkAndSealAgain(
        _ sample: SealedSample, _ name: SequenceNumber, _ place: String
    ) throws {
        try check(sample, name, place)
        var store = try LogFixture.open(sample.disk, SealedSample.configuration)
        try store.write([[1]])
        try store.close()
        sample.disk.killProcess()
        for pending in try sample.pending { _ = try LogFixture.sealing(pending, sample.disk).run() }
        #expect(sample.paths(".log").count == 1, "\(place)")
        #expect(sample.paths(".sealing").isEmpty, "\(place)")
        for name in try SegmentIndex.missing(folder: LogFixture.folder, disk: sample.disk) {
            try SegmentIndex.renew(
                name, folder: LogFixture.folder, disk: sample.disk, vocabulary: TestVocabulary())
        }
        #expect(sample.paths(".idx").count == sample.paths(".lz4").count, "\(place)")
        #expect(sample.paths(".indexing").isEmpty, "\(place)")
        try LogFixture.expect(sample.records + [[1]], on: sample.disk)
    }

    @Test("a damaged segment is not sealed, and nothing is removed")
    func damaged() throws {
        let original = try sample()
        let name = try #require(try original.pending.first)
        let path = LogFixture.path(name, ".log")
        let whole = try #require(original.disk.contents(of: path))
        var refused = 0
        for offset in LogFixture.tellingOffsets(of: whole) {
            let sample = SealedSample(copying: original)
            sample.disk.flipBit(offset % 8, at: offset, of: path)
            let before = sample.disk.paths
            do throws(EventLogError) {
                _ = try LogFixture.sealing(name, sample.disk).run()
                Issue.record("byte \(offset) was sealed")
            } catch {
                #expect(error.code == .damaged || error.code == .foreignOrMissing, "\(error)")
                refused += 1
            }
            #expect(sample.disk.paths == before, "byte \(offset)")
        }
        #expect(refused > 300)
    }

    @Test("a segment that does not meet the next one's tree is not sealed")
    func foreignNext() throws {
        let one = try SealedSample(seed: 6, count: 40, byteCountMax: 1_200)
        // The same identity and sizes, but other bytes in a record.
        let name = try #require(try one.pending.first)
        let path = LogFixture.path(name, ".log")
        let other = SimulatedDisk()
        var store = try LogFixture.open(other, SealedSample.configuration)
        let end = try #require(try one.pending.dropFirst().first)
        for record in one.records[..<Int(end.rawValue)] {
            var changed = record
            changed[changed.count - 1] ^= 1
            try store.write([changed])
        }
        try store.close()
        let bytes = try #require(other.contents(of: path))
        one.disk.setContents(of: path, bytes)
        let before = one.disk.paths
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.sealing(name, one.disk).run()
        }
        #expect(one.disk.paths == before)
    }

    @Test("the last segment is not sealed, and one that is sealed stays so")
    func lastAndTwice() throws {
        let sample = try sample()
        let last = try #require(sample.paths(".log").last)
        let digits = try #require(UInt64(last.dropFirst(10).prefix(20)))
        #expect(throws: EventLogError.code(.sequenceAbsent)) {
            _ = try LogFixture.sealing(SequenceNumber(digits), sample.disk).run()
        }
        let outcomes = try sample.seal()
        let again = try sample.seal(outcomes.map(\.segment))
        #expect(again.allSatisfy { $0.wasSealed })
        #expect(try sample.pending.isEmpty)
        try sample.expectWhole()
    }

    @Test("a bad sealed form beside a good active one is made again", arguments: 0..<40)
    func bothForms(seed: UInt64) throws {
        let sample = try sample()
        let name = try #require(try sample.pending.first)
        let active = try #require(sample.disk.contents(of: LogFixture.path(name, ".log")))
        let good = try sample.seal([name])
        let path = LogFixture.path(name, ".lz4")
        let whole = try #require(sample.disk.contents(of: path))
        sample.disk.setContents(of: LogFixture.path(name, ".log"), active)
        var random = SeededGenerator(seed: seed)
        if seed % 2 == 0 {
            let offset = Int.random(in: whole.indices, using: &random)
            sample.disk.flipBit(Int(seed % 8), at: offset, of: path)
        } else {
            let count = Int.random(in: whole.indices, using: &random)
            sample.disk.setContents(of: path, Array(whole[..<count]))
        }
        try sample.expectWhole()
        let made = try sample.seal([name])
        #expect(made.map(\.root) == good.map(\.root) && made.first?.wasSealed == false)
        #expect(sample.disk.contents(of: path) == whole)
        try sample.expectWhole()
    }

    @Test("a sealed form of other records beside a good active one is made again")
    func standingOfOthers() throws {
        let sample = try sample()
        let name = try #require(try sample.pending.first)
        let active = try #require(sample.disk.contents(of: LogFixture.path(name, ".log")))
        try sample.seal([name])
        let path = LogFixture.path(name, ".lz4")
        let whole = try #require(sample.disk.contents(of: path))
        sample.disk.setContents(of: LogFixture.path(name, ".log"), active)
        let other = try SealedSample(seed: 6, count: 40, byteCountMax: 1_200, flipping: 2)
        try other.seal()
        let forged = try #require(other.disk.contents(of: path))
        #expect(forged != whole)
        sample.disk.setContents(of: path, forged)
        #expect(try sample.seal([name]).first?.wasSealed == false)
        #expect(sample.disk.contents(of: path) == whole)
        try sample.expectWhole()
    }

    @Test("what reads back other than it was written is not sealed", arguments: 0..<60)
    func readBack(seed: UInt64) throws {
        let original = try sample()
        let name = try #require(try original.pending.first)
        let path = LogFixture.path(name, ".sealing")
        let random = Box(SeededGenerator(seed: seed))
        let disk = original.disk
        let flips = Box(0)
        // The read-back opens the file again; all is written by then.
        disk.setHook { operation in
            guard operation == "open", let bytes = disk.contents(of: path),
                bytes.suffix(8).elementsEqual("DAYBKEOF".utf8)
            else { return }
            flips.value += 1
            disk.flipBit(
                Int(seed % 8), at: Int.random(in: bytes.indices, using: &random.value), of: path)
        }
        let before = disk.paths
        #expect(throws: EventLogError.code(.damaged)) {
            _ = try LogFixture.sealing(name, disk).run()
        }
        disk.setHook(nil)
        #expect(flips.value == 1)
        #expect(disk.paths == before)
        try original.seal()
        try original.expectWhole()
    }

    @Test("a good sealed form beside a damaged active one is kept alone")
    func damagedBesideSealed() throws {
        let sample = try sample()
        let name = try #require(try sample.pending.first)
        let path = LogFixture.path(name, ".log")
        var active = try #require(sample.disk.contents(of: path))
        try sample.seal([name])
        active[2 * 4_096 + 100] ^= 1
        sample.disk.setContents(of: path, active)
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: sample.disk)
        #expect(report.verdict == .damaged && report.segment == path)
        #expect(report.remedy?.contains("daybook log seal --data /data") == true)
        let outcome = try sample.seal([name])
        #expect(outcome.first?.wasSealed == true)
        #expect(!sample.disk.paths.contains(path))
        try sample.expectWhole()
    }

    @Test("a disk that is full while it seals keeps the segment, and gives the space back")
    func full() throws {
        let sample = try sample()
        let name = try #require(try sample.pending.first)
        let used = sample.disk.paths.reduce(0) {
            $0 + (sample.disk.contents(of: $1)?.count ?? 0)
        }
        let before = sample.disk.paths
        for room in [0, 100, 300, 1_000] {
            sample.disk.setCapacity(used + room)
            #expect(throws: EventLogError.code(.noSpace)) {
                _ = try LogFixture.sealing(name, sample.disk).run()
            }
            #expect(sample.disk.paths == before)
        }
        sample.disk.setCapacity(.max)
        try sample.seal()
        try sample.expectWhole()
    }
}

/// A value that a hook changes; used by one thread only.
final class Box<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}

extension SealedSample {
    init(disk: SimulatedDisk, records: [[UInt8]]) {
        self.disk = disk
        self.records = records
    }
}
