/// A checkpoint with its signatures: the log's own, and those of witnesses.
public struct CheckpointNote: Hashable, Sendable {
    /// The signed note, to the byte.
    public private(set) var note: SignedNote
    /// What its text states; not to be believed before `verify` returned.
    public let checkpoint: Checkpoint

    /// A checkpoint, signed by its log's key.
    ///
    /// Throws `keyUnsuitable` where the key is a witness's, `originMismatch` where its name is not
    /// the origin.
    public init(_ checkpoint: Checkpoint, signer: NoteSigner) throws(NoteError) {
        guard signer.verifierKey.name == checkpoint.origin else {
            throw NoteError(
                .originMismatch,
                "the key \(signer.verifierKey.name) cannot sign for the origin "
                    + "\(checkpoint.origin); a log's key is named for its origin")
        }
        note = try SignedNote(text: checkpoint.text, signer: signer)
        self.checkpoint = checkpoint
    }

    /// Reads a checkpoint's note; no signature is checked.
    ///
    /// Throws `noteMalformed`, `noteTooLarge` or `checkpointMalformed`, and names the line.
    public static func parse(_ bytes: [UInt8]) throws(NoteError) -> CheckpointNote {
        try CheckpointNote(note: SignedNote.parse(bytes))
    }

    init(note: SignedNote) throws(NoteError) {
        checkpoint = try Checkpoint.parse(note.text)
        self.note = note
    }

    /// The note, to the byte as it was read.
    public var bytes: [UInt8] { note.bytes }

    /// The valid signatures of these keys: one for each key that signed, with a witness's time.
    ///
    /// A log's key counts only where its name is the origin: another log's signature says nothing
    /// of this one. Throws `signatureInvalid` as `SignedNote.signatures(by:)` does.
    public func signatures(by keys: [VerifierKey]) throws(NoteError) -> [NoteVerification] {
        try note.signatures(
            by: keys.filter { $0.kind == .witness || $0.name == checkpoint.origin })
    }

    /// As `signatures(by:)`; but the log's own signature by one of these keys must be there.
    ///
    /// Throws `originMismatch` where no key is of this checkpoint's log, `signatureMissing` where
    /// none of those that are signed it, and `signatureInvalid`.
    public func verify(keys: [VerifierKey]) throws(NoteError) -> [NoteVerification] {
        guard keys.contains(where: { $0.kind == .log && $0.name == checkpoint.origin }) else {
            throw NoteError(
                .originMismatch,
                "no key that was given is of the log that this checkpoint names as its origin; "
                    + "give that log's verifier key, or look for the right checkpoint")
        }
        let found = try signatures(by: keys)
        guard found.contains(where: { $0.key.kind == .log }) else {
            throw NoteError(
                .signatureMissing,
                "the checkpoint has no signature of the log's key; was the key changed? Then give "
                    + "the one that the log had at this size")
        }
        return found
    }

    /// Adds witnesses' cosignatures; the number that were added.
    ///
    /// All of them must be valid for this checkpoint, and of a given witness's key, or nothing is
    /// added. A witness that signed before is left as it is: the earlier time says more.
    /// Throws `signatureForeign` where one is of no given witness, `signatureInvalid` where one of
    /// them, or one that stands in the note, is not valid, `noteTooLarge` where there is no room.
    public mutating func addCosignatures(
        _ signatures: [NoteSignature], witnesses: [VerifierKey]
    ) throws(NoteError) -> Int {
        var grown = note
        var signers = Set(try note.signatures(by: witnesses).map(\.key))
        for (index, signature) in signatures.enumerated() {
            guard
                let key = witnesses.first(where: {
                    $0.kind == .witness && $0.isNamed(by: signature)
                })
            else {
                throw NoteError(
                    .signatureForeign, line: index + 1,
                    "a signature of no witness that was given; give its verifier key, or leave "
                        + "the line out")
            }
            guard key.check(signature, of: note.text) != nil else {
                throw NoteError(
                    .signatureInvalid, line: index + 1,
                    "not a valid cosignature of this checkpoint; ask the witness again, with this "
                        + "very checkpoint")
            }
            if signers.insert(key).inserted { try grown.append(signature) }
        }
        let count = grown.signatures.count - note.signatures.count
        note = grown
        return count
    }
}
