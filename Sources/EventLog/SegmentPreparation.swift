/// Making the file of the next segment, or of the reserve, ahead of its need: zeros, synced, under
/// a temporary name.
///
/// A value that any thread can run, while the store writes on. What it leaves behind is ignored and
/// removed by the next opening.
public struct SegmentPreparation: Sendable {
    let disk: any Disk
    /// The temporary name.
    let path: String
    let byteCount: Int

    /// What is written between two syncs: large enough to be quick (64 MiB in 64 steps), small
    /// enough that a batch beside it hardly waits.
    private static let stepByteCount = 1_024 * 1_024

    /// A next segment that is ready.
    public struct Prepared: Sendable {
        let file: DiskFile
        let byteCount: Int
    }

    /// Makes the file.
    ///
    /// Blocks for as long as the disk needs to take its zeros.
    ///
    /// System calls: `open(O_CREAT | O_EXCL)`, `pwrite` and `fdatasync` until it is full.
    /// - Throws: `noSpace` where the disk is full (what was made is removed), `inputOutput`.
    public func run() throws(EventLogError) -> Prepared {
        do throws(DiskError) {
            // What an attempt before this one left.
            let folder = LogPaths.parent(of: path)
            if try disk.list(folder)?.contains(String(path.dropFirst(folder.utf8.count + 1)))
                == true
            {
                try disk.remove(path)
            }
            let file = try disk.open(path, .create)
            do throws(DiskError) {
                try disk.fillWithZeros(
                    file, byteCount: byteCount, stepByteCount: Self.stepByteCount)
            } catch {
                disk.close(file)
                // It gives its space back; if it cannot be removed now, the next attempt does.
                _ = try? disk.remove(path)
                throw error
            }
            return Prepared(file: file, byteCount: byteCount)
        } catch {
            throw EventLogError(disk: error)
        }
    }
}
