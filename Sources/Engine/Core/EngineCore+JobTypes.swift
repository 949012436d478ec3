import Events
import Projections

/// Job types that the API defines: defaults of the schedules that name them, when those are
/// defined.
extension EngineCore {
    static let jobTypesMax = 1_000
    static let jobTypeByteCountMax = 16_384

    /// Defines a job type, or changes it; asked again, nothing is written.
    ///
    /// Schedules that took its fields keep them.
    mutating func defineJobType(
        _ key: ScheduleKey, _ fieldsJSON: String, _ who: Authority
    ) throws {
        try checkRoom()
        guard !key.jobId.isEmpty, fieldsJSON.utf8.count <= Self.jobTypeByteCountMax else {
            throw Rejection(
                .invalid,
                "a job type has a name, and at most \(Self.jobTypeByteCountMax) bytes of fields")
        }
        let known = state.jobTypes[key]
        if known?.fieldsJSON == fieldsJSON {
            return reply("job type '\(key.jobId)' stands so already")
        }
        guard known != nil || state.jobTypes.count < Self.jobTypesMax else {
            throw Rejection(
                .conflict, "there are \(Self.jobTypesMax) job types already; remove some")
        }
        tenant = key.tenant
        var defined = JobTypeDefined()
        defined.name = key.jobId
        defined.fieldsJSON = fieldsJSON
        try emit(defined, by: who)
        reply("job type '\(key.jobId)' is \(known == nil ? "defined" : "changed")")
    }

    /// Removes a job type that the API defined; schedules that took its fields keep them.
    mutating func removeJobType(
        _ key: ScheduleKey, _ reason: String, _ who: Authority
    ) throws {
        guard state.jobTypes[key] != nil else {
            throw Rejection(.notFound, "the API defined no job type '\(key.jobId)'")
        }
        tenant = key.tenant
        var removed = JobTypeRemoved()
        removed.name = key.jobId
        removed.reason = reason
        try emit(removed, by: who)
        reply("job type '\(key.jobId)' is removed")
    }
}
