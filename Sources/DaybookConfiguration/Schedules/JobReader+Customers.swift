import Events
import Timetable

/// What schedules of customers need: a reference, advice on failures, reminders.
extension JobReader {
    /// Job types whose schedules do not make up for what an outage kept from running, unless they
    /// say so: nobody pays twice, or late, by surprise.
    static let paymentTypes = ["payment", "transfer"]
    private static let referenceByteCountMax = 64
    private static let adviceByteCountMax = 256
    private static let reminderCountMax = 8
    /// What a reminder's run is given beside its schedule's parameters.
    private static let reminderParameters = ["before", "channel", "occurrence"]

    /// Reads the rules; the names in reminders are looked up by the caller.
    func readCustomers(
        _ reader: FieldReader, _ definition: inout ScheduleDefinition, _ log: inout ProblemLog
    ) -> [Job.ReminderUse] {
        var rules = definition.rules ?? RunRules()
        rules.reference = reference(reader, &log)
        rules.failureAdvice = advice(reader, &log)
        if rules != RunRules() { definition.rules = rules }
        return reminders(reader, definition, &log)
    }

    private func reference(_ reader: FieldReader, _ log: inout ProblemLog) -> String {
        guard let text = reader.text("reference", &log) else { return "" }
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        if (1...Self.referenceByteCountMax).contains(text.utf8.count), isPlain,
            text.first != " ", text.last != " "
        {
            return text
        }
        log.error(
            reader.place(of: "reference"), reader.full("reference"),
            "a reference has 1 to \(Self.referenceByteCountMax) bytes, no control characters and "
                + "no blank at an end",
            "write the customer's number in your system, such as C-104233")
        return ""
    }

    private func advice(_ reader: FieldReader, _ log: inout ProblemLog) -> [KeyValue] {
        var result: [KeyValue] = []
        for member in reader.map("failureAdvice", &log) ?? [] {
            let path = "\(reader.full("failureAdvice")).\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log),
                let text = Values.text(member.value, path, &log)
            else { continue }
            guard (1...Self.adviceByteCountMax).contains(text.utf8.count) else {
                log.error(
                    member.place, path,
                    "an advice has 1 to \(Self.adviceByteCountMax) bytes",
                    "write a sentence, or a code that your system knows")
                continue
            }
            result.append(KeyValue(name, text))
        }
        return result.sorted { precedes($0.name, $1.name) }
    }

    private func reminders(
        _ reader: FieldReader, _ definition: ScheduleDefinition, _ log: inout ProblemLog
    ) -> [Job.ReminderUse] {
        guard let items = reader.list("reminders", &log), !items.isEmpty else { return [] }
        let (place, path) = (reader.place(of: "reminders"), reader.full("reminders"))
        if items.count > Self.reminderCountMax {
            log.error(
                place, path, "there are more than \(Self.reminderCountMax) reminders",
                "leave some out")
        }
        let isAhead = !definition.triggers.contains { $0.kind == "afterCompletion" }
        if !isAhead || definition.runsMax != 0 {
            log.error(
                place, path, "nobody knows ahead when it runs, or for how long",
                "use endsAt instead of maxRuns, and no afterCompletion, or take reminders out")
        }
        let clash = definition.parameters.first { Self.reminderParameters.contains($0.name) }
        if let clash {
            log.error(
                place, path,
                "the parameter \(shown(clash.name)) is what a reminder is given by itself",
                "rename the parameter")
        }
        var uses: [Job.ReminderUse] = []
        for (index, item) in items.enumerated() {
            guard let use = reminder(item, "\(path)[\(index)]", &log) else { continue }
            if uses.contains(where: { $0.rule.before == use.rule.before }) {
                log.error(
                    item.place, "\(path)[\(index)].before",
                    "\(shown(use.rule.before)) stands twice", "keep one of the two")
            }
            uses.append(use)
        }
        return uses
    }

    private func reminder(
        _ node: SourceNode, _ path: String, _ log: inout ProblemLog
    ) -> Job.ReminderUse? {
        guard let reader = FieldReader(node, path, JobFields.reminder, &log) else { return nil }
        var rule = ReminderRule()
        rule.channel = reader.identifier("channel", &log) ?? ""
        let limits = reader.identifiers("limits", &log).map {
            Job.Named(name: $0, place: reader.place(of: "limits"), path: reader.full("limits"))
        }
        guard let target = reader.identifier("target", &log),
            let before = reader.text("before", &log)
        else { return nil }
        rule.before = before
        if let days = Self.calendarDays(before) {
            rule.days = days
        } else {
            guard
                let seconds = reader.seconds("before", 60...(31 * 86_400), &log)
            else { return nil }
            rule.seconds = seconds
        }
        if rule.days > 366 || (rule.days == 0 && rule.seconds == 0) {
            log.error(
                reader.place(of: "before"), reader.full("before"),
                "a reminder is at least a minute, and at most P366D, before",
                "write for example P3D, P1D or PT1H")
            return nil
        }
        let named = Job.Named(
            name: target, place: reader.place(of: "target"), path: reader.full("target"))
        return Job.ReminderUse(rule: rule, target: named, limits: limits)
    }

    /// The days of `P3D` or `P2W`, which are days of the calendar; nil for any other duration.
    private static func calendarDays(_ text: String) -> UInt64? {
        guard text.first == "P", let unit = text.last, unit == "D" || unit == "W",
            let count = UInt64(text.dropFirst().dropLast()), count <= 10_000
        else { return nil }
        return unit == "W" ? 7 * count : count
    }
}
