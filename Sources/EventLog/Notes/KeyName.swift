/// The name of a key in a note, such as `example.com/audit`; a log's is also its origin.
///
/// Not empty, UTF-8, no white space, no plus sign, no control character (C2SP signed-note). Names
/// are the same where their bytes are: Unicode's equivalences do not count.
public struct KeyName: Hashable, Sendable {
    /// The name's bytes, in UTF-8.
    public let utf8: [UInt8]

    /// The name that this text is.
    ///
    /// Throws `keyMalformed` where it is none.
    public init(_ text: String) throws(NoteError) {
        guard let name = KeyName(utf8: Array(text.utf8)[...]) else {
            throw NoteError(
                .keyMalformed,
                "a key's name must not be empty, and holds no space, plus sign or control "
                    + "character; choose one such as example.com/audit")
        }
        self = name
    }

    /// The name that these bytes are, or nil.
    init?(utf8 bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar == "+" || scalar.properties.isWhitespace {
                return nil
            }
        }
        utf8 = Array(bytes)
    }
}

extension KeyName: CustomStringConvertible {
    /// The name.
    public var description: String { String(decoding: utf8, as: UTF8.self) }
}
