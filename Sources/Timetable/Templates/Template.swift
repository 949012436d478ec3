/// A text with tokens such as `${scheduledDate}`, parsed once and rendered for each run.
///
/// `$${` stands for a literal `${`; any other `$` is literal. Unknown tokens are errors when the
/// template is parsed, so that a check finds them, not a run.
public struct Template: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let description: String
    private let parts: [Part]

    /// A token that a template may hold.
    public enum Token: String, CaseIterable, Hashable, Sendable {
        /// The business date of the occurrence, `YYYY-MM-DD`.
        case scheduledDate
        /// The scheduled time in the job's zone, ISO 8601 with offset.
        case scheduledDateTime
        /// The name of the environment, such as `production`.
        case environment
    }

    private enum Part: Hashable {
        case literal(String)
        case token(Token)
        case expression(TemplateExpression)
    }

    /// What the tokens stand for in one run.
    public struct Values: Hashable, Sendable {
        /// The local date of the occurrence's scheduled time, after any roll to a business day.
        public var scheduledDate: CivilDate
        /// The occurrence at its scheduled time, in the job's zone.
        public var scheduled: Occurrence
        /// The name of the environment.
        public var environment: String
        /// The job's calendar, for templates that count business days.
        public var calendar: BusinessCalendar?

        /// Makes values; the business date is the occurrence's local date unless it is given.
        public init(
            scheduled: Occurrence, environment: String, scheduledDate: CivilDate? = nil,
            calendar: BusinessCalendar? = nil
        ) {
            self.calendar = calendar
            self.scheduledDate = scheduledDate ?? scheduled.local.date
            self.scheduled = scheduled
            self.environment = environment
        }
    }

    /// Reads a template.
    ///
    /// - Parameter allowsArithmetic: whether dates may be reckoned and formatted, as in
    ///   `${scheduledDate + 1 business day}`, `${month end}` and `${scheduledDate:yyyyMMdd}`.
    ///
    /// Throws `invalidTemplate`, with the token and its column, for an unknown token or an
    /// unclosed `${`.
    public static func parse(
        _ text: String, allowsArithmetic: Bool = false
    ) throws(TimetableError) -> Template {
        Template(
            description: text,
            parts: try parts(of: Array(text.utf8), allowsArithmetic: allowsArithmetic))
    }

    private static func parts(
        of bytes: [UInt8], allowsArithmetic: Bool
    ) throws(TimetableError) -> [Part] {
        let dollar = UInt8(ascii: "$")
        let brace = UInt8(ascii: "{")
        var parts: [Part] = []
        var literal: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            if rest.starts(with: [dollar, dollar, brace]) {
                literal += [dollar, brace]
                position += 3
            } else if rest.starts(with: [dollar, brace]) {
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    let shown = String(decoding: rest, as: UTF8.self)
                    throw fault("the token \(quoted(shown)) is not closed", position, bytes)
                }
                let name = String(decoding: bytes[(position + 2)..<end], as: UTF8.self)
                let part: Part
                if let token = Token(rawValue: name) {
                    part = .token(token)
                } else if allowsArithmetic {
                    var parser = TemplateExpressionParser(bytes, from: position + 2, to: end)
                    part = .expression(try parser.expression())
                } else {
                    throw fault(
                        "the token \(quoted("${" + name + "}")) is unknown", position, bytes)
                }
                if !literal.isEmpty {
                    parts.append(.literal(String(decoding: literal, as: UTF8.self)))
                }
                literal = []
                parts.append(part)
                position = end + 1
            } else {
                literal.append(bytes[position])
                position += 1
            }
        }
        if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
        return parts
    }

    private static func fault(_ what: String, _ offset: Int, _ bytes: [UInt8]) -> TimetableError {
        let known = Token.allCases.map { "${\($0.rawValue)}" }.joined(separator: ", ")
        return TimetableError(
            .invalidTemplate, "\(what). Use \(known), or $${ for a literal ${.",
            field: "template", column: column(ofByte: offset, in: bytes))
    }

    /// The tokens in order of appearance, each as often as it appears.
    public var tokens: [Token] {
        parts.compactMap { part in
            if case .token(let token) = part { token } else { nil }
        }
    }

    /// Whether a date is reckoned or formatted somewhere.
    public var hasArithmetic: Bool {
        parts.contains { if case .expression = $0 { true } else { false } }
    }

    /// Whether business days are counted, for which the job needs a calendar.
    public var needsCalendar: Bool {
        parts.contains {
            if case .expression(let expression) = $0 { expression.needsCalendar } else { false }
        }
    }

    /// The text with every token replaced.
    ///
    /// Values are inserted as they are, not parsed again. Throws `invalidTemplate` where business
    /// days are counted and the calendar is missing or has run out; a template without
    /// `needsCalendar` never throws.
    public func rendered(_ values: Values) throws(TimetableError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .token(let token): result += Template.text(token, values)
            case .expression(let expression): result += try expression.render(values)
            }
        }
        return result
    }

    private static func text(_ token: Token, _ values: Values) -> String {
        switch token {
        case .scheduledDate: values.scheduledDate.description
        case .scheduledDateTime: values.scheduled.localText
        case .environment: values.environment
        }
    }
}
