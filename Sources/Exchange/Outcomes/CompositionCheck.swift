import Events
import X12

/// Checks what was made as what comes in is checked.
public enum CompositionCheck {
    /// The most findings that are told.
    public static let findingCountMax = 20

    /// What is wrong with the bytes of a file of ours, by places and codes, no content; none where
    /// it may be sent.
    ///
    /// - Throws: `outcome` where the tables of X12 cannot be read.
    /// - Complexity: linear in the bytes.
    public static func findings(
        _ bytes: [UInt8], _ order: CompositionOrder, type: TransactionType
    ) throws(ExchangeError) -> [String] {
        let library: GrammarLibrary
        do throws(X12Error) {
            library = try GrammarLibrary.standard()
        } catch {
            throw ExchangeError("outcome", "X12's tables cannot be read: \(error.message)")
        }
        var supported: [String: String] = [:]
        if let functionalID = type.functionalID, let version = type.version {
            supported["\(functionalID)/\(version)"] = type.setID
        }
        // We are the sender here, and the partner takes what is checked.
        var checker = InterchangeChecker(
            partners: X12Partners(
                own: order.receiver, ownGroupID: order.receiverGroup,
                senders: [order.sender: .never], supported: supported, usages: [order.usage]),
            library: library, readsAcknowledgments: true, isDuplicate: { _ in false })
        checker.consume(bytes.span)
        let results = checker.finish()
        var findings: [String] = []
        if results.count != 1 {
            let found = Counted.text(results.count, "interchange")
            findings.append("the file holds \(found)")
        }
        for result in results { findings += Self.findings(result, order, type) }
        if findings.count > findingCountMax {
            let more = findings.count - findingCountMax + 1
            findings = findings.prefix(findingCountMax - 1) + ["\(more) more"]
        }
        return findings
    }

    private static func findings(
        _ result: InterchangeResult, _ order: CompositionOrder, _ type: TransactionType
    ) -> [String] {
        var findings: [String] = []
        if let fault = result.fault {
            findings.append("interchange: segment \(fault.segment), note \(fault.note)")
        }
        if result.isQuarantined { findings.append("interchange: its ISA is irregular") }
        let groups = result.groups ?? []
        if result.fault == nil && type != .interchangeAcknowledgment {
            if groups.count != order.groupNumbers.count {
                let found = Counted.text(groups.count, "group")
                findings.append("interchange: \(found), not \(order.groupNumbers.count)")
            }
            let sets = groups.reduce(0) { $0 + $1.received }
            if sets != order.setNumbers.count {
                let found = Counted.text(sets, "set")
                findings.append("interchange: \(found), not \(order.setNumbers.count)")
            }
        }
        for (index, group) in groups.enumerated() {
            let name = "group \(index + 1)"
            if !group.errors.isEmpty {
                findings.append("\(name): AK905 \(group.errors.joined(separator: ", "))")
            }
            for (place, set) in group.sets.enumerated()
            where set.code != "A" && !(type == .implementationAcknowledgment && repeats(set)) {
                findings += Self.findings(set, "\(name), set \(place + 1)")
            }
        }
        return findings
    }

    /// Whether all that is wrong with a 999 is the number of a group or set that it repeats: AK102
    /// and AK202 are told as they came, for what is wrong with them is what it says.
    private static func repeats(_ set: SetResult) -> Bool {
        set.errors == ["5"] && !set.issues.isEmpty && set.droppedIssueCount == 0
            && set.issues.allSatisfy { issue in
                ["AK1", "AK2"].contains(issue.segmentID) && !issue.elements.isEmpty
                    && issue.elements.allSatisfy { $0.position == 2 && $0.component == nil }
            }
    }

    private static func findings(_ set: SetResult, _ name: String) -> [String] {
        if set.issues.isEmpty { return ["\(name): IK502 \(set.errors.joined(separator: ", "))"] }
        var findings: [String] = []
        for issue in set.issues.prefix(findingCountMax) {
            let place = "\(name): segment \(issue.segmentID) at \(issue.position)"
            if issue.elements.isEmpty {
                findings.append("\(place): \(words(issue.code, segmentCodes))")
            }
            for element in issue.elements {
                let part = element.component.map { "-\($0)" } ?? ""
                findings.append(
                    "\(place): element \(element.position)\(part) "
                        + words(element.code, elementCodes))
            }
        }
        return findings
    }

    private static func words(_ code: String, _ known: [String: String]) -> String {
        known[code].map { "\($0) (code \(code))" } ?? "has code \(code)"
    }

    /// Element 620, IK304.
    private static let segmentCodes = [
        "1": "is not known", "2": "is not expected", "3": "is missing",
        "4": "begins a loop too often", "5": "stands too often", "6": "is not of this set",
        "7": "is out of sequence",
    ]
    /// Element 621, IK403.
    private static let elementCodes = [
        "1": "is missing", "2": "is missing beside another", "3": "is one too many",
        "4": "is too short", "5": "is too long", "6": "holds an invalid character",
        "7": "is no code of this element", "8": "is no date", "9": "is no time",
        "10": "excludes another", "12": "repeats too often", "13": "has too many components",
        "I10": "is not used",
    ]
}

extension Outcome {
    /// Builds the outcome once, as if it stood alone in a file, and checks the file.
    ///
    /// - Throws: the first thing that X12 has no place for; no value stands in it.
    func check(_ delimiters: X12Delimiters) throws(LineFault) {
        let isSet = type != .interchangeAcknowledgment
        let order = CompositionOrder(
            file: .max, sender: .init(qualifier: "ZZ", id: "SENDER"),
            receiver: .init(qualifier: "ZZ", id: "RECEIVER"), senderGroup: "SENDER",
            receiverGroup: "RECEIVER", delimiters: delimiters, instant: 0,
            isaNumber: 999_999_999, groupNumbers: isSet ? [999_999_999] : [],
            setNumbers: isSet ? [999_999_999] : [])
        let finding: String?
        do throws(ExchangeError) {
            let file = try InterchangeComposer.compose(order, [self])
            finding = try CompositionCheck.findings(file.bytes, order, type: type).first
        } catch {
            throw LineFault(path: "body", "cannot be built: \(error.message)", "correct it")
        }
        if let finding {
            throw LineFault(
                path: "body", "makes no good \(type.rawValue): \(finding)",
                "correct the field that the element is made of (docs/outcomes.md)")
        }
    }
}
