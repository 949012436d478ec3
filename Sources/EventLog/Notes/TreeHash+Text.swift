extension TreeHash {
    /// The hash in Base 64, 44 ASCII characters.
    var base64: [UInt8] { Base64.encode(bytes) }

    /// The hash that a line of Base 64 is; nil where it is not one of 32 bytes.
    init?(base64 text: ArraySlice<UInt8>) {
        guard text.count == 44, let bytes = Base64.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// SHA-256 of some bytes, without the prefix that leaves and nodes have.
    package static func sha256(_ bytes: [UInt8]) -> TreeHash {
        var hasher = SHA256Hasher()
        // Safe: the bytes of an array, which lives to the end of the call.
        hasher.update(unsafe bytes.span.bytes)
        return hasher.finish()
    }
}
