import Events
import Projections

/// A lease as a worker names it.
public struct HeldLease: Sendable, Equatable {
    /// The run.
    public var run: UInt64
    /// The attempt.
    public var attempt: UInt64
    /// The fencing token.
    public var token: UInt64

    /// A lease.
    public init(run: UInt64, attempt: UInt64, token: UInt64) {
        self.run = run
        self.attempt = attempt
        self.token = token
    }
}

/// What a worker says of itself when it registers.
public struct WorkerRegistration: Sendable {
    /// Its name.
    public var name = ""
    /// What it can do.
    public var capabilities: [String] = []
    /// The version of its program.
    public var version = ""
    /// Its machine.
    public var host = ""
    /// So many runs it holds at once at most.
    public var slots: UInt64 = 1
    /// What tells its data folder from others.
    public var instance = ""
    /// The leases that it still holds, of an earlier session.
    public var held: [HeldLease] = []

    /// A registration with everything at its default.
    public init() {}
}

/// Something that a worker tells the engine, or asks it for.
public enum WorkerCommand: Sendable {
    /// It is there, and this is what it can do.
    case register(WorkerRegistration)
    /// It is still there, and works on these.
    case heartbeat(worker: String, session: UInt64, [HeldLease])
    /// It has a free slot: give it a run. Renews, as a heartbeat does.
    case lease(worker: String, session: UInt64, [HeldLease])
    /// Its process stands ready behind its gate.
    case started(
        worker: String, HeldLease, pid: UInt64, startTicks: UInt64, bootId: String)
    /// An attempt ended.
    case completed(worker: String, HeldLease, AttemptResult)
    /// It goes: nothing that it held is alive on its machine.
    case leave(worker: String, session: UInt64)
}

/// What the engine answers a worker.
public struct WorkerAnswer: Sendable, Equatable {
    /// A lease that is granted.
    public struct Granted: Sendable, Equatable {
        /// What to run.
        public var request: AttemptRequest
        /// The fencing token.
        public var token: UInt64
        /// How long the lease holds without being renewed, in seconds.
        public var seconds: UInt64
    }

    /// An attempt whose end was asked for.
    public struct Ending: Sendable, Equatable {
        /// Which.
        public var lease: HeldLease
        /// Whether its program gets no time to end well.
        public var isForced: Bool
    }

    /// The worker's session.
    public var session: UInt64 = 0
    /// After so long without a word the worker is offline, µs.
    public var silenceMax: Int64 = 0
    /// The lease, where one was granted.
    public var granted: Granted? {
        get { grants.first }
        set { grants = newValue.map { [$0] } ?? [] }
    }
    /// One or none: it stands apart, for it is large, and few decisions have one.
    private var grants: [Granted] = []
    /// Attempts that the worker is to end.
    public var endings: [Ending] = []
    /// Tokens that the worker named and that are not live: what they stand for is to be ended.
    public var lost: [UInt64] = []
    /// A completion changed nothing: its lease is over.
    public var isIgnored = false

    /// An empty answer.
    public init() {}
}

/// What the engine knows of workers beside the state: it follows from the state at a start, with
/// one full length for every wait.
struct WorkerDesk: Sendable {
    /// A dispatched run that waits for a lease.
    struct Offer: Sendable {
        let capabilities: [String]
        /// Who waits longest, as at a limit; the lower goes first.
        let rank: Int64
    }

    /// The runs that wait for a lease.
    var offers: [UInt64: Offer] = [:]
    /// The active runs whose target is a worker.
    var runs: Set<UInt64> = []
    /// When a run's lease, or its wait for one, is over, µs.
    var deadlines: [UInt64: Int64] = [:]
    /// For which time the timer of a run is set that counts; others of it are left over.
    var armed: [UInt64: Int64] = [:]
    /// When a worker must have been heard of, µs, by its name.
    var heardBy: [String: Int64] = [:]
    /// Attempts that are to be ended at once.
    var forced: Set<UInt64> = []
    /// The last tokens by which attempts were concluded: who repeats one is answered the same.
    private var concluded: [UInt64] = []

    private static let concludedMax = 1_024

    /// A run is no longer active.
    mutating func forget(_ run: UInt64) {
        guard runs.remove(run) != nil else { return }
        offers[run] = nil
        deadlines[run] = nil
        armed[run] = nil
        forced.remove(run)
    }

    mutating func conclude(_ token: UInt64) {
        if concluded.count >= Self.concludedMax { concluded.removeFirst(Self.concludedMax / 2) }
        concluded.append(token)
    }

    func hasConcluded(_ token: UInt64) -> Bool { concluded.contains(token) }

    /// The runs that a worker is able to do, those that go first first.
    func offers(for capabilities: [String]) -> [UInt64] {
        let able = Set(capabilities)
        return offers.filter { able.isSuperset(of: $0.value.capabilities) }
            .sorted { ($0.value.rank, $0.key) < ($1.value.rank, $1.key) }.map(\.key)
    }
}
