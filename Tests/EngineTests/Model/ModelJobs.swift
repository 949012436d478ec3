import DaybookTestSupport
import Events

/// Random schedules: six jobs, some of them done by workers, some after a person's approval, and
/// the elements of one that is fanned out.
enum ModelJobs {
    /// The elements that there may be.
    static let elements = ["a", "b", "c", "d"]

    static func make(using random: inout SeededGenerator) -> [ScheduleDefinition] {
        let limits = ["a", "b"].map { name in
            var limit = RunLimit()
            limit.name = name
            limit.by = Bool.random(using: &random) ? "" : RunLimit.byJob
            limit.concurrentMax = UInt64.random(in: 1...3, using: &random)
            if Bool.random(using: &random) {
                limit.rateMax = UInt64.random(in: 1...4, using: &random)
                limit.windowSeconds = UInt64.random(in: 10...300, using: &random)
            }
            return limit
        }
        var jobs = (0..<6).map { number in
            var job = make("job-\(number)", limits, using: &random)
            if number > 3 { job.dependencies = [upstream("job-\(number - 4)", using: &random)] }
            if Int.random(in: 0..<4, using: &random) == 0 { addApproval(to: &job, using: &random) }
            return job
        }
        let fanned = make("fan", limits, using: &random)
        jobs += elements.map { element in
            var job = fanned
            job.jobId = "fan[\(element)]"
            job.rules?.fanOutOf = "fan"
            job.rules?.element = element
            return job
        }
        if Bool.random(using: &random) {
            jobs[5].dependencies.append(upstream("fan[a]", using: &random))
        }
        return jobs
    }

    private static func make(
        _ name: String, _ limits: [RunLimit], using random: inout SeededGenerator
    ) -> ScheduleDefinition {
        let period = Int.random(in: 2...15, using: &random)
        return CoreFixture.job(name, every: "\(period)m") { job in
            job.overlap = OverlapPolicy.allCases.randomElement(using: &random)?.rawValue ?? ""
            job.catchUp = ["latest", "all", "none"].randomElement(using: &random) ?? ""
            job.retriesMax = UInt64.random(in: 0...3, using: &random)
            job.retryDelaysSeconds = [30, 120]
            job.slaMinutes = UInt64.random(in: 0...5, using: &random)
            job.startDelayMinutes = UInt64.random(in: 0...3, using: &random)
            job.durationMinutesMax = UInt64.random(in: 0...6, using: &random)
            var rules = RunRules()
            rules.priority = UInt64.random(in: 0...9, using: &random)
            rules.limits = limits.filter { _ in Bool.random(using: &random) }
            rules.pauseAfterFailures = UInt64.random(in: 0...3, using: &random)
            if Bool.random(using: &random) { rules.finalClasses = ["timeout"] }
            job.rules = rules
            guard Int.random(in: 0..<3, using: &random) == 0 else { return }
            job.target?.kind = "worker"
            job.target?.leaseWaitSeconds = UInt64.random(in: 30...900, using: &random)
            if Bool.random(using: &random) { job.target?.capabilities = ["linux"] }
        }
    }

    private static func upstream(
        _ name: String, using random: inout SeededGenerator
    ) -> Dependency {
        var dependency = Dependency()
        dependency.kind = "job"
        dependency.name = name
        dependency.delayMinutesMax = 4
        dependency.condition = ["", "failure", "end"].randomElement(using: &random) ?? ""
        dependency.expiry = ["", "skip", "run"].randomElement(using: &random) ?? ""
        return dependency
    }

    private static func addApproval(
        to job: inout ScheduleDefinition, using random: inout SeededGenerator
    ) {
        var step = Dependency()
        step.kind = "approval"
        step.name = "sign-off"
        step.delayMinutesMax = UInt64.random(in: 1...10, using: &random)
        step.expiry = ["", "skip", "run"].randomElement(using: &random) ?? ""
        job.dependencies.append(step)
        if Bool.random(using: &random) { job.rules?.dependencyMode = "any" }
    }
}
