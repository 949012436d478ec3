import EventLog
import Events

/// A projection snapshot: the state at a sequence, in a file of its own, `snapshots/N.state`.
///
/// It serves two ends: a start goes on from it and reads only the log's tail, and a comparison
/// with a recorded digest names the key that differs. It is derived, and never needed: one that is
/// bad, of another log or of an older format is dropped, and the log is read from its start.
/// `docs/format/snapshot.md` has it to the byte:
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | magic, `DAYBSNAP` |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | bytes of the head |
/// | 16 | 4 | CRC-32C of the 16 bytes before and the head |
/// | 20 | … | the head: `SnapshotHead` |
/// | … | … | groups: `SnapshotGroup`, one for each bucket that has entries |
///
/// Every byte is under a checksum, which finds accidents; the digest is computed anew from the
/// entries' bytes when they are loaded, and finds what is well formed and wrong.
public enum Snapshot {
    /// How many files are kept, the newest ones.
    public static let keptCount = 3
    /// What the file starts with.
    static let magic = Array("DAYBSNAP".utf8)
    /// The version that this build writes, and the only one that it reads.
    static let version: UInt64 = 1
    static let prefixByteCount = 20
    /// Sixteen times what eight projections need.
    static let headByteCountMax = 1 << 20
    static let preparingName = "next.preparing"
    private static let suffix = ".state"

    /// The folder of a data folder that snapshots stand in.
    public static func folder(dataFolder: String) -> String { dataFolder + "/snapshots" }

    /// The file of a sequence.
    public static func path(dataFolder: String, sequence: UInt64) -> String {
        folder(dataFolder: dataFolder) + "/" + name(sequence)
    }

    private static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
    }

    /// The sequences of the snapshots that stand there, oldest first; none is checked.
    ///
    /// - Throws: `inputOutput` where the folder cannot be read.
    public static func sequences(
        dataFolder: String, disk: any Disk
    ) throws(SnapshotError) -> [UInt64] {
        let names: [String]
        do throws(DiskError) {
            names = try disk.list(folder(dataFolder: dataFolder)) ?? []
        } catch {
            throw SnapshotError(error)
        }
        return names.compactMap { name in
            guard name.utf8.count == 20 + suffix.utf8.count, name.hasSuffix(suffix),
                let sequence = UInt64(name.dropLast(suffix.count)), Self.name(sequence) == name
            else { return nil }
            return sequence
        }.sorted()
    }

    /// The newest snapshot of this log after `sequence` (nil: any) whose checksums are right; one
    /// that is damaged, unreadable or of another log says nothing.
    ///
    /// Blocks: it reads a file or more.
    /// - Throws: `inputOutput` where the folder cannot be read.
    public static func newestValid(
        after sequence: UInt64?, log: LogIdentity, dataFolder: String, disk: any Disk
    ) throws(SnapshotError) -> UInt64? {
        for candidate in try sequences(dataFolder: dataFolder, disk: disk).reversed() {
            if let sequence, candidate <= sequence { return nil }
            do throws(SnapshotError) {
                let file = try SnapshotFile(
                    dataFolder: dataFolder, sequence: candidate, log: log, disk: disk)
                try file.verify()
                return candidate
            } catch {
                continue  // it is no evidence; a start says what is wrong with it
            }
        }
        return nil
    }
}
