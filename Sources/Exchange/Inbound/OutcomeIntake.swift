import Engine
import Events
import Projections
import X12

/// Takes in files of outcomes from business systems: each outcome once, by the name that its source
/// gave it.
///
/// A file is copied below `outcomes/` (durable), read there, and recorded in portions. A kill
/// between two leaves the taken file, which is taken in again: what was recorded is known.
public struct OutcomeIntake: Sendable {
    /// What came of a file.
    public struct Report: Sendable {
        /// How many outcomes it has.
        public let count: Int
        /// How many were new.
        public let taken: Int
        /// Where it is kept.
        public let path: String
        /// Which partners and types they are of.
        let scopes: Set<OutcomeScope>
        /// Whether it was written to after it was copied, so that it is taken once more.
        let isPutBack: Bool
    }

    let engine: any ExchangeEngine
    let store: ExchangeStore
    let now: @Sendable () -> Int64
    let inHand = KeysInHand()

    /// So many are recorded in one decision.
    private static let portion = 2_000
    /// Where files lie that are being taken in.
    static let takenFolder = "spool/_taken"

    /// Takes a file out of `spool/`, durably; nil where it is there no more.
    ///
    /// - Throws: `changed` where somebody has it open to write.
    func take(_ path: ExchangePath) throws(ExchangeError) -> TakenFile? {
        let taken = TakenFile(
            partner: TakenFile.spool, key: TakenFile.randomKey(), source: .folder,
            originalName: path.name)
        guard try store.exists(path) else { return nil }
        try store.refuseWritten(path)
        _ = try store.move(path, to: try taken.path(in: Self.takenFolder))
        return taken
    }

    /// What was taken, is not recorded yet, and is in nobody's hands.
    func takenFiles() throws(ExchangeError) -> [TakenFile] {
        try store.takenFiles(Self.takenFolder).filter { !inHand.contains($0.key) }
    }

    /// Takes a file in.
    ///
    /// - Throws: `ExchangeError` with code `outcome` where a line is bad: then nothing of it was
    ///   taken, and the file is where it was.
    func receive(_ taken: TakenFile, _ who: Authority = .engine) async throws -> Report {
        let source = try taken.path(in: Self.takenFolder)
        let time = now()
        let (path, copy) = try await Blocking.run { [store] () throws in
            if taken.source == .folder { try store.refuseWritten(source) }
            let copy = try store.stage(source, into: "outcomes") { _ in }
            let path = try ExchangePath.outcomes(at: time, sha256: copy.sha256)
            try store.place(copy, at: path)
            return (path, copy)
        }
        let entries: [OutcomeReader.Entry]
        do {
            entries = try await read(path)
            try await refuseOthers(entries, path)
        } catch let error as ExchangeError where error.code == "outcome" {
            // The same content is as bad at any other time: nothing refers to the copy.
            try await Blocking.run { [store] in _ = try store.remove(path) }
            throw error
        }
        var count = 0
        for start in stride(from: 0, to: entries.count, by: Self.portion) {
            let portion = entries[start..<min(start + Self.portion, entries.count)].map {
                Self.outcome($0, path, copy.sha256)
            }
            count += try await engine.exchange(
                .outcomes(portion, source: taken.source.rawValue, who)
            ).taken
        }
        let fate = try await Blocking.run { [store] in
            try store.release(source, copiedAs: copy, backTo: try Self.spool, taken)
        }
        return Report(
            count: entries.count, taken: count, path: path.text,
            scopes: Set(
                entries.map { OutcomeScope(partner: $0.partner, type: $0.type.rawValue) }),
            isPutBack: fate == .putBack)
    }

    /// Where business systems drop files.
    private static var spool: ExchangePath {
        get throws(ExchangeError) { try ExchangePath("spool") }
    }

    private static func outcome(
        _ entry: OutcomeReader.Entry, _ path: ExchangePath, _ sha256: String
    ) -> NewOutcome {
        var outcome = NewOutcome()
        outcome.partner = entry.partner
        outcome.type = entry.type.rawValue
        outcome.id = entry.id ?? ""
        outcome.path = path.text
        outcome.sha256 = sha256
        outcome.offset = entry.offset
        outcome.byteCount = entry.byteCount
        outcome.ingestion = entry.ingestion ?? 0
        outcome.group = entry.group ?? ""
        return outcome
    }

    /// Sets a taken file aside whose lines are bad, with the reason beside it; encrypted where
    /// files are, but for the reason.
    ///
    /// - Returns: whether it went there; one that was written to meanwhile is taken once more.
    func refuse(_ taken: TakenFile, _ error: ExchangeError) throws(ExchangeError) -> SourceFate {
        let source = try taken.path(in: Self.takenFolder)
        let path = try taken.path(in: ExchangePath.refused)
        var reason = JSONText()
        reason.member("reason", text: error.code)
        reason.member("message", text: error.message)
        try store.write([
            PendingFile(
                path: try ExchangePath("\(ExchangePath.refused)/\(taken.key).reason.json"),
                content: Array((reason.object + "\n").utf8), metadata: nil, isPlain: true)
        ])
        let copy = try store.stage(source, into: ExchangePath.refused) { _ in }
        try store.place(copy, at: path)
        return try store.release(source, copiedAs: copy, backTo: try Self.spool, taken)
    }
}

/// Outcomes of one partner and type.
struct OutcomeScope: Hashable, Sendable {
    let partner: String
    let type: String
}
