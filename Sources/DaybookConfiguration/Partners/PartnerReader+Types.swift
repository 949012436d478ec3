import Events
import X12

extension PartnerReader {
    /// Minutes that stand for a type, with their place.
    private struct Minutes {
        let value: UInt64
        let place: SourcePlace
        let path: String
    }

    private static let usualWindows: [TransactionType: UInt64] = [
        .eligibilityResponse: 2, .implementationAcknowledgment: 5, .claimAcknowledgment: 60,
    ]
    private static let usualSLAs: [TransactionType: UInt64] = [
        .interchangeAcknowledgment: 5, .implementationAcknowledgment: 15, .eligibilityResponse: 5,
        .claimAcknowledgment: 240,
    ]
    private static let usualAcknowledgments: [TransactionType: UInt64] = [
        .interchangeAcknowledgment: 5, .implementationAcknowledgment: 15,
    ]

    /// Reads which types are exchanged, and what holds for each.
    func readTypes(
        _ reader: FieldReader, _ definition: inout PartnerDefinition, _ log: inout ProblemLog
    ) {
        let accepts = types("accepts", reader, &log) ?? []
        let sends = sends(reader, accepts, &log)
        // What is always taken need not be said, and is not.
        let business = accepts.filter { !TransactionType.acknowledgments.contains($0) }
        definition.accepts = business.map(\.rawValue)
        definition.sends = sends.map(\.rawValue)
        let batch = reader.count("batch", PartnerFields.outcomesMax, &log) ?? 100
        let windows = minutes("windows", 0...10_080, sends, reader, &log)
        let slas = minutes("slas", 0...44_640, sends, reader, &log)
        let within = acknowledgedWithin(definition, reader, &log)
        for type in TransactionType.sorted(business + sends) {
            var rule = PartnerTypeRule()
            rule.type = type.rawValue
            if sends.contains(type) {
                let window = windows[type]?.value ?? Self.usualWindows[type] ?? 0
                let sla = slas[type]?.value ?? Self.usualSLAs[type] ?? 0
                if sla > 0, window >= sla {
                    let given = windows[type] ?? slas[type]
                    log.error(
                        given?.place ?? reader.place, given?.path ?? reader.path,
                        "outcomes of \(type.rawValue) are gathered for \(window) minutes, and the "
                            + "file is due after \(sla)",
                        "choose a shorter window, or a longer SLA")
                }
                rule.windowSeconds = window * 60
                rule.slaSeconds = sla * 60
                rule.acknowledgedWithinSeconds = within(type)
                rule.outcomesMax = batch
            }
            definition.rules.append(rule)
        }
    }

    /// The types of a list, in their order; nil where it does not stand.
    private func types(
        _ name: String, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [TransactionType]? {
        guard let words = reader.words(name, &log) else { return nil }
        var result: [TransactionType] = []
        for word in words {
            guard let type = TransactionType.read(word.text, word.place, word.path, &log) else {
                continue
            }
            if name == "sends", !TransactionType.assembled.contains(type) {
                log.error(
                    word.place, word.path, "no file of \(type.rawValue) is assembled",
                    "use some of \(Self.list(TransactionType.assembled))")
                continue
            }
            result.append(type)
        }
        return TransactionType.sorted(result)
    }

    private func sends(
        _ reader: FieldReader, _ accepts: [TransactionType], _ log: inout ProblemLog
    ) -> [TransactionType] {
        let answers = accepts.compactMap(\.businessAnswer)
            .filter { TransactionType.assembled.contains($0) }
        return TransactionType.sorted(
            TransactionType.acknowledgments + (types("sends", reader, &log) ?? answers))
    }

    private static func list(_ types: [TransactionType]) -> String {
        types.map(\.rawValue).joined(separator: ", ")
    }

    /// A map of minutes by type.
    private func minutes(
        _ name: String, _ range: ClosedRange<UInt64>, _ known: [TransactionType],
        _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [TransactionType: Minutes] {
        var result: [TransactionType: Minutes] = [:]
        for member in reader.map(name, &log) ?? [] {
            let path = "\(reader.full(name)).\(member.key)"
            guard let type = TransactionType.read(member.key, member.place, path, &log) else {
                continue
            }
            guard known.contains(type) else {
                log.error(
                    member.place, path, "\(type.rawValue) is none of the types that are sent",
                    "add it under sends, or use one of \(Self.list(known))")
                continue
            }
            guard case .number(let text) = member.value.value, let value = UInt64(text),
                range.contains(value)
            else {
                log.error(
                    member.value.place, path,
                    "a whole number of minutes from \(range.lowerBound) to \(range.upperBound) is "
                        + "expected",
                    "write such a number, without quotes or unit")
                continue
            }
            let minutes = Minutes(value: value, place: member.place, path: path)
            if result.updateValue(minutes, forKey: type) != nil {
                log.error(
                    member.place, path, "\(type.rawValue) stands twice", "keep one of the two")
            }
        }
        return result
    }

    /// Within how many seconds a file of a type is acknowledged by the partner.
    ///
    /// A 999 acknowledges every group but its own kind; what is acknowledged of a 999 is its
    /// interchange, by a TA1, where ISA14 asks for one. A TA1 is not acknowledged.
    private func acknowledgedWithin(
        _ definition: PartnerDefinition, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> (TransactionType) -> UInt64 {
        let name = "acknowledgedWithin"
        let known = TransactionType.acknowledgments + [.claimAcknowledgment]
        let given = minutes(name, 0...44_640, known, reader, &log)
        if let claims = given[.claimAcknowledgment] {
            log.warning(
                claims.place, claims.path, "no claims are sent, so that no 277CA is waited for",
                "remove it")
        }
        func seconds(_ type: TransactionType) -> UInt64 {
            (given[type]?.value ?? Self.usualAcknowledgments[type] ?? 0) * 60
        }
        if let answers = given[.interchangeAcknowledgment], answers.value > 0,
            !definition.requestsAcknowledgment
        {
            log.warning(
                answers.place, answers.path,
                "ISA14 of what we send asks for no TA1, so that none is waited for",
                "add requestAcknowledgment: true, or remove it")
        }
        let forGroups = seconds(.implementationAcknowledgment)
        let forInterchanges =
            definition.requestsAcknowledgment ? seconds(.interchangeAcknowledgment) : 0
        return { type in
            switch type {
            case .interchangeAcknowledgment: 0
            case .implementationAcknowledgment: forInterchanges
            default: forGroups
            }
        }
    }
}
