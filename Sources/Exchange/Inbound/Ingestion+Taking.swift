import Engine
import Synchronization

extension Ingestion {
    /// Takes a file out of a partner's folder, durably: from now on it is received, once.
    ///
    /// - Returns: nil where it is there no more.
    /// - Throws: `changed` where its sender has it open to write.
    func take(
        _ path: ExchangePath, partner: String
    ) throws(ExchangeError) -> TakenFile? {
        let taken = TakenFile(
            partner: partner, key: TakenFile.randomKey(), source: .folder,
            originalName: path.name)
        guard try store.exists(path) else { return nil }
        try store.refuseWritten(path)
        _ = try store.move(path, to: try taken.path())
        return taken
    }

    /// Removes a file that the API brought under another file's key, to a caller that is gone.
    func drop(_ taken: TakenFile) throws(ExchangeError) {
        _ = try store.remove(try taken.path())
    }

    /// What was taken by an engine before this one, or could not be received until now, and is in
    /// nobody's hands; in the order of names.
    func takenFiles() throws(ExchangeError) -> [TakenFile] {
        try store.takenFiles(TakenFile.inbound).filter { !inHand.contains($0.key) }
    }
}

extension ExchangeStore {
    /// More of them are not looked at; the others come next.
    private static var takenMax: Int { 10_000 }

    func takenFiles(_ folder: String) throws(ExchangeError) -> [TakenFile] {
        try list(try ExchangePath(folder), countMax: Self.takenMax).entries.compactMap {
            $0.isFolder ? nil : TakenFile(name: $0.path.name)
        }
    }
}

/// The keys of files that callers of the API wait for: nobody else receives them.
final class KeysInHand: Sendable {
    private let keys = Mutex<Set<String>>([])

    /// Takes a key; false where somebody has it.
    func take(_ key: String) -> Bool { keys.withLock { $0.insert(key).inserted } }

    func giveBack(_ key: String) { keys.withLock { _ = $0.remove(key) } }

    func contains(_ key: String) -> Bool { keys.withLock { $0.contains(key) } }
}
