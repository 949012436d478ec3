import Crypto

/// A public key, with its name and the kind of signature that it checks: what an auditor is given.
///
/// The text (`vkey`) is `NAME+ID+BASE64`, ID being the first four bytes, as eight lower-case
/// hexadecimal digits, of SHA-256(name ‖ 0x0A ‖ type ‖ public key), and BASE64 the type and the
/// key (C2SP signed-note).
public struct VerifierKey: Hashable, Sendable {
    /// The key's name; a log's key is named for the log's origin.
    public let name: KeyName
    /// What the key signs.
    public let kind: Kind
    /// The Ed25519 public key, 32 bytes (RFC 8032).
    public let publicKey: [UInt8]
    /// The number that, with the name, finds the key's signatures in a note; it proves nothing.
    public let id: UInt32

    /// What a key signs; the number is the type in C2SP signed-note.
    public enum Kind: UInt8, Hashable, Sendable {
        /// Ed25519 over a note's text: a log's own signature.
        case log = 0x01
        /// Ed25519 over a time and a checkpoint: a witness's (C2SP tlog-cosignature).
        case witness = 0x04
    }

    /// A key of 32 bytes.
    ///
    /// Throws `keyMalformed` where there are not 32.
    public init(name: KeyName, kind: Kind, publicKey: [UInt8]) throws(NoteError) {
        guard publicKey.count == 32 else {
            throw NoteError(
                .keyMalformed, "an Ed25519 public key has 32 bytes, not \(publicKey.count)")
        }
        self.name = name
        self.kind = kind
        self.publicKey = publicKey
        id = Self.id(name: name, type: kind.rawValue, publicKey: publicKey)
    }

    /// Reads a key's text, without a newline.
    ///
    /// Throws `keyMalformed` where it is not exactly what `text` gives for some key.
    public init(parsing text: String) throws(NoteError) { self = try Self.parse(Array(text.utf8)) }

    /// Reads a key's text from bytes.
    ///
    /// Throws as `init(parsing:)` does.
    public static func parse(_ bytes: [UInt8]) throws(NoteError) -> VerifierKey {
        let parts = try KeyText.parse(bytes[...])
        let key = try VerifierKey(name: parts.name, kind: parts.kind, publicKey: parts.material)
        guard key.id == parts.id else {
            throw NoteError(
                .keyMalformed,
                "the number within the verifier key is not that of its name and public key; "
                    + "copy the whole key again from who publishes it")
        }
        return key
    }

    /// The key's text (`vkey`), without a newline.
    public var text: String {
        KeyText.format(name: name, id: id, kind: kind, material: publicKey)
    }

    /// What a signature says, where it is this key's and valid for the text of a note; else nil.
    ///
    /// - Complexity: one Ed25519 verification.
    func check(_ signature: NoteSignature, of text: [UInt8]) -> NoteVerification? {
        guard isNamed(by: signature) else { return nil }
        switch kind {
        case .log:
            guard isValid(signature.bytes[...], of: text) else { return nil }
            return NoteVerification(key: self, time: nil)
        case .witness:
            guard signature.bytes.count == 8 + 64 else { return nil }
            let time = NoteText.integer(signature.bytes.prefix(8), as: UInt64.self)
            // C2SP tlog-cosignature: a time does not exceed 2^63 - 1.
            guard time <= UInt64(Int64.max) else { return nil }
            let message = Self.cosignedMessage(time: time, text: text)
            guard isValid(signature.bytes.dropFirst(8), of: message) else { return nil }
            return NoteVerification(key: self, time: time)
        }
    }

    /// Whether a signature claims to be this key's.
    func isNamed(by signature: NoteSignature) -> Bool {
        signature.keyID == id && signature.keyName == name
    }

    /// What a witness signs (C2SP tlog-cosignature).
    static func cosignedMessage(time: UInt64, text: [UInt8]) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }

    private func isValid(_ signature: ArraySlice<UInt8>, of message: [UInt8]) -> Bool {
        guard signature.count == 64,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    private static func id(name: KeyName, type: UInt8, publicKey: [UInt8]) -> UInt32 {
        let named = name.utf8 + [NoteText.newline, type] + publicKey
        return NoteText.integer(TreeHash.sha256(named).bytes.prefix(4))
    }
}

extension VerifierKey: CustomStringConvertible {
    /// The key's text.
    public var description: String { text }
}

/// A signature that was checked and is valid.
public struct NoteVerification: Hashable, Sendable {
    /// The key that signed.
    public let key: VerifierKey
    /// When a witness says that it signed, in seconds since 1970; nil for a log's own signature.
    public let time: UInt64?
}

/// The text of keys, public and secret: `NAME+ID+BASE64(type ‖ 32 bytes)`.
enum KeyText {
    /// What the text of a key states; the ID is not checked yet.
    struct Parts {
        var name: KeyName
        var id: UInt32
        var kind: VerifierKey.Kind
        var material: [UInt8]
    }

    static func parse(_ text: ArraySlice<UInt8>) throws(NoteError) -> Parts {
        // Base 64 may hold a plus too, a name may not.
        let fields = text.split(
            separator: NoteText.plus, maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, let name = KeyName(utf8: fields[0]), let id = id(fields[1]),
            let material = Base64.decode(fields[2]), let type = material.first
        else {
            throw NoteError(
                .keyMalformed,
                "this is not a key; its form is NAME+ID+BASE64, in one piece. Copy it again")
        }
        guard let kind = VerifierKey.Kind(rawValue: type) else {
            throw NoteError(
                .keyMalformed,
                "a key of type \(type); known are 1 (Ed25519) and 4 (a witness's cosignature)")
        }
        guard material.count == 33 else {
            throw NoteError(
                .keyMalformed,
                "an Ed25519 key has 32 bytes, not \(material.count - 1); copy it again")
        }
        return Parts(name: name, id: id, kind: kind, material: Array(material.dropFirst()))
    }

    static func format(
        name: KeyName, id: UInt32, kind: VerifierKey.Kind, material: [UInt8]
    ) -> String {
        let digits = String(id, radix: 16)
        let padded = String(repeating: "0", count: 8 - digits.utf8.count) + digits
        let base64 = Base64.encode([kind.rawValue] + material)
        return name.description + "+" + padded + "+" + String(decoding: base64, as: UTF8.self)
    }

    private static func id(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard digits.count == 8 else { return nil }
        var id: UInt32 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): id = id << 4 | UInt32(digit - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): id = id << 4 | UInt32(digit - 0x61 + 10)
            default: return nil
            }
        }
        return id
    }
}
