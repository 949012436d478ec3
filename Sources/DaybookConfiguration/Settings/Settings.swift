/// What `daybook.yaml` and `DAYBOOK_…` variables say about the engine itself.
public struct Settings: Sendable, Equatable {
    /// The TCP port of the API; 0 for any that is free.
    public var port = 3080
    /// The address that the API listens on.
    public var host = "127.0.0.1"
    /// Where http targets reach the API for completions; empty for `http://HOST:PORT`.
    public var publicURL = ""
    /// The IANA zone of schedules that name none.
    public var defaultTimeZone = "UTC"
    /// Whether schedules become runs; when not, everything else still works.
    public var isScheduling = true
    /// The overlay in `environments/` that is applied, and `${environment}`; empty for none.
    public var environment = ""
    /// Whether parameters may reckon with dates.
    public var allowsDateArithmetic = false
    /// Whether a manual act needs a change ticket.
    public var requiresTicket = true
    /// Whether schedules of the API need one, too.
    public var schedulesNeedTicket = true
    /// What a change ticket looks like, as a regular expression for the whole of it.
    public var ticketPattern = "[A-Za-z][A-Za-z0-9]*-[0-9]+"
    /// The manual acts that another person must approve, in the order in which they are known.
    public var fourEyes: [String] = []
    /// How long such an act waits for its approval, in minutes.
    public var approvalMinutes = 1_440
    /// How long a stop waits for running attempts, in seconds.
    public var shutdownGraceSeconds = 30
    /// How often the engine records the digest of its state, in seconds.
    public var digestIntervalSeconds = 300
    /// How often the engine writes a snapshot of its state, in seconds.
    public var snapshotIntervalSeconds = 3_600
    /// The size of a log segment, in MiB.
    public var segmentMegabytes = 64
    /// Below so many free MiB on the log's disk, people hear of it.
    public var lowSpaceMegabytes = 1_024
    /// Below so many free MiB on the log's disk, no new work is taken.
    public var fullSpaceMegabytes = 256
    /// The secret that holds the key of checkpoints; empty for no checkpoints.
    public var checkpointKey = ""
    /// How often a checkpoint is signed, in seconds.
    public var checkpointIntervalSeconds = 3_600
    /// How often every sealed segment is read again, in days; 0 for never.
    public var scrubDays = 30
    /// How fast a scrub reads, in MiB a second.
    public var scrubMegabytes = 4
    /// Where run records go: `none`, `file`, `stdout` or `http`.
    public var runRecords = "none"
    /// The folder of their files; relative to the data folder.
    public var runRecordsFolder = "records"
    /// The collector that they are posted to.
    public var runRecordsURL = ""
    /// The secret that holds the collector's token; empty for none.
    public var runRecordsKey = ""
    /// How many runs may be at their targets at once.
    public var concurrentRunsMax = 200
    /// After so many seconds without a word from a worker, it is offline and its leases are over.
    public var workerLeaseSeconds = 60
    /// How much of an attempt's output is kept, in bytes; the rest is counted and dropped.
    public var outputBytesMax = 10_485_760
    /// The folder that the folders of runs lie in; relative to the data folder.
    public var workFolder = "work"
    /// How many days the folders of single runs are kept; 0 for ever.
    public var workDays = 0
    /// How many days outputs are kept; 0 for ever.
    public var outputDays = 0
    /// How long a critical alert may stand unacknowledged, in seconds; 0 for ever.
    public var escalateCriticalSeconds = 900
    /// How long a high one may, in seconds; 0 for ever.
    public var escalateHighSeconds = 3_600
    /// How long a medium one may, in seconds; 0 for ever.
    public var escalateMediumSeconds = 4 * 3_600
    /// How long a low one may, in seconds; 0 for ever.
    public var escalateLowSeconds = 24 * 3_600
    /// The contact that hears of alerts for which nobody is named; empty for none.
    public var alertContact = ""
    /// The contact that hears of every escalation; empty for none.
    public var escalationContact = ""
    /// The first control number of an allocator.
    public var controlNumberStart = 1
    /// The last control number of an allocator.
    public var controlNumberMax = 999_999_999
    /// Whether an allocator goes on at its start after its last number.
    public var wrapsControlNumbers = false
    /// How many control numbers are passed after records of the log were lost.
    public var controlNumberSkip = 1_000
    /// How long a control number may be without an outcome, in seconds.
    public var controlNumberPersistSeconds = 600
    /// The folder of the files that are exchanged with partners; relative to the data folder.
    public var exchangeFolder = "exchange"
    /// How long a file that came in must be unchanged before it is taken, in seconds.
    public var inboundSettleSeconds = 2
    /// The most of a file that a request brings, in MiB.
    public var uploadMegabytesMax = 1_024
    /// The secret that holds the key by which exchanged files are encrypted; empty for none.
    public var exchangeKey = ""
    /// The folder that files are published in for delivery; empty for none.
    public var publishFolder = ""
    /// Where it is posted that a file is to be delivered; empty for nowhere.
    public var publishURL = ""
    /// The secret that signs such a post; empty for none.
    public var publishKey = ""
    /// How many days exchanged files stay where they were put.
    public var hotDays = 90
    /// After how many days they are archived.
    public var archiveDays = 365
    /// After how many days they are deleted; 0 for never.
    public var deleteDays = 2_557
    /// Where the playbooks are published; empty for the path of the document.
    public var playbookURL = ""
    /// The least important messages that are logged.
    public var logLevel = "info"
    /// Where secrets come from, sorted by name.
    public var secrets: [SecretDefinition] = []

    /// Every setting at its default.
    public init() {}

    /// Whether a text is a change ticket by `ticketPattern`.
    ///
    /// A ticket has 1 to 128 bytes and no control characters, whatever the pattern allows.
    public func acceptsTicket(_ ticket: String) -> Bool {
        guard (1...128).contains(ticket.utf8.count),
            !ticket.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
            let pattern = try? Regex(ticketPattern)
        else { return false }
        return ticket.wholeMatch(of: pattern) != nil
    }
}

/// Where one secret comes from; never the secret.
public struct SecretDefinition: Sendable, Equatable {
    /// The kinds of source.
    public enum Source: Sendable, Equatable {
        /// The contents of a file, without one line feed at the end.
        case file(String)
        /// An environment variable of the engine.
        case variable(String)
        /// A file in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`).
        case systemdCredential(String)
        /// What a program prints, without one line feed at the end, within so many seconds.
        case command([String], timeoutSeconds: Int)
    }

    /// The NAME in `${secret:NAME}`.
    public var name: String
    /// Where it comes from.
    public var source: Source

    /// Makes a definition.
    public init(name: String, source: Source) {
        self.name = name
        self.source = source
    }
}
