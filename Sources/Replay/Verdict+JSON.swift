import EventLog
import Events

extension Verdict {
    /// The verdict as one JSON object, its members in the order of docs/format/tree.md.
    public var json: String {
        func number(_ value: UInt64?) -> String { value.map { String($0) } ?? "null" }
        var text = JSONText()
        text.member("kind", text: kind.rawValue)
        text.member("verdict", text: verdict.rawValue)
        text.member("records", json: String(records))
        text.member("firstSequence", json: number(firstSequence))
        text.member("treeSize", json: number(treeSize))
        text.member("root", json: root.map(JSONText.quoted) ?? "null")
        text.member("sealedSegments", json: String(sealedSegments))
        text.member("activeSegments", json: String(activeSegments))
        text.member("checkpoints", json: String(checkpoints))
        text.member("checkpointSize", json: number(checkpointSize))
        text.member("anchoring", text: anchoring.rawValue)
        let problems = problems.map { problem in
            var item = JSONText()
            item.member("code", text: problem.code.rawValue)
            item.member("path", text: problem.path)
            item.member("detail", text: problem.detail)
            return item.object
        }
        text.member("problems", json: "[" + problems.joined(separator: ",") + "]")
        let remarks = remarks.map(JSONText.quoted)
        text.member("remarks", json: "[" + remarks.joined(separator: ",") + "]")
        return text.object
    }
}
