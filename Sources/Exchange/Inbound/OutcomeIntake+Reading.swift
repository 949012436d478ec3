import Engine
import Events
import Projections
import X12

// What a file of outcomes is refused for, as a whole, beside what its lines hold.
extension OutcomeIntake {
    /// Keys that are looked up at once.
    private static let keysMax = 10_000

    /// Reads a file, and checks that each partner is sent what the line says, and that each line
    /// answers a file that may have come.
    func read(_ path: ExchangePath) async throws -> [OutcomeReader.Entry] {
        let partners = try await partners()
        let next = try await engine.read { $0.nextSequence }
        return try await Blocking.run { [store] () throws in
            let file = try store.open(path)
            let lines = LineReader { () throws(ExchangeError) in try file.nextChunk() ?? [] }
            let entries = try OutcomeReader.entries(lines) { name in
                partners[name].flatMap { try? CompositionOrder.delimiters($0.delimiters) }
            }
            for (index, entry) in entries.enumerated() {
                if partners[entry.partner]?.sends.contains(entry.type.rawValue) != true {
                    throw Self.bad(
                        index, "type",
                        "the partner is not sent a \(entry.type.rawValue); name it under 'sends' "
                            + "of its configuration")
                }
                if let ingestion = entry.ingestion, ingestion >= next {
                    throw Self.bad(
                        index, "ingestion",
                        "no file was received under this number; write the one that 'daybook x12 "
                            + "received' shows, or leave the field out")
                }
            }
            return entries
        }
    }

    private func partners() async throws -> [String: PartnerDefinition] {
        try await engine.read { state in
            var partners: [String: PartnerDefinition] = [:]
            state.exchange.partners.forEach { known in
                if known.tenant == ExchangeTenant.name, let partner = known.partner {
                    partners[partner.name] = partner
                }
            }
            return partners
        }
    }

    private static func bad(_ index: Int, _ field: String, _ what: String) -> ExchangeError {
        ExchangeError(
            "outcome",
            "line \(index + 1), field '\(field)': \(what). Nothing of the file was taken")
    }

    /// Refuses a file in which an `id` that was taken before stands for something else.
    ///
    /// It is seen as long as the first is in the engine's memory, which is until its file is
    /// written.
    func refuseOthers(_ entries: [OutcomeReader.Entry], _ path: ExchangePath) async throws {
        for start in stride(from: 0, to: entries.count, by: Self.keysMax) {
            let portion = Array(entries[start..<min(start + Self.keysMax, entries.count)])
            let keys = portion.map {
                ExchangeKey.outcome($0.partner, $0.type.rawValue, $0.id ?? "")
            }
            let known = try await engine.exchange(.lookUp(keys)).known
            let before = try await engine.read { state in
                known.map { $0 == 0 ? nil : state.exchange.outcomes[$0] }
            }
            let other = try await Blocking.run { [store] () throws in
                try Self.firstOther(portion, path, before, store)
            }
            if let other {
                throw Self.bad(
                    start + other, "id",
                    "another outcome of this partner and type was taken under it; give each its own"
                )
            }
        }
    }

    /// The first entry that is not what stands where its id was taken from; nil for none.
    ///
    /// What cannot be read any more is not compared.
    private static func firstOther(
        _ entries: [OutcomeReader.Entry], _ path: ExchangePath, _ before: [OutcomeState?],
        _ store: ExchangeStore
    ) throws(ExchangeError) -> Int? {
        var files: [String: ExchangeFile] = [:]
        func line(_ text: String, _ offset: UInt64, _ count: UInt64) throws(ExchangeError)
            -> [UInt8]
        {
            if let file = files[text] {
                return try file.read(at: Int(offset), byteCount: Int(count))
            }
            if files.count >= 16 { files = [:] }  // each is open
            let file = try store.open(try ExchangePath(text))
            files[text] = file
            return try file.read(at: Int(offset), byteCount: Int(count))
        }
        for (index, entry) in entries.enumerated() {
            guard let known = before[index] else { continue }
            if known.path == path.text && known.offset == entry.offset { continue }
            let old: [UInt8]
            do throws(ExchangeError) {
                old = try line(known.path, known.offset, known.byteCount)
            } catch let error where !error.isTransient {
                continue
            }
            let new = try line(path.text, entry.offset, entry.byteCount)
            if old == new { continue }
            guard let said = outcome(old), said == outcome(new) else { return index }
        }
        return nil
    }

    /// What a line says, however it is written.
    private static func outcome(_ line: [UInt8]) -> Outcome? {
        try? Outcome.read(line[...], Outcome.businessTypes) { _ in X12Delimiters() }
    }
}
