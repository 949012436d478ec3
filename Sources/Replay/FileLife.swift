import Events
import Projections

/// Every event of one exchanged file, in order: its own, those of what it is made of or of the
/// files that answer it, and those of its alerts.
public struct FileLife: Sendable {
    /// The file's number: of one of ours, of a received one (its ingestion id), of an outcome or of
    /// a duplicate.
    public let file: UInt64
    /// Its events, decoded.
    public let events: [Event]
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool

    /// The life as one JSON object: the number and the events.
    public var json: String {
        var text = JSONText()
        text.member("file", json: String(file))
        text.member("events", json: "[" + events.map(\.json).joined(separator: ",") + "]")
        text.member("engineRunning", json: "\(isEngineRunning)")
        return text.object
    }
}

extension History {
    /// The whole life of an exchanged file, by its number: the sequence of the event that it began
    /// with.
    ///
    /// Of a received file, or an outcome, the files that were made for it are part of it.
    ///
    /// - Throws: `notFound` where the number is not that of a file, an outcome or a duplicate;
    ///   `log`, `notApplicable`.
    /// - Complexity: O(the events); before the first question, the bytes that are not sealed yet.
    ///   Memory for the events.
    public func life(ofFile file: UInt64) throws(ReplayError) -> FileLife {
        try index.ask(folder) { (source) throws(ReplayError) in
            var finder = FileFinder(file)
            if file < source.end { try finder.find(&source) }
            guard finder.events.first?.envelope.sequence == file else {
                throw ReplayError(
                    .notFound, sequence: file,
                    "sequence \(file) is not that of an exchanged file, an outcome or a duplicate")
            }
            return FileLife(
                file: file, events: finder.events,
                isEngineRunning: source.folder.isEngineRunning)
        }
    }
}

/// Picks the events of one file.
private struct FileFinder {
    let file: UInt64
    var events: [Event] = []
    /// The file, and the ones that were made for it.
    private var files: Set<UInt64>
    private var alerts: Set<UInt64> = []
    /// Whether it is one that others are made for.
    private var isAnswered = false

    init(_ file: UInt64) {
        self.file = file
        files = [file]
    }

    /// Takes what the log has: what is found names more to look for, in two rounds at the
    /// most (the files made for it, then their alerts).
    mutating func find(_ source: inout HistorySource) throws(ReplayError) {
        var asked: Set<String> = []
        var found: Set<UInt64> = []
        var last = self
        while true {
            let keys =
                last.files.map { (EventVocabulary.key(file: $0), $0) }
                + last.alerts.map { (EventVocabulary.key(alert: $0), $0) }
            let new = keys.filter { !asked.contains($0.0) }
            if new.isEmpty { break }
            for (key, since) in new {
                asked.insert(key)
                found.formUnion(try source.story(key, since: since))
            }
            last = self
            try source.forEachRecord(at: found.sorted()) { (sequence, bytes) throws(ReplayError) in
                try last.take(sequence, bytes)
            }
        }
        self = last
    }

    /// Takes a record, if it is of the file: records come in the order of the log.
    mutating func take(_ sequence: UInt64, _ bytes: RawSpan) throws(ReplayError) {
        do throws(WireError) { guard try isWanted(bytes) else { return } } catch {
            throw .malformed(error, sequence)
        }
        events.append(try Event(bytes, sequence))
    }

    private mutating func isWanted(_ bytes: RawSpan) throws(WireError) -> Bool {
        let fields = try EventFields(bytes)
        let view = fields.view
        guard let type = view.type else { return false }
        switch type {
        case .alertCleared, .alertAcknowledged, .alertEscalated, .notificationSent,
            .notificationFailed:
            return alerts.contains(view.uint(1))
        default: break
        }
        let sequence = view.sequence
        var isOwn = false
        var isOfFile = false
        EventVocabulary.forEachFile(of: type, view) { number in
            if number == file { isOwn = true }
            if files.contains(number) { isOfFile = true }
        }
        guard isOfFile else { return false }
        // What a file that was made for it is made of besides is none of its life.
        if type == .fileGrouped && !isOwn && !files.contains(sequence) { return false }
        if sequence == file { isAnswered = type == .fileReceived || type == .outcomeReceived }
        if type == .fileGrouped && isOwn && isAnswered { files.insert(sequence) }
        if type == .alertRaised { alerts.insert(sequence) }
        return true
    }
}
