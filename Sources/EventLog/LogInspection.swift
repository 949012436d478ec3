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

    /// How often a folder that changes meanwhile is looked at again.
    private static let attemptsMax = 20

    static func judge(
        _ paths: LogPaths, disk: any Disk, scope: LogConfiguration.RecoveryScope,
        evidence: [DurabilityClaim]
    ) throws(EventLogError) -> Judgement {
        var listed: [String]?
        var attempts = 0
        while true {
            attempts += 1
            do throws(DiskError) {
                let entries = try disk.list(paths.log) ?? []
                // A segment that is sealed, or rolled, beside us goes by another name a moment
                // later: the same listing twice means that a file is really not there.
                let isSettled = entries == listed
                listed = entries
                do throws(DiskError) {
                    var judge = LogJudge(paths: paths, disk: disk, evidence: evidence)
                    return try judge.judge(entries, scope: scope)
                } catch {
                    let isOver = isSettled || attempts >= Self.attemptsMax
                    if isOver || error.errno != .noSuchFileOrDirectory { throw error }
                }
            } catch {
                throw EventLogError(disk: error)
            }
        }
    }
}
