/// Moves and copies files so that a crash at any step leaves one whole, under a name that says
/// which.
struct FileSetting: Sendable {
    let disk: any Disk
    let paths: LogPaths

    /// Copies a file: under a temporary name beside `target`, synced, renamed, the folder synced.
    ///
    /// - Returns: false where the source cannot be read.
    func copy(_ source: String, to target: String) throws(DiskError) -> Bool {
        let making = LogPaths.parent(of: target) + "/copy.making"
        try disk.removeLeftOver(making)
        let from = try disk.open(source, .read)
        defer { disk.close(from) }
        guard try fill(making, from: from) else {
            try disk.removeLeftOver(making)
            return false
        }
        try disk.rename(making, to: target)
        try disk.syncFolder(LogPaths.parent(of: target))
        return true
    }

    /// Writes a new file with the bytes of another, and syncs it; false where those cannot be read.
    func fill(_ path: String, from source: DiskFile) throws(DiskError) -> Bool {
        let byteCount = try disk.byteCount(of: source)
        let file = try disk.open(path, .create)
        defer { disk.close(file) }
        var block = ByteBlock(byteCount: min(max(byteCount, 1), 1_024 * 1_024))
        var offset = 0
        while offset < byteCount {
            let count: Int
            // Twice: a read that failed once may not fail again.
            if let first = try? read(source, at: offset, into: &block) {
                count = first
            } else if let second = try? read(source, at: offset, into: &block) {
                count = second
            } else {
                return false
            }
            guard count > 0 else { return false }
            try disk.write(file, at: offset, block.bytes.extracting(0..<count))
            offset += count
        }
        try disk.sync(file)
        return true
    }

    private func read(
        _ file: DiskFile, at offset: Int, into block: inout ByteBlock
    ) throws(DiskError) -> Int {
        var target = block.mutableBytes
        return try disk.read(file, at: offset, into: &target)
    }

    /// Has a copy of a file in quarantine, durably; where it cannot be read whole it is moved there
    /// as it is.
    func quarantine(_ source: String, as target: String) throws(DiskError) {
        if try copy(source, to: target) { return }
        try disk.rename(source, to: target)
        try disk.syncFolder(paths.quarantine)
        try disk.syncFolder(LogPaths.parent(of: source))
    }

    /// A name in a folder that no file has, and none of `taken`; it is added to those.
    func unused(
        _ name: String, in folder: String, _ taken: inout Set<String>
    ) throws(DiskError) -> String {
        let there = try disk.list(folder) ?? []
        var number = 1
        while taken.contains("\(folder)/\(name).\(number)") || there.contains("\(name).\(number)") {
            number += 1
        }
        taken.insert("\(folder)/\(name).\(number)")
        return "\(folder)/\(name).\(number)"
    }
}
