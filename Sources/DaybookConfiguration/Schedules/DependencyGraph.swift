/// Which schedule waits for which.
struct DependencyGraph {
    /// By jobId: what it waits for.
    let uses: [String: [Job.DependencyUse]]

    private enum Mark { case open, done }

    /// Notes every cycle that a walk meets, with its path, each once.
    ///
    /// The walk keeps its own stack: a chain may be as long as there are schedules.
    func reportCycles(_ log: inout ProblemLog) {
        var marks: [String: Mark] = [:]
        for start in uses.keys.sorted(by: precedes) where marks[start] == nil {
            var path: [(id: String, next: Int)] = [(start, 0)]
            marks[start] = .open
            while let top = path.last {
                let edges = uses[top.id] ?? []
                guard top.next < edges.count else {
                    marks[top.id] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let edge = edges[top.next]
                switch marks[edge.named.name] {
                case .done: continue
                case .open: report(edge, path.map(\.id), &log)
                case nil:
                    marks[edge.named.name] = .open
                    path.append((edge.named.name, 0))
                }
            }
        }
    }

    private func report(
        _ edge: Job.DependencyUse, _ path: [String], _ log: inout ProblemLog
    ) {
        guard let start = path.firstIndex(of: edge.named.name) else { return }
        var cycle = Array(path[start...]) + [edge.named.name]
        if cycle.count > 12 { cycle = cycle.prefix(6) + ["…"] + cycle.suffix(5) }
        log.error(
            edge.named.place, edge.named.path,
            "schedules wait for each other: \(cycle.joined(separator: " -> "))",
            "remove one of these dependencies")
    }
}
