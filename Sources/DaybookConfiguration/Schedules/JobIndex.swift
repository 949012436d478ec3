import Events

/// The schedules of a configuration by their names and by what they run.
struct JobIndex {
    /// More than any definition holds: the check of its size refuses them.
    private static let waitedMax = 1_000
    /// By jobId.
    private(set) var byId: [String: Job] = [:]
    /// Of a job that was fanned out, the elements' schedules.
    private(set) var elements: [String: [Job]] = [:]
    /// By pipeline: the schedules that run it, a job that was fanned out as one.
    private(set) var idsByPipeline: [String: [String]] = [:]
    /// Every name that a dependency may have, the schedules of elements aside.
    private(set) var names: [String] = []

    init(_ jobs: [Job]) {
        for job in jobs where byId[job.definition.jobId] == nil {
            let id = job.definition.jobId
            byId[id] = job
            guard let whole = job.definition.rules?.fanOutOf, !whole.isEmpty else {
                names.append(id)
                idsByPipeline[job.targetName.name, default: []].append(id)
                continue
            }
            if elements[whole] == nil { names.append(whole) }
            elements[whole, default: []].append(job)
            // The elements of a job come one after the other.
            if idsByPipeline[job.targetName.name]?.last != whole {
                idsByPipeline[job.targetName.name, default: []].append(whole)
            }
        }
    }

    /// The schedules of a job that was fanned out for which another one waits: that of the same
    /// element where there is one, else all that are enabled.
    func elements(of name: String, for job: Job) -> [String] {
        let all = elements[name] ?? []
        let own = job.definition.rules?.element ?? ""
        if !own.isEmpty, let same = byId[ElementId(job: name, element: own).text] {
            return [same.definition.jobId]
        }
        let enabled = all.lazy.filter(\.definition.isEnabled).prefix(Self.waitedMax)
        return (enabled.isEmpty ? all.prefix(Self.waitedMax) : Array(enabled)[...]).map(
            \.definition.jobId)
    }
}
