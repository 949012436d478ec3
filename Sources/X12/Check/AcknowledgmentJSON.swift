extension InterchangeResult {
    /// What is answered, as JSON: `isa13`, `ta1` and `ack999`, each null where there is none.
    ///
    /// It holds values of elements where the 999 does, so it is for the 999's receiver alone.
    public func json() -> String {
        let number = header.map { JSONText.string($0.controlNumber) } ?? "null"
        let ta1 = ta1?.json() ?? "null"
        let ack = groups.map { JSONText.array($0.map { $0.json() }) } ?? "null"
        let quarantine = isQuarantined ? ",\"quarantine\":true" : ""
        return "{\"isa13\":\(number),\"ta1\":\(ta1),\"ack999\":\(ack)\(quarantine)}"
    }

    /// The results of a file as one JSON object.
    public static func json(_ results: [InterchangeResult]) -> String {
        // A file without any interchange is one for a person to look at, like one that is none.
        var results = results
        if results.isEmpty {
            results = [InterchangeResult()]
            results[0].isQuarantined = true
        }
        return "{\"interchanges\":\(JSONText.array(results.map { $0.json() }))}"
    }
}

extension TA1Content {
    fileprivate func json() -> String {
        """
        {"ta101":\(JSONText.string(controlNumber)),"ta102":\(JSONText.string(date)),\
        "ta103":\(JSONText.string(time)),"code":\(JSONText.string(code)),\
        "note":\(JSONText.string(note))}
        """
    }
}

extension GroupResult {
    fileprivate func json() -> String {
        let ak1 = JSONText.array([functionalID, controlNumber, version].map(JSONText.string))
        return """
            {"ak1":\(ak1),"sets":\(JSONText.array(sets.map { $0.json() })),\
            "ak9":{"code":\(JSONText.string(code)),"included":\(included),"received":\(received),\
            "accepted":\(accepted),"errors":\(JSONText.array(errors.map(JSONText.string)))}}
            """
    }
}

extension SetResult {
    fileprivate func json() -> String {
        let ak2 = [setID, controlNumber] + (version.map { [$0] } ?? [])
        return """
            {"ak2":\(JSONText.array(ak2.map(JSONText.string))),\
            "ik3":\(JSONText.array(issues.map { $0.json() })),\
            "ik5":{"code":\(JSONText.string(code)),\
            "errors":\(JSONText.array(errors.map(JSONText.string)))}}
            """
    }
}

extension SegmentIssue {
    fileprivate func json() -> String {
        """
        {"seg":\(JSONText.string(segmentID)),"pos":\(position),\
        "loop":\(JSONText.optional(loop)),"code":\(JSONText.string(code)),\
        "ik4":\(JSONText.array(elements.map { $0.json() }))}
        """
    }
}

extension ElementIssue {
    fileprivate func json() -> String {
        """
        {"pos":\(position),"comp":\(component.map(String.init) ?? "null"),\
        "ref":\(JSONText.string(reference)),"code":\(JSONText.string(code)),\
        "bad":\(JSONText.optional(badValue))}
        """
    }
}

/// JSON, written by hand: this module imports nothing.
enum JSONText {
    static func array(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }

    static func optional(_ text: String?) -> String { text.map(string) ?? "null" }

    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
