/// A reader of crontab files, as crontab(5) of Debian's cron and of cronie has them.
public struct CrontabImporter {
    /// Whether a user's name stands before the command, as in /etc/crontab.
    public enum Form: Hashable, Sendable {
        /// A user's own file.
        case user
        /// The system's file.
        case system
    }

    /// More lines or bytes than that are no crontab.
    static let byteCountMax = 1 << 20

    private let form: Form
    private var result = Imported()
    private var taken: Set<String> = []
    private var zone: String?
    private var environment: [String] = []

    /// Reads a file; what is wrong in a line is an error of the result, and the rest is read.
    public static func read(_ text: String, form: Form) -> Imported {
        var importer = CrontabImporter(form: form)
        guard text.utf8.count <= byteCountMax else {
            importer.result.errors.append(
                ImportNote(line: 1, "a crontab has at most \(byteCountMax) bytes; split the file."))
            return importer.result
        }
        // By Unicode scalars: `\r\n` is one character.
        let lines = text.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            var scalars = line
            if scalars.last == "\r" { scalars.removeLast() }
            importer.readLine(String(scalars), index + 1)
        }
        return importer.result
    }

    private init(form: Form) {
        self.form = form
    }

    private mutating func readLine(_ line: String, _ number: Int) {
        let bytes = Array(line.utf8)
        guard let start = bytes.firstIndex(where: { !CrontabImporter.isBlank($0) }),
            bytes[start] != UInt8(ascii: "#")
        else { return }
        if readEnvironment(bytes, start, number) { return }
        var position = start
        let isNickname = bytes[start] == UInt8(ascii: "@")
        for _ in 0..<(isNickname ? 1 : 5) { _ = CrontabImporter.word(bytes, &position) }
        let expression = String(decoding: bytes[start..<position], as: UTF8.self)
        do throws(TimetableError) {
            if expression.lowercased() == "@reboot" {
                throw TimetableError(
                    .invalidExpression,
                    "@reboot runs when the machine starts, which is no time of a clock. "
                        + "Let the system's service manager start it.", column: 1)
            }
            let cron = try CronExpression(parsing: expression)
            try readCommand(bytes, &position, cron, number)
        } catch {
            let column = column(ofByte: start, in: bytes) + (error.column ?? 1) - 1
            let place = error.field.map { "\($0): " } ?? ""
            result.errors.append(
                ImportNote(line: number, column: column, place + error.message))
        }
    }

    /// `NAME = value`; `CRON_TZ` sets the zone of what follows.
    private mutating func readEnvironment(_ bytes: [UInt8], _ start: Int, _ line: Int) -> Bool {
        let name = bytes[start...].prefix { byte in
            (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 || byte == UInt8(ascii: "_")
                || (0x30...0x39).contains(byte)
        }
        guard let first = name.first, !(0x30...0x39).contains(first) else { return false }
        var position = name.endIndex
        while position < bytes.count, CrontabImporter.isBlank(bytes[position]) { position += 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return false }
        var value = bytes[(position + 1)...].drop(while: CrontabImporter.isBlank)
        while let last = value.last, CrontabImporter.isBlank(last) { value.removeLast() }
        if value.count >= 2, let quote = value.first, quote == value.last,
            quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        {
            value = value.dropFirst().dropLast()
        }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: name, as: UTF8.self) {
        case "CRON_TZ", "TZ":
            zone = text.isEmpty ? nil : text
            if name.elementsEqual("TZ".utf8) {
                note(line, "TZ is taken as the zone of the schedule; cron gives it to the program.")
            }
        case "MAILTO", "MAILFROM":
            note(line, "\(text.isEmpty ? "no mail" : "mail to \(text)"): set alerts instead.")
        case "RANDOM_DELAY":
            note(line, "RANDOM_DELAY is not taken over: set jitter instead.")
        default: environment.append("\(String(decoding: name, as: UTF8.self))=\(text)")
        }
        return true
    }

    private mutating func readCommand(
        _ bytes: [UInt8], _ position: inout Int, _ cron: CronExpression, _ line: Int
    ) throws(TimetableError) {
        var user = ""
        if form == .system { user = CrontabImporter.word(bytes, &position) }
        while position < bytes.count, CrontabImporter.isBlank(bytes[position]) { position += 1 }
        guard position < bytes.count, form == .user || !user.isEmpty else {
            let what = form == .system && user.isEmpty ? "user and command" : "command"
            throw TimetableError(
                .invalidExpression,
                "the \(what) \(what == "command" ? "is" : "are") missing. Write after the times "
                    + "what is to be run.", field: "command",
                column: column(ofByte: bytes.count, in: bytes)
                    - column(
                        ofByte: bytes.firstIndex { !CrontabImporter.isBlank($0) } ?? 0,
                        in: bytes) + 1)
        }
        let (command, input) = CrontabImporter.split(bytes[position...])
        let program = command.split(separator: " ").first.map(String.init) ?? command
        let name = program.split(separator: "/").last.map(String.init) ?? program
        let jobId = ImportJSON.identifier(name, taken: &taken)
        if let input {
            note(
                line,
                "\(jobId): after % stands input for the program (\(quoted(input))); "
                    + "put it into the program or a file.")
        }
        if !user.isEmpty { note(line, "\(jobId): runs as \(user) there; here as Daybook's user.") }
        if !environment.isEmpty {
            note(
                line,
                "\(jobId): give the target the environment "
                    + environment.joined(separator: " ") + ".")
        }
        if zone == nil {
            note(
                line,
                "\(jobId): runs in the machine's zone there; here in UTC, or "
                    + "the zone that the configuration names.")
        }
        let fields = cron.description.split(whereSeparator: { $0 == " " || $0 == "\t" })
        result.schedules.append(
            ImportedSchedule(
                jobId: jobId,
                trigger: .cadence(fields.joined(separator: " "), hasSeconds: false), zone: zone,
                isEnabled: true, command: command, fields: [], line: line))
    }

    private mutating func note(_ line: Int, _ message: String) {
        result.differences.append(ImportNote(line: line, message))
    }

    /// The command and what stands after the first `%` that has no backslash before it; further
    /// ones are line ends (crontab(5)).
    private static func split(_ bytes: ArraySlice<UInt8>) -> (String, String?) {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in bytes {
            if byte == UInt8(ascii: "%") {
                if isEscaped {
                    parts[parts.count - 1].removeLast()
                    parts[parts.count - 1].append(byte)
                } else if parts.count == 1 {
                    parts.append([])
                } else {
                    parts[1].append(UInt8(ascii: "\n"))
                }
            } else {
                parts[parts.count - 1].append(byte)
            }
            isEscaped = byte == UInt8(ascii: "\\")
        }
        return (
            String(decoding: parts[0], as: UTF8.self),
            parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
        )
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func word(_ bytes: [UInt8], _ position: inout Int) -> String {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
        let start = position
        while position < bytes.count, !isBlank(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
