import DaybookTestSupport
import EventLog
import Foundation
import Testing

/// `ProofVerifier` and docs/verify/daybook_verify.py say the same of the same proofs.
@Suite struct ProofVerdictTests {
    private static let tree = TreeReference(count: 13)

    private func proof(_ index: Int, size: Int = 13, witnessed: Bool = false) throws
        -> VerdictFolder
    {
        let inclusion = InclusionProof(
            index: UInt64(index), treeSize: UInt64(size), path: Self.tree.path(index, 0..<size))
        let note = try NoteFixture.checkpoint(
            Self.tree, size: size, cosignedAt: witnessed ? 1_700_000_000 : nil)
        return VerdictFolder(
            name: "proof of \(index) in \(size)",
            files: [
                "p": try ProofFile(inclusion, checkpoint: note).bytes,
                "record": Array("record \(index)".utf8),
            ],
            keys: [try NoteFixture.logSigner().verifierKey.text],
            witnesses: [try NoteFixture.witnessSigner().verifierKey.text], expected: [])
    }

    private func compare(
        _ folders: [VerdictFolder], location: SourceLocation = #_sourceLocation
    ) async throws {
        try await PythonVerdict.compare(
            folders,
            job: {
                .init(
                    path: $1 + "/p", key: $0.keys, witness: $0.witnesses, record: $1 + "/record")
            },
            with: { folder, path in
                ProofVerifier.verify(
                    path: path + "/p", recordPath: path + "/record", disk: RealDisk(),
                    keys: try folder.keys.map { try VerifierKey(parsing: $0) },
                    witnesses: try folder.witnesses.map { try VerifierKey(parsing: $0) })
            }, location: location)
    }

    @Test("every record's proof is good in every tree, and anchored where a witness signed")
    func good() async throws {
        try await compare(
            (0..<13).map { try proof($0, witnessed: $0 % 2 == 0) }
                + (1...12).map { try proof($0 - 1, size: $0) })
    }

    @Test("each thing that is wrong with a proof has its code")
    func bad() async throws {
        let good = try proof(5, witnessed: true)
        let stranger = try NoteFixture.logSigner("other").verifierKey.text
        let text = String(decoding: good.files["p"] ?? [], as: UTF8.self)
        func changed(_ name: String, _ codes: Set<Verdict.Code>, _ old: String, _ new: String)
            -> VerdictFolder
        {
            good.damaged(name, codes) {
                $0.files["p"] = Array(text.replacing(old, with: new, maxReplacements: 1).utf8)
            }
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try await compare([
            good.damaged("another record", [.proofInvalid]) { $0.files["record"]?[0] ^= 1 },
            good.damaged("too large a record", [.proofInvalid]) {
                $0.files["record"] = [UInt8](repeating: 1, count: 65_536)
            },
            good.damaged("a stranger's key", [.checkpointInvalid]) {
                $0.keys = [stranger]
            },
            changed("another index", [.proofInvalid], "index 5", "index 6"),
            changed("an index beyond", [.proofInvalid], "index 5", "index 13"),
            changed(
                "an impossible index", [.proofInvalid], "index 5", "index 99999999999999999999"),
            changed("an index with a zero", [.proofInvalid], "index 5", "index 05"),
            changed("another version", [.proofInvalid], "@v1", "@v2"),
            changed("an extra line", [.proofInvalid], "index", "extra AAAA\nindex"),
            changed("a short path", [.proofInvalid], String(lines[2]) + "\n", ""),
            changed(
                "a long path", [.proofInvalid], String(lines[2]), "\(lines[2])\n\(lines[2])"),
            changed("no path", [.checkpointInvalid], "index 5\n", "index 5\n\n"),
            changed("another size", [.checkpointInvalid], "\n13\n", "\n14\n"),
            changed("a control character", [.checkpointInvalid], "\n13\n", "\n13\t\n"),
            changed("one in the head", [.proofInvalid], "index 5", "index 5\t"),
            changed("no note", [.proofInvalid], String(text.dropFirst(60)), ""),
            good.damaged("nothing", [.proofInvalid]) { $0.files["p"] = [] },
            good.damaged("too large", [.proofInvalid]) {
                $0.files["p"]? += [UInt8](repeating: 65, count: 1 << 20 + 4_096)
            },
        ])
    }

    @Test("both programs say the same of proofs with drawn damage")
    func drawn() async throws {
        let good = try proof(9, witnessed: true)
        try await compare(
            (0..<300).map { seed in
                var random = SeededGenerator(seed: UInt64(seed))
                var folder = good
                folder.name = "seed \(seed)"
                folder.expected = nil
                folder.change("p") { bytes in
                    for _ in 0...(random.next() % 2) {
                        let place = Int.random(in: 0..<bytes.count, using: &random)
                        switch random.next() % 5 {
                        case 0: bytes.removeSubrange(place...)
                        case 1: bytes.remove(at: place)
                        case 2: bytes.insert(UInt8(random.next() & 0x7F), at: place)
                        default: bytes[place] ^= 1 << UInt8(random.next() % 8)
                        }
                        if bytes.isEmpty { bytes = [10] }
                    }
                }
                return folder
            })
    }
}
