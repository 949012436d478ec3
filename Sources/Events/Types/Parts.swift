/// Where a run's output is kept: a file of the data folder, named by its content.
public struct OutputReference: WireMessage {
    /// The path in the data folder, `files/<sha256>`.
    public var path = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// The SHA-256 of its content, hex.
    public var sha256 = ""
    /// Whether the output was longer than what is kept.
    public var isTruncated = false
    public var unknownFields: [UInt8] = []

    /// An empty reference.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "path", &path)
        try v.uint(2, "byteCount", &byteCount)
        try v.text(3, "sha256", &sha256)
        try v.bool(4, "truncated", &isTruncated)
    }
}

/// One projection's digest.
public struct ProjectionDigest: WireMessage {
    /// The projection's name.
    public var name = ""
    /// The version of its canonical encoding.
    public var version: UInt64 = 0
    /// SHA-256 over its buckets' digests.
    public var digest: [UInt8] = []
    /// The first 8 bytes of each bucket's SHA-256, back to back.
    public var buckets: [UInt8] = []
    public var unknownFields: [UInt8] = []

    /// An empty digest.
    public init() {}

    public mutating func fields<V: FieldVisitor>(_ v: inout V) throws(WireError) {
        try v.text(1, "name", &name)
        try v.uint(2, "version", &version)
        try v.bytes(3, "digest", &digest)
        try v.bytes(4, "buckets", &buckets)
    }
}
