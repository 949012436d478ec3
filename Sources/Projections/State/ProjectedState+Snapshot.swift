import Events
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
        try control.visit(&visitor)
        try visitor.visit("dead-letters", deadRuns)
        try visitor.visit("definitions", definitions)
        if dependencies.count > 0 { try visitor.visit("dependencies", dependencies) }
        if exchange.duplicates.count > 0 { try visitor.visit("duplicates", exchange.duplicates) }
        try visitor.visit("engine", engine)
        if exchange.keys.count > 0 { try visitor.visit("exchange-keys", exchange.keys) }
        try visitor.visit("finished-runs", finishedRuns.settledMap)
        if jobTypes.count > 0 { try visitor.visit("job-types", jobTypes) }
        if exchange.holds.count > 0 { try visitor.visit("legal-holds", exchange.holds) }
        try visitor.visit("open-runs", openRuns)
        if exchange.files.count > 0 { try visitor.visit("outbound-files", exchange.files) }
        if exchange.outcomes.count > 0 { try visitor.visit("outcomes", exchange.outcomes) }
        if exchange.partners.count > 0 { try visitor.visit("partners", exchange.partners) }
        if exchange.received.count > 0 { try visitor.visit("received-files", exchange.received) }
        try visitor.visit("schedules", schedules)
        if workers.count > 0 { try visitor.visit("workers", workers) }
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
    private let jobTypes: MapLoader<JobTypeState>
    private let openRuns: MapLoader<RunState>
    private let schedules: MapLoader<ScheduleState>
    private let workers: MapLoader<WorkerState>
    private let zones: MapLoader<ZoneState>
    private let controlAllocators: MapLoader<ControlAllocatorState>
    private let controlPages: MapLoader<NumberPage>
    private let controlRequests: MapLoader<ControlRequest>
    private let approvals: MapLoader<ApprovalState>
    private let dependencies: MapLoader<DependencyState>
    private let duplicates: MapLoader<DuplicateState>
    private let exchangeKeys: MapLoader<ExchangeKey>
    private let legalHolds: MapLoader<LegalHoldState>
    private let outboundFiles: MapLoader<OutboundFileState>
    private let outcomes: MapLoader<OutcomeState>
    private let partners: MapLoader<PartnerState>
    private let receivedFiles: MapLoader<ReceivedFileState>
    /// What definitions share, which is found while the other thread decodes.
    private let pieces = SharedPieces()
    /// The names of the projections that there are, in the order of the digest.
    private let names: [String]

    /// The loading of so many entries for each projection, which stand in the order of the digest.
    init(_ projections: [(name: String, entryCount: Int)]) {
        names = projections.map(\.name)
        func count(_ name: String) -> Int {
            projections.first { $0.name == name }?.entryCount ?? 0
        }
        let (state, pieces) = (ProjectedState(), pieces)
        alerts = MapLoader(state.alerts, entryCount: count("alerts"))
        controlAllocators = MapLoader(
            state.control.allocators, entryCount: count("control-numbers"))
        controlPages = MapLoader(state.control.pages, entryCount: count("control-ranges"))
        controlRequests = MapLoader(
            state.control.requests.map, entryCount: count("control-requests"))
        approvals = MapLoader(state.approvals, entryCount: count("approvals"))
        dependencies = MapLoader(state.dependencies, entryCount: count("dependencies"))
        duplicates = MapLoader(state.exchange.duplicates, entryCount: count("duplicates"))
        exchangeKeys = MapLoader(state.exchange.keys, entryCount: count("exchange-keys"))
        legalHolds = MapLoader(state.exchange.holds, entryCount: count("legal-holds"))
        outboundFiles = MapLoader(state.exchange.files, entryCount: count("outbound-files"))
        outcomes = MapLoader(state.exchange.outcomes, entryCount: count("outcomes"))
        partners = MapLoader(state.exchange.partners, entryCount: count("partners"))
        receivedFiles = MapLoader(state.exchange.received, entryCount: count("received-files"))
        blackouts = MapLoader(state.blackouts, entryCount: count("blackouts"))
        calendars = MapLoader(state.calendars, entryCount: count("calendars"))
        deadRuns = MapLoader(state.deadRuns, entryCount: count("dead-letters"))
        definitions = MapLoader(state.definitions, entryCount: count("definitions")) {
            pieces.share(&$0)
        }
        engine = MapLoader(state.engine, entryCount: count("engine"))
        finishedRuns = MapLoader(state.finishedRuns.map, entryCount: count("finished-runs"))
        jobTypes = MapLoader(state.jobTypes, entryCount: count("job-types"))
        openRuns = MapLoader(state.openRuns, entryCount: count("open-runs"))
        schedules = MapLoader(state.schedules, entryCount: count("schedules"))
        workers = MapLoader(state.workers, entryCount: count("workers"))
        zones = MapLoader(state.zones, entryCount: count("zones"))
    }

    /// Takes a group whose checksum is right, and whose projection is one of the head's; returns
    /// what is wrong with it otherwise.
    ///
    /// May be called from any thread; groups of one projection exclude each other only while their
    /// entries are put in.
    func load(_ group: SnapshotGroup, _ bytes: [UInt8]) -> String? {
        // Each call is of one type, so that it is compiled for it: a
        // list of loaders of any type took half as long again.
        switch names[group.projection] {
        case "alerts": alerts.load(group, bytes)
        case "approvals": approvals.load(group, bytes)
        case "blackouts": blackouts.load(group, bytes)
        case "calendars": calendars.load(group, bytes)
        case "control-numbers": controlAllocators.load(group, bytes)
        case "control-ranges": controlPages.load(group, bytes)
        case "control-requests": controlRequests.load(group, bytes)
        case "dead-letters": deadRuns.load(group, bytes)
        case "definitions": definitions.load(group, bytes)
        case "dependencies": dependencies.load(group, bytes)
        case "duplicates": duplicates.load(group, bytes)
        case "engine": engine.load(group, bytes)
        case "exchange-keys": exchangeKeys.load(group, bytes)
        case "finished-runs": finishedRuns.load(group, bytes)
        case "job-types": jobTypes.load(group, bytes)
        case "legal-holds": legalHolds.load(group, bytes)
        case "open-runs": openRuns.load(group, bytes)
        case "outbound-files": outboundFiles.load(group, bytes)
        case "outcomes": outcomes.load(group, bytes)
        case "partners": partners.load(group, bytes)
        case "received-files": receivedFiles.load(group, bytes)
        case "schedules": schedules.load(group, bytes)
        case "workers": workers.load(group, bytes)
        case "zones": zones.load(group, bytes)
        default: "it is of no projection"
        }
    }

    /// A group's entries as comparisons hold them, by key bytes; nil where they cannot be read.
    func entries(
        _ projection: String, _ group: SnapshotGroup, _ bytes: [UInt8]
    ) -> [StateEntry]? {
        switch names[group.projection] {
        case "alerts": alerts.entries(projection, group, bytes)
        case "approvals": approvals.entries(projection, group, bytes)
        case "blackouts": blackouts.entries(projection, group, bytes)
        case "calendars": calendars.entries(projection, group, bytes)
        case "control-numbers": controlAllocators.entries(projection, group, bytes)
        case "control-ranges": controlPages.entries(projection, group, bytes)
        case "control-requests": controlRequests.entries(projection, group, bytes)
        case "dead-letters": deadRuns.entries(projection, group, bytes)
        case "definitions": definitions.entries(projection, group, bytes)
        case "dependencies": dependencies.entries(projection, group, bytes)
        case "duplicates": duplicates.entries(projection, group, bytes)
        case "engine": engine.entries(projection, group, bytes)
        case "exchange-keys": exchangeKeys.entries(projection, group, bytes)
        case "finished-runs": finishedRuns.entries(projection, group, bytes)
        case "job-types": jobTypes.entries(projection, group, bytes)
        case "legal-holds": legalHolds.entries(projection, group, bytes)
        case "open-runs": openRuns.entries(projection, group, bytes)
        case "outbound-files": outboundFiles.entries(projection, group, bytes)
        case "outcomes": outcomes.entries(projection, group, bytes)
        case "partners": partners.entries(projection, group, bytes)
        case "received-files": receivedFiles.entries(projection, group, bytes)
        case "schedules": schedules.entries(projection, group, bytes)
        case "workers": workers.entries(projection, group, bytes)
        case "zones": zones.entries(projection, group, bytes)
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
        state.jobTypes = jobTypes.take()
        state.openRuns = openRuns.take()
        state.schedules = schedules.take()
        state.workers = workers.take()
        state.findLeaseHolders()
        state.zones = zones.take()
        state.control = ControlNumbers(
            controlAllocators.take(), controlPages.take(), controlRequests.take())
        state.dependencies = dependencies.take()
        state.exchange.duplicates = duplicates.take()
        state.exchange.keys = exchangeKeys.take()
        state.exchange.holds = legalHolds.take()
        state.exchange.files = outboundFiles.take()
        state.exchange.outcomes = outcomes.take()
        state.exchange.partners = partners.take()
        state.exchange.received = receivedFiles.take()
        state.exchange.rebuildWheel()
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
