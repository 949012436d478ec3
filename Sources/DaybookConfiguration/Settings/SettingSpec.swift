import Events
import Timetable

/// One setting: its name, its variable, what it may be and where it is kept.
///
/// The table `SettingSpec.all` is the only list of settings: `daybook.yaml`, the environment,
/// `--help` and the documentation follow from it.
public struct SettingSpec: Sendable {
    /// Its key in `daybook.yaml`.
    public let name: String
    /// The environment variable that overrides it.
    public let environmentVariable: String
    /// What it means, in one sentence.
    public let summary: String
    let kind: Kind

    /// What a setting may be, and the property that holds it.
    enum Kind: Sendable {
        case number(WritableKeyPath<Settings, Int> & Sendable, ClosedRange<UInt64>)
        case seconds(WritableKeyPath<Settings, Int> & Sendable, ClosedRange<UInt64>)
        case flag(WritableKeyPath<Settings, Bool> & Sendable)
        case choice(WritableKeyPath<Settings, String> & Sendable, [String])
        case choices(WritableKeyPath<Settings, [String]> & Sendable, [String])
        case text(WritableKeyPath<Settings, String> & Sendable, TextRule)
    }

    /// What a text may be.
    enum TextRule: Sendable {
        case host, url, zone, environment, pattern, secret, folder, folderOrNone, contact
    }

    private init(_ name: String, _ variable: String, _ kind: Kind, _ summary: String) {
        self.name = name
        environmentVariable = variable
        self.kind = kind
        self.summary = summary
    }

    /// The default as text, as it would be written in a file; empty for none.
    public var defaultText: String { text(in: Settings()) }

    /// What may be written, in words.
    public var allowedText: String {
        switch kind {
        case .number(_, let range): return "\(range.lowerBound) to \(range.upperBound)"
        case .seconds(_, let range):
            return "a duration, \(Values.duration(range.lowerBound)) to "
                + Values.duration(range.upperBound)
        case .flag: return "on or off"
        case .choice(_, let choices): return choices.joined(separator: ", ")
        case .choices(_, let choices): return "any of " + choices.joined(separator: ", ")
        case .text(_, .host): return "an IP address or a host name"
        case .text(_, .url): return "an http or https address"
        case .text(_, .zone): return "an IANA zone"
        case .text(_, .environment): return "a folder in environments"
        case .text(_, .pattern): return "a regular expression"
        case .text(_, .secret): return "the name of a secret"
        case .text(_, .folder), .text(_, .folderOrNone): return "a folder"
        case .text(_, .contact): return "the name of a contact"
        }
    }

    /// The value in some settings, as it would be written in a file.
    public func text(in settings: Settings) -> String {
        switch kind {
        case .number(let path, _): String(settings[keyPath: path])
        case .seconds(let path, _): Values.duration(UInt64(settings[keyPath: path]))
        case .flag(let path): settings[keyPath: path] ? "on" : "off"
        case .choice(let path, _): settings[keyPath: path]
        case .choices(let path, _): settings[keyPath: path].joined(separator: ",")
        case .text(let path, _): settings[keyPath: path]
        }
    }

    /// Every setting, in the order in which people read them.
    public static let all: [SettingSpec] = [
        SettingSpec(
            "port", "DAYBOOK_PORT", .number(\.port, 0...65_535),
            "The TCP port of the API; 0 takes any that is free."),
        SettingSpec(
            "host", "DAYBOOK_HOST", .text(\.host, .host),
            "The address that the API listens on; another than loopback opens it to the network."),
        SettingSpec(
            "publicURL", "DAYBOOK_PUBLIC_URL", .text(\.publicURL, .url),
            "Where http targets reach the API to report completions; none means host and port."),
        SettingSpec(
            "defaultTimeZone", "DAYBOOK_DEFAULT_TIME_ZONE", .text(\.defaultTimeZone, .zone),
            "The IANA zone of schedules that name none."),
        SettingSpec(
            "scheduling", "DAYBOOK_SCHEDULING", .flag(\.isScheduling),
            "Whether schedules become runs; when off, everything can still be read."),
        SettingSpec(
            "environment", "DAYBOOK_ENVIRONMENT", .text(\.environment, .environment),
            "The overlay in environments/ that is applied, and what ${environment} stands for."),
        SettingSpec(
            "dateArithmetic", "DAYBOOK_DATE_ARITHMETIC", .flag(\.allowsDateArithmetic),
            "Whether parameters may reckon with dates, as in ${scheduledDate + 1 business day}."),
        SettingSpec(
            "requireTicket", "DAYBOOK_REQUIRE_TICKET", .flag(\.requiresTicket),
            "Whether a manual act (run-now, pause, cancel and so on) needs a change ticket."),
        SettingSpec(
            "scheduleTickets", "DAYBOOK_SCHEDULE_TICKETS", .flag(\.schedulesNeedTicket),
            "Whether schedules made, removed or cancelled through the API need a ticket, too."),
        SettingSpec(
            "ticketPattern", "DAYBOOK_TICKET_PATTERN", .text(\.ticketPattern, .pattern),
            "What the whole of a change ticket must match."),
        SettingSpec(
            "fourEyes", "DAYBOOK_FOUR_EYES", .choices(\.fourEyes, ActRequest.names),
            "The manual acts that another person must approve before they are carried out."),
        SettingSpec(
            "approvalMinutes", "DAYBOOK_APPROVAL_MINUTES",
            .number(\.approvalMinutes, 1...43_200),
            "How long such an act waits for its approval, in minutes."),
        SettingSpec(
            "shutdownGrace", "DAYBOOK_SHUTDOWN_GRACE", .seconds(\.shutdownGraceSeconds, 0...3_600),
            "How long a stop waits for what runs."),
        SettingSpec(
            "digestInterval", "DAYBOOK_DIGEST_INTERVAL",
            .seconds(\.digestIntervalSeconds, 1...86_400),
            "How often the digest of the state is recorded, for replay --compare."),
        SettingSpec(
            "snapshotInterval", "DAYBOOK_SNAPSHOT_INTERVAL",
            .seconds(\.snapshotIntervalSeconds, 1...604_800),
            "How often a snapshot of the state is written, from which a start goes on."),
        SettingSpec(
            "segmentMegabytes", "DAYBOOK_SEGMENT_MEGABYTES", .number(\.segmentMegabytes, 1...1_024),
            "The size of a log segment in MiB; takes effect with the next one."),
        SettingSpec(
            "lowSpaceMegabytes", "DAYBOOK_LOW_SPACE_MEGABYTES",
            .number(\.lowSpaceMegabytes, 0...1_048_576),
            "Below so many free MiB on the log's disk, an alert says that it is nearly full."),
        SettingSpec(
            "fullSpaceMegabytes", "DAYBOOK_FULL_SPACE_MEGABYTES",
            .number(\.fullSpaceMegabytes, 0...1_048_576),
            "Below so many free MiB no new work is taken, until there is room again."),
        SettingSpec(
            "checkpointKey", "DAYBOOK_CHECKPOINT_KEY", .text(\.checkpointKey, .secret),
            "The secret that holds the key which signs checkpoints; none means no checkpoints."),
        SettingSpec(
            "checkpointInterval", "DAYBOOK_CHECKPOINT_INTERVAL",
            .seconds(\.checkpointIntervalSeconds, 1...86_400),
            "How often a checkpoint of the log is signed; one is at each seal and stop as well."),
        SettingSpec(
            "scrubDays", "DAYBOOK_SCRUB_DAYS", .number(\.scrubDays, 0...3_650),
            "How often every sealed segment is read again and checked; 0 for never."),
        SettingSpec(
            "scrubMegabytesPerSecond", "DAYBOOK_SCRUB_MEGABYTES_PER_SECOND",
            .number(\.scrubMegabytes, 1...10_000),
            "How fast such a scrub reads."),
        SettingSpec(
            "runRecords", "DAYBOOK_RUN_RECORDS",
            .choice(\.runRecords, ["none", "file", "stdout", "http"]),
            "Where a JSON line goes for each run or occurrence that ended; see run-records.md."),
        SettingSpec(
            "runRecordsFolder", "DAYBOOK_RUN_RECORDS_FOLDER", .text(\.runRecordsFolder, .folder),
            "The folder of their files, one a day; relative to the data folder."),
        SettingSpec(
            "runRecordsURL", "DAYBOOK_RUN_RECORDS_URL", .text(\.runRecordsURL, .url),
            "The collector that they are posted to, for http."),
        SettingSpec(
            "runRecordsKey", "DAYBOOK_RUN_RECORDS_KEY", .text(\.runRecordsKey, .secret),
            "The secret that the collector gets as a bearer token; none means no token."),
        SettingSpec(
            "maxConcurrentRuns", "DAYBOOK_MAX_CONCURRENT_RUNS",
            .number(\.concurrentRunsMax, 1...10_000),
            "How many runs may be at their targets at once; the others are held."),
        SettingSpec(
            "workerLease", "DAYBOOK_WORKER_LEASE", .seconds(\.workerLeaseSeconds, 2...3_600),
            "After so long without a word from a worker, it is offline and its runs go back."),
        SettingSpec(
            "outputBytesMax", "DAYBOOK_OUTPUT_BYTES_MAX",
            .number(\.outputBytesMax, 0...1_073_741_824),
            "How many bytes of an attempt's output are kept."),
        SettingSpec(
            "outputDays", "DAYBOOK_OUTPUT_DAYS", .number(\.outputDays, 0...36_500),
            "How many days outputs are kept, from the last record that names them; 0 for ever."),
        SettingSpec(
            "workFolder", "DAYBOOK_WORK_FOLDER", .text(\.workFolder, .folder),
            "The folder that the folders of runs lie in; relative to the data folder."),
        SettingSpec(
            "workDays", "DAYBOOK_WORK_DAYS", .number(\.workDays, 0...36_500),
            "How many days folders with a date in their path are kept after their last attempt; "
                + "0 for ever."),
        SettingSpec(
            "escalateCritical", "DAYBOOK_ESCALATE_CRITICAL",
            .seconds(\.escalateCriticalSeconds, 0...604_800),
            "When a critical alert that nobody acknowledged escalates; 0s for never."),
        SettingSpec(
            "escalateHigh", "DAYBOOK_ESCALATE_HIGH", .seconds(\.escalateHighSeconds, 0...604_800),
            "When a high alert that nobody acknowledged escalates; 0s for never."),
        SettingSpec(
            "escalateMedium", "DAYBOOK_ESCALATE_MEDIUM",
            .seconds(\.escalateMediumSeconds, 0...604_800),
            "When a medium alert that nobody acknowledged escalates; 0s for never."),
        SettingSpec(
            "escalateLow", "DAYBOOK_ESCALATE_LOW", .seconds(\.escalateLowSeconds, 0...604_800),
            "When a low alert that nobody acknowledged escalates; 0s for never."),
        SettingSpec(
            "alertContact", "DAYBOOK_ALERT_CONTACT", .text(\.alertContact, .contact),
            "The contact that hears of alerts for which nobody is named: of the disk, of calendars."
        ),
        SettingSpec(
            "escalationContact", "DAYBOOK_ESCALATION_CONTACT",
            .text(\.escalationContact, .contact),
            "The contact that hears of every escalation, beside those who heard of the alert."),
        SettingSpec(
            "controlNumberStart", "DAYBOOK_CONTROL_NUMBER_START",
            .number(\.controlNumberStart, 1...999_999_999),
            "The first control number that an allocator gives out, after a wrap too."),
        SettingSpec(
            "controlNumberMax", "DAYBOOK_CONTROL_NUMBER_MAX",
            .number(\.controlNumberMax, 9_999...999_999_999),
            "The last control number that an allocator gives out."),
        SettingSpec(
            "controlNumberWrap", "DAYBOOK_CONTROL_NUMBER_WRAP", .flag(\.wrapsControlNumbers),
            "Whether an allocator goes on at its start after its last number; else it refuses."),
        SettingSpec(
            "controlNumberSkip", "DAYBOOK_CONTROL_NUMBER_SKIP",
            .number(\.controlNumberSkip, 0...1_000_000),
            "How many numbers each allocator passes after records of the log were lost."),
        SettingSpec(
            "controlNumberPersistWithin", "DAYBOOK_CONTROL_NUMBER_PERSIST_WITHIN",
            .seconds(\.controlNumberPersistSeconds, 10...86_400),
            "After how long a number whose file was not persisted counts as missing."),
        SettingSpec(
            "exchangeFolder", "DAYBOOK_EXCHANGE_FOLDER", .text(\.exchangeFolder, .folder),
            "The folder of files exchanged with partners; relative to the data folder."),
        SettingSpec(
            "inboundSettleSeconds", "DAYBOOK_INBOUND_SETTLE_SECONDS",
            .number(\.inboundSettleSeconds, 0...3_600),
            "So many seconds a file that came in must be unchanged before it is taken."),
        SettingSpec(
            "uploadMegabytesMax", "DAYBOOK_UPLOAD_MEGABYTES_MAX",
            .number(\.uploadMegabytesMax, 1...65_536),
            "The most MiB of a file of a partner, or of outcomes, that comes by the API."),
        SettingSpec(
            "exchangeKey", "DAYBOOK_EXCHANGE_KEY", .text(\.exchangeKey, .secret),
            "The secret with the key that encrypts exchanged files; none means no encryption."),
        SettingSpec(
            "publishFolder", "DAYBOOK_PUBLISH_FOLDER", .text(\.publishFolder, .folderOrNone),
            "Where files are published for delivery; relative to the data folder; none for nowhere."
        ),
        SettingSpec(
            "publishURL", "DAYBOOK_PUBLISH_URL", .text(\.publishURL, .url),
            "Where it is posted that a file is to be delivered; none means nowhere."),
        SettingSpec(
            "publishKey", "DAYBOOK_PUBLISH_KEY", .text(\.publishKey, .secret),
            "The secret that signs such a post; none means unsigned."),
        SettingSpec(
            "hotDays", "DAYBOOK_HOT_DAYS", .number(\.hotDays, 1...36_500),
            "So many days exchanged files stay where they were put; then they go to cool/."),
        SettingSpec(
            "archiveDays", "DAYBOOK_ARCHIVE_DAYS", .number(\.archiveDays, 1...36_500),
            "After so many days they go to archive/; not before hotDays."),
        SettingSpec(
            "deleteDays", "DAYBOOK_DELETE_DAYS", .number(\.deleteDays, 0...36_500),
            "After so many days they are deleted: 2557 (seven years) at least, or 0 for never."),
        SettingSpec(
            "playbookURL", "DAYBOOK_PLAYBOOK_URL", .text(\.playbookURL, .url),
            "Where the playbooks are published, which alerts link to; none means docs/playbooks."),
        SettingSpec(
            "logLevel", "DAYBOOK_LOG_LEVEL",
            .choice(
                \.logLevel, ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            "The least important messages that are logged."),
    ]

    /// The table of `docs/configuration.md`, in Markdown.
    public static var markdownTable: String {
        var lines = [
            "| setting | variable | default | may be | what it means |", "|---|---|---|---|---|",
        ]
        for spec in all {
            let shown = spec.defaultText.isEmpty ? "none" : "`\(spec.defaultText)`"
            lines.append(
                "| `\(spec.name)` | `\(spec.environmentVariable)` | \(shown) | "
                    + "\(spec.allowedText) | \(spec.summary) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
