import SystemPackage

/// Lists all files below a folder, in bounded memory and time.
package enum FolderWalk {
    /// Why not all could be seen.
    package struct Failure: Error, CustomStringConvertible {
        /// What stands in the way, in words.
        package let description: String
    }

    /// What stands in one folder.
    package struct Folder: Sendable {
        /// Its path.
        package var path: String
        /// The names of folders in it, sorted.
        package var folders: [String] = []
        /// The names of all else in it, sorted.
        package var files: [String] = []
    }

    /// The most names that are taken: a guard of memory.
    package static let nameCountMax = 1_000_000
    private static let depthMax = 64

    /// Gives each folder from `path` down, one before those in it; none where there is no folder.
    ///
    /// A symbolic link to a folder is not followed, and a failure: what is behind it was not seen.
    package static func walk(
        _ path: String, disk: any Disk, _ visit: (Folder) -> Void
    ) throws(Failure) {
        var nameCount = 0
        // Those that wait, the next one last.
        var waiting = [(path: path, depth: 0)]
        while let (folder, depth) = waiting.popLast() {
            do throws(DiskError) {
                guard let names = try disk.list(folder) else { continue }
                nameCount += names.count
                guard nameCount <= nameCountMax, depth < depthMax else {
                    throw DiskError(operation: "listing", path: folder, errno: .outOfRange)
                }
                var found = Folder(path: folder)
                for name in names {
                    switch try disk.kind(of: folder + "/" + name) {
                    case .folder: found.folders.append(name)
                    case .file: found.files.append(name)
                    case .linkToFolder:
                        throw DiskError(
                            operation: "following the symbolic link", path: folder + "/" + name,
                            errno: .tooManySymbolicLinkLevels)
                    }
                }
                visit(found)
                for name in found.folders.reversed() {
                    waiting.append((folder + "/" + name, depth + 1))
                }
            } catch {
                throw Failure(description: "not all below \(path) can be seen: \(error)")
            }
        }
    }
}
