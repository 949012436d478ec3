/// Making the file of the next segment ahead of its need: zeros, synced, under a temporary name.
///
/// A value that any thread can run, while the store writes on. What it leaves behind is ignored and
/// removed by the next opening.
public struct SegmentPreparation: Sendable {
    let disk: any Disk
    let paths: LogPaths
    let byteCount: Int

    /// What is written between two syncs: large enough to be quick (64 MiB in 256 steps), small
    /// enough that a batch beside it hardly waits.
    private static let stepByteCount = 256 * 1_024

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
            if try disk.list(paths.log)?.contains(LogFormat.preparingName) == true {
                try disk.remove(paths.preparing)
            }
            let file = try disk.open(paths.preparing, .create)
            do throws(DiskError) {
                try disk.fillWithZeros(
                    file, byteCount: byteCount, stepByteCount: Self.stepByteCount)
            } catch {
                disk.close(file)
                // It gives its space back; if it cannot be removed now, the next attempt does.
                _ = try? disk.remove(paths.preparing)
                throw error
            }
            return Prepared(file: file, byteCount: byteCount)
        } catch {
            throw EventLogError(disk: error)
        }
    }
}
