import DaybookTestSupport
import EventLog

/// The files of a data folder, an export or a proof, by their relative paths, to be damaged.
struct VerdictFolder {
    var name: String
    var files: [String: [UInt8]]
    /// The keys that both programs are given.
    var keys: [String] = []
    var witnesses: [String] = []
    /// The codes that must come out, where a test knows them.
    var expected: Set<Verdict.Code>?

    /// The same, damaged in a way that must give these codes.
    func damaged(
        _ name: String, _ codes: Set<Verdict.Code>, _ change: (inout VerdictFolder) throws -> Void
    ) rethrows -> VerdictFolder {
        var copy = self
        copy.name = name
        copy.expected = codes
        try change(&copy)
        return copy
    }

    /// The paths that end so, sorted.
    func paths(_ suffix: String) -> [String] { files.keys.filter { $0.hasSuffix(suffix) }.sorted() }

    mutating func change(_ path: String, _ body: (inout [UInt8]) throws -> Void) rethrows {
        try body(&files[path, default: []])
    }

    mutating func rename(_ path: String, to other: String) {
        files[other] = files.removeValue(forKey: path)
    }

    static func segment(_ sequence: Int, _ suffix: String) -> String {
        "log/" + digits(sequence) + suffix
    }

    static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 20 - text.count) + text
    }
}

/// Changes to the bytes of segments that keep their checksums right, so that what lies behind the
/// checksums is reached.
enum SegmentForging {
    /// The offsets of the batches of an active segment, as long as their headers go.
    static func batches(_ bytes: [UInt8]) -> [Int] {
        var offsets: [Int] = []
        var offset = 4_096
        while offset + 68 <= bytes.count, bytes[offset..<(offset + 4)] == [0x44, 0x42, 0x61, 0x74] {
            offsets.append(offset)
            let stored = Int(LogFixture.load(bytes, offset + 8, 4))
            offset += (68 + stored + 4_095) / 4_096 * 4_096
        }
        return offsets
    }

    private static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let bytes = Array(bytes)
        return Checksum.crc32c(bytes.span.bytes)
    }

    /// Makes the checksum of a segment's header right.
    static func fixHeader(_ bytes: inout [UInt8]) {
        LogFixture.store(crc(bytes[0..<4_092]), &bytes, at: 4_092)
    }

    /// Makes the checksums of a batch right, and the chain of those behind it.
    static func fixBatch(_ bytes: inout [UInt8], at offset: Int, following: Bool = true) {
        let stored = Int(LogFixture.load(bytes, offset + 8, 4))
        if offset + 68 + stored <= bytes.count {
            let body = crc(bytes[(offset + 68)..<(offset + 68 + stored)])
            LogFixture.store(body, &bytes, at: offset + 16)
        }
        let seeded = bytes[16..<40] + bytes[(offset + 8)..<(offset + 68)]
        LogFixture.store(crc(seeded), &bytes, at: offset + 4)
        guard following, let next = batches(bytes).first(where: { $0 > offset }) else { return }
        bytes.replaceSubrange((next + 48)..<(next + 52), with: bytes[(offset + 4)..<(offset + 8)])
        fixBatch(&bytes, at: next)
    }

    /// Where the footer of a sealed segment starts.
    static func footer(_ bytes: [UInt8]) -> Int {
        bytes.count - Int(LogFixture.load(bytes, bytes.count - 12, 4))
    }

    /// Makes the checksum of a sealed segment's footer right.
    static func fixFooter(_ bytes: inout [UInt8]) {
        let payload = footer(bytes) + 8
        LogFixture.store(crc(bytes[payload..<(bytes.count - 16)]), &bytes, at: bytes.count - 16)
    }

    /// Makes the checksum of an identity right, and its copy in the footer.
    static func fixIdentity(_ bytes: inout [UInt8]) {
        let end = 8 + Int(LogFixture.load(bytes, 4, 4))
        LogFixture.store(crc(bytes[8..<(end - 4)]), &bytes, at: end - 4)
        let copy = footer(bytes) + 8 + 80
        bytes.replaceSubrange(copy..<(copy + 4), with: bytes[(end - 4)..<end])
        fixFooter(&bytes)
    }

    /// Makes the checksum at the end of an index right.
    static func fixIndex(_ bytes: inout [UInt8]) { LogFixture.fixIndex(&bytes) }
}

/// Good data folders, from which bad ones are made.
enum VerdictSample {
    static let configuration = LogConfiguration(segmentByteCount: 4 * 4_096)

    /// Records in several segments, of which those numbered are sealed, some with their active form
    /// kept, and checkpoints at these tree sizes; those in `witnessed` have a cosignature.
    static func folder(
        _ name: String, seed: UInt64 = 7, count: Int = 44, seal: Range<Int> = 0..<0,
        keep: Set<Int> = [], checkpoints: [Int] = [], witnessed: Set<Int> = [],
        configuration: LogConfiguration = configuration
    ) throws -> VerdictFolder {
        let sample = try SealedSample(
            seed: seed, count: count, configuration: configuration, byteCountMax: 900)
        var kept: [String: [UInt8]] = [:]
        for (number, sequence) in try sample.pending.enumerated() where seal.contains(number) {
            let path = LogFixture.path(sequence, ".log")
            if keep.contains(number) { kept[path] = sample.disk.contents(of: path) }
            try sample.seal([sequence])
        }
        for (path, bytes) in kept { sample.disk.setContents(of: path, bytes) }
        var folder = VerdictFolder(name: name, files: [:])
        for path in sample.disk.paths where !path.hasSuffix("LOCK") {
            folder.files[String(path.dropFirst(LogFixture.folder.count + 1))] =
                sample.disk.contents(of: path)
        }
        folder.witnesses = [try NoteFixture.witnessSigner().verifierKey.text]
        try sign(
            &folder, TreeReference(leaves: sample.records.map(TreeReference.leaf)), checkpoints,
            witnessed)
        folder.expected = []
        return folder
    }

    /// Adds checkpoints of a tree, and the list of keys.
    static func sign(
        _ folder: inout VerdictFolder, _ tree: TreeReference, _ sizes: [Int],
        _ witnessed: Set<Int>
    ) throws {
        guard !sizes.isEmpty else { return }
        let key = try NoteFixture.logSigner().verifierKey
        folder.files["checkpoints/keys"] = Array((key.text + "\n").utf8)
        for size in sizes {
            let note = try NoteFixture.checkpoint(
                tree, size: min(size, tree.leaves.count),
                cosignedAt: witnessed.contains(size) ? 1_700_000_000 : nil)
            folder.files["checkpoints/" + VerdictFolder.digits(size) + ".note"] = note.bytes
        }
    }

    /// A checkpoint of any size and root.
    static func note(size: UInt64, root: TreeHash) throws -> [UInt8] {
        let checkpoint = Checkpoint(
            origin: try KeyName(NoteFixture.origin), size: size, root: root)
        return try CheckpointNote(checkpoint, signer: NoteFixture.logSigner()).bytes
    }
}
