import EventLog
import Events
import Projections
import Synchronization

/// The indexes of one log, kept between questions.
///
/// Whoever asks often keeps one: an engine's API. What was read once is not read again, and what
/// was appended or sealed since is noticed at the next question. It is of one folder. Questions
/// that are asked at the same time wait for each other while the log's end is read, and for nothing
/// else.
public final class HistoryIndex: Sendable {
    /// What the last question knew; nil before the first.
    private let kept = Mutex<LogIndex?>(nil)

    /// Nothing is opened before the first question.
    public init() {}

    /// Asks a question of a folder.
    func ask<Answer>(
        _ folder: DataFolder,
        _ question: (inout HistorySource) throws(ReplayError) -> Answer
    ) throws(ReplayError) -> Answer {
        let index = kept.withLock { kept in
            let index =
                kept
                ?? LogIndex(
                    folder: folder.path, disk: folder.disk, vocabulary: EventVocabulary(),
                    trust: folder.trust)
            kept = index
            return index
        }
        do throws(ReplayError) {
            var source = try HistorySource(folder, index)
            let answer = try question(&source)
            source.index.rest()
            kept.withLock { $0 = source.index }
            return answer
        } catch {
            // What it knew may be why.
            if error.code == .log { kept.withLock { $0 = nil } }
            throw error
        }
    }
}

/// The log as one question sees it, by the indexes of its segments.
struct HistorySource {
    let folder: DataFolder
    fileprivate(set) var index: LogIndex

    /// Takes note of what was appended and sealed since the indexes were used last.
    init(_ folder: DataFolder, _ index: LogIndex) throws(ReplayError) {
        self.folder = folder
        self.index = index
        do throws(EventLogError) { try self.index.refresh() } catch { throw ReplayError(error) }
    }

    /// The sequence after the newest record.
    var end: UInt64 { index.end.rawValue }

    /// The newest sequences of a key below one, descending.
    mutating func newest(
        _ key: String, from first: UInt64 = 0, below end: UInt64, limit: Int
    ) throws(ReplayError) -> [UInt64] {
        guard first < end else { return [] }
        do throws(EventLogError) {
            return try index.sequences(
                ofKey: key, in: SequenceNumber(first)..<SequenceNumber(end),
                order: .newestFirst, limit: limit
            ).map(\.rawValue)
        } catch { throw ReplayError(error) }
    }

    /// The oldest sequences of a key from one on, ascending.
    mutating func oldest(
        _ key: String, from first: UInt64, limit: Int
    ) throws(ReplayError) -> [UInt64] {
        guard first < end else { return [] }
        do throws(EventLogError) {
            return try index.sequences(
                ofKey: key, in: SequenceNumber(first)..<SequenceNumber(end),
                order: .oldestFirst, limit: limit
            ).map(\.rawValue)
        } catch { throw ReplayError(error) }
    }

    /// All sequences of a key that says since when it is, ascending.
    mutating func story(
        _ key: String, since: UInt64, from first: UInt64 = 0, below end: UInt64 = .max
    ) throws(ReplayError) -> [UInt64] {
        guard first < end else { return [] }
        do throws(EventLogError) {
            return try index.sequences(
                ofKey: key, since: SequenceNumber(since),
                in: SequenceNumber(first)..<SequenceNumber(end)
            ).map(\.rawValue)
        } catch { throw ReplayError(error) }
    }

    /// Runs `body` over the records at these sequences, in the order given.
    mutating func forEachRecord(
        at sequences: [UInt64], _ body: (UInt64, RawSpan) throws(ReplayError) -> Void
    ) throws(ReplayError) {
        try index.forEachRecord(
            at: sequences.map { SequenceNumber($0) }, mapping: { ReplayError($0) }
        ) { (sequence, bytes) throws(ReplayError) in
            try body(sequence.rawValue, bytes)
        }
    }

    /// The first record at or after a time; nil where there is none yet.
    mutating func first(atOrAfter time: Int64) throws(ReplayError) -> UInt64? {
        do throws(EventLogError) {
            return try index.firstSequence(atOrAfter: time)?.rawValue
        } catch { throw ReplayError(error) }
    }

    /// A sequence at which, and behind which, all records are later than a time.
    mutating func upperBound(of time: Int64) throws(ReplayError) -> UInt64 {
        do throws(EventLogError) { return try index.upperBound(of: time).rawValue } catch {
            throw ReplayError(error)
        }
    }

    /// The sequences of the frame before one, descending: everything, read backwards.
    mutating func frame(below end: UInt64) throws(ReplayError) -> [UInt64] {
        guard end > 0 else { return [] }
        do throws(EventLogError) {
            let start = try index.frameStart(holding: SequenceNumber(end - 1))
            return start.map { ($0.rawValue..<end).reversed() } ?? []
        } catch { throw ReplayError(error) }
    }
}

extension RawSpan {
    /// The bytes as an array.
    func copied() -> [UInt8] { withUnsafeBytes { Array($0) } }
}
