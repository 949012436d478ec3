/// Is shown every projection of a state, one after the other.
protocol ProjectionVisitor {
    /// What a visit may throw.
    associatedtype Failure: Error
    /// Looks at a projection.
    mutating func visit<Entry: ProjectionEntry>(
        _ name: String, _ map: BucketedMap<Entry>
    ) throws(Failure)
}

extension ProjectedState {
    /// Shows every projection, in the order of the digest: by name.
    func visitProjections<V: ProjectionVisitor>(_ visitor: inout V) throws(V.Failure) {
        try visitor.visit("alerts", alerts)
        try visitor.visit("calendars", calendars)
        try visitor.visit("dead-letters", deadRuns)
        try visitor.visit("definitions", definitions)
        try visitor.visit("engine", engine)
        try visitor.visit("finished-runs", finishedRuns)
        try visitor.visit("open-runs", openRuns)
        try visitor.visit("schedules", schedules)
    }

    /// Sets the order in which the finished runs ended, which follows from their last events.
    ///
    /// - Complexity: O(n log n) in the finished runs, which are few.
    mutating func orderFinishedRuns() {
        var ended: [(run: UInt64, lastSequence: UInt64)] = []
        finishedRuns.forEach { ended.append(($0.run, $0.lastSequence)) }
        ended.sort { $0.lastSequence < $1.lastSequence }
        finishedOrder = ended.map(\.run)
        finishedHead = 0
    }
}

/// The maps of a state that is being loaded, each filled bucket by bucket from any thread.
struct StateLoading: Sendable {
    private let alerts = MapLoader(ProjectedState().alerts)
    private let calendars = MapLoader(ProjectedState().calendars)
    private let deadRuns = MapLoader(ProjectedState().deadRuns)
    private let definitions = MapLoader(ProjectedState().definitions)
    private let engine = MapLoader(ProjectedState().engine)
    private let finishedRuns = MapLoader(ProjectedState().finishedRuns)
    private let openRuns = MapLoader(ProjectedState().openRuns)
    private let schedules = MapLoader(ProjectedState().schedules)

    /// By the number of the projection, in the order of the digest.
    var loaders: [any GroupLoader] {
        [
            alerts, calendars, deadRuns, definitions, engine, finishedRuns, openRuns, schedules,
        ]
    }

    /// The state, when every group was loaded.
    func finish(lastSequence: UInt64, lastTime: Int64) -> ProjectedState {
        var state = ProjectedState(lastSequence: lastSequence, lastTime: lastTime)
        state.alerts = alerts.take()
        state.calendars = calendars.take()
        state.deadRuns = deadRuns.take()
        state.definitions = definitions.take()
        state.engine = engine.take()
        state.finishedRuns = finishedRuns.take()
        state.openRuns = openRuns.take()
        state.schedules = schedules.take()
        state.orderFinishedRuns()
        return state
    }
}
