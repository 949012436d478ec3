/// What the caller of the log knows of its records, and the log does not: when, and about what.
///
/// A change of the answers for any record is a new `version`: indexes of another version are made
/// again.
public protocol RecordVocabulary: Sendable {
    /// Which answers these are.
    var version: UInt64 { get }
    /// Says what a record is about; called for each record, in order, so it should be quick.
    ///
    /// It is given whatever stands in the log, and must not trap on it.
    func describe(_ record: RawSpan, into description: inout RecordDescription)
}

/// A vocabulary that knows nothing: no times, no keys.
public struct NoVocabulary: RecordVocabulary {
    /// A vocabulary that knows nothing.
    public init() {}

    /// Always 0.
    public var version: UInt64 { 0 }

    /// Says nothing.
    public func describe(_ record: RawSpan, into description: inout RecordDescription) {}
}

/// What a vocabulary says of one record.
public struct RecordDescription: Sendable {
    /// The record's time, µs since 1970; nil where it has none.
    public var time: Int64?
    /// The hashes of its keys.
    private(set) var keyHashes: [UInt64] = []
    /// Those of its keys that began with an earlier record, and the sequence of that one.
    private(set) var origins: [(hash: UInt64, since: UInt64)] = []

    /// Nothing known yet.
    public init() {}

    /// Says that the record concerns a key: any bytes.
    public mutating func add(key: RawSpan) {
        let hash = IndexKey.hash(key)
        if !keyHashes.contains(hash) { keyHashes.append(hash) }
    }

    /// Says that the record concerns a key, given as its UTF-8 bytes.
    public mutating func add(key: String) {
        let hash = IndexKey.hash(key)
        if !keyHashes.contains(hash) { keyHashes.append(hash) }
    }

    /// Says that the record concerns a key of which no record is older than `since`, such as the
    /// number of a run.
    ///
    /// Of such a key an index notes in its tail that a later segment has records of it, so that
    /// `LogIndex.sequences(ofKey:since:)` finds all of them without asking each segment between.
    public mutating func add(key: String, since: UInt64) {
        let hash = IndexKey.hash(key)
        if !keyHashes.contains(hash) { keyHashes.append(hash) }
        origins.append((hash, since))
    }

    mutating func clear() {
        time = nil
        keyHashes.removeAll(keepingCapacity: true)
        origins.removeAll(keepingCapacity: true)
    }
}

/// What of a key stands in an index.
enum IndexKey {
    /// The first eight bytes of the key's SHA-256, as a little-endian integer.
    static func hash(_ key: RawSpan) -> UInt64 {
        var hasher = SHA256Hasher()
        hasher.update(key)
        return hasher.finish().words.0.littleEndian
    }

    /// The same of text, as UTF-8.
    static func hash(_ key: String) -> UInt64 {
        // Safe: the bytes of a text, which lives to the end of the call.
        hash(unsafe key.utf8Span.span.bytes)
    }
}
