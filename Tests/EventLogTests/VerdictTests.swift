import DaybookTestSupport
import EventLog
import Foundation
import Testing

/// `LogVerifier` and docs/verify/daybook_verify.py say the same of the same folders.
@Suite struct VerdictTests {
    private func compare(
        _ folders: [VerdictFolder], location: SourceLocation = #_sourceLocation
    ) async throws {
        var threads = 0
        try await PythonVerdict.compare(
            folders,
            job: { .init(path: $1, key: $0.keys, witness: $0.witnesses) },
            with: { folder, path in
                threads = threads % 3 + 1
                return LogVerifier.verify(
                    folder: path, disk: RealDisk(),
                    keys: try folder.keys.map { try VerifierKey(parsing: $0) },
                    witnesses: try folder.witnesses.map { try VerifierKey(parsing: $0) },
                    threads: threads)
            }, location: location)
    }

    @Test("good folders are good, whatever forms their segments have and whoever signed")
    func good() async throws {
        var given = try VerdictSample.folder("given key", seal: 0..<3, checkpoints: [5, 44])
        given.keys = [try NoteFixture.logSigner().verifierKey.text]
        var stranger = try VerdictSample.folder(
            "no witness given", checkpoints: [3], witnessed: [3])
        stranger.witnesses = []
        let mixed = try VerdictSample.folder(
            "mixed", seal: 0..<4, checkpoints: [0, 1, 20, 40], witnessed: [20])
        try await compare([
            VerdictSample.folder("empty log", count: 0), VerdictSample.folder("active"),
            VerdictSample.folder("sealed", seal: 0..<100, checkpoints: [44], witnessed: [44]),
            mixed, given, stranger,
            VerdictSample.folder("both forms", seal: 0..<3, keep: [0, 2], checkpoints: [9]),
            mixed.damaged("retired", []) { folder in
                let oldest = folder.paths(".lz4")[0]
                folder.files[oldest] = nil
                folder.files[oldest.dropLast(4) + ".idx"] = nil
            },
            mixed.damaged("what is ignored", []) { folder in
                for path in folder.paths(".idx").prefix(1) { folder.files[path] = nil }
                folder.change(folder.paths(".idx")[0]) { $0[70] ^= 1 }
                folder.files["log/00000000000000000000.sealing"] = [1, 2, 3]
                folder.files["log/next.preparing"] = [0]
                folder.files["checkpoints/superseded/00000000000000000009.note"] = [1]
                folder.files["tree/tile/0/000"] = [1]
            },
        ])
    }

    @Test("a torn end is a remark, unless something says that more was durable")
    func tornEnds() async throws {
        let log = try VerdictSample.folder("log")
        let tear = { (folder: inout VerdictFolder) in
            folder.change(folder.paths(".log")[folder.paths(".log").count - 1]) { bytes in
                // The last batch with records; what follows it is a mark.
                let batches = SegmentForging.batches(bytes)
                let last = batches[batches.count - 2]
                for place in (last + 4_096)..<bytes.count { bytes[place] = 0 }
                for place in (last + 512)..<(last + 1_024) { bytes[place] = 0 }
            }
        }
        var torn = try VerdictSample.folder("a torn batch", seed: 8)
        tear(&torn)
        let roll = { (folder: inout VerdictFolder) in
            var bytes = [UInt8](repeating: 0, count: 16_384)
            bytes[3] = 7
            folder.files[VerdictFolder.segment(44, ".log")] = bytes
        }
        var beyond = torn
        try VerdictSample.sign(
            &beyond, TreeReference(count: 44), [44], [])
        beyond.name = "a torn batch before a checkpoint"
        beyond.expected = nil
        let all = try VerdictSample.folder("all sealed", seal: 0..<100)
        try await compare([
            torn, beyond,
            log.damaged("a torn roll", [], roll),
            log.damaged("a torn first roll", []) { folder in
                folder.files = ["log/00000000000000000000.log": [UInt8](repeating: 0, count: 8_192)]
            },
            all.damaged("a bad header after a sealed segment", [.segmentDamaged]) { folder in
                folder.change(folder.paths(".log")[0]) { bytes in
                    bytes[100] = 1
                    for place in 4_096..<bytes.count { bytes[place] = 0 }
                }
            },
            log.damaged("a torn roll after a gap", [.segmentMissing]) { folder in
                roll(&folder)
                folder.rename(
                    VerdictFolder.segment(44, ".log"), to: VerdictFolder.segment(45, ".log"))
            },
        ])
    }

    @Test("each kind of damage to segments has its code, where checksums hold too")
    func segments() async throws {
        let log = try VerdictSample.folder("log", checkpoints: [10, 40])
        let first = log.paths(".log")[0]
        let second = log.paths(".log")[1]
        let batch = SegmentForging.batches(log.files[first] ?? [])[1]
        func forged(
            _ name: String, _ codes: Set<Verdict.Code>, _ path: String? = nil,
            following: Bool = true, _ change: (inout [UInt8]) -> Void
        ) -> VerdictFolder {
            log.damaged(name, codes) { folder in
                folder.change(path ?? first) { bytes in
                    change(&bytes)
                    SegmentForging.fixBatch(&bytes, at: batch, following: following)
                }
            }
        }
        let other = try VerdictSample.folder("other cuts", configuration: LogFixture.small)
        try await compare([
            log.damaged("a flipped bit", [.segmentDamaged]) { $0.change(first) { $0[4_200] ^= 1 } },
            log.damaged("a cut", [.segmentDamaged]) { $0.change(first) { $0.removeLast(4_096) } },
            log.damaged("cut within", [.segmentDamaged]) { $0.change(second) { $0.removeLast(9) } },
            log.damaged("longer", [.segmentDamaged]) { $0.change(second) { $0 += [0, 0] } },
            log.damaged("empty", [.segmentDamaged]) { $0.change(second) { $0 = [] } },
            forged("a broken chain", [.segmentDamaged], following: false) { $0[batch + 72] ^= 2 },
            forged("an unknown codec", [.segmentForeign]) { $0[batch + 52] = 9 },
            forged("an unknown flag", [.segmentForeign]) { $0[batch + 54] = 1 },
            forged("a key", [.segmentForeign]) { $0[batch + 60] = 1 },
            forged("another sequence", [.segmentForeign]) { $0[batch + 24] ^= 1 },
            forged("no term", [.segmentForeign]) { $0[batch + 40] = 0 },
            forged("more records than bytes", [.segmentDamaged]) { $0[batch + 22] = 1 },
            forged("durable before it was written", [.segmentDamaged]) { bytes in
                for place in 32..<39 { bytes[batch + place] = 0 }
                bytes[batch + 32] = bytes[batch + 24]
                bytes[batch + 39] = 0
            },
            forged("a mark with a codec", [.segmentDamaged]) { bytes in
                for place in 8..<24 { bytes[batch + place] = 0 }
                bytes[batch + 52] = 1
                bytes[batch + 53] = 1
            },
            forged("a record beyond the end", [.segmentDamaged]) { $0[batch + 68] ^= 0x40 },
            log.damaged("another name", [.segmentForeign]) {
                $0.rename(second, to: VerdictFolder.segment(9_999, ".log"))
            }.asFound(),
            log.damaged("a segment missing", [.segmentMissing]) { $0.files[second] = nil },
            log.damaged("an overlap", [.segmentForeign]) { folder in
                for (path, bytes) in other.files where folder.files[path] == nil {
                    folder.files[path] = bytes
                }
            }.asFound(),
            log.damaged("the oldest missing", []) { $0.files[first] = nil }.asFound(),
            log.damaged("nothing", [.segmentMissing]) { folder in
                for path in folder.paths(".log") { folder.files[path] = nil }
                folder.files["log/x"] = []
            }.asFound(),
        ])
    }

    @Test("each kind of damage to a segment's header has its code, where its checksum holds too")
    func headers() async throws {
        let log = try VerdictSample.folder("log", checkpoints: [10, 40])
        let second = log.paths(".log")[1]
        func header(
            _ name: String, _ codes: Set<Verdict.Code>, _ change: (inout [UInt8]) -> Void
        ) -> VerdictFolder {
            log.damaged(name, codes) { folder in
                folder.change(second) { bytes in
                    change(&bytes)
                    SegmentForging.fixHeader(&bytes)
                }
            }
        }
        try await compare([
            header("an unknown version", [.segmentForeign]) { $0[8] = 2 },
            header("another identity", [.segmentForeign]) { $0[16] ^= 1 },
            header("an earlier term", [.segmentForeign]) { $0[56] = 0 },
            header("another frontier", [.segmentDamaged]) { $0[72] ^= 1 },
            header("bytes behind the frontier", [.segmentDamaged]) { $0[4_000] = 1 },
            header("an impossible size", [.segmentDamaged]) { $0[48] ^= 1 },
        ])
    }

    @Test("a record's length has one form: a longer one is damage, though all checksums hold")
    func shortestForm() async throws {
        let log = try VerdictSample.folder("a length in two bytes")
        try await compare([
            log.damaged("a length in two bytes", [.segmentDamaged]) { folder in
                folder.change(folder.paths(".log")[0]) { bytes in
                    let batch = SegmentForging.batches(bytes)[1]
                    // One record of two bytes, as 82 00 and its bytes.
                    bytes.replaceSubrange((batch + 68)..<(batch + 72), with: [0x82, 0, 1, 1])
                    for place in (batch + 72)..<(batch + 4_096) { bytes[place] = 0 }
                    for place in [8, 12, 20] {
                        for more in 0..<4 { bytes[batch + place + more] = 0 }
                    }
                    (bytes[batch + 8], bytes[batch + 12], bytes[batch + 20]) = (4, 4, 1)
                    SegmentForging.fixBatch(&bytes, at: batch)
                }
            }
        ])
    }

    @Test("each kind of damage to sealed segments has its code")
    func sealed() async throws {
        let log = try VerdictSample.folder("log", seal: 0..<3, checkpoints: [10, 40])
        let (first, second) = (log.paths(".lz4")[0], log.paths(".lz4")[1])
        func footer(
            _ name: String, _ codes: Set<Verdict.Code>, _ place: Int, _ mask: UInt8 = 1
        ) -> VerdictFolder {
            log.damaged(name, codes) { folder in
                folder.change(second) { bytes in
                    let footer = SegmentForging.footer(bytes)
                    bytes[place < 0 ? bytes.count + place : footer + 8 + place] ^= mask
                    SegmentForging.fixFooter(&bytes)
                }
            }
        }
        func identity(_ name: String, _ codes: Set<Verdict.Code>, _ place: Int) -> VerdictFolder {
            log.damaged(name, codes) { folder in
                folder.change(second) { bytes in
                    bytes[8 + place] ^= 1
                    SegmentForging.fixIdentity(&bytes)
                }
            }
        }
        let both = try VerdictSample.folder("both", seal: 0..<3, keep: [1])
        let all = try VerdictSample.folder("all", seal: 0..<100, checkpoints: [44])
        try await compare([
            log.damaged("a frame", [.sealInvalid]) { $0.change(second) { $0[200] ^= 1 } }.asFound(),
            log.damaged("cut", [.sealInvalid]) { $0.change(first) { $0.removeLast() } },
            log.damaged("empty", [.sealInvalid]) { $0.change(first) { $0 = [] } },
            footer("a wrong root", [.sealInvalid], -20), footer("raw size", [.sealInvalid], 48),
            footer("a huge raw size", [.sealInvalid], 55, 0x80),
            footer("a time", [.sealInvalid], 56),
            footer("a frame's time", [.sealInvalid], 88 + 16),
            footer("a frame's size", [.sealInvalid], 88 + 24), footer("term", [], 73).asFound(),
            footer("no term", [.sealInvalid], 72), footer("version", [.segmentForeign], 8),
            footer("count", [.sealInvalid], 40), footer("zero", [.sealInvalid], 84),
            identity("another log", [.sealInvalid], 16), identity("version", [.segmentForeign], 8),
            identity("a name", [.sealInvalid], 32), identity("a time", [], 40),
            identity("a frontier", [.sealInvalid], 64), identity("zero", [.sealInvalid], 56),
            log.damaged("a sealed segment of another", [.segmentForeign]) { folder in
                folder.files[second] = folder.files[first]
            },
            both.damaged("a bad second form", [.sealInvalid]) {
                $0.change(second) { $0[$0.count - 30] ^= 1 }
            },
            both.damaged("a bad first form", [.segmentDamaged]) {
                $0.change($0.paths(".log")[0]) { $0[4_200] ^= 1 }
            }.asFound(),
            all.damaged("no active one", [.segmentMissing]) {
                for path in $0.paths(".log") { $0.files[path] = nil }
            },
        ])
    }

    @Test("each kind of damage to indexes has its code, and what does not pass for good is ignored")
    func indexes() async throws {
        let log = try VerdictSample.folder("log", seal: 0..<3, checkpoints: [10, 40])
        let index = log.paths(".idx")[1]
        func entry(
            _ name: String, _ codes: Set<Verdict.Code>, isFixed: Bool = true,
            _ change: (inout [UInt8]) -> Void
        ) -> VerdictFolder {
            log.damaged(name, codes) { folder in
                folder.change(index) { bytes in
                    change(&bytes)
                    if isFixed { SegmentForging.fixIndex(&bytes) }
                }
            }
        }
        try await compare([
            entry("keys out of order", [.indexMismatch]) { $0[64 + 15] = 0xFF },
            entry("no such count", [.indexMismatch]) { $0[40] ^= 1 },
            entry("another footer's", []) { $0[12] ^= 1 },
            entry("no keys", [.indexMismatch]) {
                for place in 56..<60 { $0[place] = 0 }
            },
            entry("a sequence beyond", [.indexMismatch]) {
                $0[LogFixture.indexTail($0) - 1] = 0x7F
            },
            entry("a page's checksum", [.indexMismatch], isFixed: false) {
                $0[$0.count - 16] ^= 1
                let all = Array($0.dropLast(4))
                LogFixture.store(Checksum.crc32c(all.span.bytes), &$0, at: $0.count - 4)
            },
            entry("remote keys that there are not", [.indexMismatch]) { $0[$0.count - 12] = 1 },
            log.damaged("an index behind the end", [.segmentMissing]) { folder in
                let name = VerdictFolder.segment(80, ".idx")
                folder.files[name] = folder.files[index]
                folder.change(name) { bytes in
                    bytes[32] = 80
                    SegmentForging.fixIndex(&bytes)
                }
            },
        ])
    }

    @Test("each kind of damage to checkpoints has its code")
    func checkpoints() async throws {
        let log = try VerdictSample.folder(
            "log", seal: 0..<2, checkpoints: [10, 30], witnessed: [10])
        let note = "checkpoints/" + VerdictFolder.digits(10) + ".note"
        func named(_ size: Int) -> String { "checkpoints/" + VerdictFolder.digits(size) + ".note" }
        var stranger = log
        stranger.name = "a stranger's key"
        stranger.keys = [try NoteFixture.logSigner("other").verifierKey.text]
        stranger.expected = [.checkpointInvalid]
        let witness = try NoteFixture.witnessSigner().verifierKey.text
        try await compare([
            stranger,
            log.damaged("a bit", [.checkpointInvalid]) { $0.change(note) { $0[30] ^= 1 } },
            log.damaged("a cosignature", [.checkpointInvalid]) {
                $0.change(note) { $0[$0.count - 20] = $0[$0.count - 20] == 0x41 ? 0x42 : 0x41 }
            },
            log.damaged("another name", [.checkpointInvalid]) { $0.rename(note, to: named(11)) },
            log.damaged("no keys", [.checkpointInvalid]) { $0.files["checkpoints/keys"] = nil },
            log.damaged("a witness among the keys", [.checkpointInvalid]) {
                $0.change("checkpoints/keys") { $0 += Array((witness + "\n").utf8) }
            },
            log.damaged("a space in the keys", [.checkpointInvalid]) {
                $0.change("checkpoints/keys") { $0.insert(0x20, at: 0) }
            },
            try log.damaged("another root", [.checkpointMismatch]) {
                $0.files[named(12)] = try VerdictSample.note(size: 12, root: TreeHash.ofNothing)
            },
            try log.damaged("more records", [.segmentMissing]) {
                $0.files[named(999)] = try VerdictSample.note(size: 999, root: TreeHash.ofNothing)
            },
            log.damaged("checkpoints alone", [.segmentMissing]) { folder in
                for path in folder.paths("") where path.hasPrefix("log") {
                    folder.files[path] = nil
                }
            },
            log.damaged("an empty note", [.checkpointInvalid]) { $0.files[note] = [] },
        ])
    }
}

extension VerdictFolder {
    /// The same where a test knows the codes only in part: what both programs say counts.
    func asFound() -> VerdictFolder {
        var copy = self
        copy.expected = nil
        return copy
    }
}
