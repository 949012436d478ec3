/// Verifies a proof file with its record: needs no log, only keys.
public enum ProofVerifier {
    /// Verifies a proof for the bytes of a record, without its length.
    ///
    /// - Parameters:
    ///   - name: what problems name as the path.
    ///   - keys: the log's verifier keys, of which the origin's counts.
    ///   - witnesses: verifier keys of witnesses.
    /// - Complexity: an Ed25519 verification for each known signature, and at most 65 hashes.
    public static func verify(
        proof: [UInt8], name: String, record: [UInt8], keys: [VerifierKey],
        witnesses: [VerifierKey] = []
    ) -> Verdict {
        var verdict = Verdict(.proof)
        check(proof, name, record, keys, witnesses, &verdict)
        verdict.finish()
        return verdict
    }

    /// Verifies a proof file for a record's file.
    ///
    /// Blocks: it reads both. A file that cannot be read is a problem in the verdict.
    public static func verify(
        path: String, recordPath: String, disk: any Disk, keys: [VerifierKey],
        witnesses: [VerifierKey] = []
    ) -> Verdict {
        let name = String(path.split(separator: "/").last ?? "")
        var verdict = Verdict(.proof)
        do throws(DiskError) {
            let proof = try disk.contents(of: path, byteCountMax: ProofFile.byteCountMax)
            let record = try disk.contents(
                of: recordPath, byteCountMax: LogFormat.recordByteCountMax)
            if let proof, let record {
                return verify(
                    proof: proof, name: name, record: record, keys: keys, witnesses: witnesses)
            }
            verdict.add(
                .proofInvalid, name,
                proof == nil
                    ? "it is larger than a proof can be" : "the record is larger than one can be")
        } catch {
            verdict.add(.proofInvalid, name, "\(error)")
        }
        verdict.finish()
        return verdict
    }

    private static func check(
        _ proof: [UInt8], _ name: String, _ record: [UInt8], _ keys: [VerifierKey],
        _ witnesses: [VerifierKey], _ verdict: inout Verdict
    ) {
        let head: (index: UInt64, path: [TreeHash], noteOffset: Int)
        do throws(NoteError) {
            guard proof.count <= ProofFile.byteCountMax else {
                throw NoteError(.noteTooLarge, "it is larger than a proof can be")
            }
            head = try ProofFile.head(proof)
        } catch {
            verdict.add(.proofInvalid, name, error.message)
            return
        }
        let note: CheckpointNote
        let isWitnessed: Bool
        do throws(NoteError) {
            note = try CheckpointNote.parse(Array(proof[head.noteOffset...]))
            isWitnessed = try note.verify(keys: keys + witnesses).contains {
                $0.key.kind == .witness
            }
        } catch {
            verdict.add(.checkpointInvalid, name, error.moved(byLines: head.path.count + 3).message)
            return
        }
        let size = note.checkpoint.size
        verdict.records = 1
        verdict.firstSequence = head.index
        verdict.treeSize = size
        let inclusion = InclusionProof(index: head.index, treeSize: size, path: head.path)
        // Safe: the bytes of an array, which lives to the end of the call.
        let leaf = TreeHash.leaf(unsafe record.span.bytes)
        guard let root = inclusion.root(ofLeaf: leaf) else {
            verdict.add(
                .proofInvalid, name,
                "its path is not the way from record \(head.index) to the root of \(size) records")
            return
        }
        verdict.root = root.description
        guard root == note.checkpoint.root else {
            verdict.add(
                .proofInvalid, name, "record and path do not lead to the checkpoint's root")
            return
        }
        verdict.checkpoints = 1
        verdict.checkpointSize = size
        verdict.stateAnchoring(anchoredSize: isWitnessed ? size : nil)
    }
}
