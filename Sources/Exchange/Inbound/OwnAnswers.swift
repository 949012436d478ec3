import Engine
import Events
import X12

/// The TA1s and 999s that answer a file, as lines of a file of outcomes.
struct OwnAnswers {
    /// The lines, one after the other.
    private(set) var bytes: [UInt8] = []
    /// What each line is; the file's path and SHA-256 are not known yet.
    private(set) var outcomes: [NewOutcome] = []
    /// How many answers cannot be made, since what they must name is malformed.
    private(set) var refusedCount = 0
    private let partner: PartnerDefinition
    private let delimiters: X12Delimiters

    init(_ partner: PartnerDefinition) throws(ExchangeError) {
        self.partner = partner
        delimiters = try CompositionOrder.delimiters(partner.delimiters)
    }

    /// Whether a partner is told things by a type.
    func isSent(_ type: TransactionType) -> Bool { partner.sends.contains(type.rawValue) }

    /// Adds a TA1; whether it could be made.
    mutating func add(_ answer: TA1Content) -> Bool {
        add([
            Outcome(
                partner: partner.name,
                body: .interchangeAcknowledgment(answer.cleaned(delimiters)))
        ])
    }

    /// Adds the 999 of a group; whether it could be made.
    mutating func add(_ group: GroupResult) -> Bool {
        let isOther = group.senderID != partner.partner?.group && !group.senderID.isEmpty
        let segments = group.acknowledgment(delimiters).segments
        // A long one is cut: what was accepted need not be named, then places in what was not.
        let forms = [segments, Self.rejected(segments), Self.brief(segments), Self.bare(segments)]
        func outcome(_ segments: [[String]], _ group: String?) -> Outcome {
            Outcome(
                partner: partner.name, group: group,
                body: .implementationAcknowledgment(segments))
        }
        return add(
            (isOther ? forms.map { outcome($0, group.senderID) } : [])
                + forms.map { outcome($0, nil) })
    }

    /// Adds the first form that can be made.
    private mutating func add(_ forms: [Outcome]) -> Bool {
        for form in forms {
            let line = form.encoded()
            guard line.count <= Outcome.byteCountMax,
                let read = try? Outcome(line[...], types: Outcome.ownTypes, delimiters: delimiters)
            else { continue }
            var outcome = NewOutcome()
            outcome.partner = partner.name
            outcome.type = read.type.rawValue
            outcome.offset = UInt64(bytes.count)
            outcome.byteCount = UInt64(line.count)
            outcome.group = read.group ?? ""
            outcomes.append(outcome)
            bytes += line + [0x0A]
            return true
        }
        refusedCount += 1
        return false
    }

    /// The outcomes, of a file that is written.
    func outcomes(path: ExchangePath, sha256: String) -> [NewOutcome] {
        outcomes.map { outcome in
            var outcome = outcome
            outcome.path = path.text
            outcome.sha256 = sha256
            return outcome
        }
    }

    // MARK: shorter 999s

    /// Without the sets that were accepted: AK2 and IK5 stand for those alone that were not.
    private static func rejected(_ segments: [[String]]) -> [[String]] {
        var kept: [[String]] = []
        var set: [[String]] = []
        for segment in segments {
            switch segment.first {
            case "AK1", "AK9": kept.append(segment)
            case "IK5":
                if segment.count > 1 && segment[1] != "A" { kept += set + [segment] }
                set = []
            default: set.append(segment)
            }
        }
        return kept
    }

    /// Those that were rejected, without the places.
    private static func brief(_ segments: [[String]]) -> [[String]] {
        let names: Set = ["AK1", "AK2", "IK5", "AK9"]
        return rejected(segments).filter { names.contains($0.first ?? "") }
    }

    /// The group alone.
    private static func bare(_ segments: [[String]]) -> [[String]] {
        segments.filter { $0.first == "AK1" || $0.first == "AK9" }
    }
}
