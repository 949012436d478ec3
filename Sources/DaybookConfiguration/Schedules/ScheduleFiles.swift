import Foundation

/// Collects the schedules of all files, base and overlay, into one set.
struct ScheduleFiles {
    /// A schedule before it is read, with its path in its file.
    struct Raw {
        var node: SourceNode
        var path: String
    }

    private(set) var jobs: [Raw] = []
    private var indexes: [String: Int] = [:]
    private var overridden: [String: SourcePlace] = [:]

    /// Adds the schedules of one file of the base or of the overlay.
    ///
    /// Overrides come after every file was added: see `override`.
    mutating func add(_ node: SourceNode, isOverlay: Bool, _ log: inout ProblemLog) {
        guard let reader = FieldReader(node, "", JobFields.file, &log) else { return }
        if !reader.has("jobs"), !(isOverlay && reader.has("overrides")) {
            log.error(
                node.place, "jobs", "the file has no list of jobs",
                isOverlay ? "add jobs: or overrides:" : "add jobs:, with the schedules below it")
        }
        for (index, item) in (reader.list("jobs", &log) ?? []).enumerated() {
            add(item, "jobs[\(index)]", &log)
        }
        if reader.has("overrides"), !isOverlay {
            log.error(
                reader.place(of: "overrides"), "overrides",
                "overrides stand in environments/NAME/schedules only",
                "change the schedule where it is defined")
        }
    }

    private mutating func add(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) {
        if jobs.count >= Limits.jobCountMax {
            if jobs.count == Limits.jobCountMax {
                log.error(
                    node.place, path, "there are more than \(Limits.jobCountMax) schedules",
                    "leave some to the API")
            }
            return
        }
        jobs.append(Raw(node: node, path: path))
        guard let id = Self.jobId(node) else { return }
        if let first = indexes[id] {
            log.error(
                node["jobId"]?.place ?? node.place, "\(path).jobId",
                "the jobId \(shown(id)) stands twice, first in \(jobs[first].node.place.short)",
                "rename one; an overlay changes a schedule of the base under overrides:")
            return
        }
        indexes[id] = jobs.count - 1
    }

    /// Applies what one file of the overlay changes.
    mutating func override(_ node: SourceNode, _ log: inout ProblemLog) {
        guard case .list(let items)? = node["overrides"]?.value else { return }
        for (index, item) in items.enumerated() {
            let path = "overrides[\(index)]"
            guard let id = Self.jobId(item) else {
                log.error(
                    item.place, path, "an override names no schedule",
                    "start it with jobId and the id as text")
                continue
            }
            let place = item["jobId"]?.place ?? item.place
            guard let target = indexes[id] else {
                let hint = log.nearest(id, among: indexes.keys)
                log.error(
                    place, "\(path).jobId", "there is no schedule \(shown(id)) to change",
                    hint.map { "did you mean \($0)?" } ?? "add it under jobs: instead")
                continue
            }
            if let first = overridden.updateValue(place, forKey: id) {
                log.error(
                    place, "\(path).jobId",
                    "the schedule \(shown(id)) is overridden twice, first in \(first.short)",
                    "put both changes into one override")
                continue
            }
            // A misspelt field that merely resets something would vanish in the merge.
            _ = FieldReader(
                item, path, JobFields.job.map { FieldSpec($0.name, "", $0.summary) }, &log)
            jobs[target].node = Overlay.merged(jobs[target].node, item)
        }
    }

    private static func jobId(_ node: SourceNode) -> String? {
        guard case .text(let text)? = node["jobId"]?.value else { return nil }
        return text.precomposedStringWithCanonicalMapping
    }
}
