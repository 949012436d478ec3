import Testing
import Timetable

@Suite struct ImportTests {
    private func next(_ schedule: ImportedSchedule, after: String, count: Int) throws -> [String] {
        let zone = try Zones.named(schedule.zone ?? "UTC")
        return try schedule.parsedTrigger()
            .occurrences(after: try Instant(parsing: after), in: zone)
            .prefix(count).map(\.localText)
    }

    @Test("A user's crontab is read with its zone, environment and input")
    func crontab() throws {
        let text = """
            # comment
            SHELL=/bin/bash
            MAILTO="ops@example.org"
              CRON_TZ = Europe/Berlin
            30 2 * * 1-5  /usr/local/bin/close-day --date \\%F%line 1%line 2
            @daily close-day
            @reboot /usr/bin/start
            61 * * * * x
            0 0 * * *
            """
        let result = CrontabImporter.read(text, form: .user)
        #expect(result.schedules.map(\.jobId) == ["close-day", "close-day-2"])
        let first = try #require(result.schedules.first)
        #expect(first.command == "/usr/local/bin/close-day --date %F" && first.line == 5)
        #expect(first.zone == "Europe/Berlin")
        #expect(first.trigger == .cadence("30 2 * * 1-5", hasSeconds: false))
        #expect(
            first.json
                == #"{"jobId":"close-day","description":"/usr/local/bin/close-day --date %F","#
                + #""cadence":"30 2 * * 1-5","timeZone":"Europe/Berlin","#
                + #""target":{"name":"close-day"}}"#)
        #expect(result.errors.map(\.line) == [7, 8, 9])
        #expect(result.errors.map(\.column) == [1, 1, 10])
        #expect(result.errors[0].message.contains("@reboot"))
        #expect(result.errors[1].message.hasPrefix("minute: "))
        #expect(result.differences.contains { $0.line == 3 && $0.message.contains("alerts") })
        #expect(result.differences.contains { $0.line == 5 && $0.message.contains("line 1") })
        #expect(result.differences.contains { $0.message.contains("SHELL=/bin/bash") })
    }

    @Test("The system's crontab has a user before the command")
    func system() throws {
        let result = CrontabImporter.read(
            "17 *\t* * *\troot    cd / && run-parts /etc/cron.hourly\r\n5 5 * * * root\n",
            form: .system)
        #expect(result.schedules.map(\.command) == ["cd / && run-parts /etc/cron.hourly"])
        #expect(result.differences.contains { $0.message.contains("as root") })
        #expect(result.errors.map(\.line) == [2])
        #expect(CrontabImporter.read("", form: .system) == CrontabImporter.read("#", form: .user))
    }

    @Test(
        "Quartz expressions become their like",
        arguments: [
            ("0 30 2 ? * MON-FRI", "30 2 * * 1,2,3,4,5"), ("0 0 12 * * ?", "0 12 * * *"),
            ("0 15 10 ? * 6L", "15 10 * * 5L"), ("0 15 10 ? * 6#3", "15 10 * * 5#3"),
            ("0 15 10 LW * ? *", "15 10 LW * *"), ("0 0 9 15W JAN ?", "0 9 15W JAN *"),
            ("*/10 * * * * ?", "*/10 * * * * *"), ("0 /5 14 * * ?", "*/5 14 * * *"),
            ("0 0 1 ? * L", "0 1 * * 6"), ("0 0 1 ? * 7-2", "0 1 * * 6,0,1"),
            ("0 0 1 ? * SUN/2", "0 1 * * 0,2,4,6"), ("0 0 1 1/5 * ?", "0 1 1/5 * *"),
        ])
    func quartz(text: String, expected: String) throws {
        let result = QuartzImporter.read(text)
        #expect(result.errors.isEmpty)
        let hasSeconds = expected.split(separator: " ").count == 6
        #expect(result.schedules.first?.trigger == .cadence(expected, hasSeconds: hasSeconds))
    }

    @Test("Days before the last become a recurrence rule")
    func quartzFromEnd() throws {
        let result = QuartzImporter.read("# nothing\n\n0 30 8 L-3 * ?")
        let schedule = try #require(result.schedules.first)
        #expect(
            try next(schedule, after: "2026-02-01T00:00:00Z", count: 2) == [
                "2026-02-25T08:30:00+00:00", "2026-03-28T08:30:00+00:00",
            ])
        #expect(schedule.line == 3 && result.differences.count == 2)
    }

    @Test(
        "What Quartz does not have, or Daybook does not, is refused with its column",
        arguments: [
            ("30 2 * * 1-5", 13), ("0 0 12 * * MON", 12), ("0 0 12 ? * ?", 12),
            ("0 0 12 ? * 8", 12), ("0 0 25 * * ?", 5), ("0 0 12 * * ? 2030", 14),
            ("0 0 12 L-31 * ?", 8), ("0 0 12 L-3 5 ?", 12), ("0 0 12 ? * 1#6", 12),
            ("0 */5 12 L-3 * ?", 3), ("0 0 12 ? * 1/9", 12), ("x", 2),
        ])
    func quartzFaults(text: String, column: Int) {
        let result = QuartzImporter.read(text)
        #expect(result.schedules.isEmpty)
        #expect(result.errors.map(\.column) == [column], "\(text): \(result.errors)")
    }

    /// Triples of a timer's OnCalendar, its trigger, and its next times: from systemd.time(7).
    @Test(
        "Calendar expressions of systemd become their like",
        arguments: [
            ("daily", "0 0 * * *"), ("hourly UTC", "0 * * * *"), ("minutely", "* * * * *"),
            ("weekly", "0 0 * * 1"), ("quarterly", "0 0 1 */3 *"), ("yearly", "0 0 1 1 *"),
            ("Mon..Fri 02:30", "30 2 * * 1,2,3,4,5"), ("Sat,Sun *-*-* 08:05:00", "5 8 * * 0,6"),
            ("Fri..Mon 1:00", "0 1 * * 0,1,5,6"), ("*-*-* *:0/15", "*/15 * * * *"),
            ("*:*:0/20", "*/20 * * * * *"), ("*-*~01 12:00", "0 12 L * *"),
            ("05-03 4:5:6", "6 5 4 3 5 *"), ("*-1..3-1,15 00:00", "0 0 1,15 1,2,3 *"),
            ("thursday 7:00", "0 7 * * 4"), ("*-*-* 9..17/4:00", "0 9,13,17 * * *"),
        ])
    func systemd(text: String, expected: String) throws {
        let result = SystemdImporter.read("[Timer]\nOnCalendar=\(text)\n", name: "x")
        #expect(result.errors.isEmpty, "\(result.errors)")
        let hasSeconds = expected.split(separator: " ").count == 6
        let schedule = try #require(result.schedules.first)
        #expect(schedule.trigger == .cadence(expected, hasSeconds: hasSeconds))
        #expect(try next(schedule, after: "2026-01-01T00:00:00Z", count: 1).count == 1)
    }

    @Test("Weekday and day together, days from the end and years become recurrence rules")
    func systemdRules() throws {
        for (text, expected) in [
            ("Mon *-*-1..7 09:00 Europe/Berlin", "2026-01-05T09:00:00+01:00"),
            ("*-02~03 10:00", "2026-02-26T10:00:00+00:00"),
            ("Fri *-*~07/1 18:00", "2026-01-30T18:00:00+00:00"),
            ("2027..2028-06-01 00:00", "2027-06-01T00:00:00+00:00"),
        ] {
            let result = SystemdImporter.read("[Timer]\nOnCalendar=\(text)", name: "x")
            let schedule = try #require(result.schedules.first, "\(text) \(result.errors)")
            #expect(
                try next(schedule, after: "2026-01-01T00:00:00Z", count: 1) == [expected], "\(text)"
            )
        }
        let bounded = SystemdImporter.read("[Timer]\nOnCalendar=2025-*-* 00:00", name: "x")
        #expect(
            try next(bounded.schedules[0], after: "2026-01-01T00:00:00Z", count: 1).isEmpty)
    }

    @Test("A timer unit is read with its delays, and says what differs or cannot be")
    func timer() throws {
        let text = """
            [Unit]
            Description=Backups = nightly
            [Timer]
            ; a comment
            OnCalendar=Mon \\
              02:30
            OnCalendar=*-*-* 25:00
            OnUnitInactiveSec=1h 30min
            OnBootSec = 5min
            RandomizedDelaySec=10m
            AccuracySec=1us
            Persistent=true
            Unit=backup.service
            WakeSystem=yes
            [Install]
            WantedBy=timers.target
            """
        let result = SystemdImporter.read(text, name: "backup")
        #expect(result.schedules.map(\.jobId) == ["backup", "backup-2"])
        #expect(result.schedules[0].trigger == .cadence("30 2 * * 1", hasSeconds: false))
        #expect(result.schedules[1].trigger == .afterCompletion("5400s"))
        #expect(result.schedules[0].command == "starts backup.service")
        #expect(result.schedules[0].json.contains(#""jitter":"600s","catchUp":"latest""#))
        #expect(result.errors.map(\.line) == [7, 9])
        #expect(result.errors[0].column == 18 && result.errors[0].message.contains("hour"))
        #expect(result.errors[1].message.contains("OnBootSec"))
        for word in ["RandomizedDelaySec", "AccuracySec", "WakeSystem"] {
            #expect(result.differences.contains { $0.message.contains(word) }, "\(word)")
        }
        #expect(SystemdImporter.read("[Timer]\n", name: "x").errors.count == 1)
    }

    @Test("CronJobs of Kubernetes keep zone, policy and suspension")
    func kubernetes() throws {
        let result = KubernetesImporter.read([
            CronJobManifest(
                name: "close", schedule: "30 2 * * ?", timeZone: "America/New_York",
                isSuspended: true, concurrencyPolicy: "Forbid", startingDeadlineSeconds: "60"),
            CronJobManifest(name: "old", schedule: "CRON_TZ=Asia/Tokyo 0 5 * * *"),
            CronJobManifest(name: "often", schedule: "@every 1h30m", line: 30),
            CronJobManifest(name: "bad", schedule: "0 5 * *", line: 40, column: 13),
            CronJobManifest(name: "worse", schedule: "@daily", concurrencyPolicy: "Never"),
        ])
        #expect(result.schedules.map(\.jobId) == ["close", "old", "often"])
        #expect(result.schedules[0].trigger == .cadence("30 2 * * *", hasSeconds: false))
        #expect(!result.schedules[0].isEnabled)
        #expect(result.schedules[0].json.contains(#""overlap":"skip""#))
        #expect(result.schedules[1].zone == "Asia/Tokyo")
        #expect(result.schedules[2].trigger == .every("5400s"))
        #expect(result.errors.map(\.line) == [40, 1] && result.errors[0].column == 20)
        #expect(result.json.hasPrefix(#"{"schedules":[{"jobId":"close""#))
    }
}
