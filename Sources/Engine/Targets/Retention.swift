import Foundation
import Glibc

/// Takes away what targets left and nobody needs any more: kept outputs, and folders of single
/// runs.
///
/// Nothing goes that is younger than the days that the settings name, or younger than the oldest
/// run that is open or in the dead-letter queue. The log itself stays: it still says where an
/// output was, its size and its SHA-256.
public struct Retention: Sendable {
    /// How many days outputs are kept, from when a record named them last; 0 for ever.
    public var outputDays: Int
    /// How many days folders of single runs are kept, from the last attempt in them; 0 for ever.
    public var workDays: Int
    private let data: String
    private let work: String

    /// What a pass did.
    public struct Report: Sendable, Equatable {
        /// How many outputs it removed.
        public var outputCount = 0
        /// How many folders it removed.
        public var folderCount = 0
        /// What it could not do, and why.
        public var problems: [String] = []

        /// Nothing was done.
        public init() {}
    }

    private static let day: Int64 = 86_400_000_000
    /// Folders within each other below the work folder; the longest path has fewer.
    private static let depthMax = 256
    private static let gonePrefix = ".daybook-gone-"

    /// Rules for the outputs of a data folder and for a work folder.
    public init(outputDays: Int, workDays: Int, data: String, work: String) {
        self.outputDays = outputDays
        self.workDays = workDays
        self.data = data
        self.work = work
    }

    /// Whether anything is ever removed.
    public var isOn: Bool { outputDays > 0 || workDays > 0 }

    /// Removes what is old enough.
    ///
    /// Blocks for as long as it takes to look at every output and at every folder below the work
    /// folder.
    ///
    /// - Parameters:
    ///   - now: µs since 1970 UTC.
    ///   - neededSince: when the oldest run that is open or dead became due, µs; nil where there is
    ///     none.
    ///   - isEnding: whether to leave the rest to another pass.
    public func pass(
        now: Int64, neededSince: Int64?, isEnding: () -> Bool = { false }
    ) -> Report {
        // A day for clocks that do not agree.
        let needed = neededSince.map { $0 - Self.day } ?? .max
        var report = Report()
        if outputDays > 0 {
            removeOutputs(
                before: min(now - Int64(outputDays) * Self.day, needed), isEnding, &report)
        }
        if workDays > 0 {
            let cut = min(now - Int64(workDays) * Self.day, needed)
            let root = open(work, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if root >= 0 {
                removeFolders(in: root, work, before: cut, depth: 0, isEnding, &report)
                close(root)
            } else if errno != ENOENT {
                report.problems.append("\(work): cannot be opened: \(Errors.text(errno))")
            }
        }
        return report
    }

    // MARK: Outputs

    private func removeOutputs(
        before cut: Int64, _ isEnding: () -> Bool, _ report: inout Report
    ) {
        let folder = data + "/files"
        let fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else {
            if errno != ENOENT {
                report.problems.append("\(folder): cannot be opened: \(Errors.text(errno))")
            }
            return
        }
        defer { close(fd) }
        for name in Self.names(in: fd) where Self.isOutput(name) {
            if isEnding() { return }
            let code = OutputStore.tidying.withLock { _ -> Int32? in
                guard let time = Self.time(of: name, in: fd, kind: S_IFREG), time < cut else {
                    return nil
                }
                return unlinkat(fd, name, 0) == 0 ? 0 : errno
            }
            if code == 0 { report.outputCount += 1 }
            if let code, code != 0 {
                report.problems.append("\(folder)/\(name): cannot be removed: \(Errors.text(code))")
            }
        }
    }

    private static func isOutput(_ name: String) -> Bool {
        name.utf8.count == 64
            && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    // MARK: Folders

    /// Walks down the folders; those that bear an old mark go, with all that is in them.
    private func removeFolders(
        in parent: Int32, _ path: String, before cut: Int64, depth: Int,
        _ isEnding: () -> Bool, _ report: inout Report
    ) {
        if depth > Self.depthMax { return }
        for name in Self.names(in: parent) {
            if isEnding() { return }
            // What a pass before this one could not remove to the end.
            if name.hasPrefix(Self.gonePrefix) {
                Self.remove(path + "/" + name, &report)
                continue
            }
            let fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard fd >= 0 else { continue }  // a file, or a link
            let gone = WorkFolders.tidying.withLock { _ -> String? in
                guard let time = Self.time(of: WorkFolders.mark, in: fd, kind: S_IFREG), time < cut
                else { return nil }
                let gone = Self.gonePrefix + String(UInt64.random(in: .min ... .max), radix: 16)
                return renameat(parent, name, parent, gone) == 0 ? gone : ""
            }
            switch gone {
            case nil:
                removeFolders(
                    in: fd, path + "/" + name, before: cut, depth: depth + 1, isEnding, &report)
            case "": report.problems.append("\(path)/\(name): cannot be renamed")
            case let gone?:
                report.folderCount += 1
                Self.remove(path + "/" + gone, &report)
            }
            close(fd)
        }
    }

    private static func remove(_ path: String, _ report: inout Report) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            report.problems.append("\(path): cannot be removed: \(error.localizedDescription)")
        }
    }

    // MARK: Both

    private static func names(in folder: Int32) -> [String] {
        let own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        guard let entries = fdopendir(own) else {
            close(own)
            return []
        }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".."
            else { continue }
            names.append(name)
        }
        return names
    }

    /// When a file was changed last, µs; nil where it is not there or of another kind.
    private static func time(of name: String, in folder: Int32, kind: mode_t) -> Int64? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
            status.st_mode & S_IFMT == kind
        else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000
    }
}
