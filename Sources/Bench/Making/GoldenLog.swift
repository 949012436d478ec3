import Engine
import EventLog
import Events
import Projections
import Timetable

/// The golden log of the present format: every event type there is, in a day and a half around a
/// change of clocks, in three lives of an engine.
///
/// What an engine decides, the engine's core decides here too; what it does not write by itself
/// (a run put off, lost records, another release of zone data) is written by hand in between.
struct GoldenLog: ~Copyable {
    private static let signerSeed = [UInt8](repeating: 7, count: 32)
    static let who = Authority(actor: "user:anna", ticket: "CHG-1", request: "request-1")

    private let folder: String
    private let disk: any Disk
    let world: GoldenWorld
    private let signer: NoteSigner
    private let zoneData: String
    var log: LogMaker

    /// Writes the log into a folder.
    static func write(to folder: String, disk: any Disk) throws {
        let zones = try ZoneCatalog()
        let sources = LogSources(
            nowMicroseconds: { 1_774_735_800_000_000 },
            newIdentity: {
                LogIdentity(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)
            }, holder: "golden")
        let place = LogPlace(
            folder: folder, disk: disk,
            configuration: LogConfiguration(segmentByteCount: 16 * 4_096), sources: sources)
        let world = GoldenWorld()
        var settings = DecisionSettings()
        settings.aliveInterval = 3_600_000_000
        settings.digestInterval = 3 * 3_600_000_000
        settings.controlNumbers = controlNumberRules
        settings.fourEyes = ["declare-blackout"]
        let log = try LogMaker.start(
            try DirectSink(place), settings: settings, now: try moment("2026-03-28T22:10:00Z"),
            batchByteCount: 8_192, zones: zones, world: { effect, _ in world.react(effect) })
        let signer = try NoteSigner(
            name: try KeyName("golden.example/daybook"), kind: .log, seed: signerSeed)
        var golden = GoldenLog(folder, disk, world, signer, zones.version, log)
        try golden.firstLife()
        try golden.secondLife()
        try golden.thirdLife()
        try golden.log.close()
    }

    private init(
        _ folder: String, _ disk: any Disk, _ world: GoldenWorld, _ signer: NoteSigner,
        _ zoneData: String, _ log: consuming LogMaker
    ) {
        self.folder = folder
        self.disk = disk
        self.world = world
        self.signer = signer
        self.zoneData = zoneData
        self.log = log
    }

    static func moment(_ text: String) throws -> Int64 {
        try Instant(parsing: text).microseconds
    }

    static func key(_ jobId: String) -> ScheduleKey { ScheduleKey("default", jobId) }

    mutating func advance(_ text: String) throws { try log.advance(to: Self.moment(text)) }

    // MARK: the first life: a Saturday night

    private mutating func firstLife() throws {
        try log.handle(.checkpointKeyChanged(signer.verifierKey.text))
        try log.handle(.applyConfiguration(GoldenSchedules.first))
        world.plans["claims-load"] = [.fails, .fails]
        world.plans["gateway"] = [.isSilent]
        world.answers = ["WAIT"]
        try advance("2026-03-28T22:53:00Z")
        try callBack()
        let dead = log.core.state.deadRuns.sorted().first { $0.jobId == "claims-load" }?.run
        try log.handle(.requeue(run: dead ?? 0, reason: "the input is mended", Self.who))
        try advance("2026-03-28T23:12:00Z")
        try log.handle(.pause(Self.key("claims-export"), reason: "maintenance", Self.who))
        try advance("2026-03-28T23:40:00Z")
        try log.handle(.resume(Self.key("claims-export"), reason: "it is over", Self.who))
        try cancelled()
        try ofTheLog()
        try advance("2026-03-28T23:55:00Z")
        try log.handle(.applyConfiguration(GoldenSchedules.second))
        try advance("2026-03-29T00:10:00Z")
        try log.handle(.drain)
        try log.handle(.stop(reason: "SIGTERM"))
    }

    /// A run that starts late, misses its SLA, and is completed twice.
    private mutating func callBack() throws {
        let run = world.last["gateway"]?.run ?? 0
        try log.handle(.accepted(run: run, attempt: 1))
        try advance("2026-03-28T22:57:00Z")
        let worker = Authority(actor: "worker:gateway")
        for _ in 0..<2 {
            try log.handle(
                .complete(
                    run: run, attempt: 1, GoldenWorld.success(isProcess: false), worker))
        }
    }

    /// A run by hand that a person ends.
    private mutating func cancelled() throws {
        world.plans["claims-export"] = [.runs]
        let reply = try log.handle(
            .runNow(Self.key("claims-export"), scheduled: nil, reason: "a test", Self.who))
        let run = reply.run ?? 0
        try advance("2026-03-28T23:45:00Z")
        try log.handle(.cancel(run: run, reason: "a mistake", Self.who))
        var result = AttemptResult()
        result.failureClass = "signal"
        result.message = "the program was ended by SIGTERM"
        try log.end(run: run, attempt: 1, result)
    }

    /// What the log says of itself.
    private mutating func ofTheLog() throws {
        let now = log.now
        try log.handle(.clockStepped(kind: "back", expected: now, seen: now - 5_000_000))
        try log.handle(.spaceChanged(space: "low", free: 900 << 20, wanted: 1 << 30))
        try log.handle(.spaceChanged(space: "ample", free: 4 << 30, wanted: 1 << 30))
        var scrub = ScrubCompleted()
        scrub.segmentCount = 2
        scrub.byteCount = 60_000
        scrub.recordCount = 200
        scrub.milliseconds = 12
        try log.handle(.scrubCompleted(scrub))
        let head = try log.settle()
        let checkpoint = Checkpoint(
            origin: signer.verifierKey.name, size: head.size, root: head.root)
        let store = CheckpointStore(folder: folder, disk: disk)
        try store.addKey(signer.verifierKey)
        try store.add(CheckpointNote(checkpoint, signer: signer))
        var signed = CheckpointSigned()
        signed.treeSize = head.size
        signed.root = head.root.bytes
        signed.origin = "\(checkpoint.origin)"
        signed.keyId = String(signer.verifierKey.id, radix: 16)
        signed.reason = "schedule"
        try log.handle(.checkpointSigned(signed))
    }

    // MARK: the second life, on Monday: what was missed

    private mutating func secondLife() throws {
        var changed = ZoneDataChanged()
        changed.before = zoneData
        changed.after = "1999z"
        changed.hash = "0"
        let held = log.core.state.openRuns.sorted().first { $0.jobId == "after-yearly" }
        var deferred = RunDeferred()
        deferred.run = held?.run ?? 0
        deferred.jobId = "after-yearly"
        deferred.until = try Self.moment("2026-03-30T01:45:00Z")
        deferred.reason = "blackout"
        var torn = EngineRecovered()
        torn.verdict = "torn"
        torn.segment = "00000000000000000000.log"
        torn.offset = 40_960
        torn.byteCount = 4_096
        torn.quarantine = "quarantine/00000000000000000000.log.40960"
        try log.restart(
            at: Self.moment("2026-03-30T01:40:00Z"), recovered: [torn],
            between: [changed, deferred])
        try advance("2026-03-30T03:10:00Z")
        world.plans["claims-load"] = [.runs]
        try advance("2026-03-30T03:20:00Z")
    }

    // MARK: the third life, after a crash; it does not end

    private mutating func thirdLife() throws {
        var lost = LossAccepted()
        lost.ordinal = 1
        lost.firstLost = log.core.state.nextSequence
        lost.lastLost = lost.firstLost
        lost.detail = "written by hand: nothing was lost"
        try log.restart(at: Self.moment("2026-03-30T03:25:00Z"), between: [lost])
        world.plans["claims-load"] = [.fails, .fails, .runs]
        world.plans["claims-export"] = [.isSilent]
        world.failsToTell = true
        try advance("2026-03-30T05:17:00Z")
        let until = try Self.moment("2026-03-30T09:00:00Z")
        try log.handle(
            .pause(Self.key("claims-report"), until: until, reason: "an audit", Self.who))
        try acts()
        try advance("2026-03-30T05:31:00Z")
        try approvals()
        try customers()
        try workers()
        try controlNumbers()
        try foresight()
        try exchange()
    }

    /// What people do to alerts, to single occurrences and to a stretch of the past.
    private mutating func acts() throws {
        let alert = log.core.state.alerts.sorted().first { $0.acknowledgedAt == 0 }?.alert ?? 0
        try log.handle(.acknowledge(alert: alert, reason: "it is looked at", Self.who))
        try log.handle(.skipNext(Self.key("claims-export"), reason: "no claims", Self.who))
        try log.handle(
            .moveNext(
                Self.key("payments"), to: Self.moment("2026-03-30T05:25:00Z"),
                reason: "the bank closes early", Self.who))
        let stretch = BackfillStretch(
            from: try Self.moment("2026-03-29T02:00:00Z"),
            through: try Self.moment("2026-03-29T04:00:00Z"))
        try log.handle(
            .backfill(Self.key("heartbeat"), stretch, reason: "a gap", Self.who))
    }
}
