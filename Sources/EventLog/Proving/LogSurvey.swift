/// Every segment of a folder, read whole, in each form that stands there.
struct LogSurvey: Sendable {
    /// What was found of one segment.
    struct Segment: Sendable {
        let name: SequenceNumber
        /// The paths of its forms.
        var paths: [String] = []
        /// The form that counts.
        ///
        /// A good one, the active one first; else the one that is good furthest. Nil where not
        /// even the beginning of one can be read.
        var best: SurveyedSegment?
        /// Whether a good sealed form stands there, alone or beside an active one.
        var hasGoodSealed = false
        /// Why nothing can be read.
        var unreadable = ""

        /// Why it is not good whole; a write that was cut off is no problem in the last one.
        func problem(isLast: Bool) -> String? {
            guard let best else { return unreadable }
            return best.problem ?? (isLast ? nil : best.torn)
        }

        /// Whether a form beside the best one is bad, and counts before it.
        var hasBadActive: Bool { best?.isSealed == true && paths.count == 2 }
    }

    /// Oldest first.
    let segments: [Segment]

    /// Reads the segments of a folder of segments.
    ///
    /// - Parameter log: the folder that they stand in.
    static func of(log: String, disk: any Disk) throws(EventLogError) -> LogSurvey {
        do throws(DiskError) {
            var segments: [Segment] = []
            for forms in SegmentForms.of(try disk.list(log) ?? []) {
                segments.append(try read(forms, log: log, disk: disk))
            }
            return LogSurvey(segments: segments)
        } catch { throw EventLogError(disk: error) }
    }

    static func read(
        _ forms: SegmentForms, log: String, disk: any Disk
    ) throws(DiskError) -> Segment {
        var segment = Segment(name: forms.name)
        let active = log + "/" + LogFormat.segmentName(forms.name)
        let sealed =
            log + "/" + LogFormat.segmentName(forms.name, suffix: LogFormat.sealedSuffix)
        for (path, isSealed) in [(active, false), (sealed, true)]
        where isSealed ? forms.hasSealed : forms.hasActive {
            segment.paths.append(path)
            switch try SurveyedSegment.read(forms.name, path: path, isSealed: isSealed, disk: disk)
            {
            case .failure(let problem): segment.unreadable = problem.detail
            case .success(let finding):
                if isSealed, finding.problem == nil { segment.hasGoodSealed = true }
                guard let best = segment.best else {
                    segment.best = finding
                    continue
                }
                let isWhole = finding.problem == nil
                let isBetter =
                    isWhole
                    ? best.problem != nil || best.endSequence < finding.endSequence
                    : best.problem != nil && best.endSequence < finding.endSequence
                if isBetter { segment.best = finding }
            }
        }
        return segment
    }

    /// Why `next` does not continue what ends so; nil where it does.
    static func seam(_ end: SurveyedSegment, _ next: SurveyedSegment) -> String? {
        if next.header.identity != end.header.identity {
            return "it is of another log, \(next.header.identity)"
        }
        if next.header.firstSequence != end.endSequence {
            return "the segment before it ends before sequence \(end.endSequence), and this one "
                + "starts with \(next.header.firstSequence)"
        }
        if next.header.frontier != end.frontier {
            return "its tree is not that of the records before it"
        }
        return next.header.term < end.term ? "its term \(next.header.term) steps back" : nil
    }

    /// The valid indexes of segments from `first` on: each says that its segment was sealed, so
    /// that another one followed.
    static func indexes(
        from first: SequenceNumber, _ identity: LogIdentity?, _ paths: LogPaths, _ disk: any Disk
    ) throws(EventLogError) -> [SegmentIndex] {
        var found: [SegmentIndex] = []
        do throws(DiskError) {
            for entry in try disk.list(paths.log) ?? [] {
                let name = LogFormat.firstSequence(
                    ofSegmentNamed: entry, suffix: LogFormat.indexSuffix)
                guard let name, name >= first,
                    case .success(let index)? = try SegmentIndex.read(
                        name, paths: paths, disk: disk),
                    index.identity == identity ?? index.identity
                else { continue }
                found.append(index)
            }
        } catch { throw EventLogError(disk: error) }
        return found
    }
}
