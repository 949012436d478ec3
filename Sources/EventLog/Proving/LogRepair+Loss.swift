extension LogRepair {
    /// What a loss is accepted with.
    public struct LossOptions: Sendable {
        /// The sizes of the log that goes on.
        public var configuration = LogConfiguration()
        /// Time, and a name for the lock.
        public var sources = LogSources.system
        /// What says how much was durable beside checkpoints, tiles, footers and indexes:
        /// snapshots.
        public var evidence: [DurabilityClaim] = []
        /// What gives a sealed segment that is cut the times of its records.
        public var vocabulary: any RecordVocabulary = NoVocabulary()

        /// The usual sizes and sources, no evidence.
        public init() {}
    }

    /// Keeps the longest valid beginning of the whole log, and goes on behind it: `daybook log
    /// repair --cut`.
    ///
    /// What stands behind it goes to `quarantine/`, checkpoints of more records to
    /// `checkpoints/superseded/`. The log's next record, which `record` makes from the facts, says
    /// what was lost. It is durable in the same instant as the log can be opened again: the segment
    /// that holds it gets its name before the last bad byte goes. Run again after a crash it goes
    /// on where it stopped, with the same record.
    ///
    /// Blocks: it reads every segment, copies, and syncs. The steps: the plan, durable
    /// (`quarantine/loss.plan`); copies of what will be replaced; the new segment (zeros, header,
    /// mark, record, mark, `fdatasync`, read back, `rename`, `fsync` of the folder); checkpoints,
    /// indexes, tiles and snapshots that speak of more (`rename`, `fsync`); the segment that is
    /// cut, made anew and renamed over itself; the segments behind (`rename`, `fsync`); last the
    /// plan gets another name.
    /// - Parameter record: the record's bytes; called once, before anything is changed.
    /// - Throws: `locked`; `sequenceAbsent` where nothing is lost, or nothing is there to be cut
    ///   (then `acceptLoss` is the way); `foreignOrMissing` where the log's beginning is gone;
    ///   `recordTooLarge`; what `record` throws: nothing was changed. `inputOutput`, `noSpace`: run
    ///   it again.
    public static func cut(
        folder: String, disk: any Disk, options: LossOptions = LossOptions(),
        record: (LossFacts) throws(EventLogError) -> [UInt8]
    ) throws(EventLogError) -> RepairReport {
        try lose(folder, disk, options, isCut: true, record)
    }

    /// Goes on behind the last record where more was durable and is gone: `daybook log
    /// accept-loss`.
    ///
    /// As `cut`, where nothing is there to be cut: the last segments, or the last batches, are gone
    /// as if they had never been, and only checkpoints, tiles, indexes, footers or the evidence
    /// tell of them.
    /// - Throws: `locked`; `damaged` where something readable would have to be set aside (then
    ///   `cut` is the way); `sequenceAbsent` where nothing is lost; and as `cut`.
    public static func acceptLoss(
        folder: String, disk: any Disk, options: LossOptions = LossOptions(),
        record: (LossFacts) throws(EventLogError) -> [UInt8]
    ) throws(EventLogError) -> RepairReport {
        try lose(folder, disk, options, isCut: false, record)
    }

    private static func lose(
        _ folder: String, _ disk: any Disk, _ options: LossOptions, isCut: Bool,
        _ record: (LossFacts) throws(EventLogError) -> [UInt8]
    ) throws(EventLogError) -> RepairReport {
        try options.configuration.check()
        let paths = LogPaths(data: folder)
        return try locked(paths, disk, holder: options.sources.holder) {
            () throws(EventLogError) in
            let plan: LossPlan
            if try unfinished(folder: folder, disk: disk) != nil {
                plan = try standingPlan(paths, disk)
            } else {
                plan = try newPlan(paths, disk, options, isCut: isCut, record)
                do throws(DiskError) {
                    try disk.replaceFile(
                        LossPlan.name, in: paths.quarantine, via: "loss.making",
                        with: plan.encoded)
                } catch { throw EventLogError(disk: error) }
            }
            var carrying = LossCarrying(
                paths: paths, disk: disk, plan: plan, vocabulary: options.vocabulary)
            var report = try carrying.run()
            report.after = try LogInspection.inspect(
                folder: folder, disk: disk, scope: .lastSegment,
                evidence: try claims(paths, disk, []))
            return report
        }
    }

    private static func standingPlan(
        _ paths: LogPaths, _ disk: any Disk
    ) throws(EventLogError) -> LossPlan {
        do throws(DiskError) {
            let bytes = try disk.contents(
                of: paths.lossPlan, byteCountMax: LossPlan.byteCountMax)
            if let plan = bytes.flatMap({ LossPlan($0) }) { return plan }
        } catch { throw EventLogError(disk: error) }
        throw .derivedDamaged("it is no plan of a cut", path: paths.lossPlan)
    }

    private static func newPlan(
        _ paths: LogPaths, _ disk: any Disk, _ options: LossOptions, isCut: Bool,
        _ record: (LossFacts) throws(EventLogError) -> [UInt8]
    ) throws(EventLogError) -> LossPlan {
        let survey = LossSurvey(
            paths: paths, disk: disk, sources: options.sources,
            claims: try claims(paths, disk, options.evidence))
        let found = try survey.run()
        if isCut, !found.isCutNeeded {
            throw EventLogError(
                .sequenceAbsent,
                "there is nothing to cut: \(found.detail). Run "
                    + "`daybook log accept-loss --data \(paths.data) --ticket T`.")
        }
        if !isCut, found.isCutNeeded {
            throw EventLogError(
                .damaged,
                "\(found.detail). Something that can be read would be set aside: run `daybook log "
                    + "repair --data \(paths.data) --cut --ticket T`.",
                segment: found.all.first?.paths.first)
        }
        let blocks = 4 * LogFormat.blockByteCount
        var plan = try survey.plan(
            for: found, segmentByteCount: options.configuration.segmentByteCount)
        plan.record = try record(plan.facts)
        guard plan.record.count <= LogFormat.recordByteCountMax else {
            throw .recordTooLarge(byteCount: UInt64(plan.record.count), index: 0)
        }
        // However small the segments: this one holds the record between two marks.
        plan.header.fileByteCount = max(
            plan.header.fileByteCount, blocks + LogFormat.roundUp(plan.record.count + 1_024))
        return plan
    }
}
