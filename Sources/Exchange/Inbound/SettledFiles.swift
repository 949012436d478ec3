/// Which dropped files nobody writes to any more: their size and time have not changed for a while.
struct SettledFiles {
    private struct Seen {
        let byteCount: Int
        let changedAt: Int64
        let since: Duration
    }

    private var seen: [ExchangePath: Seen] = [:]
    private let settle: Duration

    /// Names that senders give to files that they still write.
    private static let unfinishedEnds = [".tmp", ".part", ".filepart"]

    init(settle: Duration) { self.settle = settle }

    /// Whether a file is to be left where it is: its name says that it is not finished.
    static func isUnfinished(_ name: String) -> Bool {
        let lower = name.lowercased()
        return name.hasPrefix(".") || unfinishedEnds.contains { lower.hasSuffix($0) }
    }

    /// Takes a look at a folder: the files in it that may be taken, the oldest first.
    ///
    /// - Parameter now: from any moment on.
    /// - Complexity: O(n log n) in the entries.
    mutating func look(_ entries: [ExchangeEntry], at now: Duration) -> [ExchangePath] {
        var next: [ExchangePath: Seen] = [:]
        var settled: [ExchangeEntry] = []
        for entry in entries where !entry.isFolder && !Self.isUnfinished(entry.path.name) {
            var since = now
            if let known = seen[entry.path], known.byteCount == entry.byteCount,
                known.changedAt == entry.changedAt
            {
                since = known.since
            }
            next[entry.path] = Seen(
                byteCount: entry.byteCount, changedAt: entry.changedAt, since: since)
            if now - since >= settle { settled.append(entry) }
        }
        seen = next
        return settled.sorted { ($0.changedAt, $0.path) < ($1.changedAt, $1.path) }.map(\.path)
    }
}
