import Engine
import EventLog
import Events
import Projections
import Replay
import Timetable

/// How long questions about the past take, each kind beside its limit.
public struct HistoryBenchResult: Codable, Sendable {
    /// Milliseconds within which half, and 95 of 100, of the questions were answered.
    public struct Times: Codable, Sendable {
        /// Half of them.
        public var p50: Double
        /// 95 of 100.
        public var p95: Double
        /// The slowest.
        public var max: Double

        init(_ milliseconds: [Double]) {
            let sorted = milliseconds.sorted()
            func part(_ share: Double) -> Double {
                guard let last = sorted.indices.last else { return 0 }
                let value = sorted[min(Int(share * Double(sorted.count)), last)]
                return (value * 1_000).rounded() / 1_000
            }
            p50 = part(0.5)
            p95 = part(0.95)
            max = part(1)
        }
    }

    /// Records of the log.
    public var records: UInt64 = 0
    /// Sealed segments.
    public var segments = 0
    /// How many questions of each kind were asked.
    public var questions = 0
    /// The indexes opened, without anything in memory but the page cache, and one run found.
    public var firstQuestion = Times([])
    /// 1,000 records of one job before a random moment, newest first.
    public var jobRecords = Times([])
    /// The frames of those records read and taken apart, and nothing else.
    public var jobRecordsLimit = Times([])
    /// 1,000 runs of one job before a random moment.
    public var jobRuns = Times([])
    /// A run's whole life by its number.
    public var run = Times([])
    /// The frames of those records, likewise.
    public var runLimit = Times([])
    /// The same of the longest runs: a hundredth of ten times as many.
    public var longRun = Times([])
    /// The most segments that one of those runs reached over.
    public var longRunSegments = 0

    enum CodingKeys: String, CodingKey {
        case records, segments, questions
        case firstQuestion = "first_question_ms"
        case jobRecords = "job_1000_records_ms"
        case jobRecordsLimit = "job_1000_records_limit_ms"
        case jobRuns = "job_1000_runs_ms"
        case run = "run_by_number_ms"
        case runLimit = "run_by_number_limit_ms"
        case longRun = "long_run_by_number_ms"
        case longRunSegments = "long_run_segments"
    }
}

/// Asks random questions of the log in `folder`.
///
/// The segments' files are in the page cache where they fit. The indexes are kept open between
/// questions, as an engine keeps them.
/// - Parameter seed: the same questions for the same log.
public func benchHistory(
    folder: String, questions: Int, seed: UInt64
) throws -> HistoryBenchResult {
    var bench = try HistoryBench(folder, seed: seed)
    return try bench.run(questions)
}

/// Makes a log of about so many events in small segments, with runs that last for days, and seals
/// it.
///
/// - Returns: how many events there are.
public func makeHistoryLog(events: Int, folder: String, seed: UInt64) throws -> Int {
    var random = BenchRandom(seed: seed)
    var waiting: [(run: UInt64, attempt: UInt64)] = []
    var result = AttemptResult()
    result.isSuccess = true
    result.exitCode = 0
    result.durationMicroseconds = 1_250_000
    let success = result
    let configuration = LogConfiguration(segmentByteCount: 256 * 4_096)
    // Digests are not what is measured here, and would take most of the time.
    var settings = DecisionSettings()
    settings.digestInterval = 86_400_000_000
    var maker = try LogMaker.start(
        folder: folder, disk: RealDisk(),
        configuration: configuration, settings: settings,
        now: 1_767_225_600_000_000, batchByteCount: 1 << 18, zones: try ZoneCatalog()
    ) { request in
        // Each hundredth is not over for a while.
        guard random.next() % 100 == 0 else { return success }
        waiting.append((request.run, request.attempt))
        return nil
    }
    var input = ConfigurationInput()
    input.definitions = historyDefinitions()
    input.commit = "0123456789abcdef0123456789abcdef01234567"
    try maker.handle(.applyConfiguration(input))
    while maker.eventCount < events {
        try maker.advance(to: maker.now + 3_600_000_000, eventsMax: events)
        // Some 20 of these are open at a time, for hours or for days.
        while waiting.count > 20 {
            let place = Int(random.next() % 10)
            let ended = waiting.remove(at: place)
            try maker.end(run: ended.run, attempt: ended.attempt, success)
        }
    }
    let count = maker.eventCount
    try maker.close()
    _ = try LogStore.sealAll(
        folder: folder, disk: RealDisk(), configuration: configuration,
        vocabulary: EventVocabulary())
    return count
}

private func historyDefinitions() -> [ScheduleDefinition] {
    let cadences = ["*/5 * * * *", "*/15 * * * *", "7 * * * *", "30 3 * * *"]
    return (0..<200).map { index in
        var definition = ScheduleDefinition()
        definition.jobId = "job-\(1_000 + index)"
        definition.description = "moves the files of one partner"
        definition.isEnabled = true
        definition.cadence = cadences[index % cadences.count]
        definition.zone = "UTC"
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/usr/bin/true"]
        definition.target = target
        definition.catchUp = "latest"
        definition.overlap = "allowAll"
        definition.source = "config"
        return definition
    }
}

/// Questions under way.
private struct HistoryBench {
    /// A record at a random place.
    private struct Sample {
        var tenant = ""
        var jobId = ""
        var run: UInt64 = 0
        var time: Int64 = 0
    }

    private let data: DataFolder
    private let history: History
    private var index: LogIndex
    private var random: BenchRandom
    private let clock = ContinuousClock()

    init(_ folder: String, seed: UInt64) throws {
        // As an engine's API reads: the unsealed end only as far as it is proved durable.
        data = DataFolder(path: folder, disk: RealDisk(), trust: .provedDurable)
        history = History(data)
        index = try LogIndex.open(
            folder: folder, disk: RealDisk(), vocabulary: EventVocabulary(),
            trust: .provedDurable)
        random = BenchRandom(seed: seed)
        if index.segmentCount == 0 {
            throw BenchFailure(
                description: "no segment in \(folder) is sealed; `daybook log seal` seals them")
        }
    }

    mutating func run(_ questions: Int) throws -> HistoryBenchResult {
        var result = HistoryBenchResult()
        result.records = index.end.rawValue - index.start.rawValue
        result.segments = index.segmentCount
        result.questions = questions
        let samples = try samples(questions)
        result.firstQuestion = .init(
            try samples.prefix(5).map { sample in
                try milliseconds { _ = try History(data).life(of: sample.run) }
            })
        // Both ends of all indexes are read once, as an engine has them after its first questions.
        if let first = samples.first { _ = try history.life(of: first.run) }
        try askJobs(samples, &result)
        try askRuns(samples, &result)
        return result
    }

    private mutating func askJobs(
        _ samples: [Sample], _ result: inout HistoryBenchResult
    ) throws {
        var (records, limits, runs): ([Double], [Double], [Double]) = ([], [], [])
        for sample in samples {
            var query = History.EventQuery(
                key: EventVocabulary.key(tenant: sample.tenant, jobId: sample.jobId))
            query.to = sample.time
            query.limit = 1_000
            var found: [UInt64] = []
            records.append(
                try milliseconds {
                    found = try history.events(query).events.map(\.envelope.sequence)
                })
            limits.append(try limit(found))
            var wanted = History.Query()
            wanted.tenant = sample.tenant
            wanted.jobId = sample.jobId
            wanted.to = sample.time
            wanted.limit = 1_000
            let query2 = wanted
            runs.append(try milliseconds { _ = try history.runs(query2) })
        }
        result.jobRecords = .init(records)
        result.jobRecordsLimit = .init(limits)
        result.jobRuns = .init(runs)
    }

    private mutating func askRuns(
        _ samples: [Sample], _ result: inout HistoryBenchResult
    ) throws {
        var (times, limits): ([Double], [Double]) = ([], [])
        for sample in samples {
            var found: [UInt64] = []
            times.append(
                try milliseconds {
                    found = try history.life(of: sample.run).events.map(\.envelope.sequence)
                })
            limits.append(try limit(found))
        }
        result.run = .init(times)
        result.runLimit = .init(limits)
        try askLongRuns(samples.count, &result)
    }

    /// The longest of many runs: those that reach over the most segments.
    private mutating func askLongRuns(
        _ count: Int, _ result: inout HistoryBenchResult
    ) throws {
        var spans: [UInt64: Int] = [:]
        for sample in try samples(count * 10) {
            let found = try index.sequences(
                ofKey: EventVocabulary.key(run: sample.run), since: SequenceNumber(sample.run),
                in: SequenceNumber(sample.run)..<index.end)
            guard let first = found.first, let last = found.last else { continue }
            spans[sample.run] = index.segmentCount(from: first, through: last)
        }
        let long = spans.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
            .prefix(max(count / 10, 5))
        result.longRun = .init(
            try long.map { run in
                try milliseconds { _ = try history.life(of: run.key) }
            })
        result.longRunSegments = long.first?.value ?? 0
    }

    /// The frames of these records read, and each record touched.
    private mutating func limit(_ sequences: [UInt64]) throws -> Double {
        var bytes = 0
        let start = clock.now
        try index.forEachRecord(
            at: sequences.map { SequenceNumber($0) }, mapping: { $0 }
        ) { (_, record) throws(EventLogError) in
            bytes += record.byteCount
        }
        let time = start.duration(to: clock.now) / .milliseconds(1)
        return bytes >= 0 ? time : 0
    }

    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = clock.now
        try body()
        return start.duration(to: clock.now) / .milliseconds(1)
    }

    /// Records of runs at random places.
    private mutating func samples(_ count: Int) throws -> [Sample] {
        var found: [Sample] = []
        let size = index.end.rawValue - index.start.rawValue
        for _ in 0..<(count * 20) where found.count < count {
            let sequence = SequenceNumber(index.start.rawValue + random.next() % max(size, 1))
            var sample: Sample?
            try index.forEachRecord(at: [sequence], mapping: { $0 }) {
                (_, record) throws(EventLogError) in
                sample = Self.sample(record)
            }
            if let sample { found.append(sample) }
        }
        guard found.count == count else {
            throw BenchFailure(description: "\(data.path) holds too few events of runs")
        }
        return found
    }

    private static func sample(_ record: RawSpan) -> Sample? {
        guard let fields = try? EventFields(record) else { return nil }
        let view = fields.view
        guard let type = view.type,
            (EventType.runDue.rawValue...EventType.runCancelled.rawValue).contains(type.rawValue)
        else { return nil }
        var sample = Sample()
        sample.tenant = (try? view.tenant) ?? ""
        sample.jobId = (try? view.text(2)) ?? ""
        sample.run = view.uint(1)
        sample.time = view.time
        return sample.run == 0 ? nil : sample
    }
}
