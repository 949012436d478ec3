import DaybookConfiguration
import Foundation
import Testing
import Timetable

@Suite struct SettingsTests {
    private func settings(
        _ yaml: String, variables: [String: String] = [:]
    ) throws -> LoadResult {
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", yaml)
        return try folder.load(variables: variables)
    }

    @Test("Every setting is read from the file and from its variable, which wins")
    func everySetting() throws {
        /// By setting: two values that differ from the default and from each other.
        let values = [
            "port": ("8080", "0"), "host": ("0.0.0.0", "::1"),
            "publicURL": ("https://a.example.org", "http://b.example.org:81/x"),
            "defaultTimeZone": ("Europe/Berlin", "America/New_York"),
            "scheduling": ("off", "off"), "environment": ("dev", "test"),
            "dateArithmetic": ("on", "on"), "requireTicket": ("off", "off"),
            "scheduleTickets": ("off", "off"),
            "ticketPattern": ("CHG[0-9]{7}", "INC-.*"),
            "shutdownGrace": ("1m", "45s"), "digestInterval": ("10m", "1h"),
            "snapshotInterval": ("10m", "1d"),
            "segmentMegabytes": ("8", "16"), "maxConcurrentRuns": ("10", "20"),
            "lowSpaceMegabytes": ("100", "0"), "fullSpaceMegabytes": ("50", "0"),
            "checkpointKey": ("key-a", "key-b"), "checkpointInterval": ("10m", "1d"),
            "scrubDays": ("7", "0"), "scrubMegabytesPerSecond": ("1", "100"),
            "outputBytesMax": ("1000", "0"), "workerLease": ("2s", "5m"),
            "outputDays": ("2557", "30"),
            "fourEyes": ("cancel", "requeue"), "approvalMinutes": ("60", "1"),
            "controlNumberStart": ("100", "7"), "controlNumberMax": ("99999", "999999999"),
            "controlNumberWrap": ("on", "off"), "controlNumberSkip": ("5", "0"),
            "controlNumberPersistWithin": ("2m", "30s"),
            "workFolder": ("/srv/work", "teams"), "workDays": ("90", "7"),
            "runRecords": ("file", "stdout"), "runRecordsFolder": ("/var/log/runs", "lines"),
            "runRecordsURL": ("https://c.example.org/runs", "http://d.example.org"),
            "runRecordsKey": ("key-a", "key-b"),
            "escalateCritical": ("1m", "0s"), "escalateHigh": ("2m", "3m"),
            "escalateMedium": ("5m", "6m"), "escalateLow": ("7m", "8m"),
            "alertContact": ("a", "b"), "escalationContact": ("a", "b"),
            "exchangeFolder": ("/srv/exchange", "edi"), "inboundSettleSeconds": ("0", "30"),
            "uploadMegabytesMax": ("1", "65536"),
            "exchangeKey": ("key-a", "key-b"), "publishFolder": ("/srv/outgoing", "outgoing"),
            "publishURL": ("https://e.example.org/ready", "http://f.example.org"),
            "publishKey": ("key-a", "key-b"), "hotDays": ("30", "91"),
            "archiveDays": ("90", "2557"), "deleteDays": ("0", "3653"),
            "playbookURL": ("https://a.example.org/p", "https://b.example.org/p"),
            "logLevel": ("debug", "error"),
        ]
        #expect(Set(values.keys) == Set(SettingSpec.all.map(\.name)))
        let folder = try TemporaryFolder()
        try folder.write("contacts.yaml", "contacts: { a: { log: true }, b: { log: true } }\n")
        try folder.write("environments/dev/daybook.yaml", "")
        try folder.write("environments/test/daybook.yaml", "")
        for spec in SettingSpec.all {
            let (inFile, inVariable) = try #require(values[spec.name])
            #expect(spec.text(in: Settings()) == spec.defaultText)
            let secrets = "secrets: { key-a: { file: a }, key-b: { file: b } }\n"
            try folder.write(
                "daybook.yaml", "\(spec.name): \"\(inFile)\"\n".unquotedNumber + secrets)
            let fromFile = try folder.load()
            #expect(fromFile.problems.map(\.description) == [])
            #expect(spec.text(in: try #require(fromFile.set).settings) == inFile)
            let both = try folder.load(variables: [spec.environmentVariable: inVariable])
            #expect(both.problems.map(\.description) == [])
            #expect(spec.text(in: try #require(both.set).settings) == inVariable)
            // Nothing else moves.
            for other in SettingSpec.all where other.name != spec.name {
                #expect(other.text(in: try #require(both.set).settings) == other.defaultText)
            }
        }
    }

    @Test("A key of checkpoints that is no secret is an error, with the one that was meant")
    func unknownKey() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "daybook.yaml", "checkpointKey: log-kay\nsecrets: { log-key: { file: a } }\n")
        let problem = try #require(try folder.load().problems.first).description
        #expect(problem.contains("checkpointKey") && problem.contains("did you mean log-key"))
    }

    @Test("Run records by http need an address, and their token is one of the secrets")
    func runRecords() throws {
        let noAddress = try settings("runRecords: http\n")
        #expect(noAddress.set == nil)
        #expect(noAddress.problems.map(\.field) == ["runRecordsURL"])
        let noSecret = try settings(
            "runRecords: http\nrunRecordsURL: http://c.example.org\nrunRecordsKey: tokn\n"
                + "secrets: { token: { file: a } }\n")
        #expect(noSecret.set == nil)
        #expect(noSecret.problems.map(\.remedy) == ["did you mean token?"])
    }

    @Test("Settings of the exchange that do not fit together are errors")
    func exchange() throws {
        for (yaml, field) in [
            ("deleteDays: 2556", "deleteDays"), ("deleteDays: 1", "deleteDays"),
            ("archiveDays: 89", "archiveDays"), ("archiveDays: 2558", "deleteDays"),
            ("exchangeFolder: log", "exchangeFolder"), ("exchangeFolder: ../x", "exchangeFolder"),
            ("exchangeFolder: work/edi", "exchangeFolder"),
            ("workFolder: exchange", "exchangeFolder"), ("exchangeKey: a", "exchangeKey"),
            ("publishKey: a", "publishKey"), ("exchangeFolder: /", "exchangeFolder"),
            ("workFolder: //", "workFolder"), ("publishFolder: /../", "publishFolder"),
        ] {
            let result = try settings("port: 8080\n" + yaml + "\n")
            #expect(result.problems.map(\.field) == [field], "\(yaml)")
        }
        let placed = try settings("port: 8080\ndeleteDays: 100\n")
        #expect(placed.problems.map(\.line) == [2])
        let variable = try settings(
            "port: 8080\n", variables: ["DAYBOOK_DELETE_DAYS": "100"])
        #expect(variable.problems.map(\.file) == ["environment"])
        for yaml in [
            "deleteDays: 0\narchiveDays: 36500", "deleteDays: 2557", "publishFolder: \"\"",
        ] {
            #expect(try settings(yaml + "\n").problems == [])
        }
        let none = try settings(
            "publishFolder: out\n", variables: ["DAYBOOK_PUBLISH_FOLDER": ""])
        #expect(none.problems == [] && none.set?.settings.publishFolder == "")
    }

    static let wrong: [(String, String)] = [
        ("DAYBOOK_RUN_RECORDS", "off"), ("DAYBOOK_RUN_RECORDS_FOLDER", ""),
        ("DAYBOOK_RUN_RECORDS_URL", "collector"), ("DAYBOOK_RUN_RECORDS_KEY", "a b"),
        ("DAYBOOK_PORT", "65536"), ("DAYBOOK_PORT", "-1"), ("DAYBOOK_PORT", "http"),
        ("DAYBOOK_PORT", ""), ("DAYBOOK_HOST", "a b"), ("DAYBOOK_HOST", ""),
        ("DAYBOOK_DEFAULT_TIME_ZONE", "../etc/passwd"), ("DAYBOOK_DEFAULT_TIME_ZONE", "CET+1"),
        ("DAYBOOK_SCHEDULING", "perhaps"), ("DAYBOOK_ENVIRONMENT", "../x"),
        ("DAYBOOK_TICKET_PATTERN", "("), ("DAYBOOK_SHUTDOWN_GRACE", "soon"),
        ("DAYBOOK_DIGEST_INTERVAL", "0"), ("DAYBOOK_LOG_LEVEL", "loud"),
        ("DAYBOOK_PUBLIC_URL", "ftp://a.example.org"),
        ("DAYBOOK_PUBLIC_URL", "https://me:pass@a.example.org"),
        ("DAYBOOK_CHECKPOINT_KEY", "a b"), ("DAYBOOK_EXCHANGE_KEY", "a b"),
        ("DAYBOOK_EXCHANGE_FOLDER", ""), ("DAYBOOK_PUBLISH_URL", "queue"),
        ("DAYBOOK_HOT_DAYS", "0"), ("DAYBOOK_INBOUND_SETTLE_SECONDS", "2s"),
    ]

    @Test("A variable that makes no sense is an error with its name", arguments: wrong.indices)
    func wrongVariable(_ index: Int) throws {
        let (name, value) = Self.wrong[index]
        let result = try settings("", variables: [name: value])
        #expect(result.set == nil)
        let isNamed = result.problems.contains {
            $0.field == name && $0.file == "environment" || name == "DAYBOOK_ENVIRONMENT"
        }
        #expect(isNamed)
        #expect(!result.problems.description.contains("me:pass"))
    }

    @Test("A misspelt variable is a warning; the variables of programs are none")
    func misspelt() throws {
        let result = try settings(
            "", variables: ["DAYBOOK_PROT": "1", "DAYBOOK_RUN": "7", "DAYBOOK_PARAM_X": "y"])
        #expect(result.problems.map(\.remedy) == ["did you mean DAYBOOK_PORT?"])
        #expect(result.set != nil)
    }

    @Test("A flag may be written as on, off, true, false, yes and no, in variables as 1 and 0 too")
    func flags() throws {
        for (text, value) in [
            ("on", true), ("true", true), ("yes", true), ("off", false), ("no", false),
        ] {
            #expect(try settings("scheduling: \(text)\n").set?.settings.isScheduling == value)
        }
        for (text, value) in [("1", true), ("0", false), ("OFF", false), ("false", false)] {
            let result = try settings("", variables: ["DAYBOOK_SCHEDULING": text])
            #expect(result.set?.settings.isScheduling == value)
        }
    }

    @Test("A ticket must match the whole pattern, whatever the pattern allows")
    func tickets() throws {
        var settings = Settings()
        for good in ["OPS-1", "chg-20260701", "A1-0"] { #expect(settings.acceptsTicket(good)) }
        for bad in ["", "OPS", "1-1", "OPS-1 x", "OPS-", "-1", "OPS-1\n"] {
            #expect(!settings.acceptsTicket(bad))
        }
        settings.ticketPattern = ".*"
        #expect(settings.acceptsTicket("anything"))
        #expect(!settings.acceptsTicket("") && !settings.acceptsTicket("a\u{7}"))
        #expect(!settings.acceptsTicket(String(repeating: "x", count: 129)))
    }

    @Test("An overlay's daybook.yaml goes over the base's; a missing overlay is an error")
    func overlay() throws {
        let folder = try TemporaryFolder()
        try folder.write("daybook.yaml", "port: 1\nlogLevel: error\nenvironment: dev\n")
        try folder.write("environments/dev/daybook.yaml", "port: 2\n")
        try folder.write("environments/prod/daybook.yaml", "environment: dev\n")
        let dev = try #require(try folder.load().set?.settings)
        #expect([dev.port, 1].first == 2 && dev.logLevel == "error" && dev.environment == "dev")
        let missing = try folder.load(environment: "prd")
        #expect(missing.errors == ["there is no overlay 'prd'"])
        #expect(missing.problems.first?.remedy == "did you mean prod?")
        #expect(
            try folder.load(environment: "prod").errors == ["an overlay cannot choose the overlay"])
        #expect(try folder.load(environment: "../..").set == nil)
    }
}

extension String {
    /// `port: "1"` as `port: 1`: in files, numbers stand without quotes.
    fileprivate var unquotedNumber: String {
        let parts = split(separator: "\"")
        return parts.count == 3 && Int(parts[1]) != nil ? "\(parts[0])\(parts[1])\n" : self
    }
}
