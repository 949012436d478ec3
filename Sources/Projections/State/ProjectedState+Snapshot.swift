import Synchronization

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
    /// Shows every projection that the digest has, in its order: by name.
    func visitProjections<V: ProjectionVisitor>(_ visitor: inout V) throws(V.Failure) {
        try visitor.visit("alerts", alerts)
        if approvals.count > 0 { try visitor.visit("approvals", approvals) }
        try visitor.visit("blackouts", blackouts)
        try visitor.visit("calendars", calendars)
        try visitor.visit("dead-letters", deadRuns)
        try visitor.visit("definitions", definitions)
        if dependencies.count > 0 { try visitor.visit("dependencies", dependencies) }
        try visitor.visit("engine", engine)
        try visitor.visit("finished-runs", finishedRuns.settledMap)
        try visitor.visit("open-runs", openRuns)
        try visitor.visit("schedules", schedules)
        try visitor.visit("zones", zones)
    }
}

/// The maps of a state that is being loaded, each filled bucket by bucket from any thread.
struct StateLoading: Sendable {
    private let alerts: MapLoader<AlertState>
    private let blackouts: MapLoader<BlackoutState>
    private let calendars: MapLoader<CalendarState>
    private let deadRuns: MapLoader<RunState>
    private let definitions: MapLoader<DefinitionState>
    private let engine: MapLoader<EngineStatus>
    private let finishedRuns: MapLoader<RunState>
    private let openRuns: MapLoader<RunState>
    private let schedules: MapLoader<ScheduleState>
    private let zones: MapLoader<ZoneState>
    private let approvals: MapLoader<ApprovalState>
    private let dependencies: MapLoader<DependencyState>
    /// For each projection of the head, its number here.
    private let places: [Int]
    /// What definitions share, which is found while the other thread decodes.
    private let pieces = SharedPieces()

    /// The projections by number: those that are always there, then those that came later.
    private static let names = [
        "alerts", "blackouts", "calendars", "dead-letters", "definitions", "engine",
        "finished-runs", "open-runs", "schedules", "zones", "dependencies", "approvals",
    ]

    /// The loading of so many entries for each projection of a head.
    init(projections: [String], entryCounts counts: [Int]) {
        let (state, pieces) = (ProjectedState(), pieces)
        places = projections.map { Self.names.firstIndex(of: $0) ?? Self.names.count }
        var entryCounts = Self.names.map { _ in 0 }
        for (place, count) in zip(places, counts) where place < entryCounts.count {
            entryCounts[place] = count
        }
        alerts = MapLoader(state.alerts, entryCount: entryCounts[0])
        blackouts = MapLoader(state.blackouts, entryCount: entryCounts[1])
        calendars = MapLoader(state.calendars, entryCount: entryCounts[2])
        deadRuns = MapLoader(state.deadRuns, entryCount: entryCounts[3])
        definitions = MapLoader(state.definitions, entryCount: entryCounts[4]) {
            pieces.share(&$0)
        }
        engine = MapLoader(state.engine, entryCount: entryCounts[5])
        finishedRuns = MapLoader(state.finishedRuns.map, entryCount: entryCounts[6])
        openRuns = MapLoader(state.openRuns, entryCount: entryCounts[7])
        schedules = MapLoader(state.schedules, entryCount: entryCounts[8])
        zones = MapLoader(state.zones, entryCount: entryCounts[9])
        dependencies = MapLoader(state.dependencies, entryCount: entryCounts[10])
        approvals = MapLoader(state.approvals, entryCount: entryCounts[11])
    }

    /// Takes a group whose checksum is right, and whose projection is one of the head's; returns
    /// what is wrong with it otherwise.
    ///
    /// May be called from any thread; groups of one projection exclude each other only while their
    /// entries are put in.
    func load(_ group: SnapshotGroup, _ bytes: [UInt8]) -> String? {
        // Each call is of one type, so that it is compiled for it: a
        // list of loaders of any type took half as long again.
        switch places[group.projection] {
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
        case 10: dependencies.load(group, bytes)
        case 11: approvals.load(group, bytes)
        default: "it is of no projection"
        }
    }

    /// A group's entries as comparisons hold them, by key bytes; nil where they cannot be read.
    func entries(
        _ projection: String, _ group: SnapshotGroup, _ bytes: [UInt8]
    ) -> [StateEntry]? {
        switch places[group.projection] {
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
        case 10: dependencies.entries(projection, group, bytes)
        case 11: approvals.entries(projection, group, bytes)
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
        state.dependencies = dependencies.take()
        state.approvals = approvals.take()
        state.definitionPieces = pieces.take()
        return state
    }
}

/// What definitions share that come together from a snapshot, group by group.
private final class SharedPieces: Sendable {
    private let pieces = Mutex(DefinitionPieces())

    func share(_ definitions: inout [DefinitionState]) {
        pieces.withLock { pieces in
            for index in definitions.indices { pieces.share(&definitions[index]) }
        }
    }

    func take() -> DefinitionPieces {
        pieces.withLock { pieces in
            defer { pieces = DefinitionPieces() }
            return pieces
        }
    }
}
