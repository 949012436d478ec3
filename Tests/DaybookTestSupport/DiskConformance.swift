import EventLog
import SystemPackage

/// What every disk must do, checked call by call; the real one and the simulated one pass the same.
public enum DiskConformance {
    /// A disk did something else.
    public struct Violation: Error, CustomStringConvertible {
        /// What was expected.
        public let description: String
    }

    /// Exercises a disk in an empty folder that exists.
    public static func exercise(_ disk: any Disk, folder: String) throws {
        try exerciseFolders(disk, folder + "/a")
        try exerciseFiles(disk, folder + "/a/file")
        try exerciseNames(disk, folder + "/a")
        try exerciseLock(disk, folder + "/a/LOCK")
    }

    private static func exerciseFolders(_ disk: any Disk, _ path: String) throws {
        try disk.requireLocal(LogFolder.parent(path))
        try require(disk.list(path) == nil, "a folder that is not there has no list")
        try require(disk.createFolder(path), "a new folder is new")
        try require(!disk.createFolder(path), "a folder that is there is not new")
        try require(disk.list(path) == [], "a new folder is empty")
        try disk.syncFolder(path)
        try require(
            errno { _ = try disk.createFolder(path + "/x/y") } == .noSuchFileOrDirectory,
            "a folder is made in one that exists")
    }

    private static func exerciseFiles(_ disk: any Disk, _ path: String) throws {
        try require(
            errno { _ = try disk.open(path, .read) } == .noSuchFileOrDirectory,
            "a file to read must exist")
        try require(
            errno { _ = try disk.open(path, .readWrite) } == .noSuchFileOrDirectory,
            "a file to change must exist")
        let file = try disk.open(path, .create)
        defer { disk.close(file) }
        try require(
            errno { _ = try disk.open(path, .create) } == .fileExists,
            "a file is made once")
        try require(disk.byteCount(of: file) == 0, "a new file is empty")
        try disk.fillWithZeros(file, byteCount: 12_288, stepByteCount: 5_000)
        try require(disk.byteCount(of: file) == 12_288, "a filled file has its size")
        let bytes: [UInt8] = Array(1...200)
        try disk.write(file, at: 4_000, bytes.span.bytes)
        try disk.sync(file)
        try require(read(disk, file, 3_999, 202) == [0] + bytes + [0], "what was written is read")
        try require(
            read(disk, file, 12_280, 100) == Array(repeating: 0, count: 8),
            "a read ends at the end")
        try require(read(disk, file, 20_000, 10) == [], "behind the end there is nothing")
        try disk.truncate(file, to: 4_100)
        try require(disk.byteCount(of: file) == 4_100, "a file that was cut has its new size")
        try require(
            read(disk, file, 4_098, 10) == [99, 100], "what is before the cut stays")
        try disk.write(file, at: 4_110, bytes.span.bytes)
        try disk.sync(file)
        try require(
            read(disk, file, 4_099, 12) == [100] + Array(repeating: 0, count: 10) + [1],
            "what was cut off does not come back")
        let other = try disk.open(path, .read)
        try require(read(disk, other, 4_000, 3) == [1, 2, 3], "another handle sees the same")
        disk.close(other)
    }

    private static func exerciseNames(_ disk: any Disk, _ folder: String) throws {
        try disk.rename(folder + "/file", to: folder + "/b")
        try disk.syncFolder(folder)
        try require(disk.list(folder) == ["b"], "a renamed file has its new name only")
        disk.close(try disk.open(folder + "/a", .create))
        try require(disk.list(folder) == ["a", "b"], "names are sorted")
        try disk.rename(folder + "/a", to: folder + "/b")
        try require(disk.list(folder) == ["b"], "a rename replaces")
        try disk.remove(folder + "/b")
        try require(disk.list(folder) == [], "a removed file is gone")
        try require(
            errno { try disk.remove(folder + "/b") } == .noSuchFileOrDirectory,
            "a file is removed once")
        try require(
            errno { try disk.rename(folder + "/b", to: folder + "/c") }
                == .noSuchFileOrDirectory, "what is renamed must exist")
    }

    private static func exerciseLock(_ disk: any Disk, _ path: String) throws {
        guard case .acquired(let file) = try disk.lock(path, holder: "pid 1\nhost x\n") else {
            throw Violation(description: "a free lock is acquired")
        }
        try require(
            disk.lock(path, holder: "other") == .held(by: "pid 1, host x"),
            "a lock has one holder, who is named")
        disk.close(file)
        guard case .acquired(let again) = try disk.lock(path, holder: "p") else {
            throw Violation(description: "a lock that was released is free")
        }
        disk.close(again)
    }

    private static func read(
        _ disk: any Disk, _ file: DiskFile, _ offset: Int, _ count: Int
    ) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        var span = bytes.mutableSpan
        var target = span.mutableBytes
        let found = try disk.read(file, at: offset, into: &target)
        return Array(bytes.prefix(found))
    }

    private static func errno(_ work: () throws -> Void) throws -> Errno? {
        do { try work() } catch let error as DiskError { return error.errno }
        return nil
    }

    private static func require(
        _ condition: @autoclosure () throws -> Bool, _ description: String
    ) throws {
        guard try condition() else { throw Violation(description: description) }
    }
}

private enum LogFolder {
    static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
