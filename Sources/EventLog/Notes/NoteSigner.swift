import Crypto

/// A secret key, with its name and the kind of signature that it makes.
///
/// The text (`skey`) is `PRIVATE+KEY+NAME+ID+BASE64`, BASE64 being the type and the 32-byte seed
/// (RFC 8032); the rest is as in `VerifierKey`. Neither messages nor descriptions show the secret.
public struct NoteSigner: Sendable {
    /// What others check its signatures with.
    public let verifierKey: VerifierKey
    // Checks and signs for any thread: a value that never changes.
    private let key: Curve25519.Signing.PrivateKey

    private static let prefix = Array("PRIVATE+KEY+".utf8)

    /// The key of this seed of 32 bytes.
    ///
    /// Throws `keyMalformed` where there are not 32.
    public init(name: KeyName, kind: VerifierKey.Kind, seed: [UInt8]) throws(NoteError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw NoteError(
                .keyMalformed, "the seed of an Ed25519 key has 32 bytes, not \(seed.count)")
        }
        self.key = key
        verifierKey = try VerifierKey(
            name: name, kind: kind, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// A new key from the system's random numbers.
    public static func generate(name: KeyName, kind: VerifierKey.Kind = .log)
        throws(NoteError) -> NoteSigner
    {
        let key = Curve25519.Signing.PrivateKey()
        return try NoteSigner(name: name, kind: kind, seed: Array(key.rawRepresentation))
    }

    /// The same key under another name, which makes another signer: its id is another.
    public func renamed(_ name: String) throws(NoteError) -> NoteSigner {
        try NoteSigner(
            name: KeyName(name), kind: verifierKey.kind, seed: Array(key.rawRepresentation))
    }

    /// Reads a secret key's text, without a newline.
    ///
    /// Throws `keyMalformed` where it is not exactly what `secretText` gives for some key.
    public init(parsing text: String) throws(NoteError) { self = try Self.parse(Array(text.utf8)) }

    /// Reads a secret key's text from bytes.
    ///
    /// Throws as `init(parsing:)` does.
    public static func parse(_ bytes: [UInt8]) throws(NoteError) -> NoteSigner {
        guard bytes.starts(with: prefix) else {
            throw NoteError(
                .keyMalformed,
                "this is not a secret key: it does not begin with PRIVATE+KEY+. Name the file "
                    + "that holds the log's secret key")
        }
        let parts = try KeyText.parse(bytes.dropFirst(prefix.count))
        let signer = try NoteSigner(name: parts.name, kind: parts.kind, seed: parts.material)
        guard signer.verifierKey.id == parts.id else {
            throw NoteError(
                .keyMalformed,
                "the number within the secret key is not that of its name and seed; restore the "
                    + "key's file from a copy")
        }
        return signer
    }

    /// The secret key's text (`skey`), without a newline.
    ///
    /// Whoever has it can sign as this log.
    public var secretText: String {
        String(decoding: Self.prefix, as: UTF8.self)
            + KeyText.format(
                name: verifierKey.name, id: verifierKey.id, kind: verifierKey.kind,
                material: Array(key.rawRepresentation))
    }

    /// Signs the text of a note, as a log.
    ///
    /// Throws `keyUnsuitable` where this is a witness's key.
    public func sign(_ text: [UInt8]) throws(NoteError) -> NoteSignature {
        guard verifierKey.kind == .log else {
            throw NoteError(
                .keyUnsuitable, "a witness's key cannot sign as a log; use the log's own key")
        }
        return NoteSignature(key: verifierKey, bytes: try ed25519(text))
    }

    /// Signs a checkpoint's text, as a witness, at `time` in seconds since 1970.
    ///
    /// A witness does so only after it found the checkpoint consistent with what it saw before;
    /// that is the caller's to check. Throws `keyUnsuitable` where this is a log's key, or the time
    /// exceeds 2^63 - 1.
    public func cosign(_ text: [UInt8], time: UInt64) throws(NoteError) -> NoteSignature {
        guard verifierKey.kind == .witness, time <= UInt64(Int64.max) else {
            throw NoteError(
                .keyUnsuitable,
                "a cosignature needs a witness's key, of type 4, and a time below 2^63 seconds")
        }
        let message = VerifierKey.cosignedMessage(time: time, text: text)
        return NoteSignature(
            key: verifierKey, bytes: NoteText.bigEndian(time) + (try ed25519(message)))
    }

    private func ed25519(_ message: [UInt8]) throws(NoteError) -> [UInt8] {
        do {
            return Array(try key.signature(for: message))
        } catch {
            // It needs memory alone; there is nothing that a caller could have done wrong.
            throw NoteError(.keyUnsuitable, "Ed25519 did not sign: \(error); start again")
        }
    }
}

extension NoteSigner: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public key's text.
    public var description: String { "signer for " + verifierKey.text }

    /// The public key's text.
    public var debugDescription: String { description }

    /// The public key alone: `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: ["verifierKey": verifierKey]) }
}
