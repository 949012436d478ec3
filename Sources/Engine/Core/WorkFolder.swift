import Events
import Projections
import Timetable

extension CompiledSchedule {
    /// A template beside the parameters, and the parameter of a run that holds what it becomes: so
    /// that the record says in which folders a run worked.
    struct Place: Sendable {
        let parameter: String
        let template: Template
    }

    /// The templates of a definition's folders and of the pattern of its files.
    static func places(_ definition: ScheduleDefinition) throws(TimetableError) -> [Place] {
        guard let rules = definition.rules else { return [] }
        var places: [Place] = []
        for folder in rules.folders {
            places.append(
                Place(
                    parameter: folder.parameter,
                    template: try Template.parse(
                        folder.path, allowsArithmetic: definition.allowsDateArithmetic)))
        }
        if let files = rules.files {
            places.append(
                Place(
                    parameter: FileDiscovery.parameter,
                    template: try Template.parse(
                        files.pattern, allowsArithmetic: definition.allowsDateArithmetic)))
        }
        return places
    }

    /// The element that it is for; empty where its job was not fanned out.
    var element: String { definition.rules?.element ?? "" }

    /// The job in the keys of its runs: of an element's schedule the one that was fanned out.
    var runKeyJob: String {
        let job = definition.rules?.fanOutOf ?? ""
        return job.isEmpty ? key.jobId : job
    }

    /// The parameters of a run, with the paths of its folders and the pattern of its files.
    ///
    /// - Throws: where a template counts business days and the calendar has run out.
    func rendered(_ occurrence: Occurrence) throws(TimetableError) -> [KeyValue] {
        let values = Template.Values(
            scheduled: occurrence, environment: definition.environment,
            scheduledDate: occurrence.local.date, calendar: calendar)
        var parameters: [KeyValue] = []
        parameters.reserveCapacity(definition.parameters.count + places.count)
        for (parameter, template) in zip(definition.parameters, templates) {
            parameters.append(KeyValue(parameter.name, try template.rendered(values)))
        }
        for place in places {
            parameters.append(KeyValue(place.parameter, try place.template.rendered(values)))
        }
        return parameters
    }

    /// Gives a request what was rendered for its run: parameters, folders and the pattern of files.
    func fill(_ request: inout AttemptRequest, _ rendered: [KeyValue]) {
        request.parameters = rendered
        guard let rules = definition.rules, !places.isEmpty else { return }
        for folder in rules.folders {
            let place = request.parameters.firstIndex { $0.name == folder.parameter }
            guard let place else { continue }
            let path = request.parameters.remove(at: place).value
            let template = places.first { $0.parameter == folder.parameter }?.template
            request.folders.append(
                WorkFolder(name: folder.name, path: path, isDated: template?.isDated ?? false))
        }
        let place = request.parameters.firstIndex { $0.name == FileDiscovery.parameter }
        if var files = rules.files, let place {
            files.pattern = request.parameters.remove(at: place).value
            request.files = files
        }
    }
}

extension Template {
    /// Whether it is another for other dates.
    var isDated: Bool { hasArithmetic || tokens.contains { $0 != .environment } }
}

extension EngineCore {
    /// Whether a run ends as skipped because its first attempt found too few files.
    ///
    /// A later attempt may find that the one before took some of them: that stays a failure.
    mutating func isSkippedWithoutInput(_ run: RunState, _ result: AttemptResult) throws -> Bool {
        guard result.failureClass == FileDiscovery.failureClass, run.attempt == 1,
            run.status == .dispatched, !run.isCancelRequested
        else { return false }
        return try pinnedSchedule(run).definition.rules?.files?.onNone == "skip"
    }
}
