import DaybookTestSupport
import Exchange
import Glibc
import Testing

@Suite("The exchange folder on disk") struct StoreTests {
    private func store(_ root: String, hook: StorageHook? = nil) throws -> ExchangeStore {
        try ExchangeStore(root: root + "/exchange", cipher: nil, pieceByteCount: 7, hook: hook)
    }

    @Test("what was written is read, with its metadata, and only its owner may")
    func writeAndRead() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let file = try receivedFile(Array("ISA*00".utf8))
            #expect(try store.write([file]) == [.written])
            #expect(try store.read(file.path, byteCountMax: 6) == file.content)
            #expect(errorCode { _ = try store.read(file.path, byteCountMax: 5) } == "tooLarge")
            #expect(try store.exists(file.path))
            let (digest, byteCount) = try store.sha256(file.path)
            #expect(digest == sha256Text(file.content) && byteCount == 6)
            let metadata = try store.metadata(of: file.path)
            #expect(metadata.originalName == "JANE DOE.edi" && metadata.fileSize == 6)
            #expect(metadata.sha256 == digest)
            var info = stat()
            #expect(lstat(root + "/exchange/" + file.path.text, &info) == 0)
            #expect(info.st_mode & 0o7777 == 0o600)
            #expect(lstat(root + "/exchange/received/partner=ACME", &info) == 0)
            #expect(info.st_mode & 0o7777 == 0o700)
            #expect(try store.write([file]) == [.wasThere])
            #expect(filesOnDisk(root).count == 2)
        }
    }

    @Test("a file is never replaced by another content")
    func noReplacement() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let path = try ExchangePath("outbound/a.edi")
            let first = PendingFile(path: path, content: [1, 2, 3], metadata: nil)
            try store.write([first])
            for content: [UInt8] in [[1, 2, 4], [1, 2], [1, 2, 3, 4], []] {
                let other = PendingFile(path: path, content: content, metadata: nil)
                #expect(errorCode { try store.write([other]) } == "exists")
            }
            #expect(filesOnDisk(root) == ["exchange/outbound/a.edi": [1, 2, 3]])
        }
    }

    @Test("a sidecar without its file is replaced; one beside its file stays")
    func sidecars() throws {
        try TemporaryFolder.with { root in
            let recorder = StepRecorder { _, step in
                // The sidecar comes to its name, the file does not.
                step.kind == .rename && !step.path.hasSuffix(".json") ? EIO : nil
            }
            let file = try receivedFile([9])
            let killed = try store(root, hook: recorder.hook)
            #expect(errorCode { try killed.write([file]) } == "storage")
            #expect(filesOnDisk(root).keys.sorted() == ["exchange/\(file.path.sidecar.text)"])
            var metadata = FileMetadata(partner: "ACME", createdAt: pieTime + 1)
            metadata.originalName = "later"
            let store = try store(root)
            try store.write([PendingFile(path: file.path, content: [9], metadata: metadata)])
            #expect(try store.metadata(of: file.path).originalName == "later")
            #expect(try store.write([file]) == [.wasThere])
            #expect(try store.metadata(of: file.path).originalName == "later")
            metadata.ingestionId = 42
            try store.replaceMetadata(metadata, of: file.path)
            #expect(try store.metadata(of: file.path).ingestionId == 42)
            #expect(filesOnDisk(root).count == 2)
        }
    }

    @Test("many files are synced with two calls, few with one for each file and folder")
    func syncs() throws {
        try TemporaryFolder.with { root in
            let recorder = StepRecorder()
            let store = try store(root, hook: recorder.hook)
            let files = try (0..<40).map { number in
                PendingFile(
                    path: try ExchangePath("outcomes/\(number % 4)/\(number).jsonl"),
                    content: [UInt8(number)], metadata: nil)
            }
            try store.write(files)
            let kinds = recorder.steps.map(\.kind)
            #expect(kinds.count { $0 == .syncAll } == 2 && kinds.count { $0 == .sync } == 0)
            let first = kinds.firstIndex(of: .syncAll) ?? 0
            #expect(!kinds[..<first].contains(.rename))
            #expect(kinds.last == .syncAll)
            let few = StepRecorder()
            try self.store(root + "/exchange", hook: few.hook).write(
                Array(files.prefix(15)))
            #expect(few.steps.count { $0.kind == .sync } == 15)
            #expect(few.steps.suffix(4).allSatisfy { $0.kind == .syncFolder })
            for file in files {
                #expect(try store.read(file.path, byteCountMax: 1) == file.content)
            }
        }
    }

    @Test("no link is followed, neither of a folder nor of a file")
    func links() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let exchange = root + "/exchange"
            mkdir(root + "/outside", 0o700)
            putOnDisk([1], root + "/outside/a.edi")
            symlink(root + "/outside", exchange + "/received")
            mkdir(exchange + "/outbound", 0o700)
            symlink(root + "/outside/a.edi", exchange + "/outbound/a.edi")
            mkfifo(exchange + "/outbound/pipe", 0o600)
            let through = try ExchangePath("received/a.edi")
            let file = PendingFile(path: through, content: [2], metadata: nil)
            #expect(errorCode { _ = try store.read(through, byteCountMax: 9) } == "storageRefused")
            #expect(errorCode { try store.write([file]) } == "storageRefused")
            #expect(errorCode { _ = try store.remove(through) } == "storageRefused")
            let received = try ExchangePath("received")
            #expect(
                errorCode { _ = try store.list(received, countMax: 9) } == "storageRefused")
            for name in ["a.edi", "pipe"] {
                let path = try ExchangePath("outbound/" + name)
                #expect(errorCode { _ = try store.open(path) } == "storageRefused")
                #expect(try !store.exists(path))
            }
            let listing = try store.list(try ExchangePath("outbound"), countMax: 9)
            #expect(listing.entries.isEmpty && listing.refusedCount == 2 && listing.isWhole)
            #expect(try store.clearLeftovers() == 0)
            #expect(bytesOnDisk(root + "/outside/a.edi") == [1])
        }
    }

    @Test("a list is sorted, bounded, and leaves out temporary names")
    func listing() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let folder = try ExchangePath("spool")
            #expect(try store.list(folder, countMax: 9) == ExchangeListing())
            for name in ["b", "a", "c/d"] {
                try store.write([
                    PendingFile(
                        path: try folder.appending(name), content: [1, 2], metadata: nil)
                ])
            }
            putOnDisk([], root + "/exchange/spool/.daybook-0123456789abcdef")
            putOnDisk([], root + "/exchange/spool/.daybook-not-ours")
            let listing = try store.list(folder, countMax: 3)
            #expect(listing.entries.map(\.path.text) == ["spool/a", "spool/b", "spool/c"])
            #expect(listing.entries.map(\.isFolder) == [false, false, true])
            #expect(listing.entries.first?.byteCount == 2)
            #expect(listing.refusedCount == 1)
            #expect(try !store.list(folder, countMax: 2).isWhole)
            #expect(try store.clearLeftovers() == 1)
            #expect(bytesOnDisk(root + "/exchange/spool/a") == [1, 2])
        }
    }

    @Test("a removed file is gone; a missing one is said to be")
    func removal() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let path = try ExchangePath("outbound/a.edi")
            try store.write([PendingFile(path: path, content: [1], metadata: nil)])
            #expect(try store.remove(path))
            #expect(try !store.remove(path))
            #expect(try !store.remove(try ExchangePath("nowhere/a.edi")))
            #expect(errorCode { _ = try store.open(path) } == "missing")
        }
    }

    @Test("a move can be killed at any step and done again", arguments: [false, true])
    func moves(toAnotherFileSystem: Bool) throws {
        for step in 0..<40 {
            try TemporaryFolder.with { root in
                let path = try ExchangePath("outbound/a/b.edi")
                let content: [UInt8] = Array(0..<20)
                try store(root).write([PendingFile(path: path, content: content, metadata: nil)])
                let elsewhere: @Sendable (StorageStep) -> CInt? = { step in
                    // Only the temporary name of the copy, which is made by then, is renamed.
                    toAnotherFileSystem && step.kind == .rename
                        && !hasTemporary(root + "/exchange/cool/outbound/a") ? EXDEV : nil
                }
                let killed = StepRecorder { $0 >= step ? EIO : elsewhere($1) }
                let first = try store(root, hook: killed.hook)
                _ = errorCode { _ = try first.move(path, to: path.inTier(.cool)) }
                #expect(try store(root).read(path, byteCountMax: 20) == content)
                let again = StepRecorder { elsewhere($1) }
                let second = try store(root, hook: again.hook)
                try second.clearLeftovers()
                try second.move(path, to: path.inTier(.cool))
                #expect(filesOnDisk(root) == ["exchange/cool/outbound/a/b.edi": content])
                #expect(try second.read(path, byteCountMax: 20) == content)
                #expect(try !second.move(path, to: path.inTier(.cool)))
            }
        }
    }

    @Test("a file that is set aside keeps its metadata")
    func setAside() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let file = try receivedFile([1])
            let aside = try ExchangePath.receivedQuarantine(
                partner: "ACME", at: pieTime, sha256: sha256Text([1]))
            try store.write([file])
            for _ in 0..<2 { try store.moveWithMetadata(file.path, to: aside) }
            #expect(try store.read(aside, byteCountMax: 1) == [1])
            #expect(try store.metadata(of: aside).originalName == "JANE DOE.edi")
            #expect(filesOnDisk(root).count == 2)
        }
    }

    @Test("a move does not replace another file, nor invent one")
    func moveRefusals() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            let left = try ExchangePath("outbound/a.edi")
            let right = try ExchangePath("outbound/b.edi")
            try store.write([
                PendingFile(path: left, content: [1], metadata: nil),
                PendingFile(path: right, content: [2], metadata: nil),
            ])
            #expect(errorCode { _ = try store.move(left, to: right) } == "exists")
            let none = try ExchangePath("outbound/c.edi")
            #expect(
                errorCode { _ = try store.move(none, to: try ExchangePath("outbound/d.edi")) }
                    == "missing")
            #expect(filesOnDisk(root).count == 2)
        }
    }

    @Test("a part of a file is read wherever chunks begin")
    func parts() throws {
        try TemporaryFolder.with { root in
            let store = try store(root)
            var random = FileRandom(seed: 3)
            let content = random.bytes(3 * ExchangeFile.chunkByteCount + 5)
            let path = try ExchangePath("outcomes/a.jsonl")
            let fast = try ExchangeStore(root: root + "/exchange", cipher: nil)
            try fast.write([PendingFile(path: path, content: content, metadata: nil)])
            let file = try store.open(path)
            for _ in 0..<50 {
                let start = Int.random(in: 0...content.count, using: &random)
                let end = Int.random(in: start...content.count, using: &random)
                let part = Array(content[start..<end])
                #expect(try file.read(at: start, byteCount: end - start) == part)
            }
            #expect(errorCode { _ = try file.read(at: 1, byteCount: content.count) } == "range")
            #expect(errorCode { _ = try file.read(at: -1, byteCount: 1) } == "range")
            #expect(errorCode { _ = try file.read(at: .max, byteCount: .max) } == "range")
        }
    }
}

/// Whether a folder holds a temporary name.
private func hasTemporary(_ folder: String) -> Bool {
    filesOnDisk(folder).keys.contains { $0.hasPrefix(ExchangePath.temporaryPrefix) }
}
