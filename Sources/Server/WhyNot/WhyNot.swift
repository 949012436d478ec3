import Events
import Replay
import Timetable

/// Why a schedule ran, or did not run, at a moment: in sentences, from the log alone.
public struct WhyNot: Sendable {
    /// What became of an occurrence.
    public enum Verdict: String, Sendable, CaseIterable {
        /// It ran: it succeeded, or failed for good.
        case ran
        /// Its run is not over.
        case open
        /// It was skipped, alone or with others.
        case skipped
        /// It was missed, alone or with others.
        case missed
        /// Its run was cancelled.
        case cancelled
        /// The definition that held then does not name the moment.
        case noOccurrence
        /// The schedule was not there then: not yet, or not any more.
        case notThere
        /// The definition that held then was switched off.
        case disabled
        /// The engine was down then, and has not been up since.
        case engineDown
        /// It was an occurrence, and the log says nothing of it.
        case undecided
        /// The moment is still to come.
        case future
        /// This machine cannot say: it cannot take the definition that held then.
        case unknown
    }

    /// A fact, with the event that proves it.
    public struct Sentence: Sendable, Equatable {
        /// The event's sequence; nil where it follows from the definition or the end of the log.
        public let sequence: UInt64?
        /// The event's time, µs since 1970 UTC.
        public let time: Int64?
        /// The fact.
        public let text: String

        init(_ text: String, _ sequence: UInt64? = nil, _ time: Int64? = nil) {
            self.text = text
            self.sequence = sequence
            self.time = time
        }
    }

    /// What became of one moment.
    public struct Item: Sendable {
        /// The moment, µs since 1970 UTC.
        public let at: Int64
        /// The same in the schedule's zone, with its offset.
        public let local: String
        /// What became of it.
        public let verdict: Verdict
        /// The run's number, where there is a run.
        public let run: UInt64?
        /// The answer in one sentence.
        public let headline: String
        /// What it stands on.
        public let sentences: [Sentence]
    }

    /// The schedule's id.
    public let jobId: String
    /// The zone in which local times are meant.
    public let zone: String
    /// An item for each moment, and each run of it, in order of time.
    public internal(set) var items: [Item] = []
    /// How many more occurrences the date has that are not told of.
    public internal(set) var more = 0
    /// What is to be said of the question itself; empty for nothing.
    public internal(set) var remarks: [String] = []
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool

    /// So many occurrences of a date are told of.
    public static let itemsMax = 100

    /// The answer as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("jobId", text: jobId)
        text.member("timeZone", text: zone)
        text.member("items", json: "[" + items.map(\.json).joined(separator: ",") + "]")
        text.member("more", json: String(more))
        let remarks = remarks.map(JSONText.quoted).joined(separator: ",")
        text.member("remarks", json: "[\(remarks)]")
        text.member("engineRunning", json: "\(isEngineRunning)")
        return text.object
    }
}

extension WhyNot.Item {
    fileprivate var json: String {
        var text = JSONText()
        text.member("at", text: UTCText.of(microseconds: at))
        text.member("local", text: local)
        text.member("verdict", text: verdict.rawValue)
        text.member("run", json: run.map { String($0) } ?? "null")
        text.member("headline", text: headline)
        let items = sentences.map { sentence in
            var item = JSONText()
            item.member("sequence", json: sentence.sequence.map { String($0) } ?? "null")
            item.member(
                "time",
                json: sentence.time.map { JSONText.quoted(UTCText.of(microseconds: $0)) } ?? "null")
            item.member("text", text: sentence.text)
            return item.object
        }
        text.member("sentences", json: "[" + items.joined(separator: ",") + "]")
        return text.object
    }
}
