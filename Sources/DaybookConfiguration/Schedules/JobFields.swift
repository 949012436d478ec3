import Events
import Timetable

/// The fields of a schedule: the reader, the JSON Schema and the documentation follow from here.
package enum JobFields {
    static let events = ["onStart", "onSuccess", "onFailure", "onMissedSla", "onMissed"]
    static let catchUps = ["latest", "all", "none"]
    static let rolls = ["skip"] + RollConvention.allCases.map(\.rawValue)
    static let overlaps = OverlapPolicy.allCases.map(\.rawValue)
    static let dependencyTypes = ["pipeline", "job", "pushed", "approval"]
    static let dependencyModes = ["all", "any"]
    static let conditions = ["success", "failure", "end"]
    static let expiries = ["fail", "skip", "run"]
    static let inputActions = ["fail", "skip", "run"]
    static let priorities: ClosedRange<UInt64> = 1...9
    static let minutes: ClosedRange<UInt64> = 1...525_600
    static let retries: ClosedRange<UInt64> = 0...100
    static let retryDelaysDefault: [UInt64] = [300, 900, 1_800]

    /// What a file in `schedules/` may hold.
    package static let file = [
        FieldSpec("$schema", Schema.text, "The JSON Schema, for editors; not read."),
        FieldSpec(
            "jobs", ##"{"type":"array","items":{"$ref":"#/$defs/job"}}"##, "The schedules."),
        FieldSpec(
            "overrides", ##"{"type":"array","items":{"$ref":"#/$defs/override"}}"##,
            "In an overlay: what it changes in schedules of the base, each by its jobId."),
    ]

    /// What a schedule may hold.
    package static let job = basics + TriggerReader.fields + times + rest + rules + customers

    /// What an item of `exclude` may hold.
    package static let exclusion =
        [
            FieldSpec("date", Schema.text, "A local date, YYYY-MM-DD."),
            FieldSpec("from", Schema.text, "The first of several local dates."),
            FieldSpec("through", Schema.text, "The last of them."),
        ] + TriggerReader.fields

    private static let basics = [
        FieldSpec(
            "jobId", Schema.identifier, "The schedule's id, unique in the merged set.",
            required: true),
        FieldSpec("description", Schema.text, "What it is for, in words."),
        FieldSpec("enabled", Schema.flag, "Whether it is switched on, true by default."),
        FieldSpec("timeZone", Schema.text, "The IANA zone of times, calendar and templates."),
        FieldSpec(
            "calendar", Schema.identifier,
            "The business calendar; on other days it does not run, or as roll says."),
        FieldSpec(
            "roll", Schema.choice(rolls),
            "Where an occurrence goes whose date is no business day: skip (the default), or to the "
                + "business day that the convention names."),
    ]

    private static let times = [
        FieldSpec(
            "triggers", ##"{"type":"array","items":{"$ref":"#/$defs/trigger"},"minItems":1}"##,
            "Several triggers instead of one: any of them fires, at one instant once."),
        FieldSpec(
            "exclude", ##"{"type":"array","items":{"$ref":"#/$defs/exclusion"}}"##,
            "What is left out: dates, or what falls together with a trigger."),
        FieldSpec("startsAt", Schema.text, "Nothing fires before this moment or date."),
        FieldSpec("endsAt", Schema.text, "Nothing fires after this moment or date."),
        FieldSpec(
            "maxRuns", Schema.count(1...1_000_000_000),
            "After so many runs there is no next one; what was skipped or missed does not count."),
        FieldSpec(
            "jitter", Schema.duration,
            "Runs start up to so long after their scheduled time, each job always at the same."),
    ]

    private static let rest = [
        FieldSpec(
            "dependencies", ##"{"type":"array","items":{"$ref":"#/$defs/dependency"}}"##,
            "What must be ready before a run is dispatched."),
        FieldSpec("target", ##"{"$ref":"#/$defs/target"}"##, "What runs."),
        FieldSpec("targetPipeline", Schema.identifier, "The short form of target: its name alone."),
        FieldSpec(
            "parameters", Schema.values, "With targetPipeline: what the target is given, by name."),
        FieldSpec(
            "slaMinutes", Schema.count(minutes),
            "Finish by this many minutes after the scheduled time."),
        FieldSpec(
            "startDelayMinutes", Schema.count(0...525_600),
            "Report a start that is later than this, 1 by default; 0 for never."),
        FieldSpec(
            "maxDurationMinutes", Schema.count(minutes), "Report a run that takes longer than this."
        ),
        FieldSpec(
            "maxRetries", Schema.count(retries),
            "How often a failed run is tried again, 3 by default."),
        FieldSpec(
            "retryDelays", ##"{"type":"array","items":{"$ref":"#/$defs/duration"},"minItems":1}"##,
            "The delays before each retry, 5m, 15m and 30m by default; the last repeats."),
        FieldSpec(
            "catchUp", Schema.choice(catchUps),
            "After an outage: one run for the latest missed time (latest, the default), all, or "
                + "none, the default with the job types payment and transfer."
        ),
        FieldSpec(
            "grace", Schema.duration,
            "So late an occurrence still runs as usual; by default an hour or half the period, the "
                + "smaller."),
        FieldSpec(
            "catchUpMax", Schema.count(1...10_000),
            "With catchUp all: at most so many runs are made up for, the newest; 100 by default."),
        FieldSpec(
            "catchUpSpread", Schema.duration,
            "With catchUp all: from one such run's start to the next."),
        FieldSpec(
            "overlap", Schema.choice(overlaps),
            "While a run is open, the next: skip (the default), bufferOne, bufferAll (it waits), "
                + "cancelOther and terminateOther (it takes its place), or allowAll."),
        FieldSpec("alerts", ##"{"$ref":"#/$defs/alerts"}"##, "Who hears of what."),
        FieldSpec("tags", Schema.identifiers, "Free labels."),
    ]

    /// What `target` may hold.
    package static let target = [
        FieldSpec(
            "type", Schema.text,
            "What the target is elsewhere, such as adf-pipeline; not read, targets.yaml decides."
        ),
        FieldSpec(
            "name", Schema.identifier, "The pipeline's name in targets.yaml.", required: true),
        FieldSpec(
            "parameters", Schema.values, "What the target is given by name; values are templates."),
    ]

    /// What an item of `dependencies` may hold.
    package static let dependency = [
        FieldSpec(
            "type", Schema.choice(dependencyTypes),
            "pipeline (a name in targets.yaml, or what a schedule runs), job (a jobId), pushed (a "
                + "status reported from outside) or approval (a person's).",
            required: true),
        FieldSpec(
            "name", Schema.identifier,
            "The name of the pipeline, of the status or of the approval, or the jobId.",
            required: true),
        FieldSpec(
            "maxDelayMinutes", Schema.count(minutes),
            "How long after the scheduled time it is waited for, 60 by default; then the run fails."
        ),
        FieldSpec(
            "on", Schema.choice(conditions),
            "For a job, which end of it is waited for: success (the default), failure, or any end."
        ),
        FieldSpec(
            "onExpiry", Schema.choice(expiries),
            "When the wait is over: fail (the default), skip, or run all the same."),
        FieldSpec(
            "by", Schema.text,
            "For an approval, instead of maxDelayMinutes: until this local time of the business "
                + "date, HH:MM."),
        FieldSpec(
            "recipients", Schema.identifiers,
            "For an approval: the contacts that hear that it is waited for; alertContact by "
                + "default."),
    ]

    private static let rules = [
        FieldSpec(
            "jobType", Schema.identifier,
            "The job type in jobs/ whose fields are the defaults of this schedule."),
        FieldSpec(
            "priority", Schema.count(priorities),
            "Which waiting run goes first, 1 to 9, 5 by default; each step counts as a minute of "
                + "waiting."),
        FieldSpec(
            "limits", Schema.identifiers, "The limits in jobs/ that its attempts count under."),
        FieldSpec(
            "retryBackoff", ##"{"$ref":"#/$defs/backoff"}"##,
            "Instead of retryDelays: delays that grow by themselves."),
        FieldSpec(
            "retryOn", Schema.identifiers,
            "The classes of failure that are tried again; all by default."),
        FieldSpec(
            "noRetryOn", Schema.identifiers, "The classes of failure that are not tried again."),
        FieldSpec(
            "pauseAfterFailures", Schema.count(1...1_000),
            "After so many runs in a row that failed for good, the schedule is paused."),
        FieldSpec(
            "dependencyMode", Schema.choice(dependencyModes),
            "Whether all of the dependencies must be ready (the default), or any of them."),
        FieldSpec(
            "unique", Schema.identifiers,
            "Parameters: a run is skipped while another of the job, or of its job type, is open "
                + "with the same values."),
        FieldSpec(
            "failureAlert", ##"{"$ref":"#/$defs/failureAlert"}"##,
            "After how many failed attempts in what time an alert is raised; with it the count "
                + "begins anew."),
        FieldSpec(
            "slaWarning", Schema.flag,
            "Whether people are warned before slaMinutes are over, by how long runs usually take; "
                + "true by default."),
        FieldSpec(
            "forEach", ##"{"$ref":"#/$defs/forEach"}"##,
            "One schedule for each of these elements, instead of one."),
        FieldSpec(
            "folders", #"{"type":"object","additionalProperties":{"type":"string"}}"#,
            "Folders that its runs work in, by name: paths below the work folder, made before an "
                + "attempt."),
        FieldSpec(
            "files", ##"{"$ref":"#/$defs/files"}"##,
            "The files that its runs take in, looked for before an attempt."),
    ]

    /// What `files` may hold.
    package static let files = [
        FieldSpec("in", Schema.text, "The folder of folders that they lie in.", required: true),
        FieldSpec(
            "pattern", Schema.text,
            "What their names match: * stands for any text, ? for one character.", required: true),
        FieldSpec("min", Schema.count(1...1_000), "So many there must be, 1 by default."),
        FieldSpec(
            "onNone", Schema.choice(inputActions),
            "Where there are fewer: fail (the default), skip, or run all the same."),
    ]

    /// What `failureAlert` may hold.
    package static let failureAlert = [
        FieldSpec("count", Schema.count(1...100), "So many.", required: true),
        FieldSpec("within", Schema.duration, "In this time, 1h by default."),
    ]

    private static let customers = [
        FieldSpec(
            "reference", Schema.text,
            "Whose it is in your system: opaque, at most 64 bytes, no personal data."),
        FieldSpec(
            "failureAdvice", Schema.values,
            "What the customer can do about a failure, by its class."),
        FieldSpec(
            "reminders", ##"{"type":"array","items":{"$ref":"#/$defs/reminder"}}"##,
            "What is sent before each occurrence, each as a run of its own."),
    ]

    /// What an item of `reminders` may hold.
    package static let reminder = [
        FieldSpec(
            "before", Schema.text,
            "How long before: P3D and P1W are days of the calendar, PT1H or 90m elapsed time.",
            required: true),
        FieldSpec(
            "target", Schema.identifier, "What sends it: a name in targets.yaml.", required: true),
        FieldSpec("channel", Schema.identifier, "A word for the target, such as sms."),
        FieldSpec("limits", Schema.identifiers, "The limits in jobs/ that it counts under."),
    ]

    /// What `retryBackoff` may hold.
    package static let backoff = [
        FieldSpec("first", Schema.duration, "The delay before the first retry.", required: true),
        FieldSpec(
            "factorPercent", Schema.count(100...10_000),
            "What each delay is of the one before, 200 by default."),
        FieldSpec("max", Schema.duration, "No delay is longer, 1d by default."),
        FieldSpec(
            "jitterPercent", Schema.count(0...100),
            "So much of a delay is taken off at random at most, 0 by default."),
    ]

    /// What `alerts` may hold.
    package static let alerts = [
        FieldSpec("onStart", Schema.identifiers, "When a run starts; no alert is raised."),
        FieldSpec("onSuccess", Schema.identifiers, "When a run succeeds; no alert is raised."),
        FieldSpec("onFailure", Schema.identifiers, "When a run has failed for good."),
        FieldSpec(
            "onMissedSla", Schema.identifiers,
            "When a run starts late, runs too long, or is not finished in time."),
        FieldSpec("onMissed", Schema.identifiers, "When an occurrence got no run."),
    ]
}
