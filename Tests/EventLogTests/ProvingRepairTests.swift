import DaybookTestSupport
import EventLog
import Testing

/// Repair from a copy.
@Suite struct ProvingRepairTests {
    /// How a segment is damaged.
    enum Damage: CaseIterable {
        case flipped, cutShort, gone, empty
    }

    static let copy = "/copy"

    /// A sample whose checkpoint covers all of it.
    static func sample(_ seed: UInt64) throws -> SealedSample {
        let sample = try SealedSample(seed: seed, count: 60)
        try ProvingFixture.checkpoints(
            [20, sample.records.count], of: sample.records, on: sample.disk)
        return sample
    }

    /// Puts the segments of one disk on another, as a copy.
    static func addCopy(
        of other: SimulatedDisk, to disk: SimulatedDisk, isBare: Bool = false
    ) throws {
        _ = try disk.createFolder(copy)
        if !isBare { _ = try disk.createFolder(copy + "/log") }
        let target = isBare ? copy : copy + "/log"
        for path in other.paths where path.hasPrefix("/data/log/") {
            let bytes = try #require(other.contents(of: path))
            disk.setContents(of: target + path.dropFirst("/data/log".count), bytes)
        }
    }

    static func damage(_ damage: Damage, _ path: String, _ disk: SimulatedDisk) throws {
        let bytes = try #require(disk.contents(of: path))
        switch damage {
        case .flipped:
            let place = path.hasSuffix(".lz4") ? bytes.count / 2 : 4_096 + 80
            disk.flipBit(2, at: place, of: path)
        case .cutShort: disk.setContents(of: path, Array(bytes.prefix(bytes.count / 3)))
        case .gone: disk.erase(path)
        case .empty: disk.setContents(of: path, [])
        }
    }

    static func repair(_ disk: any Disk) throws(EventLogError) -> RepairReport {
        try LogRepair.repair(
            folder: LogFixture.folder, from: copy, disk: disk, sources: LogFixture.sources)
    }

    @Test(
        "each segment, damaged in each way, comes back from a copy in either form",
        arguments: [false, true], [false, true])
    func everySegment(isSealed: Bool, isCopySealed: Bool) throws {
        let original = try Self.sample(41)
        let other = SealedSample(copying: original)
        if isSealed { try original.seal() }
        if isCopySealed { try other.seal() }
        try Self.addCopy(of: other.disk, to: original.disk, isBare: isSealed)
        let paths = original.disk.paths.filter {
            $0.hasPrefix("/data/log/") && ($0.hasSuffix(".log") || $0.hasSuffix(".lz4"))
        }
        #expect(paths.count > 3)
        for path in paths {
            for damage in Damage.allCases {
                let sample = SealedSample(copying: original)
                let place = "\(path) \(damage)"
                let before = try #require(sample.disk.contents(of: path))
                try Self.damage(damage, path, sample.disk)
                let bad = sample.disk.contents(of: path)
                let report = try Self.repair(sample.disk)
                if path == paths.first, damage == .gone {
                    // The oldest may have been retired.
                    #expect(report.steps.isEmpty, "\(place)")
                    continue
                }
                let name = UInt64(path.dropFirst(10).prefix(20))
                if damage == .gone, !isSealed, name == UInt64(sample.records.count) {
                    // It held no record.
                    try sample.expectWhole()
                    continue
                }
                #expect(report.after?.isUsable == true, "\(place): \(report)")
                #expect(report.remaining.isEmpty, "\(place)")
                #expect(report.steps.contains { $0.kind == .installed }, "\(place)")
                try sample.expectWhole()
                if let bad {
                    #expect(
                        sample.disk.paths.contains {
                            $0.hasPrefix("/data/quarantine/") && sample.disk.contents(of: $0) == bad
                        }, "\(place)")
                }
                if isSealed == isCopySealed {
                    #expect(sample.disk.contents(of: path) == before, "\(place)")
                }
                #expect(try Self.repair(sample.disk).steps.isEmpty, "\(place)")
            }
        }
    }

    @Test("several damaged segments come back, and what no copy has is said")
    func several() throws {
        let sample = try Self.sample(42)
        try sample.seal()
        try Self.addCopy(of: sample.disk, to: sample.disk)
        let sealed = sample.paths(".lz4").filter { $0.hasPrefix("/data") }
        #expect(sealed.count >= 4)
        try Self.damage(.flipped, sealed[0], sample.disk)
        try Self.damage(.gone, sealed[2], sample.disk)
        try Self.damage(.cutShort, sealed[3], sample.disk)
        let missing = Self.copy + "/log" + sealed[3].dropFirst("/data/log".count)
        let kept = try #require(sample.disk.contents(of: missing))
        sample.disk.erase(missing)
        let report = try Self.repair(sample.disk)
        #expect(report.steps.filter { $0.kind == .installed }.count == 1)
        #expect(report.remaining.count == 1 && report.after?.isUsable == false)
        sample.disk.setContents(of: missing, kept)
        #expect(try Self.repair(sample.disk).after?.isUsable == true)
        try sample.expectWhole()
    }

    @Test("a copy that does not match is refused with the reason, and nothing changes")
    func refused() throws {
        let original = try Self.sample(43)
        try original.seal()
        let segments = original.disk.paths.filter {
            $0.hasPrefix("/data/log/") && !$0.hasSuffix(".idx")
        }
        var copies: [(String, SimulatedDisk)] = []
        // Another log with the same records.
        let foreign = SimulatedDisk()
        var sources = LogFixture.sources
        sources.newIdentity = { LogIdentity(low: 1, high: 2) }
        var same = try LogStore.open(
            folder: LogFixture.folder, disk: foreign, configuration: SealedSample.configuration,
            sources: sources)
        for record in original.records { try same.write([record]) }
        try same.close()
        foreign.killProcess()
        copies.append(("another identity", foreign))
        // Other records under the same identity.
        let diverged = SimulatedDisk()
        var store = try LogFixture.open(diverged, SealedSample.configuration)
        for record in original.records { try store.write([record + [7]]) }
        try store.close()
        diverged.killProcess()
        copies.append(("diverged", diverged))
        let damaged = SealedSample(copying: original)
        for path in segments { try Self.damage(.flipped, path, damaged.disk) }
        copies.append(("damaged", damaged.disk))
        let older = SimulatedDisk()
        var early = try LogFixture.open(older, SealedSample.configuration)
        for record in original.records.prefix(4) { try early.write([record]) }
        try early.close()
        older.killProcess()
        copies.append(("older", older))
        copies.append(("empty", SimulatedDisk()))
        for (name, copy) in copies {
            for path in segments {
                let sample = SealedSample(copying: original)
                try Self.addCopy(of: copy, to: sample.disk)
                try Self.damage(.flipped, path, sample.disk)
                let before = ProvingFixture.kept(sample.disk)
                let error = #expect(throws: EventLogError.code(.foreignOrMissing), "\(name)") {
                    try Self.repair(sample.disk)
                }
                #expect(error?.message.contains("nothing was changed") == true)
                #expect(ProvingFixture.kept(sample.disk) == before, "\(name) \(path)")
            }
        }
    }

    @Test("an engine that holds the lock keeps the log from being mended")
    func locked() throws {
        let sample = try Self.sample(44)
        try Self.addCopy(of: sample.disk, to: sample.disk)
        let store = try LogFixture.open(sample.disk, SealedSample.configuration)
        #expect(throws: EventLogError.code(.locked)) { try Self.repair(sample.disk) }
        #expect(throws: EventLogError.code(.locked)) {
            try LogRepair.cut(folder: LogFixture.folder, disk: sample.disk) { _ in [1] }
        }
        try store.close()
        #expect(throws: EventLogError.code(.noLog)) {
            try LogRepair.repair(folder: "/nothing", from: "/copy", disk: sample.disk)
        }
        #expect(try Self.repair(sample.disk).steps.isEmpty)
    }

    @Test(
        "whichever call of a repair fails, the log is whole or refused, and another run mends it",
        arguments: SimulatedDisk.FailureMode.allCases, [0, 50, 100])
    func everyCall(mode: SimulatedDisk.FailureMode, keep: Int) throws {
        let original = try Self.sample(45)
        try Self.addCopy(of: original.disk, to: original.disk)
        let pending = try original.pending
        try original.seal(Array(pending.prefix(2)))
        let paths = original.disk.paths.filter {
            $0.hasPrefix("/data/log/") && !$0.hasSuffix(".idx")
        }
        // A sealed one, and the last, whose loss only the checkpoint tells.
        try Self.damage(.flipped, try #require(paths.first), original.disk)
        try Self.damage(.gone, try #require(paths.last), original.disk)
        var call = 1
        while true {
            let sample = SealedSample(copying: original)
            let place = "call \(call), \(mode), keeping \(keep)"
            sample.disk.failCall(call, mode)
            let start = sample.disk.callCount
            _ = try? Self.repair(sample.disk)
            let isReached = sample.disk.callCount - start >= call
            sample.disk.heal()
            var random = SeededGenerator(seed: UInt64(call))
            sample.disk.crash(using: &random, keep: keep)
            let store = CheckpointStore(folder: LogFixture.folder, disk: sample.disk)
            let report = try LogInspection.inspect(
                folder: LogFixture.folder, disk: sample.disk,
                evidence: [
                    DurabilityClaim(
                        name: store.path(size: 0),
                        durableThrough: SequenceNumber(UInt64(sample.records.count - 1)))
                ])
            if report.isUsable { try sample.expectWhole() }
            _ = try Self.repair(sample.disk)
            try LogFixture.expect(sample.records, on: sample.disk)
            #expect(sample.paths(".repairing").isEmpty, "\(place)")
            guard isReached else { break }
            call += 1
        }
        #expect(call > 60)
    }
}
