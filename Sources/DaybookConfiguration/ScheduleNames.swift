import Events
import Timetable

/// What a configuration gives to schedules that do not stand in it: the names of targets,
/// calendars, limits, contacts and job types, and the reader of its own schedules.
///
/// Reads no file. Whoever holds one may use it from any thread.
public struct ScheduleNames: Sendable {
    let zones: ZoneCatalog
    let settings: Settings
    let targets: [String: TargetEntry]
    let calendars: [CalendarDefinition]
    /// `nil` where there is no `contacts.yaml`.
    let contacts: [Contact]?
    let jobTypes: JobTypesReader
    /// The ids of the configuration's schedules, by what they run.
    let idsByPipeline: [String: [String]]

    /// The most bytes that a request may have.
    public static let requestByteCountMax = 2 << 20
    /// Members of a request that are no field of a schedule or a job type.
    static let actMembers = ["ticket", "reason", "actor"]

    /// The names of the configuration's job types, sorted.
    public var jobTypeNames: [String] { jobTypes.types.keys.sorted(by: precedes) }

    /// Schedules as a request says them, not looked up yet.
    public struct Draft: Sendable {
        let nodes: [(node: SourceNode, path: String)]

        /// The job types that they name.
        public var jobTypes: Set<String> {
            Set(
                nodes.compactMap { item in
                    if case .text(let name)? = item.node["jobType"]?.value { return name }
                    return nil
                })
        }
    }

    /// Why a request cannot be taken.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// What is wrong, in the order of the request.
        public let problems: [ConfigurationProblem]

        init(_ log: ProblemLog) {
            problems = log.sorted.filter { $0.severity == .error }
        }

        /// The first of them, with its field and its remedy, and how many more there are.
        public var description: String {
            guard let first = problems.first else { return "the request cannot be read" }
            let more = problems.count - 1
            let field = first.field.isEmpty ? "" : "field '\(first.field)': "
            return "\(field)\(first.message); \(first.remedy)"
                + (more > 0 ? " (and \(more) more)" : "")
        }
    }

    /// Reads a request for one schedule: a JSON object with the fields that a file has.
    ///
    /// - Parameter jobId: its id; the object need not repeat it.
    /// - Throws: `Refusal`.
    /// - Complexity: O(bytes).
    public func draft(_ body: [UInt8], jobId: String) throws(Refusal) -> Draft {
        var log = ProblemLog()
        guard let root = Self.tree(body, &log) else { throw Refusal(log) }
        guard var members = Self.withoutActs(root).members else {
            log.error(root.place, "", "a JSON object is expected", "write the schedule's fields")
            throw Refusal(log)
        }
        if let given = root["jobId"] {
            guard case .text(let text) = given.value, text == jobId else {
                log.error(
                    given.place, "jobId", "it is not the jobId of the address, \(shown(jobId))",
                    "leave it out, or write the same")
                throw Refusal(log)
            }
        } else {
            members.append(
                SourceMember(
                    key: "jobId", place: root.place,
                    value: SourceNode(.text(jobId), root.place)))
        }
        return Draft(nodes: [(SourceNode(.map(members), root.place), "")])
    }

    /// Reads a request for several schedules: a JSON array of objects, or an object that has it as
    /// `schedules`.
    ///
    /// - Throws: `Refusal`.
    /// - Complexity: O(bytes).
    public func draft(_ body: [UInt8]) throws(Refusal) -> Draft {
        var log = ProblemLog()
        guard let root = Self.tree(body, &log) else { throw Refusal(log) }
        var list = root
        if root.members != nil {
            let known =
                Self.actMembers.map { FieldSpec($0, "", "") }
                + [
                    FieldSpec("replace", "", "Whether those that are there are changed."),
                    FieldSpec("schedules", "", "The schedules.", required: true),
                ]
            let reader = FieldReader(root, "", known, &log)
            guard let node = reader?.node("schedules", &log), !log.hasErrors else {
                throw Refusal(log)
            }
            list = node
        }
        guard case .list(let items) = list.value else {
            log.error(
                list.place, "schedules", "a list of schedules is expected",
                "write [{\"jobId\": …}, …]")
            throw Refusal(log)
        }
        return Draft(
            nodes: items.enumerated().map { ($1, "schedules[\($0)]") })
    }

    /// The definitions of a draft, each whole, with `source` `api`, sorted by jobId.
    ///
    /// Other schedules that they wait for are for the engine to check.
    ///
    /// - Parameter types: the fields of job types that the API defined, as JSON, by name.
    /// - Throws: `Refusal`.
    public func definitions(
        _ draft: Draft, types: [String: String]
    ) throws(Refusal) -> [ScheduleDefinition] {
        var log = ProblemLog()
        var known = jobTypes
        for (name, json) in types where known.types[name] == nil {
            if let node = Self.tree(Array(json.utf8), &log) { known.add(name, node) }
        }
        let reader = JobReader(zones: zones, settings: settings)
        var jobs: [Job] = []
        // All of them in one scan, which judges each key once.
        if draft.nodes.count == 1, let one = draft.nodes.first {
            SecretScan.scan(one.node, one.path, &log)
        } else if let first = draft.nodes.first {
            let all = SourceNode(.list(draft.nodes.map(\.node)), first.node.place)
            SecretScan.scan(all, "schedules", &log)
        }
        for (node, path) in draft.nodes {
            let whole = known.completed(node, path, &log)
            if let job = reader.read(whole, path, &log) { jobs.append(job) }
        }
        var definitions = linker.link(jobs, &log)
        if log.hasErrors { throw Refusal(log) }
        for index in definitions.indices { definitions[index].source = "api" }
        return definitions
    }

    private var linker: Linker {
        Linker(
            targets: targets, calendars: calendars, contacts: contacts, limits: jobTypes.limits,
            elsewhere: idsByPipeline)
    }

    /// Reads a request for a job type; its fields come back as JSON, sorted by name.
    ///
    /// - Throws: `Refusal`, where the configuration has one of that name too.
    public func jobType(_ body: [UInt8], name: String) throws(Refusal) -> String {
        var log = ProblemLog()
        guard let root = Self.tree(body, &log) else { throw Refusal(log) }
        _ = Values.identifier(name, root.place, "name", &log)
        let node = Self.withoutActs(root, "description")
        SecretScan.scan(node, "", &log)
        guard FieldReader(node, "", JobTypesReader.typeFields, &log) != nil, !log.hasErrors else {
            throw Refusal(log)
        }
        trial(node, &log)
        if log.hasErrors { throw Refusal(log) }
        return node.json
    }

    /// Reads the job type as a schedule that names it would: what is wrong with it is said now.
    private func trial(_ type: SourceNode, _ log: inout ProblemLog) {
        func text(_ key: String, _ value: String) -> SourceMember {
            SourceMember(
                key: key, place: type.place, value: SourceNode(.text(value), type.place))
        }
        var members = [text("jobId", "trial"), text("every", "1d"), text("targetPipeline", "none")]
        // Which calendar a schedule of it has is for the schedule to say.
        if type["roll"] != nil, type["calendar"] == nil, let calendar = calendars.first {
            members.append(text("calendar", calendar.name))
        }
        let whole = Overlay.merged(type, SourceNode(.map(members), type.place))
        guard
            var job = JobReader(zones: zones, settings: settings).read(whole, "", &log)
        else { return }
        job.targetName.name = ""
        // So are the parameters that limits count by.
        job.definition.parameters = jobTypes.limits.values.map { KeyValue($0.by, "") }
        _ = linker.link([job], &log)
    }

    private static func tree(_ bytes: [UInt8], _ log: inout ProblemLog) -> SourceNode? {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            log.error(SourcePlace("request"), "", "the body is not UTF-8", "send JSON")
            return nil
        }
        do throws(SourceError) {
            return try JSONReader.read(bytes, file: "request")
        } catch {
            log.error(error.place, "", error.message, "send JSON as in RFC 8259")
            return nil
        }
    }

    private static func withoutActs(_ node: SourceNode, _ more: String...) -> SourceNode {
        guard let members = node.members else { return node }
        return SourceNode(
            .map(members.filter { !(actMembers + more).contains($0.key) }), node.place)
    }
}

extension SourceNode {
    /// The value as JSON, the members of each map in the order of their names.
    var json: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text
        case .text(let text): JSONText.quoted(text)
        case .list(let items): "[" + items.map(\.json).joined(separator: ",") + "]"
        case .map(let members):
            "{"
                + members.sorted { precedes($0.key, $1.key) }
                .map { "\(JSONText.quoted($0.key)):\($0.value.json)" }.joined(separator: ",")
                + "}"
        }
    }
}
