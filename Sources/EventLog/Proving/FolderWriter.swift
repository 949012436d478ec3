/// Writes whole files into a tree of folders: under a temporary name, synced, renamed.
///
/// A file that has its name has all its bytes. Folders are not synced: what a crash takes is made
/// again.
struct FolderWriter {
    let disk: any Disk
    /// The folder at the top; the one above it must exist.
    let root: String
    private var made: Set<String> = []

    init(disk: any Disk, root: String) {
        self.disk = disk
        self.root = root
    }

    /// Writes a file at a path below `root`, in the place of what has its name.
    mutating func write(_ bytes: [UInt8], to path: String) throws(DiskError) {
        try makeFolders(above: path)
        // A name of its own for each, so that a crash that keeps one rename and loses another
        // cannot put one file's bytes under the name of another.
        let temporary = root + "/" + path + ".making"
        try disk.removeLeftOver(temporary)
        let file = try disk.open(temporary, .create)
        do throws(DiskError) {
            defer { disk.close(file) }
            // Safe: the bytes of an array, which lives to the end of the call.
            try disk.write(file, at: 0, unsafe bytes.span.bytes)
            try disk.sync(file)
        } catch {
            // If it cannot be removed now, the next attempt does.
            _ = try? disk.remove(temporary)
            throw error
        }
        try disk.rename(temporary, to: root + "/" + path)
    }

    /// The bytes of a file below `root`; nil where there is none, or it is longer than
    /// `byteCountMax`.
    func read(_ path: String, byteCountMax: Int) throws(DiskError) -> [UInt8]? {
        do throws(DiskError) {
            return try disk.contents(of: root + "/" + path, byteCountMax: byteCountMax)
        } catch {
            if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
            throw error
        }
    }

    private mutating func makeFolders(above path: String) throws(DiskError) {
        let folder = LogPaths.parent(of: root + "/" + path)
        if made.contains(folder) { return }
        var present = root
        _ = try disk.createFolder(present)
        for part in folder.dropFirst(root.utf8.count).split(separator: "/") {
            present += "/" + part
            _ = try disk.createFolder(present)
        }
        made.insert(folder)
    }
}
