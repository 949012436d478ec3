import Events
import Timetable

extension JobReader {
    /// What a schedule waits for, as it was written.
    func dependencies(
        _ reader: FieldReader, _ recipients: inout [Job.Named], _ log: inout ProblemLog
    ) -> [Job.DependencyUse] {
        var result: [Job.DependencyUse] = []
        for (index, item) in (reader.list("dependencies", &log) ?? []).enumerated() {
            let path = "\(reader.full("dependencies"))[\(index)]"
            guard let inner = FieldReader(item, path, JobFields.dependency, &log) else { continue }
            let delay = inner.count("maxDelayMinutes", JobFields.minutes, &log) ?? 60
            let condition = inner.choice("on", JobFields.conditions, &log) ?? "success"
            let expiry = inner.choice("onExpiry", JobFields.expiries, &log) ?? "fail"
            let by = deadline(inner, &log)
            let told = inner.identifiers("recipients", &log)
            guard let type = inner.choice("type", JobFields.dependencyTypes, &log),
                let name = inner.identifier("name", &log)
            else { continue }
            checkUse(inner, type, name, &log)
            let named = Job.Named(
                name: name, place: inner.place(of: "name"), path: inner.full("name"))
            recipients += told.map {
                Job.Named(
                    name: $0, place: inner.place(of: "recipients"), path: inner.full("recipients"))
            }
            result.append(
                Job.DependencyUse(
                    type: type, named: named, delayMinutesMax: by.isEmpty ? delay : 0,
                    condition: condition, expiry: expiry, by: by, recipients: told))
        }
        return result
    }

    private func deadline(_ reader: FieldReader, _ log: inout ProblemLog) -> String {
        guard let text = reader.text("by", &log) else { return "" }
        if CivilTime(hourAndMinute: text) != nil { return text }
        log.error(
            reader.place(of: "by"), reader.full("by"),
            "\(shown(text)) is no time of day", "write hours and minutes, as in \"09:00\"")
        return ""
    }

    /// Whether the fields go with the type.
    private func checkUse(
        _ reader: FieldReader, _ type: String, _ name: String, _ log: inout ProblemLog
    ) {
        func refuse(_ field: String, _ message: String) {
            guard reader.has(field) else { return }
            log.error(
                reader.place(of: field), reader.full(field), message, "take \(field) out")
        }
        if type == "approval" {
            refuse("on", "an approval is given or not, and has no other end")
            if reader.has("by") { refuse("maxDelayMinutes", "by says already until when") }
            return
        }
        refuse("by", "by means nothing here: only an approval has such a deadline")
        refuse("recipients", "recipients mean nothing here: only an approval is asked for")
        guard type == "pushed" else { return }
        refuse("on", "what is pushed is READY or not, and has no other end")
        if Dependency.isReportedName(name) { return }
        log.error(
            reader.place(of: "name"), reader.full("name"),
            "\(shown(name)) cannot be reported: such a name has letters, digits, '-', '_' and '.' "
                + "only",
            "choose a name such as warehouse-load")
    }
}
