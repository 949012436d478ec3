/// One signature line of a note: `— NAME BASE64`, with BASE64 of the key's number and the
/// signature (C2SP signed-note).
public struct NoteSignature: Hashable, Sendable {
    /// The name of the key that is said to have signed.
    public let keyName: KeyName
    /// The number of that key.
    public let keyID: UInt32
    /// The signature, at least one byte; what it must be is known to who knows the key.
    public let bytes: [UInt8]

    /// Em dash (U+2014) and a space.
    private static let prefix = Array("\u{2014} ".utf8)

    init(key: VerifierKey, bytes: [UInt8]) {
        keyName = key.name
        keyID = key.id
        self.bytes = bytes
    }

    /// The signature that a line is, without its newline; nil where it is none.
    init?(line: ArraySlice<UInt8>) {
        guard line.starts(with: Self.prefix) else { return nil }
        let fields = line.dropFirst(Self.prefix.count).split(
            separator: NoteText.space, omittingEmptySubsequences: false)
        guard fields.count == 2, let name = KeyName(utf8: fields[0]),
            let signed = Base64.decode(fields[1]), signed.count > 4
        else { return nil }
        keyName = name
        keyID = NoteText.integer(signed.prefix(4))
        bytes = Array(signed.dropFirst(4))
    }

    /// The line, with its newline.
    public var line: [UInt8] {
        Self.prefix + keyName.utf8 + [NoteText.space]
            + Base64.encode(NoteText.bigEndian(keyID) + bytes) + [NoteText.newline]
    }

    /// Reads one or more signature lines and nothing else, as a witness sends them.
    ///
    /// Throws `noteMalformed` or `noteTooLarge`, and names the line.
    public static func parseLines(_ bytes: [UInt8]) throws(NoteError) -> [NoteSignature] {
        try NoteText.check(bytes, byteCountMax: SignedNote.byteCountMax, .noteMalformed)
        var cursor = LineCursor(bytes)
        return try parse(&cursor)
    }

    /// Reads signature lines to the end of the bytes.
    static func parse(_ cursor: inout LineCursor) throws(NoteError) -> [NoteSignature] {
        var signatures: [NoteSignature] = []
        repeat {
            let number = cursor.line
            guard let line = cursor.next(), let signature = NoteSignature(line: line) else {
                throw NoteError(
                    .noteMalformed, line: number,
                    "not a signature; it is an em dash, a key's name and Base 64, with one space "
                        + "between and a newline at the end. Take the note again from its source")
            }
            guard signatures.count < SignedNote.signatureCountMax else {
                throw NoteError(
                    .noteTooLarge, line: number,
                    "more than \(SignedNote.signatureCountMax) signatures; take the note again "
                        + "from its source")
            }
            signatures.append(signature)
        } while !cursor.isAtEnd
        return signatures
    }
}
