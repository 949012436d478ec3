import EventLog
import Events
import Projections

/// How one digest that the engine recorded compares with the rebuilt state.
public struct DigestCheck: Sendable {
    /// What a comparison comes to.
    public enum Verdict: String, Sendable {
        /// Every projection is the same.
        case agrees
        /// At least one projection differs.
        case differs
        /// None differs, and at least one is not on both sides in the same version.
        case notComparable
    }

    /// One projection that differs.
    public struct Difference: Sendable {
        /// The projection.
        public let projection: String
        /// The numbers of its buckets that differ.
        public let buckets: [Int]
        /// The first key that differs, where it could be found.
        public let key: KeyDifference?
        /// Why no key can be named, where it could not be found.
        public let note: String?
    }

    /// One key that differs.
    public struct KeyDifference: Sendable, Equatable {
        /// The key for people.
        public let key: String
        /// What the engine had under it, as JSON; nil where it had nothing.
        public let engine: String?
        /// What the rebuilt state has under it, as JSON; nil where it has nothing.
        public let rebuilt: String?
    }

    /// The `digest recorded` event.
    public let sequence: UInt64
    /// The sequence whose state it speaks of.
    public let atSequence: UInt64
    /// What the comparison comes to.
    public let verdict: Verdict
    /// The projections that differ.
    public let differences: [Difference]
    /// What cannot be compared, by name, with the reason.
    public let notComparable: [String]

    /// Compares the record of a digest with the state just before it.
    init(
        _ sequence: UInt64, _ bytes: RawSpan, _ state: inout ProjectedState,
        _ identity: LogIdentity, _ folder: DataFolder
    ) throws(ReplayError) {
        let event = try Event(bytes, sequence)
        guard let recorded = event.payload as? DigestRecorded else {
            throw ReplayError(
                .notApplicable, sequence: sequence, "sequence \(sequence) records no digest")
        }
        self.sequence = sequence
        atSequence = recorded.atSequence
        guard recorded.atSequence == state.lastSequence else {
            verdict = .notComparable
            differences = []
            notComparable = [
                "the state (it was recorded for sequence \(recorded.atSequence), and stands at "
                    + "\(sequence))"
            ]
            return
        }
        let digest = state.digest()
        let (different, apart) = DigestComparison.parts(recorded.projections, digest.projections)
        notComparable = apart
        let finder = KeyFinder(recorded, identity, folder)
        differences = different.map { one in
            let (key, note) = finder.find(one, in: state)
            return Difference(
                projection: one.projection, buckets: one.buckets, key: key, note: note)
        }
        verdict =
            !different.isEmpty ? .differs : apart.isEmpty ? .agrees : .notComparable
    }

    /// The check as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("sequence", json: String(sequence))
        text.member("atSequence", json: String(atSequence))
        text.member("verdict", text: verdict.rawValue)
        if !differences.isEmpty {
            let items = differences.map(\.json).joined(separator: ",")
            text.member("differences", json: "[\(items)]")
        }
        if !notComparable.isEmpty {
            let items = notComparable.map(JSONText.quoted).joined(separator: ",")
            text.member("notComparable", json: "[\(items)]")
        }
        return text.object
    }
}

extension DigestCheck.Difference {
    /// The difference as one JSON object.
    var json: String {
        var text = JSONText()
        text.member("projection", text: projection)
        text.member("buckets", json: "[" + buckets.map { String($0) }.joined(separator: ",") + "]")
        if let key {
            text.member("key", text: key.key)
            text.member("engine", json: key.engine ?? "null")
            text.member("rebuilt", json: key.rebuilt ?? "null")
        }
        if let note { text.member("note", text: note) }
        return text.object
    }

    /// One sentence for people.
    public var description: String {
        let place = "projection '\(projection)' differs"
        if let key { return "\(place), first at '\(key.key)'" }
        let list = buckets.map { String($0) }.joined(separator: ", ")
        return "\(place) in bucket \(list)" + (note.map { "; \($0)" } ?? "")
    }
}

/// Names the first key that differs, with the help of the snapshot beside the recorded digest.
struct KeyFinder {
    private let recorded: DigestRecorded
    private let identity: LogIdentity
    private let folder: DataFolder

    init(_ recorded: DigestRecorded, _ identity: LogIdentity, _ folder: DataFolder) {
        self.recorded = recorded
        self.identity = identity
        self.folder = folder
    }

    /// The first key of a projection that differs, or why it cannot be named.
    func find(
        _ difference: DigestComparison.Difference, in state: ProjectedState
    ) -> (DigestCheck.KeyDifference?, String?) {
        do throws(SnapshotError) {
            let file = try SnapshotFile(
                dataFolder: folder.path, sequence: recorded.atSequence, log: identity,
                disk: folder.disk)
            guard file.head.digest == recorded.digest else {
                return (nil, "the key cannot be named: \(file.path) is not of this digest")
            }
            var found: Pair?
            for bucket in difference.buckets {
                let engine = try file.entries(
                    projection: difference.projection, bucket: bucket)
                let rebuilt = state.entries(projection: difference.projection, bucket: bucket)
                guard let pair = Pair.firstDifference(engine, rebuilt) else { continue }
                if found.map({ pair.precedes($0) }) ?? true { found = pair }
            }
            return (found?.difference, found == nil ? "every entry is the same there" : nil)
        } catch {
            let file = Snapshot.path(dataFolder: folder.path, sequence: recorded.atSequence)
            if error.code == .absent {
                return (nil, "the key cannot be named without the snapshot \(file)")
            }
            return (nil, "the key cannot be named: \(error)")
        }
    }
}

/// What the two sides have under one key; at least one has something.
private struct Pair {
    let engine: StateEntry?
    let rebuilt: StateEntry?

    /// The first key under which two sides, each in the order of keys, have not the same.
    static func firstDifference(_ engine: [StateEntry], _ rebuilt: [StateEntry]) -> Pair? {
        for (one, other) in zip(engine, rebuilt) where one != other {
            if one.precedes(other) { return Pair(engine: one, rebuilt: nil) }
            if other.precedes(one) { return Pair(engine: nil, rebuilt: other) }
            return Pair(engine: one, rebuilt: other)
        }
        if engine.count > rebuilt.count {
            return Pair(engine: engine[rebuilt.count], rebuilt: nil)
        }
        if rebuilt.count > engine.count {
            return Pair(engine: nil, rebuilt: rebuilt[engine.count])
        }
        return nil
    }

    func precedes(_ other: Pair) -> Bool {
        guard let entry = engine ?? rebuilt, let second = other.engine ?? other.rebuilt else {
            return false
        }
        return entry.precedes(second)
    }

    var difference: DigestCheck.KeyDifference {
        DigestCheck.KeyDifference(
            key: (engine ?? rebuilt)?.keyText ?? "", engine: engine.map(Self.json),
            rebuilt: rebuilt.map(Self.json))
    }

    /// The entry as JSON; of one that cannot be read, its bytes.
    private static func json(_ entry: StateEntry) -> String {
        do throws(WireError) { return try entry.json() } catch {
            return JSONText.quoted(JSONText.hex(entry.entry))
        }
    }
}
