/// The places of a data folder that the log uses.
struct LogPaths: Sendable, Hashable {
    let data: String

    var lock: String { data + "/LOCK" }
    var log: String { data + "/log" }
    var quarantine: String { data + "/quarantine" }
    var preparing: String { log + "/" + LogFormat.preparingName }

    func segment(_ first: SequenceNumber) -> String { log + "/" + LogFormat.segmentName(first) }

    /// The sealed form of a segment.
    func sealed(_ first: SequenceNumber) -> String { path(first, LogFormat.sealedSuffix) }

    /// A sealed segment while it is made.
    func sealing(_ first: SequenceNumber) -> String { path(first, LogFormat.sealingSuffix) }

    /// The index of a sealed segment.
    func index(_ first: SequenceNumber) -> String { path(first, LogFormat.indexSuffix) }

    /// An index while it is made.
    func indexing(_ first: SequenceNumber) -> String { path(first, LogFormat.indexingSuffix) }

    private func path(_ first: SequenceNumber, _ suffix: String) -> String {
        log + "/" + LogFormat.segmentName(first, suffix: suffix)
    }

    /// The folder that a path stands in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether a segment stands there, in either form.
    func hasSegment(_ first: SequenceNumber, on disk: any Disk) throws(DiskError) -> Bool {
        if try disk.hasFile(segment(first)) { return true }
        return try disk.hasFile(sealed(first))
    }

    /// The segments of a log folder in either form, oldest first; nil where there is no such
    /// folder.
    func segments(on disk: any Disk) throws(DiskError) -> [SequenceNumber]? {
        try forms(on: disk)?.map(\.name)
    }

    /// The segments of a log folder and the forms that they stand there in, oldest first; nil where
    /// there is no such folder.
    func forms(on disk: any Disk) throws(DiskError) -> [SegmentForms]? {
        guard let entries = try disk.list(log) else { return nil }
        return SegmentForms.of(entries)
    }
}

/// The forms in which one segment stands in the log's folder: active, sealed, or both for a while.
struct SegmentForms: Sendable, Hashable {
    let name: SequenceNumber
    var hasActive = false
    var hasSealed = false

    /// Whether it is sealed, and its active form is gone.
    var hasOnlySealed: Bool { hasSealed && !hasActive }

    /// The segments that the names of a folder's entries state, oldest first.
    static func of(_ entries: [String]) -> [SegmentForms] {
        var found: [SequenceNumber: SegmentForms] = [:]
        for entry in entries {
            if let name = LogFormat.firstSequence(ofSegmentNamed: entry) {
                found[name, default: SegmentForms(name: name)].hasActive = true
            } else if let name = LogFormat.firstSequence(
                ofSegmentNamed: entry, suffix: LogFormat.sealedSuffix)
            {
                found[name, default: SegmentForms(name: name)].hasSealed = true
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }
}
