import EventLog
import Events

/// What the log's indexes know of events: their time, and by which keys they are found.
///
/// | key | the events |
/// |---|---|
/// | `run:NUMBER` | of one run |
/// | `job:TENANT/JOB` | of one schedule, its runs included |
/// | `actor:ACTOR` | that somebody other than the engine caused |
/// | `ticket:TICKET` | under one change ticket |
public struct EventVocabulary: RecordVocabulary {
    /// The vocabulary of this build.
    public init() {}

    /// Raised when a record would be given other keys than before.
    public var version: UInt64 { 1 }

    /// The key of a run.
    public static func key(run: UInt64) -> String { "run:\(run)" }

    /// The key of a schedule.
    public static func key(tenant: String, jobId: String) -> String { "job:\(tenant)/\(jobId)" }

    /// The key of somebody.
    public static func key(actor: String) -> String { "actor:\(actor)" }

    /// The key of a change ticket.
    public static func key(ticket: String) -> String { "ticket:\(ticket)" }

    /// Reads the record in place; of one that is not well formed it says nothing.
    public func describe(_ record: RawSpan, into description: inout RecordDescription) {
        guard let view = try? EventView(record) else { return }
        description.time = view.time
        let actor = (try? view.actor) ?? ""
        if !actor.isEmpty && actor != "engine" { description.add(key: Self.key(actor: actor)) }
        let ticket = (try? view.ticket) ?? ""
        if !ticket.isEmpty { description.add(key: Self.key(ticket: ticket)) }
        guard let type = view.type, let fields = Self.fields(of: type) else { return }
        if let run = fields.run, view.uint(run) != 0 {
            description.add(key: Self.key(run: view.uint(run)))
        } else if type == .runDue {
            description.add(key: Self.key(run: view.sequence))
        }
        let tenant = (try? view.tenant) ?? ""
        let jobId = (try? view.text(fields.job)) ?? ""
        if !jobId.isEmpty { description.add(key: Self.key(tenant: tenant, jobId: jobId)) }
    }

    /// In which fields of a payload its run and its job stand.
    private static func fields(of type: EventType) -> (run: Int?, job: Int)? {
        switch type.rawValue {
        case 40...55: (nil, 1)
        case 72...111: (1, 2)
        case 176...179: (3, 2)
        default: nil
        }
    }
}
