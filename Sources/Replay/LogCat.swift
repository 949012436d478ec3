import EventLog
import Events

/// Prints records as JSON lines.
public struct LogCat: Sendable {
    /// Which records to print.
    public struct Filter: Sendable {
        /// The first sequence; nil for the start.
        public var from: UInt64?
        /// The last sequence, inclusive; nil for the end.
        public var to: UInt64?
        /// Only these types; empty for all.
        public var types: Set<EventType> = []
        /// Only events that speak of this schedule; nil for all.
        public var jobId: String?

        /// Every record.
        public init() {}
    }

    /// What was printed.
    public struct Result: Sendable, Equatable {
        /// Lines.
        public internal(set) var printed = 0
        /// Lines of a type that this build does not know.
        public internal(set) var unknown = 0
        /// Lines of records that are not well formed.
        public internal(set) var malformed = 0
        /// Whether an engine was running, so that only what was proved durable was read.
        public internal(set) var isEngineRunning = false
    }

    /// The types that a name means: a whole name, its end (`run.started`), or the name of a family
    /// (`run`).
    ///
    /// - Throws: `invalid` where no type has that name.
    public static func types(named name: String) throws(ReplayError) -> Set<EventType> {
        let found = EventType.allCases.filter { type in
            type.name == name || type.name == "scheduler.\(name)"
                || type.name.hasPrefix("scheduler.\(name).")
        }
        guard !found.isEmpty else {
            throw ReplayError(
                .invalid,
                "'\(name)' is no event type; `daybook log stat` lists the types of a log, such as "
                    + EventType.runStarted.name)
        }
        return Set(found)
    }

    /// Prints the records that pass the filter, each as one line of JSON without its end.
    ///
    /// A record of a type that this build does not know is printed as its sequence, its time, the
    /// type `unknown`, the number of its payload's field and its byte count; it passes any filter
    /// by schedule only where there is none. One that is not well formed has the type `malformed`
    /// and the reason. Neither ends the printing.
    ///
    /// - Parameter emit: takes a line; false ends the printing.
    public static func run(
        _ folder: DataFolder, _ filter: Filter, _ emit: (String) -> Bool
    ) throws(ReplayError) -> Result {
        var result = Result()
        result.isEngineRunning = folder.isEngineRunning
        _ = try LogScan.run(folder, from: filter.from ?? 0) {
            (sequence, bytes) throws(ReplayError) in
            if let last = filter.to, sequence > last { return .stop }
            guard let line = line(sequence, bytes, filter, &result) else { return .more }
            result.printed += 1
            return emit(line) ? .more : .stop
        }
        return result
    }

    private static func line(
        _ sequence: UInt64, _ bytes: RawSpan, _ filter: Filter, _ result: inout Result
    ) -> String? {
        do {
            let fields = try EventFields(bytes)
            let view = fields.view
            guard let type = view.type else {
                if !filter.types.isEmpty || filter.jobId != nil { return nil }
                result.unknown += 1
                return unknown(sequence, view, byteCount: bytes.byteCount)
            }
            if !filter.types.isEmpty && !filter.types.contains(type) { return nil }
            if let jobId = filter.jobId, try view.jobId(type) != jobId { return nil }
            return try Event(bytes, sequence).json
        } catch {
            result.malformed += 1
            var text = JSONText()
            text.member("sequence", json: String(sequence))
            text.member("type", text: "malformed")
            text.member("reason", text: "\(error)")
            text.member("bytes", json: String(bytes.byteCount))
            return text.object
        }
    }

    private static func unknown(
        _ sequence: UInt64, _ view: borrowing EventView, byteCount: Int
    ) -> String {
        var text = JSONText()
        text.member("sequence", json: String(sequence))
        text.member("type", text: "unknown")
        text.member("number", json: String(view.payloadNumber))
        text.member("time", text: UTCText.of(microseconds: view.time))
        text.member("bytes", json: String(byteCount))
        return text.object
    }
}
