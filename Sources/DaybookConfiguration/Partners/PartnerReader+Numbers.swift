import Events
import X12

extension PartnerReader {
    /// The ranges of control numbers.
    func numbers(
        _ reader: FieldReader, _ definition: PartnerDefinition, _ log: inout ProblemLog
    ) -> [PartnerNumberRange] {
        var result: [PartnerNumberRange] = []
        for (index, item) in (reader.list("controlNumbers", &log) ?? []).enumerated() {
            let path = "\(reader.full("controlNumbers"))[\(index)]"
            guard
                let inner = FieldReader(item, path, PartnerFields.controlNumbers, &log),
                let range = range(inner, definition, &log)
            else { continue }
            let isCovered = result.contains {
                $0.kind == range.kind && ($0.type.isEmpty || $0.type == range.type)
            }
            if isCovered {
                log.error(
                    item.place, path, "a range before it counts for the same numbers",
                    "put the one with a type first, and keep one of those with the same type")
            }
            result.append(range)
        }
        return result
    }

    private func range(
        _ reader: FieldReader, _ definition: PartnerDefinition, _ log: inout ProblemLog
    ) -> PartnerNumberRange? {
        var range = PartnerNumberRange()
        guard let kind = reader.choice("kind", ["ISA", "GS", "ST"], &log) else { return nil }
        range.kind = kind
        if reader.has("type") {
            guard let type = numbersType(kind, reader, definition, &log) else { return nil }
            range.type = type
        }
        range.start = reader.count("start", PartnerFields.numbers, &log) ?? 0
        range.last = reader.count("last", PartnerFields.numbers, &log) ?? 0
        range.wrap = wrap(reader, &log)
        let start = range.start > 0 ? range.start : UInt64(settings.controlNumberStart)
        let last = range.last > 0 ? range.last : UInt64(settings.controlNumberMax)
        if start > last {
            let name = reader.has("start") ? "start" : "last"
            log.error(
                reader.place(of: name), reader.full(name),
                "the first number (\(start)) is after the last (\(last))",
                "choose start and last so that numbers are between them")
        }
        return range
    }

    /// What the numbers are of; nil after a problem was noted.
    private func numbersType(
        _ kind: String, _ reader: FieldReader, _ definition: PartnerDefinition,
        _ log: inout ProblemLog
    ) -> String? {
        guard let text = reader.word("type", &log) else { return nil }
        let place = reader.place(of: "type")
        let path = reader.full("type")
        let sent = definition.sends.compactMap { TransactionType(rawValue: $0) }
        let known: [String]
        switch kind {
        case "ISA":
            log.error(
                place, path, "interchanges of all types have the same numbers", "remove type")
            return nil
        case "GS":
            known = Set(sent.compactMap(\.functionalID)).sorted(by: precedes)
        default:
            guard TransactionType.read(text, place, path, &log) != nil else { return nil }
            known = sent.filter { $0.setID != nil }.map(\.rawValue)
        }
        if known.contains(text) { return text }
        log.error(
            place, path,
            kind == "GS"
                ? "\(shown(text)) is no functional id (GS01) of what is sent"
                : "\(text) is none of the types with sets that are sent",
            "use one of \(known.joined(separator: ", "))")
        return nil
    }

    private func wrap(_ reader: FieldReader, _ log: inout ProblemLog) -> String {
        guard let node = reader.node("wrap", &log) else { return "" }
        switch node.value {
        case .bool(let flag): return flag ? "on" : "off"
        case .text("on"), .text("yes"): return "on"
        case .text("off"), .text("no"): return "off"
        default:
            log.error(
                node.place, reader.full("wrap"), "on or off is expected", "write on or off")
            return ""
        }
    }
}
