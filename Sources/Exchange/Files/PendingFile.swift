/// A file that is to be written.
public struct PendingFile: Sendable {
    /// Its place.
    public let path: ExchangePath
    /// Its content, as records know it.
    public let content: [UInt8]
    /// What is written beside it; size and SHA-256 are filled in.
    public let metadata: FileMetadata?
    /// Whether it stays plain where files are encrypted: it is for people, and holds no content.
    public let isPlain: Bool

    /// The most files of one write.
    public static let countMax = 1_024

    /// A file, and what is to be known of it without reading it.
    public init(
        path: ExchangePath, content: [UInt8], metadata: FileMetadata?, isPlain: Bool = false
    ) {
        self.path = path
        self.content = content
        self.metadata = metadata
        self.isPlain = isPlain
    }
}

/// What became of a file that was to be written.
public enum WriteResult: Sendable, Hashable {
    /// It was written.
    case written
    /// It was there already, with this content.
    case wasThere
}
