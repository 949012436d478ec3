/// A text with signatures below it (C2SP signed-note).
///
/// What is read here is well formed, no more: nothing of it is to be believed before a signature
/// was checked. `bytes` gives exactly what was read.
public struct SignedNote: Hashable, Sendable {
    /// The most bytes of a note that is read.
    public static let byteCountMax = 1 << 20
    /// The most signatures of a note that is read.
    public static let signatureCountMax = 100

    /// The text that was signed, with its last newline.
    public let text: [UInt8]
    /// The signatures, in their order, also those of unknown keys; at least one.
    public private(set) var signatures: [NoteSignature]

    /// A note of this text, signed by one key.
    ///
    /// Throws `noteMalformed` or `noteTooLarge` where the text cannot stand in a note, and
    /// `keyUnsuitable` where the key is a witness's.
    public init(text: [UInt8], signer: NoteSigner) throws(NoteError) {
        self.text = text
        signatures = [try signer.sign(text)]
        // What is read is exactly what is signed, or it is not signed.
        guard try Self.parse(bytes) == self else {
            throw NoteError(
                .noteMalformed, "the text of a note ends with a newline; add one before signing")
        }
    }

    /// Reads a note.
    ///
    /// Throws `noteMalformed` or `noteTooLarge`, and names the line.
    public static func parse(_ bytes: [UInt8]) throws(NoteError) -> SignedNote {
        try NoteText.check(bytes, byteCountMax: byteCountMax, .noteMalformed)
        return try parse(checked: bytes)
    }

    /// Reads a note whose size and characters are checked.
    static func parse(checked bytes: [UInt8]) throws(NoteError) -> SignedNote {
        guard let textEnd = textEnd(bytes) else {
            throw NoteError(
                .noteMalformed,
                "no empty line between text and signatures; take the note again from its source")
        }
        let text = Array(bytes[..<textEnd])
        let lineCount = text.count { $0 == NoteText.newline }
        var cursor = LineCursor(bytes, offset: textEnd + 1, line: lineCount + 2)
        return SignedNote(text: text, signatures: try NoteSignature.parse(&cursor))
    }

    /// The note, to the byte as it was read.
    public var bytes: [UInt8] {
        text + [NoteText.newline] + signatures.flatMap(\.line)
    }

    /// Adds a signature behind the others.
    ///
    /// Throws `noteTooLarge` where the note would have more than 100, or more than 1 MiB.
    public mutating func append(_ signature: NoteSignature) throws(NoteError) {
        guard signatures.count < Self.signatureCountMax,
            bytes.count + signature.line.count <= Self.byteCountMax
        else {
            throw NoteError(
                .noteTooLarge,
                "the note has \(signatures.count) signatures and no room for another; at most "
                    + "\(Self.signatureCountMax) in \(Self.byteCountMax) bytes")
        }
        signatures.append(signature)
    }

    /// The valid signatures of these keys: one for each key that signed, in the order of the keys;
    /// of several by one witness the earliest.
    ///
    /// Signatures of other keys are ignored. Throws `signatureInvalid`, and names the line, where
    /// one that claims to be of a given key is not valid: then the note as a whole is not to be
    /// believed (C2SP signed-note).
    /// - Complexity: an Ed25519 verification for each signature of a given key, at most 100.
    public func signatures(by keys: [VerifierKey]) throws(NoteError) -> [NoteVerification] {
        var found: [NoteVerification] = []
        for key in keys where !found.contains(where: { $0.key == key }) {
            var earliest: NoteVerification?
            for (index, signature) in signatures.enumerated() where key.isNamed(by: signature) {
                guard let verification = key.check(signature, of: text) else {
                    throw NoteError(
                        .signatureInvalid, line: lineNumber(ofSignature: index),
                        "the signature is not the one of the key that it names; the note was "
                            + "altered, or it is not that key's. Take it again from its source")
                }
                if let time = earliest?.time, time <= verification.time ?? 0 { continue }
                earliest = verification
            }
            if let earliest { found.append(earliest) }
        }
        return found
    }

    private init(text: [UInt8], signatures: [NoteSignature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Where the text ends: before the last empty line.
    private static func textEnd(_ bytes: [UInt8]) -> Int? {
        var end = bytes.count - 1
        while end >= 1 {
            if bytes[end] == NoteText.newline && bytes[end - 1] == NoteText.newline { return end }
            end -= 1
        }
        return nil
    }

    private func lineNumber(ofSignature index: Int) -> Int {
        text.count { $0 == NoteText.newline } + 2 + index
    }
}
