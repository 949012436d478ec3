import Engine
import Events
import Projections

/// The golden log's customers: schedules by the API, reminders, advice, job types.
extension GoldenLog {
    /// Half an hour in which a transfer fails, another is reminded of and cancelled, and a job type
    /// comes and goes.
    mutating func customers() throws {
        let type = ScheduleKey("default", "transfer")
        try log.handle(
            .defineJobType(type, fieldsJSON: "{\"noRetryOn\":[\"permanent\"]}", Self.who))
        try log.handle(
            .defineJobType(
                ScheduleKey("default", "refund"), fieldsJSON: "{\"maxRetries\":1}", Self.who))
        let soon = Self.transfer("transfer-1", "2026-03-30T05:40:00Z", reference: "C-1")
        let later = Self.transfer("transfer-2", "2026-03-30T06:45:00Z", reference: "C-2")
        let last = Self.transfer("transfer-3", "2026-03-30T09:45:00Z", reference: "C-3")
        try log.handle(.defineSchedules([soon, later, last], Self.who))
        world.plans["transfer-1"] = [.fails]
        try log.advance(to: Self.moment("2026-03-30T05:50:00Z"))
        try log.handle(
            .cancelReference("C-2", pauses: false, reason: "the account closes", Self.who))
        try log.handle(.removeJobType(type, reason: "no longer used", Self.who))
        try log.advance(to: Self.moment("2026-03-30T05:55:00Z"))
    }

    private static func transfer(
        _ jobId: String, _ moment: String, reference: String
    ) -> ScheduleDefinition {
        var definition = ScheduleDefinition()
        definition.jobId = jobId
        definition.isEnabled = true
        definition.zone = "UTC"
        definition.catchUp = "none"
        definition.overlap = "skip"
        definition.source = "api"
        var trigger = TriggerDefinition()
        trigger.kind = "at"
        trigger.text = moment
        definition.triggers = [trigger]
        var target = TargetBinding()
        target.name = "pl_transfer"
        target.kind = "process"
        target.command = ["programs/transfer"]
        definition.target = target
        definition.parameters = [KeyValue("amount", "100")]
        var rules = RunRules()
        rules.reference = reference
        rules.failureAdvice = [KeyValue("exit", "Call us.")]
        var reminder = ReminderRule()
        reminder.before = "PT1H"
        reminder.seconds = 3_600
        reminder.channel = "sms"
        reminder.target = target
        rules.reminders = [reminder]
        definition.rules = rules
        return definition
    }
}
