/// The text of an iCalendar file, made ready for the parser, or refused.
enum ICSText {
    /// The calendars of a whole country for a century have some hundred kilobytes.
    static let byteCountMax = 8 << 20
    /// A file has calendar, event and alarm, or calendar, zone and observance.
    static let depthMax = 8

    /// Lines unfolded (RFC 5545, 3.1), ends of lines made one kind, a byte order mark taken away.
    ///
    /// Refuses what libical would read in part: a file without its last line, zero bytes, deep
    /// nesting, text that is not UTF-8.
    static func prepare(_ bytes: [UInt8]) throws(TimetableError) -> String {
        guard bytes.count <= byteCountMax else {
            throw error(
                "the file has \(bytes.count) bytes, and at most \(byteCountMax) are read", 1)
        }
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var text: [UInt8] = []
        text.reserveCapacity(rest.count + 1)
        var line = 1
        var index = rest.startIndex
        while index < rest.endIndex {
            let byte = rest[index]
            index += 1
            if byte == 0 {
                throw error(
                    "line \(line) holds a zero byte. Save the file as UTF-8", line)
            }
            guard byte == 0x0A || byte == 0x0D else {
                text.append(byte)
                continue
            }
            line += 1
            if byte == 0x0D, index < rest.endIndex, rest[index] == 0x0A { index += 1 }
            // A line that begins with a blank goes on with the one before.
            if index < rest.endIndex, rest[index] == 0x20 || rest[index] == 0x09 {
                index += 1
            } else {
                text.append(0x0A)
            }
        }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw error("the file is not UTF-8. Save it as UTF-8", 1)
        }
        try check(text)
        return hidingRules(string)
    }

    /// The name under which libical sees a rule: it would read it by itself and, for one, cut an
    /// INTERVAL to 16 bits (3.0.16), where our own parser wants the text as it stands.
    static let hiddenRule = "X-DAYBOOK-RRULE"

    private static func hidingRules(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let name = line.prefix(6).uppercased()
            let isRule = name == "RRULE:" || name == "RRULE;"
            return isRule ? hiddenRule + line.dropFirst(5) : String(line)
        }.joined(separator: "\n")
    }

    /// The frame: begins and ends as a calendar, and is not nested deep.
    private static func check(_ text: [UInt8]) throws(TimetableError) {
        var depth = 0
        var number = 0
        var last = ""
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { continue }
            let word = String(decoding: line.prefix(16), as: UTF8.self).uppercased()
            if last.isEmpty, !word.hasPrefix("BEGIN:VCALENDAR") {
                throw error("the file does not begin with BEGIN:VCALENDAR", number)
            }
            if word.hasPrefix("BEGIN:") {
                depth += 1
                guard depth <= depthMax else {
                    throw error("components are nested more than \(depthMax) deep", number)
                }
            } else if word.hasPrefix("END:") {
                depth -= 1
                guard depth >= 0 else {
                    throw error("an END stands without its BEGIN", number)
                }
            }
            last = word
        }
        guard last.hasPrefix("END:VCALENDAR"), depth == 0 else {
            throw error(
                last.isEmpty
                    ? "the file is empty"
                    : "the file does not end with END:VCALENDAR, or a component has no END; "
                        + "it may be cut off", number)
        }
    }

    private static func error(_ what: String, _ line: Int) -> TimetableError {
        TimetableError(
            .invalidCalendar,
            "this is no iCalendar file: \(what). Export the calendar again as .ics "
                + "(near unfolded line \(line)).", field: "VCALENDAR", column: 1)
    }
}
