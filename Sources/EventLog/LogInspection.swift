/// Judges a log: what recovery would do, and whether it may.
///
/// Changes nothing.
public enum LogInspection {
    /// Judges the log in a data folder.
    ///
    /// It needs no lock; beside a running engine, what is being written may look torn.
    /// - Throws: `noLog` where there is none, and errors of listing or opening.
    public static func inspect(
        folder: String, disk: any Disk, scope: LogConfiguration.RecoveryScope = .everySegment,
        evidence: [DurabilityClaim] = []
    ) throws(EventLogError) -> RecoveryReport {
        let paths = LogPaths(data: folder)
        let names: [SequenceNumber]?
        do throws(DiskError) { names = try paths.segments(on: disk) } catch {
            throw EventLogError(disk: error)
        }
        guard names != nil else { throw .noLog(folder: folder) }
        return try judge(paths, disk: disk, scope: scope, evidence: evidence).report
    }

    /// A judgement, and what an opening needs to act on it.
    struct Judgement {
        var report: RecoveryReport
        /// The segment to go on in; nil where there is none, or where opening is refused.
        var last: SegmentScan?
        /// A segment of which only the name exists, to be set aside whole.
        var tornRoll: SequenceNumber?
    }

    static func judge(
        _ paths: LogPaths, disk: any Disk, scope: LogConfiguration.RecoveryScope,
        evidence: [DurabilityClaim]
    ) throws(EventLogError) -> Judgement {
        do throws(DiskError) {
            var judge = LogJudge(paths: paths, disk: disk, evidence: evidence)
            return try judge.judge(try disk.list(paths.log) ?? [], scope: scope)
        } catch {
            throw EventLogError(disk: error)
        }
    }
}
