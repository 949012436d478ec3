import Foundation

/// Where the folders that settings name lie, links followed: none of them may be the home of
/// something else.
public enum FolderPlaces {
    /// Folders within the data folder that the engine keeps for itself.
    static let own = [
        "log", "files", "tree", "checkpoints", "snapshots", "quarantine", "runs", "records",
    ]

    /// What keeps an engine with this data folder from starting, each a sentence.
    ///
    /// Blocks while it looks links up.
    public static func faults(_ settings: Settings, dataFolder: String) -> [String] {
        let data = parts(dataFolder)
        let named = [
            ("workFolder", settings.workFolder), ("exchangeFolder", settings.exchangeFolder),
            ("publishFolder", settings.publishFolder),
        ].filter { !$0.1.isEmpty }.map { setting, path in
            (setting, path, parts(path.hasPrefix("/") ? path : dataFolder + "/" + path))
        }
        var faults: [String] = []
        for (setting, path, folder) in named {
            if data.starts(with: folder) {
                faults.append(
                    "\(setting): the data folder lies in \(shown(path)); "
                        + "choose a folder of its own")
            } else if folder.starts(with: data), own.contains(folder[data.count]) {
                faults.append(
                    "\(setting): \(shown(path)) lies in the folder '\(folder[data.count])' that "
                        + "the engine keeps for itself; choose a folder of its own")
            }
        }
        if named.count > 1, overlap(named[0].2, named[1].2), faults.isEmpty {
            faults.append(
                "exchangeFolder: it and workFolder lie within each other; choose two folders of "
                    + "their own")
        }
        return faults
    }

    /// Whether one of two folders lies in the other, or is it.
    static func overlap(_ a: [String], _ b: [String]) -> Bool {
        a.starts(with: b) || b.starts(with: a)
    }

    /// The names from the root to a folder, which need not be there; a relative path begins at the
    /// working directory.
    static func parts(_ path: String) -> [String] {
        let base = path.hasPrefix("/") ? "" : FileManager.default.currentDirectoryPath + "/"
        var parts = URL(fileURLWithPath: base + path).standardized.path.split(separator: "/")
            .map(String.init)
        var missing: [String] = []
        while !parts.isEmpty {
            let head = "/" + parts.joined(separator: "/")
            if FileManager.default.fileExists(atPath: head) {
                let real = URL(fileURLWithPath: head).resolvingSymlinksInPath().path
                return real.split(separator: "/").map(String.init) + missing
            }
            missing.insert(parts.removeLast(), at: 0)
        }
        return missing
    }
}
