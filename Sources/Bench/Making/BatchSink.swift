import EventLog

/// Where a maker's batches go: a log, on the maker's own thread or on another.
protocol BatchSink: AnyObject {
    /// The log's identity.
    var identity: LogIdentity { get }
    /// How many times the log was opened for writing, this time included.
    var term: UInt64 { get }
    /// Takes whole decisions, back to back, as one batch; the next may come before it is durable.
    ///
    /// - Throws: what went wrong with this one or, on another thread, with one before.
    func write(_ body: [UInt8], recordCount: Int) throws
    /// Closes the log and opens it again, as another engine would.
    func reopen() throws
    /// Waits until all is durable.
    ///
    /// - Returns: the tree over all records.
    func settle() throws -> TreeHead
    /// Closes the log; nothing is written afterwards.
    func close() throws
}

/// What opens a log.
struct LogPlace: Sendable {
    /// The data folder.
    var folder: String
    /// What it lies on.
    var disk: any Disk
    /// The sizes.
    var configuration = LogConfiguration()
    /// Time and identity.
    var sources = LogSources.system

    func open() throws(EventLogError) -> LogStore {
        try LogStore.open(
            folder: folder, disk: disk, configuration: configuration, sources: sources)
    }
}

/// A log that the maker writes on its own thread.
final class DirectSink: BatchSink {
    private let place: LogPlace
    private var store: LogStore?
    private(set) var identity: LogIdentity
    private(set) var term: UInt64

    init(_ place: LogPlace) throws(EventLogError) {
        self.place = place
        let store = try place.open()
        identity = store.identity
        term = store.term
        self.store = consume store
    }

    func write(_ body: [UInt8], recordCount: Int) throws {
        let ticket = try store?.write(body.span.bytes, recordCount: recordCount)
        precondition(ticket?.count == recordCount, "the log is open, and took every record")
    }

    func reopen() throws {
        try close()
        let store = try place.open()
        term = store.term
        self.store = consume store
    }

    func settle() throws -> TreeHead {
        guard let head = store?.treeHead else { throw BenchFailure(description: "it is closed") }
        return head
    }

    func close() throws { if let store = store.take() { try store.close() } }
}
