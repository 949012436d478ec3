import DaybookTestSupport
import Exchange
import Glibc
import Testing

@Suite("Writes that are killed, or that the disk refuses") struct CrashTests {
    /// A write of some files with sidecars, killed before step `step`; nil where it got through.
    private func killed(
        _ root: String, _ files: [PendingFile], cipher: FileCipher?, at step: Int
    ) throws -> (steps: [StorageStep], isDone: Bool) {
        let recorder = StepRecorder { number, _ in number >= step ? EIO : nil }
        let store = try ExchangeStore(
            root: root, cipher: cipher, pieceByteCount: 100, hook: recorder.hook)
        let code = errorCode { try store.write(files) }
        #expect(code == nil || code == "storage")
        return (recorder.steps, code == nil)
    }

    private func files(_ count: Int, _ random: inout FileRandom) throws -> [PendingFile] {
        try (0..<count).map { number in
            let content = random.bytes(Int.random(in: 0...350, using: &random))
            if Bool.random(using: &random) { return try receivedFile(content) }
            return PendingFile(
                path: try ExchangePath("outbound/\(number % 3)/\(number).edi"), content: content,
                metadata: nil)
        }
    }

    private static func cipher(_ isEncrypted: Bool) throws -> FileCipher? {
        if !isEncrypted { return nil }
        return try FileCipher(keys: [
            FileKey(text: String(repeating: "5a", count: 32), name: "key")
        ])
    }

    @Test(
        "killed before any step, every file is whole or absent, and the next attempt is whole",
        arguments: [(false, 1), (true, 3), (false, 16)])
    func everyStep(isEncrypted: Bool, count: Int) throws {
        var random = FileRandom(seed: 100 + UInt64(count))
        let files = try files(count, &random)
        let cipher = try Self.cipher(isEncrypted)
        var step = 0
        var isDone = false
        while !isDone {
            try TemporaryFolder.with { root in
                isDone = try killed(root, files, cipher: cipher, at: step).isDone
                let store = try ExchangeStore(root: root, cipher: cipher)
                try expectWholeOrAbsent(files, store)
                // A sidecar comes first, so no file stands without.
                for file in files where file.metadata != nil {
                    if try store.exists(file.path) {
                        #expect(try store.exists(file.path.sidecar))
                    }
                }
                try store.clearLeftovers()
                try store.write(files)
                try expectAll(files, store, root)
            }
            step += 1
        }
        #expect(step > files.count * 4)
    }

    @Test(
        "a power cut loses what was not synced, and still no file is half there",
        arguments: 0..<100)
    func powerCut(round: Int) throws {
        var random = FileRandom(seed: 9_000 + UInt64(round))
        // Around the number from which on all are synced at once.
        let count = [1, 2, 3, 15, 16, 20].randomElement(using: &random) ?? 1
        let files = try files(count, &random)
        try TemporaryFolder.with { root in
            let step = round % 10 == 0 ? Int.max : Int.random(in: 0...count * 12, using: &random)
            let (steps, isDone) = try killed(root, files, cipher: nil, at: step)
            cutPower(root, steps, &random)
            let store = try ExchangeStore(root: root, cipher: nil)
            try expectWholeOrAbsent(files, store)
            // What was answered for is there.
            if isDone { try expectAll(files, store, root) }
            try store.clearLeftovers()
            try store.write(files)
            try expectAll(files, store, root)
        }
    }

    /// Takes back what the steps did not make durable: each name that was given since its folder's
    /// last sync may be missing, and each file whose bytes were not synced may hold any part.
    private func cutPower(_ root: String, _ steps: [StorageStep], _ random: inout FileRandom) {
        var syncedBytes: Set<String> = []
        var unsyncedNames: Set<String> = []
        var written: Set<String> = []
        for step in steps {
            switch step.kind {
            case .create, .write: written.insert(step.path)
            case .sync: syncedBytes.insert(step.path)
            case .rename: unsyncedNames.insert(step.path)
            case .syncAll:
                syncedBytes.formUnion(written)
                unsyncedNames = []
            case .syncFolder:
                unsyncedNames = unsyncedNames.filter {
                    $0.split(separator: "/").dropLast().joined(separator: "/") != step.path
                }
            case .makeFolder, .remove: break
            }
        }
        for (path, bytes) in filesOnDisk(root) {
            if unsyncedNames.contains(path) && Bool.random(using: &random) {
                unlink(root + "/" + path)
            } else if !syncedBytes.contains(path) {
                // A temporary name is not that of a step, so this takes those too, synced or not.
                putOnDisk(Array(bytes.prefix(bytes.count / 2)) + [0, 0], root + "/" + path)
            }
        }
    }

    private func expectWholeOrAbsent(_ files: [PendingFile], _ store: ExchangeStore) throws {
        for file in files where try store.exists(file.path) {
            #expect(try store.read(file.path, byteCountMax: 1_000) == file.content)
        }
    }

    private func expectAll(
        _ files: [PendingFile], _ store: ExchangeStore, _ root: String
    ) throws {
        var names: Set<String> = []
        for file in files {
            #expect(try store.read(file.path, byteCountMax: 1_000) == file.content)
            names.insert(file.path.text)
            if file.metadata == nil { continue }
            names.insert(file.path.sidecar.text)
            #expect(try store.metadata(of: file.path).sha256 == sha256Text(file.content))
        }
        #expect(Set(filesOnDisk(root).keys) == names)
    }

    @Test("folders are made durable before anything is answered")
    func folders() throws {
        try TemporaryFolder.with { root in
            let recorder = StepRecorder()
            let store = try ExchangeStore(
                root: root, cipher: nil, pieceByteCount: 100, hook: recorder.hook)
            let path = try ExchangePath("a/b/c.edi")
            try store.write([PendingFile(path: path, content: [1], metadata: nil)])
            #expect(
                recorder.steps.map { "\($0.kind.rawValue) \($0.path)" } == [
                    "makeFolder a", "syncFolder ", "makeFolder a/b", "syncFolder a",
                    "create a/b/c.edi", "write a/b/c.edi", "sync a/b/c.edi", "rename a/b/c.edi",
                    "syncFolder a/b",
                ])
            // Another process found the folders there: it cannot know that they are durable.
            let other = StepRecorder()
            let second = try ExchangeStore(
                root: root, cipher: nil, pieceByteCount: 100, hook: other.hook)
            let next = try ExchangePath("a/b/d.edi")
            try second.write([PendingFile(path: next, content: [1], metadata: nil)])
            #expect(other.steps.prefix(2).map(\.path) == ["", "a"])
            #expect(other.steps.prefix(2).allSatisfy { $0.kind == .syncFolder })
        }
    }

    @Test(
        "a full disk, and any other refusal, leaves nothing behind",
        arguments: StorageStep.Kind.allCases, [ENOSPC, EDQUOT, EACCES, EROFS])
    func refusals(kind: StorageStep.Kind, number: CInt) throws {
        try TemporaryFolder.with { root in
            var random = FileRandom(seed: 5)
            let file = try receivedFile(random.bytes(300))
            let recorder = StepRecorder { _, step in step.kind == kind ? number : nil }
            let store = try ExchangeStore(
                root: root, cipher: nil, pieceByteCount: 100, hook: recorder.hook)
            do throws(ExchangeError) {
                try store.write([file])
                #expect(kind == .remove || kind == .syncAll)
            } catch {
                #expect(error.isTransient == (number == ENOSPC || number == EDQUOT))
                #expect(error.message.contains("Free space there") == error.isTransient)
                #expect(!error.message.contains("JANE"))
                let left = filesOnDisk(root).keys
                #expect(!left.contains { $0.contains(ExchangePath.temporaryPrefix) })
            }
            let calm = try ExchangeStore(root: root, cipher: nil)
            try calm.write([file])
            #expect(try calm.read(file.path, byteCountMax: 300) == file.content)
        }
    }

    @Test("storage gets three attempts, and only where another may succeed")
    func attempts() async throws {
        let clock = CountingClock()
        for failing in 0...4 {
            let recorder = StepRecorder()
            try await TemporaryFolder.with { root in
                let file = PendingFile(
                    path: try ExchangePath("a.edi"), content: [1], metadata: nil)
                var left = failing
                let result: Int? = try? await retrying(.storage, clock: clock) {
                    () throws(ExchangeError) in
                    left -= 1
                    let fails = left >= 0
                    let store = try ExchangeStore(
                        root: root, cipher: nil, pieceByteCount: 1,
                        hook: { step in
                            _ = recorder.hook(step)
                            return fails && step.kind == .sync ? EIO : nil
                        })
                    try store.write([file])
                }.attempts
                #expect(result == (failing < 3 ? failing + 1 : nil))
                #expect(recorder.steps.count { $0.kind == .create } == min(failing + 1, 3))
            }
        }
        var count = 0
        let refused: Int? = try? await retrying(.storage, clock: clock) {
            () throws(ExchangeError) in
            count += 1
            throw ExchangeError("exists", "no")
        }.attempts
        #expect(refused == nil && count == 1)
        #expect(
            clock.pauses == [.milliseconds(200)]
                + [.milliseconds(200), .milliseconds(400)]
                + [.milliseconds(200), .milliseconds(400)]
                + [.milliseconds(200), .milliseconds(400)])
    }
}
