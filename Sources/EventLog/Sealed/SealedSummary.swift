/// What the ends of a sealed segment say of it: for figures and for the limit that reading is
/// measured against.
package struct SealedSummary: Sendable {
    /// The file.
    package let path: String
    /// Its size in bytes.
    package let byteCount: Int
    /// The size of its index, in bytes; 0 where there is none.
    package let indexByteCount: Int
    /// The bytes of its records, lengths included.
    package let rawByteCount: UInt64
    /// How many records it has.
    package let recordCount: UInt64
    /// The CRC-32C of each frame, in order.
    package let frameChecksums: [UInt32]

    /// The sealed segments of a data folder, oldest first; only their ends are read.
    ///
    /// One whose ends are bad is left out: judging it is for others.
    package static func all(
        folder: String, disk: any Disk
    ) throws(EventLogError) -> [SealedSummary] {
        let paths = LogPaths(data: folder)
        var found: [SealedSummary] = []
        do throws(DiskError) {
            for form in try paths.forms(on: disk) ?? [] where form.hasSealed {
                let path = paths.sealed(form.name)
                let opened = try SealedSegment.open(form.name, path: path, disk: disk)
                guard case .success(let segment) = opened else { continue }
                let indexByteCount = try indexByteCount(form.name, paths, disk)
                found.append(SealedSummary(segment, indexByteCount))
            }
        } catch {
            throw EventLogError(disk: error)
        }
        return found
    }

    private static func indexByteCount(
        _ name: SequenceNumber, _ paths: LogPaths, _ disk: any Disk
    ) throws(DiskError) -> Int {
        do throws(DiskError) {
            let file = try disk.open(paths.index(name), .read)
            defer { disk.close(file) }
            return try disk.byteCount(of: file)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return 0 }
            throw error
        }
    }

    private init(_ segment: SealedSegment, _ indexByteCount: Int) {
        path = segment.path
        byteCount = segment.byteCount
        self.indexByteCount = indexByteCount
        rawByteCount = segment.footer.rawByteCount
        recordCount = segment.footer.recordCount
        frameChecksums = segment.footer.frames.map(\.crc)
    }
}
