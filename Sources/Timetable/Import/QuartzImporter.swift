/// A reader of Quartz cron expressions: six or seven fields, 1 for Sunday, `?`, `L`, `W`, `#`.
public enum QuartzImporter {
    /// Reads a file with an expression on each line; empty lines and those with `#` first are left
    /// out.
    public static func read(_ text: String) -> Imported {
        var result = Imported()
        var taken: Set<String> = []
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in lines.enumerated().prefix(100_000) {
            let line = String(String.UnicodeScalarView(scalars.filter { $0 != "\r" }))
            guard let first = line.utf8.first(where: { $0 != 0x20 && $0 != 0x09 }),
                first != UInt8(ascii: "#")
            else { continue }
            do throws(TimetableError) {
                let (kind, notes) = try convert(line)
                let jobId = ImportJSON.identifier("quartz-\(index + 1)", taken: &taken)
                result.schedules.append(
                    ImportedSchedule(
                        jobId: jobId, trigger: kind, zone: nil, isEnabled: true, command: "",
                        fields: [], line: index + 1))
                result.differences += notes.map {
                    ImportNote(line: index + 1, "\(jobId): \($0)")
                }
            } catch {
                let place = error.field.map { "\($0): " } ?? ""
                result.errors.append(
                    ImportNote(
                        line: index + 1, column: error.column ?? 1, place + error.message))
            }
        }
        return result
    }

    private static let clockNote =
        "at a clock change Quartz follows the real clock and leaves out a time that does not "
        + "exist; here a fixed time then runs at the end of the gap (onGap: skip is like Quartz)."

    /// One expression as a trigger, and what differs.
    static func convert(
        _ text: String
    ) throws(TimetableError) -> (ImportedSchedule.Kind, [String]) {
        let bytes = Array(text.utf8)
        let words = bytes.split { $0 == 0x20 || $0 == 0x09 }
        func fault(_ index: Int, _ message: String) -> TimetableError {
            let offset = index < words.count ? words[index].startIndex : bytes.count
            let names = [
                "second", "minute", "hour", "day-of-month", "month", "day-of-week", "year",
            ]
            return TimetableError(
                .invalidExpression, message, field: names[min(index, 6)],
                column: column(ofByte: offset, in: bytes))
        }
        guard words.count == 6 || words.count == 7 else {
            throw fault(
                min(words.count, 6),
                "a Quartz expression has six or seven fields, and this has \(words.count).")
        }
        var fields = words.prefix(6).map { String(decoding: $0, as: UTF8.self).uppercased() }
        if words.count == 7, !words[6].elementsEqual("*".utf8) {
            throw fault(
                6, "a field for the year cannot be taken over. Use startsAt and endsAt.")
        }
        let (day, weekday) = (fields[3], fields[5])
        guard (day == "?") != (weekday == "?") else {
            throw fault(
                5, "one of day of month and day of week must be ?, and the other not.")
        }
        var notes = [clockNote]
        if day == "?" {
            fields[3] = "*"
            fields[5] = try weekdays(weekday) { fault(5, $0) }
        } else {
            fields[5] = "*"
            if day.hasPrefix("L-") {
                return try fromEnd(fields, notes) { fault($0, $1) }
            }
        }
        for index in [0, 1, 2, 4] where fields[index].contains("/") {
            // Quartz takes `/5` for `0/5`.
            if fields[index].hasPrefix("/") { fields[index] = "*" + fields[index] }
        }
        let isPlain = fields[0] == "0"
        let joined = (isPlain ? fields.dropFirst() : fields[...]).joined(separator: " ")
        do throws(TimetableError) {
            let cron = try CronExpression(parsing: joined, hasSeconds: !isPlain)
            if cron.followsClock { notes.removeFirst() }
        } catch {
            let names = ["second", "minute", "hour", "day-of-month", "month", "day-of-week"]
            throw fault(error.field.flatMap { names.firstIndex(of: $0) } ?? 0, error.message)
        }
        return (.cadence(joined, hasSeconds: !isPlain), notes)
    }

    /// Days of week from 1 for Sunday to 0; a range may run over Saturday.
    private static func weekdays(
        _ text: String, _ fault: (String) -> TimetableError
    ) throws(TimetableError) -> String {
        func number(_ text: Substring) throws(TimetableError) -> Int {
            let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
            if let index = names.firstIndex(of: String(text)) { return index }
            guard let value = Int(text), (1...7).contains(value) else {
                throw fault("\(quoted(text)) is no day of the week. Write 1 (Sunday) to 7, or SUN.")
            }
            return value - 1
        }
        if text == "L" { return "6" }
        var items: [String] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            if item == "*" {
                items.append("*")
            } else if item.hasSuffix("L") {
                items.append("\(try number(item.dropLast()))L")
            } else if let hash = item.firstIndex(of: "#") {
                items.append("\(try number(item[..<hash]))\(item[hash...])")
            } else {
                let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
                guard parts.count <= 2, ends.count <= 2 else {
                    throw fault("\(quoted(item)) is not understood.")
                }
                let isAll = parts[0] == "*"
                let low = isAll ? 0 : try number(ends[0])
                var high = ends.count == 2 ? try number(ends[1]) : parts.count == 2 ? 6 : low
                if isAll { high = 6 }
                var step = 1
                if parts.count == 2 {
                    guard let value = Int(parts[1]), (1...7).contains(value) else {
                        throw fault("\(quoted(item)) has no step from 1 to 7.")
                    }
                    step = value
                }
                if high < low { high += 7 }
                items += stride(from: low, through: high, by: step).map { String($0 % 7) }
            }
        }
        return items.joined(separator: ",")
    }

    /// `L-3`: so many days before the last of the month, which is a recurrence rule here.
    private static func fromEnd(
        _ fields: [String], _ notes: [String], _ fault: (Int, String) -> TimetableError
    ) throws(TimetableError) -> (ImportedSchedule.Kind, [String]) {
        guard let days = Int(fields[3].dropFirst(2)), (1...30).contains(days) else {
            throw fault(3, "after L- stands a number from 1 to 30.")
        }
        let numbers = try [0, 1, 2].map { (index: Int) throws(TimetableError) -> Int in
            guard let number = Int(fields[index]), (0...(index == 2 ? 23 : 59)).contains(number)
            else { throw fault(index, "with L-\(days) only a single number is taken over.") }
            return number
        }
        guard fields[4] == "*" else {
            throw fault(4, "with L-\(days) only * is taken over for the month.")
        }
        let rule =
            "FREQ=MONTHLY;BYMONTHDAY=-\(days + 1);BYHOUR=\(numbers[2]);BYMINUTE=\(numbers[1]);"
            + "BYSECOND=\(numbers[0])"
        return (
            .recurrence(rule: rule, start: "19700101T000000"),
            [
                notes[0],
                "it became a recurrence rule: a time that a clock change leaves out takes the "
                    + "offset before it.",
            ]
        )
    }
}
