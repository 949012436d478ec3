// Whole small files, as every disk can read and replace them.

extension Disk {
    /// Whether a file is there, and can be read.
    package func hasFile(_ path: String) throws(DiskError) -> Bool {
        do throws(DiskError) {
            close(try open(path, .read))
            return true
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return false
        }
    }

    /// The bytes of a file; nil where it has more than `byteCountMax`.
    package func contents(of path: String, byteCountMax: Int) throws(DiskError) -> [UInt8]? {
        let file = try open(path, .read)
        defer { close(file) }
        let byteCount = try byteCount(of: file)
        guard byteCount <= byteCountMax else { return nil }
        var block = ByteBlock(byteCount: byteCount)
        var target = block.mutableBytes
        let count = try read(file, at: 0, into: &target)
        return block.bytes.extracting(0..<count).copied()
    }

    /// Writes a file under a temporary name in the same folder, syncs it, gives it its name, and
    /// syncs the folder: a crash leaves the old file or the new one, whole.
    package func replaceFile(
        _ name: String, in folder: String, via temporary: String, with bytes: [UInt8]
    ) throws(DiskError) {
        let making = folder + "/" + temporary
        // What a crash left of an earlier one.
        if try list(folder)?.contains(temporary) == true { try remove(making) }
        let file = try open(making, .create)
        do throws(DiskError) {
            // Safe: the bytes of an array, which lives to the end of the call.
            try write(file, at: 0, unsafe bytes.span.bytes)
            try sync(file)
        } catch {
            close(file)
            throw error
        }
        close(file)
        try rename(making, to: folder + "/" + name)
        try syncFolder(folder)
    }
}
