import Crypto
import Events
import Exchange
import X12

/// SHA-256 as records have it.
enum Digests {
    static func sha256(_ bytes: [UInt8]) -> String {
        JSONText.hex(SHA256.hash(data: bytes))
    }
}

/// What must hold once everything was assembled: each outcome in one file, each number used once or
/// failed, each file whole and told of once.
struct OutboundAudit {
    private(set) var problems: [String] = []
    /// Files that were published, by their ids.
    private(set) var paths: [UInt64: String] = [:]
    /// Outcomes, and in which file each is.
    private(set) var fileOfOutcome: [UInt64: UInt64] = [:]
    private var grouped: [UInt64: FileGrouped] = [:]
    private var received: Set<UInt64> = []
    private var assembled: [UInt64: FileAssembled] = [:]
    private var aside: Set<UInt64> = []
    private var publishedCount: [UInt64: Int] = [:]
    private var issued: [String: [UInt64: String]] = [:]
    private var settled: [String: Set<UInt64>] = [:]

    init(_ events: [Event]) {
        for event in events { note(event) }
    }

    private mutating func note(_ event: Event) {
        switch event.payload {
        case is OutcomeReceived: received.insert(event.envelope.sequence)
        case let payload as FileGrouped: grouped[event.envelope.sequence] = payload
        case let payload as FileAssembled:
            if assembled[payload.file] != nil { problems.append("\(payload.file) assembled twice") }
            assembled[payload.file] = payload
            paths[payload.file] = payload.path
        case let payload as FileQuarantined: aside.insert(payload.file)
        case let payload as FilePublished: publishedCount[payload.file, default: 0] += 1
        case let payload as ControlNumbersIssued:
            for number in payload.first..<payload.first + payload.count {
                if issued[payload.name, default: [:]].updateValue(payload.file, forKey: number)
                    != nil
                {
                    problems.append("\(payload.name) \(number) was issued twice")
                }
            }
        case let payload as ControlNumbersPersisted:
            settle(payload.name, payload.first, payload.count)
        case let payload as ControlNumbersFailed:
            settle(payload.name, payload.first, payload.count)
        default: break
        }
    }

    private mutating func settle(_ name: String, _ first: UInt64, _ count: UInt64) {
        for number in first..<first + count
        where !settled[name, default: []].insert(number).inserted {
            problems.append("\(name) \(number) was settled twice")
        }
    }

    /// Looks at the log's side.
    mutating func checkEvents() {
        for (file, grouped) in grouped {
            for outcome in grouped.outcomes {
                if let other = fileOfOutcome.updateValue(file, forKey: outcome) {
                    problems.append("outcome \(outcome) is in files \(other) and \(file)")
                }
            }
            if aside.contains(file) {
                if assembled[file] != nil { problems.append("\(file) was set aside and written") }
                continue
            }
            if assembled[file] == nil { problems.append("file \(file) was not written") }
            if publishedCount[file] != 1 {
                problems.append("file \(file) was published \(publishedCount[file] ?? 0) times")
            }
        }
        for outcome in received where fileOfOutcome[outcome] == nil {
            problems.append("outcome \(outcome) is in no file")
        }
        for (name, numbers) in issued {
            for (number, file) in numbers where settled[name]?.contains(number) != true {
                problems.append("\(name) \(number) of file \(file) is neither persisted nor failed")
            }
        }
    }

    /// Looks at the exchange folder, and the folder of messages.
    mutating func checkFiles(root: String, messages: String) throws {
        let store = try ExchangeStore(root: root, cipher: nil)
        try store.clearLeftovers()
        var found: Set<String> = []
        try walk(store, try ExchangePath("outbound")) { found.insert($0) }
        var expected: Set<String> = []
        for (file, path) in paths {
            guard let known = assembled[file] else { continue }
            expected.formUnion([path, path + ".json"])
            let place = try ExchangePath(path)
            let bytes = try store.read(place, byteCountMax: 1 << 24)
            if Digests.sha256(bytes) != known.sha256 || bytes.count != Int(known.byteCount) {
                problems.append("\(path) is not what was recorded")
            }
            let metadata = try store.metadata(of: place)
            if metadata.outboundFileId != file || metadata.sha256 != known.sha256
                || metadata.isa13 != known.controlNumber
            {
                problems.append("what stands beside \(path) is of another file")
            }
        }
        let isAside = { (path: String) in path.hasPrefix("outbound/_quarantine/") }
        let strange = found.filter { !isAside($0) }.symmetricDifference(expected)
        if !strange.isEmpty { problems.append("too many or too few files: \(strange.sorted())") }
        let told = try ExchangeStore(root: messages, cipher: nil)
        try told.clearLeftovers()
        let names = try told.list(nil, countMax: 100_000).entries.map(\.path.text)
        if Set(names) != Set(paths.keys.map { "\($0).json" }) {
            problems.append("the messages are not those of the files")
        }
    }

    private func walk(
        _ store: ExchangeStore, _ path: ExchangePath, _ body: (String) -> Void
    ) throws {
        for entry in try store.list(path, countMax: 100_000).entries {
            if entry.isFolder {
                try walk(store, entry.path, body)
            } else {
                body(entry.path.text)
            }
        }
    }
}
