import Crypto
import Projections
import Synchronization

/// Reads outcomes out of the files that hold them.
///
/// Each file's SHA-256 is compared with the record's once; files of the exchange folder do not
/// change. Outcomes that stand together are read together.
final class OutcomeSource: Sendable {
    private let store: ExchangeStore
    /// Files that were found to be what was recorded, as path and digest.
    private let verified = Mutex<Set<String>>([])

    /// Files of at most so many bytes are read whole, in one go.
    private static let wholeByteCountMax = 4 << 20
    /// Outcomes further apart are read by themselves, bytes.
    private static let gapMax = 4 << 10
    /// As many bytes are read at once, beyond the first outcome of them.
    private static let spanByteCountMax = 4 << 20
    private static let verifiedMax = 10_000

    init(_ store: ExchangeStore) { self.store = store }

    /// The lines of outcomes by their numbers, or why one cannot be read.
    ///
    /// The error's code is `outcome` where the file is not what was recorded; else as `open` of the
    /// store has it.
    /// - Complexity: linear in the bytes that are read; it blocks.
    func lines(of outcomes: [OutcomeState]) -> [UInt64: Result<ArraySlice<UInt8>, ExchangeError>] {
        var lines: [UInt64: Result<ArraySlice<UInt8>, ExchangeError>] = [:]
        lines.reserveCapacity(outcomes.count)
        for (_, group) in Dictionary(grouping: outcomes, by: { $0.path + " " + $0.sha256 }) {
            do throws(ExchangeError) {
                try read(group, into: &lines)
            } catch {
                for outcome in group where lines[outcome.outcome] == nil {
                    lines[outcome.outcome] = .failure(error)
                }
            }
        }
        return lines
    }

    /// Reads outcomes of one file.
    private func read(
        _ outcomes: [OutcomeState],
        into lines: inout [UInt64: Result<ArraySlice<UInt8>, ExchangeError>]
    ) throws(ExchangeError) {
        guard let first = outcomes.first else { return }
        let path = try ExchangePath(first.path)
        let file = try store.open(path)
        let key = first.path + " " + first.sha256
        if file.byteCount <= Self.wholeByteCountMax {
            let bytes = try file.read(at: 0, byteCount: file.byteCount)
            try confirm(key) { Digest.sha256(bytes) == first.sha256 }
            for outcome in outcomes {
                lines[outcome.outcome] = Self.cut(outcome, of: bytes, startingAt: 0)
            }
            return
        }
        try confirm(key) { () throws(ExchangeError) in
            var hash = SHA256()
            while let chunk = try file.nextChunk() { hash.update(data: chunk) }
            return Digest.text(hash.finalize()) == first.sha256
        }
        for span in Self.spans(outcomes) {
            guard let start = span.first?.offset, let end = span.map(Self.end).max(),
                end <= UInt64(file.byteCount), start <= end
            else {
                for outcome in span { lines[outcome.outcome] = .failure(Self.altered) }
                continue
            }
            let bytes = try file.read(at: Int(start), byteCount: Int(end - start))
            for outcome in span {
                lines[outcome.outcome] = Self.cut(outcome, of: bytes, startingAt: start)
            }
        }
    }

    /// Outcomes that are read together, each group sorted by place.
    private static func spans(_ outcomes: [OutcomeState]) -> [[OutcomeState]] {
        var spans: [[OutcomeState]] = []
        var end: UInt64 = 0
        for outcome in outcomes.sorted(by: { $0.offset < $1.offset }) {
            let isNear =
                outcome.offset <= end || outcome.offset - end <= UInt64(gapMax)
            let isSmall =
                spans.last?.first.map {
                    Self.end(outcome) - min($0.offset, Self.end(outcome))
                        <= UInt64(spanByteCountMax)
                } ?? false
            if isNear && isSmall {
                spans[spans.count - 1].append(outcome)
            } else {
                spans.append([outcome])
            }
            end = max(end, Self.end(outcome))
        }
        return spans
    }

    /// Where an outcome ends; a record that no file can have ends nowhere.
    private static func end(_ outcome: OutcomeState) -> UInt64 {
        let (end, overflows) = outcome.offset.addingReportingOverflow(outcome.byteCount)
        return overflows ? .max : end
    }

    private static func cut(
        _ outcome: OutcomeState, of bytes: [UInt8], startingAt start: UInt64
    ) -> Result<ArraySlice<UInt8>, ExchangeError> {
        guard outcome.offset >= start, end(outcome) - start <= UInt64(bytes.count) else {
            return .failure(altered)
        }
        let first = Int(outcome.offset - start)
        return .success(bytes[first..<first + Int(outcome.byteCount)])
    }

    private func confirm(
        _ key: String, _ isSame: () throws(ExchangeError) -> Bool
    ) throws(ExchangeError) {
        if verified.withLock({ $0.contains(key) }) { return }
        guard try isSame() else { throw Self.altered }
        verified.withLock { verified in
            if verified.count >= Self.verifiedMax { verified.removeAll() }
            verified.insert(key)
        }
    }

    private static let altered = ExchangeError(
        "outcome",
        "the file of an outcome is not what was recorded. Bring it back from a copy, then: "
            + "daybook x12 reassemble")
}
