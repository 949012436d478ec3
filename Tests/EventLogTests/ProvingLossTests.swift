import DaybookTestSupport
import EventLog
import Testing

/// The ways out without a copy: a cut, and a loss that is accepted.
@Suite struct ProvingLossTests {
    static let lossRecord = Array("what was lost".utf8)

    static var options: LogRepair.LossOptions {
        var options = LogRepair.LossOptions()
        options.configuration = SealedSample.configuration
        options.sources = LogFixture.sources
        return options
    }

    static func cut(_ disk: any Disk) throws(EventLogError) -> RepairReport {
        try LogRepair.cut(folder: LogFixture.folder, disk: disk, options: options) { _ in
            lossRecord
        }
    }

    static func accept(_ disk: any Disk) throws(EventLogError) -> RepairReport {
        try LogRepair.acceptLoss(folder: LogFixture.folder, disk: disk, options: options) { _ in
            lossRecord
        }
    }

    /// Checks what a cut left: a beginning of the records, the record of the loss, and every byte
    /// of the log as it was, in the log or in quarantine.
    static func check(
        _ report: RepairReport, _ sample: SealedSample, _ before: [String: [UInt8]], _ place: String
    ) throws {
        let end = try #require(report.loss?.firstLost.rawValue)
        #expect(report.after?.verdict == .clean, "\(place): \(report)")
        #expect(end <= sample.records.count, "\(place)")
        let expected = Array(sample.records.prefix(Int(end))) + [lossRecord]
        try LogFixture.expect(expected, on: sample.disk)
        let after = ProvingFixture.kept(sample.disk)
        let contents = Set(after.values)
        for (path, bytes) in before where !path.hasPrefix("/copy") {
            #expect(after[path] == bytes || contents.contains(bytes), "\(place): \(path)")
        }
        for path in sample.disk.paths where path.hasPrefix("/data/checkpoints/0") {
            #expect(try #require(UInt64(path.dropFirst(18).prefix(20))) <= end, "\(place)")
        }
        #expect(try LogRepair.unfinished(folder: LogFixture.folder, disk: sample.disk) == nil)
        // It is opened, written on, sealed, read.
        var store = try LogFixture.open(sample.disk, SealedSample.configuration)
        let more = (0..<30).map { LogFixture.record($0, byteCount: 900) }
        for record in more { try store.write([record]) }
        try store.close()
        sample.disk.killProcess()
        try sample.seal()
        try LogFixture.expect(expected + more, on: sample.disk)
    }

    @Test(
        "whatever is damaged, the longest beginning is kept, and the rest is set aside",
        arguments: 0..<150 as Range<UInt64>)
    func seeded(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sample = try SealedSample(seed: seed % 7 + 50, count: 60)
        let sizes = [3, 30, sample.records.count]
        try ProvingFixture.checkpoints(sizes, of: sample.records, on: sample.disk)
        let pending = try sample.pending
        try sample.seal(Array(pending.prefix(Int(random.next() % UInt64(pending.count + 1)))))
        let paths = sample.disk.paths.filter {
            $0.hasPrefix("/data/log/") && !$0.hasSuffix(".idx")
        }
        for _ in 0...(random.next() % 2) {
            let path = paths[Int(random.next() % UInt64(paths.count))]
            guard let bytes = sample.disk.contents(of: path), !bytes.isEmpty else { continue }
            switch random.next() % 4 {
            case 0: sample.disk.erase(path)
            case 1:
                let count = Int(random.next() % UInt64(bytes.count))
                sample.disk.setContents(of: path, Array(bytes.prefix(count)))
            default:
                let telling = LogFixture.tellingOffsets(of: bytes)
                let place = telling[Int(random.next() % UInt64(telling.count))]
                sample.disk.flipBit(Int(random.next() % 8), at: place, of: path)
            }
        }
        let before = ProvingFixture.kept(sample.disk)
        let place = "seed \(seed)"
        let report: RepairReport
        do throws(EventLogError) {
            report = try Self.cut(sample.disk)
        } catch {
            switch error.code {
            case .sequenceAbsent:
                #expect(ProvingFixture.kept(sample.disk) == before, "\(place): \(error)")
                do throws(EventLogError) { report = try Self.accept(sample.disk) } catch {
                    // Nothing is lost: what was hit says nothing, or the oldest is gone.
                    #expect(error.code == .sequenceAbsent, "\(place): \(error)")
                    #expect(ProvingFixture.kept(sample.disk) == before, "\(place)")
                    return
                }
            default:
                // Not even the beginning is there.
                #expect(error.code == .foreignOrMissing, "\(place): \(error)")
                #expect(ProvingFixture.kept(sample.disk) == before, "\(place)")
                return
            }
        }
        // Where the oldest is gone it may have been retired: the rest is judged alone.
        let oldest = [".log", ".lz4"].map { LogFixture.path(.zero, $0) }
        if oldest.contains(where: { before[$0] != nil }) {
            try Self.check(report, sample, before, place)
        }
    }

    @Test("the facts name what was lost, and derived files that speak of it are set aside")
    func facts() throws {
        let sample = try ProvingRepairTests.sample(61)
        let pending = try sample.pending
        try sample.seal()
        let middle = pending[pending.count / 2]
        try ProvingRepairTests.damage(.flipped, LogFixture.path(middle, ".lz4"), sample.disk)
        for folder in ["/data/snapshots", "/data/tree", "/data/tree/tile", "/data/tree/tile/1"] {
            _ = try sample.disk.createFolder(folder)
        }
        sample.disk.setContents(of: "/data/snapshots/00000000000000000055.state", [1])
        sample.disk.setContents(of: "/data/snapshots/00000000000000000001.state", [2])
        let before = ProvingFixture.kept(sample.disk)
        var facts: LossFacts?
        let report = try LogRepair.cut(
            folder: LogFixture.folder, disk: sample.disk, options: Self.options
        ) { found in
            facts = found
            return Self.lossRecord
        }
        let found = try #require(facts)
        #expect(report.loss == found)
        #expect(found.recordSequence == found.firstLost)
        #expect(found.firstLost >= middle && found.firstLost < pending[pending.count / 2 + 1])
        #expect(found.lastLost?.rawValue == UInt64(sample.records.count - 1))
        #expect(found.checkpointSize == UInt64(sample.records.count))
        let tree = ProvingFixture.tree(sample.records)
        #expect(found.checkpointRoot == tree.root(0..<sample.records.count).bytes)
        #expect(found.setAside.count == pending.count - pending.count / 2 + 1)
        #expect(sample.disk.contents(of: "/data/snapshots/00000000000000000001.state") == [2])
        #expect(sample.disk.contents(of: "/data/snapshots/00000000000000000055.state") == nil)
        try Self.check(report, sample, before, "facts")
        #expect(throws: EventLogError.code(.sequenceAbsent)) { try Self.cut(sample.disk) }
    }

    @Test("a loss is accepted only where there is one, and nothing to cut")
    func accepted() throws {
        let sample = try ProvingRepairTests.sample(62)
        let before = ProvingFixture.kept(sample.disk)
        #expect(throws: EventLogError.code(.sequenceAbsent)) { try Self.accept(sample.disk) }
        #expect(throws: EventLogError.code(.sequenceAbsent)) { try Self.cut(sample.disk) }
        #expect(ProvingFixture.kept(sample.disk) == before)
        let damaged = SealedSample(copying: sample)
        let path = try #require(damaged.paths(".log").first)
        try ProvingRepairTests.damage(.flipped, path, damaged.disk)
        #expect(throws: EventLogError.code(.damaged)) { try Self.accept(damaged.disk) }
        // Gone: seen by the checkpoint, or by the sealed segment before.
        for isSealed in [false, true] {
            let gone = SealedSample(copying: sample)
            if isSealed { try gone.seal() }
            gone.disk.erase(try #require(gone.paths(".log").last))
            let before = ProvingFixture.kept(gone.disk)
            #expect(throws: EventLogError.code(.sequenceAbsent)) { try Self.cut(gone.disk) }
            let report = try Self.accept(gone.disk)
            #expect(report.loss?.lastLost?.rawValue == UInt64(gone.records.count - 1))
            try Self.check(report, gone, before, "sealed: \(isSealed)")
        }
        // All of it.
        let nothing = SealedSample(copying: sample)
        for path in nothing.paths(".log") { nothing.disk.erase(path) }
        let none = ProvingFixture.kept(nothing.disk)
        try Self.check(try Self.accept(nothing.disk), nothing, none, "all")
    }

    /// Damage of which the way out is a cut, or an accepted loss.
    enum Case: CaseIterable {
        case active, sealed, whole, gone, missing

        func make() throws -> SealedSample {
            let sample = try ProvingRepairTests.sample(63)
            let pending = try sample.pending
            let middle = pending[pending.count / 2]
            let last = try #require(sample.paths(".log").last)
            switch self {
            case .active:
                try ProvingRepairTests.damage(
                    .flipped, LogFixture.path(middle, ".log"), sample.disk)
            case .sealed:
                try sample.seal()
                try ProvingRepairTests.damage(
                    .flipped, LogFixture.path(middle, ".lz4"), sample.disk)
            case .whole: try ProvingRepairTests.damage(.empty, last, sample.disk)
            case .gone: sample.disk.erase(last)
            case .missing:
                try sample.seal(Array(pending.prefix(2)))
                sample.disk.erase(LogFixture.path(middle, ".log"))
            }
            return sample
        }

        func lose(_ disk: any Disk) throws(EventLogError) -> RepairReport {
            self == .gone ? try accept(disk) : try cut(disk)
        }
    }

    @Test(
        "whichever call of a cut fails, and wherever it stops, another run ends the same",
        arguments: Case.allCases, SimulatedDisk.FailureMode.allCases)
    func everyCall(kind: Case, mode: SimulatedDisk.FailureMode) throws {
        let original = try kind.make()
        let before = ProvingFixture.kept(original.disk)
        let model = SealedSample(copying: original)
        let report = try kind.lose(model.disk)
        let expected = ProvingFixture.kept(model.disk)
        try Self.check(report, model, before, "\(kind)")
        var call = 1
        while true {
            let sample = SealedSample(copying: original)
            let place = "\(kind), call \(call), \(mode)"
            sample.disk.failCall(call, mode)
            let start = sample.disk.callCount
            _ = try? kind.lose(sample.disk)
            let isReached = sample.disk.callCount - start >= call
            sample.disk.heal()
            var random = SeededGenerator(seed: UInt64(call))
            sample.disk.crash(using: &random, keep: [0, 50, 100][call % 3])
            // In between: refused, or begun and known to be, or done.
            let isBegun =
                try LogRepair.unfinished(folder: LogFixture.folder, disk: sample.disk) != nil
            let middle = try LogInspection.inspect(
                folder: LogFixture.folder, disk: sample.disk,
                evidence: isBegun
                    ? []
                    : [
                        DurabilityClaim(
                            name: "the test", durableThrough: report.loss?.firstLost ?? .zero)
                    ])
            if middle.isUsable {
                let records = try LogFixture.records(sample.disk).map(\.1)
                #expect(isBegun || records.last == Self.lossRecord, "\(place)")
            }
            do throws(EventLogError) { _ = try kind.lose(sample.disk) } catch {
                // It was done before.
                #expect(error.code == .sequenceAbsent, "\(place): \(error)")
            }
            let found = ProvingFixture.kept(sample.disk)
            for (path, bytes) in expected where !path.contains("/quarantine/") {
                #expect(found[path] == bytes, "\(place): \(path)")
            }
            let contents = Set(found.values)
            #expect(expected.values.allSatisfy { contents.contains($0) }, "\(place)")
            #expect(before.values.allSatisfy { contents.contains($0) }, "\(place)")
            let log = found.keys.filter { $0.hasPrefix("/data/log/") }
            #expect(
                Set(log) == Set(expected.keys.filter { $0.hasPrefix("/data/log/") }), "\(place)")
            guard isReached else { break }
            call += 1
        }
        #expect(call > 60)
    }
}
