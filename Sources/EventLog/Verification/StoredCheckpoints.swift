/// The checkpoints of a data folder whose signatures are valid, each until it is compared.
struct StoredCheckpoints: Sendable {
    /// One of them.
    struct Item: Sendable {
        var path: String
        var root: TreeHash
        var isWitnessed: Bool
    }

    private(set) var items: [UInt64: Item] = [:]

    private static let folder = "checkpoints"

    init() {}

    /// Reads every note, and checks its form, name and signatures; what is wrong goes to the
    /// verdict.
    ///
    /// - Parameter keys: the log's; where there are none, those of the folder itself.
    init(
        paths: LogPaths, disk: any Disk, keys: [VerifierKey], witnesses: [VerifierKey],
        _ verdict: inout Verdict
    ) throws(DiskError) {
        var others: [String] = []
        var sizes: [UInt64] = []
        for name in try disk.listIfFolder(paths.checkpoints) {
            if let size = CheckpointStore.size(ofName: name) {
                sizes.append(size)
            } else if name != "keys" && name != "superseded" {
                others.append(Self.folder + "/" + name)
            }
        }
        verdict.remark("files in checkpoints/ that are not checkpoints", of: others)
        guard !sizes.isEmpty else { return }
        let store = CheckpointStore(folder: paths.data, disk: disk)
        let known = keys.isEmpty ? Self.keys(of: store, paths, &verdict) : keys
        for size in sizes.sorted() {
            let path = Self.folder + "/" + CheckpointStore.name(size: size)
            do {
                let note = try store.note(size: size)
                let signatures = try note.verify(keys: known + witnesses)
                items[size] = Item(
                    path: path, root: note.checkpoint.root,
                    isWitnessed: signatures.contains { $0.key.kind == .witness })
            } catch {
                verdict.add(.checkpointInvalid, path, "\(error)")
            }
        }
    }

    private static func keys(
        of store: CheckpointStore, _ paths: LogPaths, _ verdict: inout Verdict
    ) -> [VerifierKey] {
        let path = folder + "/keys"
        do throws(EventLogError) {
            guard let keys = try store.keysIfPresent(), keys.allSatisfy({ $0.kind == .log }) else {
                verdict.add(
                    .checkpointInvalid, path, "no key was given, and this is no list of a log's")
                return []
            }
            verdict.remark(
                "the key was taken from the folder itself (\(path)): whoever wrote the folder "
                    + "chose it; give the log's with --key")
            return keys
        } catch {
            verdict.add(.checkpointInvalid, path, "\(error)")
            return []
        }
    }

    /// The tree sizes, ascending.
    var sizes: [UInt64] { items.keys.sorted() }

    /// Takes out the one of this size.
    mutating func take(_ size: UInt64) -> Item? { items.removeValue(forKey: size) }
}

extension Disk {
    /// The names in a folder; none where there is no folder of this name.
    func listIfFolder(_ path: String) throws(DiskError) -> [String] {
        do throws(DiskError) { return try list(path) ?? [] } catch {
            if error.errno == .notDirectory { return [] }
            throw error
        }
    }
}
