import DaybookTestSupport
import Engine
import Events
import Glibc

/// A seed for a test, so that a failure can be repeated.
enum TestSeed {
    /// The seed in `DAYBOOK_SEED`, where it is set.
    static func fromEnvironment() -> UInt64? {
        guard let text = getenv("DAYBOOK_SEED") else { return nil }
        return UInt64(String(cString: text))
    }
}

/// Schedules as a company has them: nightly, hourly, monthly, each with its own ways.
enum JobMix {
    static func make(_ count: Int, using random: inout SeededGenerator) -> ConfigurationInput {
        var input = ConfigurationInput()
        let zones = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]
        var calendar = CalendarDefinition()
        calendar.name = "standard-business"
        calendar.weekend = ["SAT", "SUN"]
        calendar.holidays = ["2026-03-17"]
        calendar.validThrough = "2026-03-28"
        input.calendars = [calendar]
        for index in 0..<count {
            var job = ScheduleDefinition()
            job.jobId = "job-\(index)"
            job.isEnabled = true
            job.zone = zones[index % zones.count]
            let minute = Int.random(in: 0..<60, using: &random)
            switch index % 10 {
            case 0: job.cadence = "\(minute) * * * *"
            case 1: job.every = "45m"
            case 2: job.cadence = "\(minute) 6 L * *"
            default: job.cadence = "\(minute) \(Int.random(in: 0..<24, using: &random)) * * *"
            }
            if index % 5 == 3 { job.calendar = "standard-business" }
            if index % 7 == 4 { job.catchUp = "none" } else { job.catchUp = "latest" }
            job.overlap = index % 11 == 5 ? "allowAll" : "skip"
            job.retriesMax = 3
            job.retryDelaysSeconds = [300, 900, 1_800]
            job.slaMinutes = index % 3 == 0 ? 60 : 0
            job.startDelayMinutes = 1
            job.source = "config"
            job.parameters = [KeyValue("RunDate", "${scheduledDate}")]
            var target = TargetBinding()
            target.name = "pl_\(index)"
            target.kind = "process"
            target.command = ["/bin/true"]
            job.target = target
            if index % 20 == 6 {
                var dependency = Dependency()
                dependency.kind = "job"
                dependency.name = "job-\(index + 1)"
                dependency.delayMinutesMax = 60
                job.dependencies = [dependency]
            }
            if index % 20 == 8 {
                var dependency = Dependency()
                dependency.kind = "external"
                dependency.name = "dw_refresh"
                dependency.delayMinutesMax = 30
                dependency.pollSeconds = 30
                dependency.probe = target
                job.dependencies = [dependency]
            }
            input.definitions.append(job)
        }
        return input
    }
}
