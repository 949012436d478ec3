import X12

extension TA1Content: LineFields {
    static var blank: TA1Content {
        TA1Content(controlNumber: "", date: "", time: "", code: "", note: "")
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("controlNumber", &controlNumber, .echo(9))
        v.text("date", &date, .echo(6))
        v.text("time", &time, .echo(4))
        v.text("code", &code, .text(1))
        v.text("note", &note, .text(3, least: 3))
    }

    /// The same, without what an interchange with these delimiters cannot repeat.
    public func cleaned(_ delimiters: X12Delimiters) -> TA1Content {
        func clean(_ text: String, _ rule: LineRule) -> String {
            rule.problem(text, delimiters) == nil ? text : ""
        }
        return TA1Content(
            controlNumber: clean(controlNumber, .echo(9)), date: clean(date, .echo(6)),
            time: clean(time, .echo(4)), code: code, note: note)
    }
}

/// The segments of a 999, from AK1 to AK9.
struct AcknowledgmentLine: LineFields {
    var segments: [[String]]

    static var blank: AcknowledgmentLine { AcknowledgmentLine(segments: []) }

    mutating func fields<V: LineVisitor>(_ v: inout V) { v.segments("segments", &segments) }
}
