extension GroupResult {
    /// The 999 that answers the group.
    ///
    /// - Parameter delimiters: those of the interchange that will hold it: a bad value that has one
    ///   of them cannot be repeated, and is left out.
    public func acknowledgment(_ delimiters: X12Delimiters = X12Delimiters()) -> SetContent {
        var segments = [["AK1", functionalID, controlNumber, version]]
        for set in sets {
            segments.append(["AK2", set.setID, set.controlNumber, set.version ?? ""])
            for issue in set.issues { segments += issue.segments(delimiters) }
            segments.append(["IK5", set.code] + set.errors)
        }
        segments.append(
            ["AK9", code, String(included), String(received), String(accepted)] + errors)
        let clean = segments.map { $0.map { Self.clean($0, delimiters) } }
        return SetContent(setID: "999", version: "005010X231A1", segments: clean)
    }

    /// A text without what cannot stand in an element.
    private static func clean(_ text: String, _ delimiters: X12Delimiters) -> String {
        let parts = text.split(separator: "\u{1F}", omittingEmptySubsequences: false)
        return parts.allSatisfy { InterchangeBuilder.isPlain(String($0), delimiters) } ? text : ""
    }
}

extension SegmentIssue {
    /// IK3, CTX and IK4 with its CTX.
    fileprivate func segments(_ delimiters: X12Delimiters) -> [[String]] {
        // Element 447 has four characters: a loop is told without the letters of its place.
        let loop = String((loop ?? "").prefix(4))
        var segments = [["IK3", segmentID, String(position), loop, code]]
        if let unit, InterchangeBuilder.isPlain(unit.value, delimiters), unit.value.utf8.count <= 35
        {
            segments.append(["CTX", SetContent.component(unit.name, unit.value)])
        }
        for element in elements {
            let parts = [
                String(element.position), element.component.map(String.init) ?? "",
                element.repetition.map(String.init) ?? "",
            ]
            // A composite has no number of a data element that IK402 could hold.
            let reference = element.reference.hasPrefix("C") ? "" : element.reference
            segments.append([
                "IK4", SetContent.component(parts[0], parts[1], parts[2]), reference, element.code,
                element.badValue ?? "",
            ])
            if let trigger = element.trigger {
                segments.append([
                    "CTX", "SITUATIONAL TRIGGER", segmentID, String(position), loop,
                    String(trigger),
                ])
            }
        }
        return segments
    }
}
