/// What a log states of its tree: how many records, and the root (C2SP tlog-checkpoint).
///
/// The text has exactly three lines. A checkpoint with extension lines is refused: nothing that
/// this log signs has them.
public struct Checkpoint: Hashable, Sendable {
    /// Which log this is of; also the name of its key.
    public let origin: KeyName
    /// The number of records.
    public let size: UInt64
    /// The root of the tree over them.
    public let root: TreeHash

    /// A checkpoint of these parts.
    public init(origin: KeyName, size: UInt64, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that is signed: three lines, each with its newline.
    public var text: [UInt8] {
        origin.utf8 + [NoteText.newline] + Array(String(size).utf8) + [NoteText.newline]
            + root.base64 + [NoteText.newline]
    }

    /// Reads the text of a checkpoint.
    ///
    /// Throws `checkpointMalformed`, and names the line.
    public static func parse(_ text: [UInt8]) throws(NoteError) -> Checkpoint {
        var cursor = LineCursor(text)
        guard let origin = cursor.next().flatMap({ KeyName(utf8: $0) }) else {
            throw malformed(1, "no origin; it is a name without spaces or plus signs")
        }
        guard let size = cursor.next().flatMap(NoteText.decimal) else {
            throw malformed(2, "no tree size; it is a plain decimal number below 2^64")
        }
        guard let root = cursor.next().flatMap({ TreeHash(base64: $0) }) else {
            throw malformed(3, "no root; it is Base 64 of 32 bytes")
        }
        guard cursor.isAtEnd else {
            throw malformed(4, "more than the three lines that a checkpoint has")
        }
        return Checkpoint(origin: origin, size: size, root: root)
    }

    private static func malformed(_ line: Int, _ what: String) -> NoteError {
        NoteError(
            .checkpointMalformed, line: line,
            what + ". This is not a checkpoint of Daybook's; take it again from its source")
    }
}
