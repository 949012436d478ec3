/// The places of a data folder that the log uses.
struct LogPaths: Sendable, Hashable {
    let data: String

    var lock: String { data + "/LOCK" }
    var log: String { data + "/log" }
    var quarantine: String { data + "/quarantine" }
    var preparing: String { log + "/" + LogFormat.preparingName }

    func segment(_ first: SequenceNumber) -> String { log + "/" + LogFormat.segmentName(first) }

    /// The folder that a path stands in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The segments of a log folder, oldest first; nil where there is no such folder.
    func segments(on disk: any Disk) throws(DiskError) -> [SequenceNumber]? {
        guard let names = try disk.list(log) else { return nil }
        return names.compactMap(LogFormat.firstSequence(ofSegmentNamed:)).sorted()
    }
}
