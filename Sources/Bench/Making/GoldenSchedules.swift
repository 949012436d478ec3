import Engine
import Events

/// What the golden log's schedules and calendars say.
enum GoldenSchedules {
    /// The configuration that it begins with.
    static var first: ConfigurationInput {
        var input = ConfigurationInput()
        input.definitions = definitions
        input.calendars = [calendar("bank", ["2026-01-01", "2026-12-25"]), calendar("spare", [])]
        input.blackouts = [patching, closed]
        input.commit = "0123456789abcdef0123456789abcdef01234567"
        input.author = "a reviewer"
        input.environment = "production"
        input.settings = [KeyValue("activeRunsMax", "200")]
        return input
    }

    /// The same with a schedule and a calendar less, a schedule more, and two that were changed.
    static var second: ConfigurationInput {
        var input = first
        input.definitions.removeAll { $0.jobId == "partner-file" }
        for index in input.definitions.indices where input.definitions[index].jobId == "gateway" {
            input.definitions[index].slaMinutes = 10
        }
        input.definitions.append(definition("statements", "25 1 * * *", zone: "America/New_York"))
        input.calendars = [calendar("bank", ["2026-01-01", "2026-12-24", "2026-12-25"])]
        input.blackouts = [patching]
        input.commit = "89abcdef0123456789abcdef0123456789abcdef"
        input.isDirty = true
        return input
    }

    private static var definitions: [ScheduleDefinition] {
        var load = definition("claims-load", "15 * * * *", zone: "Europe/Berlin")
        load.retriesMax = 1
        load.retryDelaysSeconds = [60]
        var report = definition("claims-report", "20 * * * *", zone: "Europe/Berlin")
        report.dependencies = [dependency("job", "claims-load", minutes: 60)]
        var file = definition("partner-file", "40 22 * * *")
        file.dependencies = [dependency("external", "inbound", minutes: 30)]
        var gateway = definition("gateway", "50 22 * * *")
        gateway.target = endpoint
        gateway.slaMinutes = 5
        gateway.durationMinutesMax = 30
        gateway.alerts.append(startRoute)
        var payments = definition("payments", "5 * * * *")
        payments.catchUp = "none"
        payments.calendar = "bank"
        var after = definition("after-yearly", "10 23 * * *")
        after.dependencies = [dependency("job", "yearly", minutes: 1_440)]
        var beat = definition("heartbeat", "")
        beat.every = "45m"
        beat.slaMinutes = 10
        return [
            definition("claims-export", "*/30 * * * *"), load, report, file, gateway, payments,
            definition("yearly", "0 0 1 1 *"), after, beat, settlement,
        ]
    }

    /// Who is told that a run has begun: a notification without an alert.
    private static var startRoute: AlertRoute {
        var route = AlertRoute()
        route.event = "onStart"
        route.recipients = ["claims-team"]
        return route
    }

    /// Every kind of trigger, and all that bounds them.
    private static var settlement: ScheduleDefinition {
        var definition = definition("settlement", "", zone: "Europe/Berlin")
        definition.calendar = "bank"
        definition.roll = "modifiedFollowing"
        definition.triggers = [
            trigger("cadence", "30 0 */20 * * *") { $0.hasSeconds = true },
            trigger("every", "7h") { $0.start = "2026-03-28T20:00:00" },
            trigger("rrule", "FREQ=HOURLY;INTERVAL=5") { $0.start = "2026-03-28T22:00:00" },
            trigger("at", "2026-03-30T05:00:00"),
            trigger("businessDay", "-1") { $0.time = "06:30" },
        ]
        var exclusion = ExclusionDefinition()
        exclusion.from = "2026-03-27"
        exclusion.through = "2026-03-27"
        definition.exclusions = [exclusion]
        definition.startsAt = 1_774_600_000_000_000
        definition.endsAt = 1_806_100_000_000_000
        definition.runsMax = 1_000
        definition.jitterSeconds = 120
        definition.catchUp = "all"
        definition.misfire = MisfireRules()
        definition.misfire?.graceSeconds = 600
        definition.misfire?.runsMax = 3
        definition.allowsDateArithmetic = true
        definition.overlap = "bufferOne"
        definition.rules = rules
        definition.parameters = [KeyValue("settles", "${scheduledDate + 2 business days}")]
        return definition
    }

    /// Limits, back-off and all else that bounds runs.
    private static var rules: RunRules {
        var rules = RunRules()
        rules.jobType = "settling"
        rules.priority = 8
        var limit = RunLimit()
        limit.name = "bank"
        limit.by = RunLimit.byJob
        limit.concurrentMax = 2
        limit.rateMax = 10
        limit.windowSeconds = 60
        rules.limits = [limit]
        var backoff = RetryBackoff()
        backoff.firstSeconds = 30
        backoff.factorPercent = 150
        backoff.longestSeconds = 600
        backoff.jitterPercent = 20
        rules.backoff = backoff
        rules.retriedClasses = ["exit"]
        rules.finalClasses = ["permanent"]
        rules.pauseAfterFailures = 3
        rules.dependencyMode = "any"
        return rules
    }

    private static func trigger(
        _ kind: String, _ text: String, _ change: (inout TriggerDefinition) -> Void = { _ in }
    ) -> TriggerDefinition {
        var trigger = TriggerDefinition()
        trigger.kind = kind
        trigger.text = text
        change(&trigger)
        return trigger
    }

    /// Half an hour of each night, in which one job waits.
    private static var patching: BlackoutDefinition {
        var blackout = BlackoutDefinition()
        blackout.name = "patching"
        blackout.reason = "the database is patched"
        blackout.action = "defer"
        blackout.trigger = trigger("cadence", "45 22 * * *")
        blackout.durationSeconds = 1_800
        blackout.zone = "UTC"
        blackout.jobs = ["heartbeat"]
        blackout.spreadSeconds = 60
        blackout.source = "config"
        return blackout
    }

    /// An hour once, in which nothing of a tag runs.
    private static var closed: BlackoutDefinition {
        var blackout = BlackoutDefinition()
        blackout.name = "closed"
        blackout.reason = "month end"
        blackout.action = "skip"
        blackout.from = 1_774_735_200_000_000
        blackout.until = blackout.from + 3_600_000_000
        blackout.zone = "UTC"
        blackout.tags = ["month-end"]
        blackout.source = "config"
        return blackout
    }

    static func definition(
        _ jobId: String, _ cadence: String, zone: String = "UTC"
    ) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.description = "a job of the golden log"
        definition.isEnabled = true
        definition.cadence = cadence
        definition.zone = zone
        var target = TargetBinding()
        target.name = "transfer"
        target.kind = "process"
        target.command = ["/opt/company/bin/transfer", "--once"]
        target.workingFolder = "/srv/transfer"
        target.settings = [KeyValue("MODE", "batch")]
        target.timeoutSeconds = 600
        target.graceSeconds = 10
        definition.target = target
        definition.parameters = [
            KeyValue("date", "${scheduledDate}"), KeyValue("at", "${scheduledDateTime}"),
        ]
        definition.startDelayMinutes = 2
        definition.catchUp = "latest"
        definition.overlap = "skip"
        var route = AlertRoute()
        route.event = "onFailure"
        route.recipients = ["ops-oncall"]
        definition.alerts = [route]
        definition.tags = ["claims"]
        definition.source = "config"
        definition.environment = "production"
        return definition
    }

    private static var endpoint: TargetBinding {
        var target = TargetBinding()
        target.name = "gateway"
        target.kind = "http"
        target.url = "https://gateway.internal.example/claims"
        target.timeoutSeconds = 30
        target.callbackTimeoutSeconds = 3_600
        target.signingSecret = "${secret:GATEWAY}"
        return target
    }

    private static func dependency(_ kind: String, _ name: String, minutes: UInt64) -> Dependency {
        var dependency = Dependency()
        dependency.kind = kind
        dependency.name = name
        dependency.delayMinutesMax = minutes
        if kind == "external" {
            var probe = TargetBinding()
            probe.name = "has-file"
            probe.kind = "process"
            probe.command = ["/opt/company/bin/has-file", name]
            dependency.probe = probe
            dependency.pollSeconds = 60
        }
        return dependency
    }

    private static func calendar(_ name: String, _ holidays: [String]) -> CalendarDefinition {
        var calendar = CalendarDefinition()
        calendar.name = name
        calendar.weekend = ["SAT", "SUN"]
        calendar.holidays = holidays
        calendar.validThrough = "2026-12-31"
        return calendar
    }
}
