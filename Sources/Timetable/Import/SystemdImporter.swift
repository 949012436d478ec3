/// A reader of systemd's timer units (systemd.timer(5)).
public struct SystemdImporter {
    private var result = Imported()
    private var taken: Set<String> = []
    private let name: String
    private var unit: String
    private var triggers: [(kind: ImportedSchedule.Kind, zone: String?, line: Int)] = []
    private var fields: [ImportedSchedule.Field] = []
    private var isPersistent = false

    /// Reads a unit.
    ///
    /// - Parameter name: the file's name without `.timer`, from which the schedules have their ids.
    public static func read(_ text: String, name: String) -> Imported {
        var importer = SystemdImporter(name: name)
        importer.read(text)
        return importer.result
    }

    private init(name: String) {
        self.name = name
        unit = name + ".service"
    }

    private mutating func read(_ text: String) {
        var section = ""
        var joined: (text: String, line: Int)?
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in lines.enumerated().prefix(100_000) {
            var line = SystemdImporter.trimmed(String(scalars))
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            let number = joined?.line ?? index + 1
            if let before = joined { line = before.text + line }
            if line.hasSuffix("\\") {
                joined = (String(line.dropLast()) + " ", number)
                continue
            }
            joined = nil
            if line.isEmpty { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                continue
            }
            guard let equals = line.firstIndex(of: "=") else {
                error(number, 1, "\(quoted(line)) is neither a section nor a setting.")
                continue
            }
            if section != "Timer" { continue }
            let value = line[line.index(after: equals)...]
            let column =
                line.distance(from: line.startIndex, to: equals) + 2
                + value.prefix { $0 == " " || $0 == "\t" }.count
            set(
                SystemdImporter.trimmed(String(line[..<equals])),
                SystemdImporter.trimmed(String(value)), number, column)
        }
        finish()
    }

    private static func trimmed(_ text: String) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\r"
        }
        var view = text.unicodeScalars[...]
        while let first = view.first, isBlank(first) { view.removeFirst() }
        while let last = view.last, isBlank(last) { view.removeLast() }
        return String(view)
    }

    private mutating func set(_ key: String, _ value: String, _ line: Int, _ column: Int) {
        do throws(TimetableError) {
            switch key {
            case "OnCalendar":
                if value.isEmpty {
                    triggers = []
                    return
                }
                let calendar = try SystemdCalendar(parsing: value)
                triggers.append((try calendar.trigger(), calendar.zone, line))
            case "OnUnitActiveSec":
                let text = "\(try SystemdImporter.seconds(value))s"
                triggers.append((.every(text), nil, line))
                note(
                    line,
                    "OnUnitActiveSec counts from the last start; here the distance is "
                        + "counted from 1970-01-01T00:00:00Z.")
            case "OnUnitInactiveSec":
                let text = "\(try SystemdImporter.seconds(value))s"
                triggers.append((.afterCompletion(text), nil, line))
            case "OnBootSec", "OnStartupSec", "OnActiveSec":
                error(
                    line, column,
                    "\(key) counts from a start of the machine, of systemd or of "
                        + "the timer, which is no time of a clock. Leave that to systemd.")
            case "OnClockChange", "OnTimezoneChange":
                error(line, column, "\(key) is not taken over: Daybook follows the zone by itself.")
            case "RandomizedDelaySec":
                let seconds = try SystemdImporter.seconds(value, allowsZero: true)
                if seconds == 0 { return }
                fields.append(.init(name: "jitter", json: ImportJSON.text("\(seconds)s")))
                note(
                    line,
                    "RandomizedDelaySec differs from run to run; here a job's jitter is "
                        + "always the same, as with FixedRandomDelay.")
            case "Persistent":
                isPersistent = ["1", "yes", "true", "on"].contains(value.lowercased())
            case "AccuracySec":
                note(line, "AccuracySec lets systemd put starts together; here they are exact.")
            case "Unit": unit = value
            case "FixedRandomDelay", "RemainAfterElapse": break
            default: note(line, "\(key) is not taken over.")
            }
        } catch {
            let place = error.field.map { "\(key), \($0): " } ?? "\(key): "
            self.error(line, column + (error.column ?? 1) - 1, place + error.message)
        }
    }

    private mutating func finish() {
        if triggers.isEmpty, result.errors.isEmpty {
            error(1, 1, "the unit has no OnCalendar or other time in a section [Timer].")
        }
        fields.append(.init(name: "catchUp", json: isPersistent ? "\"latest\"" : "\"none\""))
        for trigger in triggers {
            let jobId = ImportJSON.identifier(name, taken: &taken)
            result.schedules.append(
                ImportedSchedule(
                    jobId: jobId, trigger: trigger.kind, zone: trigger.zone, isEnabled: true,
                    command: "starts \(unit)", fields: fields, line: trigger.line))
            switch trigger.kind {
            case .cadence:
                note(
                    trigger.line,
                    "\(jobId): a time that a clock change leaves out does not run "
                        + "there; here it runs once at the gap's end, unless the minute or hour "
                        + "is * (onGap: skip is like systemd).")
            case .recurrence:
                note(
                    trigger.line,
                    "\(jobId): it became a recurrence rule: a time that a clock "
                        + "change leaves out takes the offset before it.")
            default: continue
            }
            if trigger.zone == nil {
                note(
                    trigger.line,
                    "\(jobId): runs in the machine's zone there; here in UTC, or "
                        + "the zone that the configuration names.")
            }
        }
        if triggers.count > 1 {
            note(
                triggers[1].line,
                "a run of one of these schedules does not keep another waiting, "
                    + "as it does within one timer.")
        }
    }

    private mutating func note(_ line: Int, _ message: String) {
        result.differences.append(ImportNote(line: line, message))
    }

    private mutating func error(_ line: Int, _ column: Int, _ message: String) {
        result.errors.append(ImportNote(line: line, column: column, message))
    }

    /// A time span such as `1h 30min` in whole seconds.
    private static func seconds(
        _ text: String, allowsZero: Bool = false
    ) throws(TimetableError) -> Int {
        let units: [(names: [String], seconds: Int)] = [
            (["", "s", "sec", "second", "seconds"], 1),
            (["m", "min", "minute", "minutes"], 60), (["h", "hr", "hour", "hours"], 3600),
            (["d", "day", "days"], 86_400), (["w", "week", "weeks"], 604_800),
        ]
        let bytes = Array(text.utf8)
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") }
        func fault(_ offset: Int) -> TimetableError {
            SystemdCalendar.fault(
                "time span",
                "\(quoted(text)) is no time span in whole seconds. Use the units s, min, h, d and "
                    + "w; months, years and fractions of a second are not taken over.", offset,
                bytes)
        }
        var total = 0
        var rest = bytes.drop(while: isBlank)
        guard !rest.isEmpty else { throw fault(0) }
        while !rest.isEmpty {
            let start = rest.startIndex
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count),
                let value = Int(String(decoding: digits, as: UTF8.self))
            else { throw fault(start) }
            rest = rest[digits.endIndex...].drop(while: isBlank)
            let letters = rest.prefix { !(0x30...0x39).contains($0) && !isBlank($0) }
            let name = String(decoding: letters, as: UTF8.self)
            guard let unit = units.first(where: { $0.names.contains(name) }) else {
                throw fault(rest.startIndex)
            }
            total += value * unit.seconds
            guard total <= 100 * 366 * 86_400 else { throw fault(start) }
            rest = rest[letters.endIndex...].drop(while: isBlank)
        }
        guard total > 0 || allowsZero else { throw fault(0) }
        return total
    }
}
