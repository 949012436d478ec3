import Events
import Timetable

/// The folders that runs work in, and the files that they take in.
extension JobReader {
    /// Folders of one schedule.
    private static let folderCountMax = 16

    /// Reads folders and files into the rules; the parameters were read before.
    func readPlaces(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) {
        let folders = folders(reader, &log)
        let files = files(reader, folders.map(\.name), &log)
        if folders.isEmpty && files == nil { return }
        var rules = definition.rules ?? RunRules()
        rules.folders = folders
        rules.files = files
        definition.rules = rules
        var reserved = Set(folders.map(\.parameter))
        if files != nil { reserved.insert(FileDiscovery.parameter) }
        for parameter in definition.parameters where reserved.contains(parameter.name) {
            log.error(
                reader.place, "\(reader.path).parameters.\(parameter.name)",
                "the parameter \(shown(parameter.name)) is made of folders and files",
                "rename it")
        }
    }

    private func folders(_ reader: FieldReader, _ log: inout ProblemLog) -> [FolderTemplate] {
        let members = reader.map("folders", &log) ?? []
        if members.count > Self.folderCountMax {
            log.error(
                reader.place(of: "folders"), reader.full("folders"),
                "there are more than \(Self.folderCountMax) folders", "make folders within them")
            return []
        }
        var result: [FolderTemplate] = []
        var variables: [String: String] = [:]
        for member in members {
            let path = "\(reader.full("folders")).\(member.key)"
            guard ElementId.isElement(member.key) else {
                log.error(
                    member.place, path,
                    "a folder's name is made of letters, digits, '-', '_' and '.'",
                    "choose a name such as input")
                continue
            }
            if let other = variables.updateValue(member.key, forKey: Self.variableName(member.key))
            {
                log.error(
                    member.place, path,
                    "\(shown(member.key)) and \(shown(other)) become the same variable",
                    "rename one of the two")
            }
            guard let text = Values.text(member.value, path, &log),
                let template = template(text, member.value.place, path, &log)
            else { continue }
            checkPath(template, member.value.place, path, &log)
            var folder = FolderTemplate()
            folder.name = member.key
            folder.path = text
            result.append(folder)
        }
        return result.sorted { precedes($0.name, $1.name) }
    }

    /// Whether a folder's path can be one: it is made for a day, and looked at.
    ///
    /// What a calendar decides is looked at when a run is made, as every path is then.
    private func checkPath(
        _ template: Template, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) {
        let day = Occurrence(at: Instant(microseconds: 1_772_409_600_000_000), in: .utc)
        let values = Template.Values(scheduled: day, environment: settings.environment)
        guard !template.needsCalendar, let text = try? template.rendered(values),
            let fault = FolderPath.fault(text)
        else { return }
        log.error(
            place, path, "the path \(fault)",
            "write a path below the work folder, such as teams/north/in")
    }

    private func files(
        _ reader: FieldReader, _ folders: [String], _ log: inout ProblemLog
    ) -> FileDiscovery? {
        guard let node = reader.node("files", &log),
            let inner = FieldReader(node, reader.full("files"), JobFields.files, &log)
        else { return nil }
        var files = FileDiscovery()
        files.folder = inner.text("in", &log) ?? ""
        if inner.has("in"), !folders.contains(files.folder) {
            let hint = log.nearest(files.folder, among: folders)
            log.error(
                inner.place(of: "in"), inner.full("in"),
                "there is no folder \(shown(files.folder))",
                hint.map { "did you mean \($0)?" } ?? "add it under folders")
        }
        if let pattern = inner.text("pattern", &log),
            template(pattern, inner.place(of: "pattern"), inner.full("pattern"), &log) != nil
        {
            files.pattern = pattern
            if pattern.isEmpty || pattern.contains("/") || pattern.utf8.count > 255 {
                log.error(
                    inner.place(of: "pattern"), inner.full("pattern"),
                    "a pattern is of names in one folder, 1 to 255 bytes without /",
                    "write for example claims_*.csv")
            }
        }
        let least = inner.count("min", 1...1_000, &log) ?? 1
        files.countMin = least == 1 ? 0 : least
        let action = inner.choice("onNone", JobFields.inputActions, &log) ?? "fail"
        files.onNone = action == "fail" ? "" : action
        return files
    }

    /// A template of a place; nil after a problem was noted.
    private func template(
        _ text: String, _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) -> Template? {
        do {
            return try Template.parse(text, allowsArithmetic: settings.allowsDateArithmetic)
        } catch {
            Values.problem(error, place, path, &log)
            return nil
        }
    }

    /// Every template of a definition, each with its field.
    func templates(of definition: ScheduleDefinition) -> [(field: String, text: String)] {
        definition.parameters.map { ("parameters.\($0.name)", $0.value) }
            + (definition.rules?.folders ?? []).map { ("folders.\($0.name)", $0.path) }
            + (definition.rules?.files.map { [("files.pattern", $0.pattern)] } ?? [])
    }

    /// The id of a schedule: of an element's one with the element's name.
    func name(
        _ definition: inout ScheduleDefinition, _ jobId: String, _ element: String?,
        _ place: SourcePlace, _ path: String, _ log: inout ProblemLog
    ) {
        definition.jobId = jobId
        guard let element else {
            if let id = ElementId(jobId) {
                log.error(
                    place, path, "\(shown(jobId)) is the id of an element of \(shown(id.job))",
                    "choose an id that does not end in [NAME], which forEach makes")
            }
            return
        }
        definition.jobId = ElementId(job: jobId, element: element).text
        if definition.jobId.utf8.count > Limits.identifierByteCountMax {
            log.error(
                place, path,
                "\(shown(definition.jobId)) has more than \(Limits.identifierByteCountMax) bytes",
                "shorten the jobId")
        }
        var rules = definition.rules ?? RunRules()
        rules.fanOutOf = jobId
        rules.element = element
        definition.rules = rules
    }
}
