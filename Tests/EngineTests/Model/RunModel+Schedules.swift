import Events
import Projections

/// Schedules, and the elements of those that are fanned out, as the model has them.
///
/// - A run follows the definition that stood when it was made, and is of that definition's element.
/// - At most one run for an occurrence and an element.
/// - A schedule that was removed makes no run of its own.
/// - An element's key stands in its place in the run key.
/// - What is counted of an element is what happened to it, and to no other.
extension RunModel {
    struct Schedules {
        /// The sequences of those in force, by their ids.
        var inForce: [String: UInt64] = [:]
        var definitions: [UInt64: ScheduleDefinition] = [:]
        var occurrences: Set<String> = []
        var tallies: [String: Tally] = [:]
    }

    struct Tally: Equatable {
        var succeeded: UInt64 = 0
        var dead: UInt64 = 0
        var skipped: UInt64 = 0
        var missed: UInt64 = 0
        var cancelled: UInt64 = 0

        mutating func note(_ how: String) {
            switch how {
            case "succeeded": succeeded += 1
            case "dead": dead += 1
            case "skipped": skipped += 1
            default: cancelled += 1
            }
        }
    }

    mutating func takeDefinition(_ event: Event) throws {
        switch event.payload {
        case let created as ScheduleCreated:
            // It comes back without the pause that it had.
            paused.remove(created.jobId)
            schedules.inForce[created.jobId] = event.envelope.sequence
            schedules.definitions[event.envelope.sequence] = created.definition
        case let updated as ScheduleUpdated:
            guard schedules.inForce[updated.jobId] != nil else {
                throw ModelViolation("'\(updated.jobId)' changes, and is not there")
            }
            schedules.inForce[updated.jobId] = event.envelope.sequence
            schedules.definitions[event.envelope.sequence] = updated.definition
        case let removed as ScheduleRemoved:
            guard schedules.inForce.removeValue(forKey: removed.jobId) != nil else {
                throw ModelViolation("'\(removed.jobId)' is removed, and is not there")
            }
            count { $0.removals += 1 }
        default: break
        }
    }

    func definition(of due: RunDue) throws -> ScheduleDefinition {
        guard let definition = schedules.definitions[due.definition],
            definition.jobId == due.jobId
        else { throw ModelViolation("definition \(due.definition) of '\(due.jobId)' is unknown") }
        guard due.fanOutKey == definition.rules?.element ?? "" else {
            throw ModelViolation("run \(due.run) of '\(due.jobId)' is of '\(due.fanOutKey)'")
        }
        return definition
    }

    /// A run that nobody asked for is of a schedule in force, and the only one of its occurrence.
    mutating func checkOwn(_ due: RunDue) throws {
        guard schedules.inForce[due.jobId] == due.definition,
            schedules.definitions[due.definition]?.isEnabled == true
        else { throw ModelViolation("'\(due.jobId)' is not in force as run \(due.run) has it") }
        let occurrence = "\(due.jobId) \(due.scheduledLocal) \(due.fold) \(due.fanOutKey)"
        guard schedules.occurrences.insert(occurrence).inserted else {
            throw ModelViolation("run \(due.run) is the second of \(occurrence)")
        }
    }

    func checkElement(_ run: Run, _ event: RunDispatched) throws {
        guard let rules = run.job.rules, !rules.fanOutOf.isEmpty else { return }
        let parts = event.runKey.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[1] == rules.fanOutOf, parts[3] == rules.element else {
            throw ModelViolation("run \(event.run) of '\(event.jobId)' has key \(event.runKey)")
        }
    }

    /// Compares what is counted of each schedule, and what is paused.
    func checkSchedules(_ state: ProjectedState) throws {
        for schedule in state.schedules.sorted() {
            var tally = Tally()
            tally.succeeded = schedule.succeeded
            tally.dead = schedule.dead
            tally.skipped = schedule.skipped
            tally.missed = schedule.missed
            tally.cancelled = schedule.cancelled
            guard tally == schedules.tallies[schedule.jobId] ?? Tally() else {
                throw ModelViolation("'\(schedule.jobId)' has \(tally), and other runs ended")
            }
            guard schedule.isRemoved == (schedules.inForce[schedule.jobId] == nil) else {
                throw ModelViolation("'\(schedule.jobId)' is removed, or is not, wrongly")
            }
        }
    }
}
