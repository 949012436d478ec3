import DaybookTestSupport
import Events
import Projections
import Testing

@Suite("Shared definitions")
struct DefinitionPiecesTests {
    private static func pick<T>(_ items: [T], _ random: inout SeededGenerator) -> T {
        items[Int.random(in: items.indices, using: &random)]
    }

    private static func target(_ number: Int) -> TargetBinding {
        var target = TargetBinding()
        target.name = "pipeline_\(number)"
        target.kind = "process"
        target.command = ["/usr/bin/run", "--pipeline", String(number)]
        target.timeoutSeconds = 60
        return target
    }

    /// A definition of a small world: much is shared, some is not, some is unknown to this build.
    private static func definition(_ index: Int, _ random: inout SeededGenerator) -> [UInt8] {
        var job = ScheduleDefinition()
        job.jobId = "job-\(index)"
        job.isEnabled = Bool.random(using: &random)
        job.cadence = "\(Int.random(in: 0..<60, using: &random)) 1 * * *"
        job.zone = pick(["UTC", "Europe/Berlin", "America/New_York"], &random)
        job.target = Bool.random(using: &random) ? target(pick([1, 2, 3], &random)) : nil
        for name in ["A", "B", "C"] where Bool.random(using: &random) {
            job.parameters.append(KeyValue(name, pick(["${scheduledDate}", "x", ""], &random)))
        }
        for _ in 0..<pick([0, 0, 1, 3], &random) {
            var dependency = Dependency()
            dependency.kind = "job"
            dependency.name = pick(["a-job-before", "another"], &random)
            dependency.delayMinutesMax = pick([0, 60, .max], &random)
            job.dependencies.append(dependency)
        }
        job.tags = pick([[], ["nightly"], ["nightly", "billing"], ["x", "y", "z"]], &random)
        job.slaMinutes = UInt64.random(in: 0..<300, using: &random)
        job.retryDelaysSeconds = pick([[], [300, 900, 1_800]], &random)
        job.overlap = "skip"
        // Fields 40 (a varint) and 61 (bytes), as a later build may write them.
        job.unknownFields = pick(
            [[], [0xC0, 0x02, 0x05], [0xEA, 0x03, 0x07] + Array("unknown".utf8)], &random)
        return job.encoded()
    }

    @Test(
        "a definition gives back the same bytes, however much of it is shared",
        arguments: 0..<8 as Range<UInt64>)
    func sameBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var pieces = DefinitionPieces()
        var shared = BucketedMap<DefinitionState>(bucketCount: 16)
        var plain = BucketedMap<DefinitionState>(bucketCount: 16)
        var ownByteCount = 0
        var byteCount = 0
        for index in 0..<600 {
            var bytes = Self.definition(index, &random)
            switch index % 12 {
            case 10: bytes = bytes.dropLast(3) + [0xFF, 0xFF]  // not well formed at its end
            case 11: bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            default: break
            }
            var state = DefinitionState()
            state.sequence = UInt64(index)
            state.openRuns = UInt64(index % 3)
            state.definition = bytes
            state.isCurrent = index % 2 == 0
            plain.insert(state)
            pieces.share(&state)
            #expect(state.definition == bytes, "seed \(seed), definition \(index)")
            #expect(state == plain[UInt64(index)], "seed \(seed), definition \(index)")
            let read = try DefinitionState(decoding: state.encoded())
            #expect(read == state && read.openRuns == UInt64(index % 3), "seed \(seed)")
            shared.insert(state)
            if index % 12 < 10 {
                ownByteCount += state.ownByteCount
                byteCount += bytes.count
            }
        }
        #expect(shared.bucketDigests() == plain.bucketDigests(), "seed \(seed)")
        #expect(ownByteCount * 2 < byteCount, "seed \(seed): \(ownByteCount) of \(byteCount)")
        for state in shared.sorted() {
            #expect(
                state.definition == plain[state.sequence]?.definition,
                "seed \(seed): \(state.sequence), after all others were shared")
        }
    }

    @Test("fields that no definition uses any more are dropped: changes do not add up")
    func bounded() throws {
        var pieces = DefinitionPieces()
        var living: [DefinitionState] = []
        var most = 0
        for index in 0..<20_000 {
            var job = ScheduleDefinition()
            job.jobId = "job-\(index % 50)"
            // Each target is that of four definitions, and never comes again.
            job.target = Self.target(index / 4)
            var state = DefinitionState()
            state.definition = job.encoded()
            pieces.share(&state)
            living.append(state)
            if living.count > 50 { living.removeFirst() }
            most = max(most, pieces.count)
        }
        #expect(most <= 2_100)
        #expect(most > 1_000, "nothing was shared")
    }

    /// What no compression makes smaller.
    private static func noise(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<65_535).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func even(_ index: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let length = Int.random(in: 0..<2_000, using: &random)
        return Array(repeating: UInt8(truncatingIfNeeded: index), count: length)
    }

    @Test(
        "a stage gives back its records, in order, and compresses what is alike",
        arguments: 0..<4 as Range<UInt64>)
    func stage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var stage = StagedRecords(7)
        var records: [[UInt8]] = []
        var byteCount = 0
        for index in 0..<3_000 {
            let isNoise = seed == 0 && index < 60
            let record = isNoise ? Self.noise(&random) : Self.even(index, &random)
            stage.append(record.span.bytes)
            records.append(record)
            byteCount += record.count
        }
        var next = 0
        try stage.forEach { record in
            let bytes = (0..<record.byteCount).map { place in
                record.unsafeLoad(fromByteOffset: place, as: UInt8.self)
            }
            #expect(bytes == records[next], "seed \(seed), record \(next)")
            next += 1
        }
        #expect(next == records.count, "seed \(seed)")
        #expect(stage.number == 7)
        if seed != 0 { #expect(stage.storedByteCount < byteCount / 2, "seed \(seed)") }
    }
}
