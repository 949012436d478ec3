import Bench
import DaybookTestSupport
import Engine
import EventLog
import Events
import Foundation
import Projections
import Replay
import Synchronization
import Testing

/// Run records on a disk that crashes, and into a world that may keep what it does not acknowledge.
@Suite("Run records through crashes")
struct RunRecordCrashTests {
    private static let folder = "/data"

    /// A log of some days, and the lines that the command makes of it.
    private struct Made {
        let disk: SimulatedDisk
        let log: LogIdentity
        let end: UInt64
        let lines: [String]
    }

    private func make(_ random: inout SeededGenerator) throws -> Made {
        let disk = SimulatedDisk()
        var plan = MakeLogPlan()
        plan.days = Int.random(in: 1...4, using: &random)
        plan.operationsPerDay = Int.random(in: 60...400, using: &random)
        plan.seed = random.next()
        plan.segmentByteCount = 1 << 20
        plan.isSealing = Bool.random(using: &random)
        let made = try makeLog(plan, folder: Self.folder, disk: disk)
        var lines: [String] = []
        let data = DataFolder(path: Self.folder, disk: disk, trust: .everything)
        _ = try RunRecords.run(data, RunRecords.Range()) { line in
            lines.append(line)
            return true
        }
        var audit = LogAudit()
        try audit.read(disk, folder: Self.folder)
        try audit.check()
        #expect(lines.count >= audit.statuses.values.reduce(0, +))
        let log = try LogReader.open(folder: Self.folder, disk: disk, trust: .everything).identity
        return Made(disk: disk, log: log, end: UInt64(made.events), lines: lines)
    }

    private func pump(
        _ made: Made, _ sink: any RecordSink, _ random: inout SeededGenerator
    ) -> RecordPump {
        let source = RecordPump.Source(
            log: made.log, folder: Self.folder, disk: made.disk, trust: .everything, end: made.end)
        return RecordPump(
            source, sink: sink, lineCountMax: Int.random(in: 1...200, using: &random))
    }

    /// One life of a keeper: so many steps, or to the end.
    ///
    /// - Returns: whether it came to the end.
    private func live(_ pump: RecordPump, steps: Int) throws -> Bool {
        for _ in 0..<steps where try pump.step() == .idle {
            try pump.finish()
            return true
        }
        return false
    }

    @Test(
        "The files have each terminal event once, in order, wherever it crashes", arguments: 0..<6)
    func files(_ number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let made = try make(&random)
        let folder = Self.folder + "/records"
        let what = Comment("seed \(seed)")
        var lives = 0
        var isDone = false
        while !isDone {
            lives += 1
            // Later lives are longer, so that it comes to an end.
            let reach = 30 + 40 * lives
            let isFailing = Int.random(in: 0..<4, using: &random) > 0
            if isFailing {
                made.disk.failCall(
                    Int.random(in: 1...reach, using: &random),
                    Bool.random(using: &random) ? .before : .after)
            }
            let pump = pump(made, RecordFileSink(folder: folder, disk: made.disk), &random)
            let steps = isFailing ? Int.max : Int.random(in: 0...reach, using: &random)
            do {
                isDone = try live(pump, steps: steps)
            } catch {
                // A third goes on after the failure, as the keeper does; the others crash there.
                if number % 3 == 0 { isDone = try live(pump, steps: reach) }
            }
            made.disk.heal()
            if Bool.random(using: &random) {
                made.disk.crash(using: &random)
            } else {
                made.disk.killProcess()
            }
            #expect(lives < 10_000, what)
        }
        // Once more: everything is there, so nothing is added.
        let last = pump(made, RecordFileSink(folder: folder, disk: made.disk), &random)
        #expect(try live(last, steps: .max), what)
        #expect(last.remark == nil, what)
        let names = made.disk.paths.filter { $0.hasSuffix(".jsonl") }.sorted()
        #expect(names.count >= 1, what)
        var found: [String] = []
        for name in names {
            let text = String(decoding: made.disk.contents(of: name) ?? [], as: UTF8.self)
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines.allSatisfy { $0.contains("\"completed\":\"\(Self.day(of: name))T") })
            found += lines
        }
        #expect(found == made.lines, "seed \(seed), \(lives) lives")
    }

    private static func day(of path: String) -> Substring {
        path.dropLast(".jsonl".count).suffix(10)
    }

    /// A collector: keeps what it takes, and sometimes fails after it took some.
    private struct World: RecordSink {
        final class Kept: Sendable {
            let lines = Mutex<[String]>([])
            let random: Mutex<SeededGenerator>
            init(_ seed: UInt64) { random = Mutex(SeededGenerator(seed: seed)) }
        }

        let kept: Kept
        let name = "http"
        let isExact = false

        mutating func begin(log: LogIdentity) -> UInt64? { nil }
        mutating func end() {}

        mutating func write(
            _ lines: [OutgoingLine], givesUp: @escaping @Sendable () -> Bool
        ) throws(RecordFailure) {
            let (fate, taken) = kept.random.withLock { random in
                (
                    Int.random(in: 0..<6, using: &random),
                    Int.random(in: 0...lines.count, using: &random)
                )
            }
            if fate == 0 { throw RecordFailure("refused", mayHaveArrived: false) }
            let count = fate == 1 ? taken : lines.count
            kept.lines.withLock { known in
                known += lines.prefix(count).map {
                    String(decoding: $0.bytes.dropLast(), as: UTF8.self)
                }
            }
            if fate <= 2 { throw RecordFailure("no answer", mayHaveArrived: true) }
        }
    }

    @Test("A collector gets each line, in order, and each that it gets again is marked")
    func collector() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let made = try make(&random)
        let world = World.Kept(random.next())
        var isDone = false
        var lives = 0
        while !isDone {
            lives += 1
            let pump = pump(made, World(kept: world), &random)
            var steps = Int.random(in: 0...(20 * lives), using: &random)
            if Bool.random(using: &random) {
                made.disk.failCall(Int.random(in: 1...(60 * lives), using: &random), .after)
            }
            while steps > 0 && !isDone {
                steps -= 1
                do {
                    isDone = try live(pump, steps: 1)
                } catch is RecordFailure {
                    continue  // it is tried again
                } catch {
                    break
                }
            }
            made.disk.heal()
            if !isDone { made.disk.crash(using: &random) }
            #expect(lives < 10_000, "seed \(seed)")
        }
        let mark = ",\"redelivered\":true}"
        var firsts: [String] = []
        var seen: Set<String> = []
        for line in world.lines.withLock({ $0 }) {
            let isMarked = line.hasSuffix(mark)
            let plain = isMarked ? line.dropLast(mark.count) + "}" : line
            if seen.insert(plain).inserted {
                firsts.append(plain)
            } else {
                #expect(isMarked, "seed \(seed): a line came again without a mark: \(line)")
            }
        }
        #expect(firsts == made.lines, "seed \(seed), \(lives) lives")
    }

    @Test("A range has the lines of the whole, whole; positions that are damaged cost only marks")
    func ranges() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let made = try make(&random)
        let data = DataFolder(path: Self.folder, disk: made.disk, trust: .everything)
        for _ in 0..<10 {
            var range = RunRecords.Range()
            let first = UInt64.random(in: 0..<made.end, using: &random)
            let last = UInt64.random(in: first..<made.end, using: &random)
            (range.firstSequence, range.lastSequence) = (first, last)
            var lines: [String] = []
            _ = try RunRecords.run(data, range) { line in
                lines.append(line)
                return true
            }
            let expected = made.lines.filter { line in
                let place = RunRecordLine.place(in: Array(line.utf8))
                return place.map { (first...last).contains($0.sequence) } ?? false
            }
            #expect(lines == expected, "seed \(seed), \(first) to \(last)")
        }
        let world = World.Kept(random.next())
        try toEnd(made, world, &random)
        let path = Self.folder + "/records/position-http"
        let before = world.lines.withLock { $0.count }
        made.disk.flipBit(2, at: 40, of: path)
        let again = try toEnd(made, world, &random)
        #expect(again.remark?.contains("damaged") == true)
        let marked = world.lines.withLock { $0.dropFirst(before) }
        #expect(Set(marked).count == made.lines.count, "seed \(seed)")
        #expect(marked.allSatisfy { $0.hasSuffix("\"redelivered\":true}") }, "seed \(seed)")
    }

    @discardableResult
    private func toEnd(
        _ made: Made, _ world: World.Kept, _ random: inout SeededGenerator
    ) throws -> RecordPump {
        let pump = pump(made, World(kept: world), &random)
        while true {
            do {
                if try live(pump, steps: 1) { return pump }
            } catch is RecordFailure { continue }
        }
    }

    @Test("A file that lost its end gets it again; one that is not ours is left alone and named")
    func lostEnds() throws {
        var random = SeededGenerator(seed: 7)
        let made = try make(&random)
        let folder = Self.folder + "/records"
        func run() throws {
            let pump = pump(made, RecordFileSink(folder: folder, disk: made.disk), &random)
            #expect(try live(pump, steps: .max))
        }
        try run()
        let path = try #require(made.disk.paths.last { $0.hasSuffix(".jsonl") })
        let whole = try #require(made.disk.contents(of: path))
        // Half of it is gone, in the middle of a line, and the position says that it was there.
        made.disk.setContents(of: path, Array(whole.prefix(whole.count / 2)))
        try run()
        #expect(made.disk.contents(of: path) == whole)
        // A page of zeros within the last write.
        var torn = whole
        for index in max(0, torn.count - 900)..<max(0, torn.count - 500) { torn[index] = 0 }
        made.disk.setContents(of: path, torn)
        try run()
        #expect(made.disk.contents(of: path) == whole)
        // Something else, and much of it.
        let other = [UInt8](repeating: UInt8(ascii: "x"), count: 5 << 20)
        made.disk.setContents(of: path, other)
        let error = #expect(throws: EngineSetupError.self) { try run() }
        #expect(error?.description.contains(path) == true)
        #expect(made.disk.contents(of: path) == other)
    }
}
