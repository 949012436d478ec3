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
        try visitor.visit("blackouts", blackouts)
        try visitor.visit("calendars", calendars)
        try visitor.visit("dead-letters", deadRuns)
        try visitor.visit("definitions", definitions)
        try visitor.visit("engine", engine)
        try visitor.visit("finished-runs", finishedRuns.settledMap)
        try visitor.visit("open-runs", openRuns)
        try visitor.visit("schedules", schedules)
        try visitor.visit("zones", zones)
    }
}

/// The maps of a state that is being loaded, each filled bucket by bucket from any thread.
struct StateLoading: Sendable {
    private let alerts = MapLoader(ProjectedState().alerts)
    private let blackouts = MapLoader(ProjectedState().blackouts)
    private let calendars = MapLoader(ProjectedState().calendars)
    private let deadRuns = MapLoader(ProjectedState().deadRuns)
    private let definitions = MapLoader(ProjectedState().definitions)
    private let engine = MapLoader(ProjectedState().engine)
    private let finishedRuns = MapLoader(ProjectedState().finishedRuns.map)
    private let openRuns = MapLoader(ProjectedState().openRuns)
    private let schedules = MapLoader(ProjectedState().schedules)
    private let zones = MapLoader(ProjectedState().zones)

    /// Takes a group whose checksum is right, and whose projection is one of the head's; returns
    /// what is wrong with it otherwise.
    ///
    /// May be called from any thread; groups of one projection exclude each other only while their
    /// entries are put in.
    func load(_ group: SnapshotGroup, _ bytes: [UInt8]) -> String? {
        // By the order of the digest. Each call is of one type, so that it is compiled for it: a
        // list of loaders of any type took half as long again.
        switch group.projection {
        case 0: alerts.load(group, bytes)
        case 1: blackouts.load(group, bytes)
        case 2: calendars.load(group, bytes)
        case 3: deadRuns.load(group, bytes)
        case 4: definitions.load(group, bytes)
        case 5: engine.load(group, bytes)
        case 6: finishedRuns.load(group, bytes)
        case 7: openRuns.load(group, bytes)
        case 8: schedules.load(group, bytes)
        case 9: zones.load(group, bytes)
        default: "it is of no projection"
        }
    }

    /// A group's entries as comparisons hold them, by key bytes; nil where they cannot be read.
    func entries(
        _ projection: String, _ group: SnapshotGroup, _ bytes: [UInt8]
    ) -> [StateEntry]? {
        switch group.projection {
        case 0: alerts.entries(projection, group, bytes)
        case 1: blackouts.entries(projection, group, bytes)
        case 2: calendars.entries(projection, group, bytes)
        case 3: deadRuns.entries(projection, group, bytes)
        case 4: definitions.entries(projection, group, bytes)
        case 5: engine.entries(projection, group, bytes)
        case 6: finishedRuns.entries(projection, group, bytes)
        case 7: openRuns.entries(projection, group, bytes)
        case 8: schedules.entries(projection, group, bytes)
        case 9: zones.entries(projection, group, bytes)
        default: nil
        }
    }

    /// The state, when every group was loaded.
    func finish(lastSequence: UInt64, lastTime: Int64) -> ProjectedState {
        var state = ProjectedState(lastSequence: lastSequence, lastTime: lastTime)
        state.alerts = alerts.take()
        state.blackouts = blackouts.take()
        state.calendars = calendars.take()
        state.deadRuns = deadRuns.take()
        state.definitions = definitions.take()
        state.engine = engine.take()
        state.finishedRuns = FinishedRuns(loaded: finishedRuns.take())
        state.openRuns = openRuns.take()
        state.schedules = schedules.take()
        state.zones = zones.take()
        state.shareDefinitions()
        return state
    }
}
