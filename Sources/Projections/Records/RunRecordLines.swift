import EventLog
import Events

/// One line of the run records, without its end.
package struct RunRecordLine: Sendable, Equatable {
    /// The sequence of the terminal event.
    package let sequence: UInt64
    /// That event's time, µs since 1970 UTC.
    package let time: Int64
    /// The sequence that a fold must begin at to go on after this line: its oldest open run's.
    package let foldFrom: UInt64
    /// The JSON.
    package let json: String

    /// A line.
    package init(sequence: UInt64, time: Int64, foldFrom: UInt64, json: String) {
        self.sequence = sequence
        self.time = time
        self.foldFrom = foldFrom
        self.json = json
    }

    /// The JSON of a line that may have gone out before: it says so at its end.
    package var redeliveredJSON: String { json.dropLast() + ",\"redelivered\":true}" }

    /// Reads what a line begins with; nil where it is no line of run records.
    ///
    /// It must be whole: one object, without the line feed, and no byte that JSON escapes, as the
    /// zeros of a page that was never written are.
    package static func place(in line: some Collection<UInt8>) -> (log: String, sequence: UInt64)? {
        let start = "{\"format\":\(RunRecord.format),\"log\":\"".utf8
        let middle = "\",\"sequence\":".utf8
        guard line.starts(with: start), line.allSatisfy({ $0 >= 0x20 }), line.hasEnd("}") else {
            return nil
        }
        var rest = line.dropFirst(start.count)
        let log = rest.prefix(32)
        rest = rest.dropFirst(32)
        guard log.count == 32, rest.starts(with: middle) else { return nil }
        let digits = rest.dropFirst(middle.count).prefix { (0x30...0x39).contains($0) }
        guard let sequence = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (String(decoding: log, as: UTF8.self), sequence)
    }
}

extension Collection<UInt8> {
    fileprivate func hasEnd(_ end: Unicode.Scalar) -> Bool {
        guard !isEmpty else { return false }
        return self[index(endIndex, offsetBy: -1)] == UInt8(ascii: end)
    }
}

/// Makes the lines of run records from the records of a log, in order: for the engine's keeper and
/// for the command alike.
package struct RunRecordLines: ~Copyable {
    private let log: LogIdentity
    private var fold = RunRecordFold()
    private var tags: DefinitionTags
    /// The sequence after the last record that was taken; 0 before the first.
    package private(set) var next: UInt64 = 0

    /// Lines of a log.
    ///
    /// - Parameters:
    ///   - log: its identity.
    ///   - folder: the data folder, where definitions are looked up.
    ///   - disk: what it lies on.
    ///   - trust: how much of the log is read.
    package init(log: LogIdentity, folder: String, disk: any Disk, trust: LogReader.Trust) {
        self.log = log
        tags = DefinitionTags(folder: folder, disk: disk, trust: trust)
    }

    /// The sequence that a fold must begin at to know of every run that is open now.
    package var foldFrom: UInt64 { fold.oldestRun ?? next }

    /// How many runs are open.
    package var openCount: Int { fold.openCount }

    /// Takes in a record.
    ///
    /// Reads the definition of a run that ended from the log, where it is not one of the last few
    /// thousand: blocks for that.
    ///
    /// - Parameter isWanted: whether a line is to be made of the terminal event.
    /// - Returns: the line, where this event ended a run or occurrences.
    /// - Throws: `ProjectionError` where a record is not well formed, `EventLogError` where the
    ///   definition cannot be read.
    package mutating func take(
        _ record: RawSpan, sequence: UInt64, isWanted: Bool = true
    ) throws -> RunRecordLine? {
        let ended = try fold.take(record, sequence: sequence)
        next = sequence + 1
        guard let ended, isWanted else { return nil }
        let tags = ended.definition == 0 ? nil : try tags.find(ended.definition)
        return RunRecordLine(
            sequence: sequence, time: ended.completed, foldFrom: foldFrom,
            json: ended.json(log: log, tags: tags))
    }
}

/// The tags of definitions, read from the log by their sequences, the last few thousand kept.
struct DefinitionTags: ~Copyable {
    private let folder: String
    private let disk: any Disk
    private let trust: LogReader.Trust
    private var known: [UInt64: [String]?] = [:]

    /// At about a hundred bytes each, half a megabyte.
    private static let knownCountMax = 4_096

    init(folder: String, disk: any Disk, trust: LogReader.Trust) {
        self.folder = folder
        self.disk = disk
        self.trust = trust
    }

    /// The tags of a definition; nil where the log does not hold it any more, or it is none.
    mutating func find(_ sequence: UInt64) throws -> [String]? {
        if let found = known[sequence] { return found }
        let found = try read(sequence)
        if known.count >= Self.knownCountMax { known.removeAll(keepingCapacity: true) }
        known[sequence] = .some(found)
        return found
    }

    private func read(_ sequence: UInt64) throws -> [String]? {
        var reader = try LogReader.open(folder: folder, disk: disk, trust: trust)
        do throws(EventLogError) { try reader.seek(to: SequenceNumber(sequence)) } catch {
            if error.code == .sequenceAbsent { return nil }
            throw error
        }
        guard try reader.nextBatch() != nil else { return nil }
        var tags: [String]?
        try reader.forEachRecord { (place, bytes) throws(ProjectionError) in
            guard place.rawValue == sequence else { return }
            do throws(WireError) {
                let fields = try EventFields(bytes)
                let view = fields.view
                let type = view.type
                guard type == .scheduleCreated || type == .scheduleUpdated else { return }
                tags = try ScheduleDefinition(decoding: view.content(2)).tags
            } catch {
                throw ProjectionError(error, sequence: sequence)
            }
        }
        return tags
    }
}
