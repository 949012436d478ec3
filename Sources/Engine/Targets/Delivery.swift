import Events

/// One attempt of one run, as a target receives it.
///
/// The engine makes it after `run dispatched` is durable. It holds no secret: the binding's
/// settings are references, which the target resolves at the last moment.
public struct Delivery: Sendable {
    /// The tenant that the job belongs to.
    public var tenant: String
    /// The schedule's id.
    public var jobId: String
    /// The run's number.
    public var run: UInt64
    /// The attempt, from 1.
    public var attempt: UInt64
    /// The execution, which is part of the run key.
    public var execution: UInt64
    /// The idempotency key: the same for every attempt that may repeat work already done.
    public var runKey: String
    /// The scheduled time, ISO 8601 with an offset.
    public var scheduled: String
    /// The business date, `YYYY-MM-DD`.
    public var businessDate: String
    /// The environment (`${environment}`).
    public var environmentName: String
    /// What runs.
    public var binding: TargetBinding
    /// Parameters, already rendered.
    public var parameters: [KeyValue]
    /// The token that a completion of this attempt must carry.
    ///
    /// Never logged.
    public var callbackToken: String
    /// Where a completion is posted to.
    public var callbackURL: String
    /// The log's identity, by which processes of this log's runs are recognised.
    public var logIdentity: String
    /// The fencing token of the lease, where a worker runs it; 0 otherwise.
    public var fencingToken: UInt64 = 0
    /// The element that the run is for; empty where its job was not fanned out.
    public var element = ""
    /// The folders that it is to work in, and the files that it is to take in.
    public var wanted: (folders: [WorkFolder], files: FileDiscovery?) = ([], nil)
    /// The folders that it works in, which are there: names and absolute paths.
    public var folders: [KeyValue] = []
    /// The files that were found for it: absolute paths, sorted; nil where none were looked for.
    public var files: [String]?

    /// A delivery.
    public init(
        tenant: String, jobId: String, run: UInt64, attempt: UInt64, execution: UInt64,
        runKey: String, scheduled: String, businessDate: String, environmentName: String,
        binding: TargetBinding, parameters: [KeyValue], callbackToken: String,
        callbackURL: String, logIdentity: String
    ) {
        self.tenant = tenant
        self.jobId = jobId
        self.run = run
        self.attempt = attempt
        self.execution = execution
        self.runKey = runKey
        self.scheduled = scheduled
        self.businessDate = businessDate
        self.environmentName = environmentName
        self.binding = binding
        self.parameters = parameters
        self.callbackToken = callbackToken
        self.callbackURL = callbackURL
        self.logIdentity = logIdentity
    }
}

/// What is asked when a dependency outside Daybook is probed.
public struct ProbeRequest: Sendable {
    /// The tenant that asks.
    public var tenant: String
    /// The schedule that waits.
    public var jobId: String
    /// The dependency's name.
    public var dependency: String
    /// The scheduled time of the run that waits, ISO 8601 with an offset.
    public var scheduled: String
    /// Its business date, `YYYY-MM-DD`.
    public var businessDate: String
    /// The environment (`${environment}`).
    public var environmentName: String
    /// Whom to ask.
    public var binding: TargetBinding
    /// The log's identity.
    public var logIdentity: String

    /// A question.
    public init(
        tenant: String, jobId: String, dependency: String, scheduled: String,
        businessDate: String, environmentName: String, binding: TargetBinding,
        logIdentity: String
    ) {
        self.tenant = tenant
        self.jobId = jobId
        self.dependency = dependency
        self.scheduled = scheduled
        self.businessDate = businessDate
        self.environmentName = environmentName
        self.binding = binding
        self.logIdentity = logIdentity
    }
}
