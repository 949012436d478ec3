import EventLog
import Events
import Projections
import Synchronization

/// The indexes of one log, kept open between questions.
///
/// Whoever asks often keeps one: an engine's API. Footers and indexes that were read once are not
/// read again, and a segment that was sealed since is noticed at the next question.
public final class HistoryIndex: Sendable {
    /// The indexes while nobody asks.
    ///
    /// A question takes them along: a second one at the same time
    /// opens its own, so that nobody waits for a slow one.
    private let idle = Mutex<LogIndex?>(nil)

    /// Nothing is opened before the first question.
    public init() {}

    /// Asks a question of a folder.
    func ask<Answer>(
        _ folder: DataFolder,
        _ question: (inout HistorySource) throws(ReplayError) -> Answer
    ) throws(ReplayError) -> Answer {
        let kept = idle.withLock { index in
            defer { index = nil }
            return index
        }
        var source = try HistorySource(folder, kept)
        let answer = try question(&source)
        let index = source.index
        // After an error it is opened anew: what it knew may be why.
        idle.withLock { $0 = index }
        return answer
    }
}

/// The log as one question sees it: sealed segments by their indexes, and what is behind them.
struct HistorySource {
    let folder: DataFolder
    private(set) var index: LogIndex

    /// Opens the indexes, or takes note of what was sealed since they were used last.
    init(_ folder: DataFolder, _ kept: consuming LogIndex?) throws(ReplayError) {
        self.folder = folder
        do throws(EventLogError) {
            if var kept {
                try kept.refresh()
                index = kept
            } else {
                index = try LogIndex.open(
                    folder: folder.path, disk: folder.disk, vocabulary: EventVocabulary())
            }
        } catch { throw ReplayError(error) }
    }

    /// The first sequence that no index tells of.
    var indexedEnd: UInt64 { index.indexedEnd.rawValue }

    /// Runs `body` over the records that no index tells of, in order.
    func forEachUnindexed(
        from first: UInt64 = 0, _ body: (UInt64, RawSpan) throws(ReplayError) -> LogScan.Step
    ) throws(ReplayError) {
        var reader: LogReader
        do throws(EventLogError) { reader = try index.unindexedReader(trust: folder.trust) } catch {
            throw ReplayError(error)
        }
        let from = first > indexedEnd ? first : 0
        _ = try LogScan.run(&reader, from: from, body)
    }

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
        guard first < indexedEnd else { return [] }
        do throws(EventLogError) {
            return try index.sequences(
                ofKey: key, in: SequenceNumber(first)..<SequenceNumber(indexedEnd),
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

    /// Runs `body` over the records of sealed segments at these sequences, in the order given.
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
            return try index.firstSequence(atOrAfter: time, trust: folder.trust)?.rawValue
        } catch { throw ReplayError(error) }
    }

    /// A sequence that no sealed record after a time is older than.
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
