import Glibc

/// What stands in a folder of the exchange.
public struct ExchangeListing: Sendable, Equatable {
    /// Files and folders, sorted by path.
    public var entries: [ExchangeEntry] = []
    /// How many names are no path: not UTF-8, with control characters, or too long; or are neither
    /// a file nor a folder, such as links.
    public var refusedCount = 0
    /// Whether that is all; else the limit was reached, and others are there.
    public var isWhole = true

    /// Nothing.
    public init() {}
}

/// A name in a folder.
public struct ExchangeEntry: Sendable, Hashable {
    /// Its path.
    public let path: ExchangePath
    /// Whether it is a folder.
    public let isFolder: Bool
    /// The size on disk in bytes, which is larger than the content's where it is encrypted.
    public let byteCount: Int
    /// When its bytes last changed, µs.
    public let changedAt: Int64
}

extension ExchangeStore {
    /// What stands in a folder, temporary names left out; nothing where it is not there.
    ///
    /// It blocks.
    /// - Parameter path: the folder; nil for the root.
    /// - Parameter countMax: the most entries; where there are more, which of them is not said.
    /// - Complexity: O(names in the folder).
    public func list(
        _ path: ExchangePath?, countMax: Int
    ) throws(ExchangeError) -> ExchangeListing {
        var listing = ExchangeListing()
        let place = path?.text ?? "the root"
        guard let opened = try folder.open(path?.names ?? []) else { return listing }
        try folder.names(in: opened, place) { (name) throws(ExchangeError) in
            if Self.isTemporary(name) { return true }
            guard listing.entries.count < countMax else {
                listing.isWhole = false
                return false
            }
            let text = (path.map { $0.text + "/" } ?? "") + name
            guard let below = try? ExchangePath(text),
                let info = try folder.look(name, in: opened, below.description)
            else {
                listing.refusedCount += 1
                return true
            }
            let kind = info.st_mode & S_IFMT
            guard kind == S_IFREG || kind == S_IFDIR else {
                listing.refusedCount += 1
                return true
            }
            let changed = info.st_mtim
            listing.entries.append(
                ExchangeEntry(
                    path: below, isFolder: kind == S_IFDIR, byteCount: Int(info.st_size),
                    changedAt: Int64(changed.tv_sec) * 1_000_000 + Int64(changed.tv_nsec) / 1_000))
            return true
        }
        listing.entries.sort { $0.path < $1.path }
        return listing
    }

    /// Removes what writes that were killed left behind, and answers how many files that were.
    ///
    /// Call it at the start, before anything is written: a temporary name of a write that is under
    /// way would go too. `inbound/` and `spool/` are looked through like the others.
    /// - Complexity: O(names in the whole folder); it blocks.
    @discardableResult
    public func clearLeftovers() throws(ExchangeError) -> Int {
        try clearLeftovers([], depth: 0)
    }

    private func clearLeftovers(
        _ names: [Substring], depth: Int
    ) throws(ExchangeError) -> Int {
        let place = names.joined(separator: "/")
        guard depth <= ExchangePath.depthMax, let opened = try folder.open(names) else { return 0 }
        var leftovers: [String] = []
        var folders: [String] = []
        try folder.names(in: opened, place) { (name) throws(ExchangeError) in
            if Self.isTemporary(name) {
                leftovers.append(name)
            } else if let info = try folder.look(name, in: opened, place),
                info.st_mode & S_IFMT == S_IFDIR
            {
                folders.append(name)
            }
            return true
        }
        for name in leftovers { _ = try folder.remove(name, in: opened, place) }
        if !leftovers.isEmpty { try folder.syncFolder(opened, place) }
        var count = leftovers.count
        for name in folders { count += try clearLeftovers(names + [name[...]], depth: depth + 1) }
        return count
    }
}
