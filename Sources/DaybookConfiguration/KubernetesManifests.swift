import Timetable

/// Reads the CronJobs of a file of Kubernetes manifests, and gives what they mean here.
///
/// Documents stand between lines of `---`; what is no CronJob is left out. A document that cannot
/// be read is an error of the result, with its place.
public func importKubernetes(_ text: String, file: String) -> Imported {
    var manifests: [CronJobManifest] = []
    var errors: [ImportNote] = []
    for (text, firstLine) in documents(text) {
        do throws(SourceError) {
            let root = try YAMLReader.read(text, file: file)
            // A List holds its objects as items.
            for object in root["items"].flatMap(list) ?? [root] {
                guard object["kind"].flatMap(scalar) == "CronJob" else { continue }
                manifests.append(try manifest(object, firstLine, file))
            }
        } catch {
            errors.append(
                ImportNote(
                    line: max(error.place.line, 1) + firstLine, column: max(error.place.column, 1),
                    "\(error.message); \(error.remedy)"))
        }
    }
    return KubernetesImporter.read(manifests).adding(errors: errors)
}

/// The documents of a file, each with the number of lines before it.
private func documents(_ text: String) -> [(String, Int)] {
    var result: [(String, Int)] = []
    var lines: [Substring] = []
    var first = 0
    let all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in all.enumerated() {
        if line == "---" || line.hasPrefix("--- ") {
            result.append((lines.joined(separator: "\n"), first))
            lines = []
            first = index + 1
        } else {
            lines.append(line)
        }
    }
    result.append((lines.joined(separator: "\n"), first))
    return result
}

private func list(_ node: SourceNode) -> [SourceNode]? {
    if case .list(let items) = node.value { items } else { nil }
}

private func scalar(_ node: SourceNode) -> String? {
    switch node.value {
    case .text(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null, .list, .map: nil
    }
}

private func manifest(
    _ object: SourceNode, _ firstLine: Int, _ file: String
) throws(SourceError) -> CronJobManifest {
    guard let spec = object["spec"], let schedule = spec["schedule"],
        let text = scalar(schedule)
    else {
        throw SourceError(
            object.place, "the CronJob has no spec.schedule", "write its schedule as text")
    }
    return CronJobManifest(
        name: object["metadata"]?["name"].flatMap(scalar) ?? "cronjob", schedule: text,
        timeZone: spec["timeZone"].flatMap(scalar),
        isSuspended: spec["suspend"].flatMap(scalar) == "true",
        concurrencyPolicy: spec["concurrencyPolicy"].flatMap(scalar),
        startingDeadlineSeconds: spec["startingDeadlineSeconds"].flatMap(scalar),
        line: schedule.place.line + firstLine, column: schedule.place.column)
}
