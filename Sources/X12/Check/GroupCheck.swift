/// One functional group while it is read.
struct GroupCheck {
    var result: GroupResult
    /// ST02 of its sets.
    var numbers: Set<String> = []
    /// How many sets were counted and not kept.
    var uncheckedCount = 0
    /// Whether its kind and version are taken, so that its sets must be of them.
    let isSupported: Bool

    init(_ segment: borrowing X12Segment, partners: X12Partners) {
        result = GroupResult(
            functionalID: segment.text(1), controlNumber: segment.text(6),
            version: segment.text(8))
        let functionalID = result.functionalID
        let isFunctional = partners.supported.keys.contains { $0.hasPrefix("\(functionalID)/") }
        let isVersion = partners.supported["\(functionalID)/\(result.version)"] != nil
        let isAnswer = functionalID == "FA"
        isSupported = isAnswer || isVersion
        if !isAnswer && !isFunctional {
            add("1")
        } else if !isAnswer && !isVersion {
            add("2")
        }
        if Self.isWellFormed(segment) {
            result.senderID = segment.text(2)
        } else {
            add("1")
        }
        let number = result.controlNumber.utf8
        let isNumber =
            (1...9).contains(number.count) && number.allSatisfy { (0x30...0x39).contains($0) }
            && !number.allSatisfy { $0 == 0x30 }
        if !isNumber { add("6") }
    }

    /// Whether GS02 to GS05 and GS07 are what they must be.
    private static func isWellFormed(_ segment: borrowing X12Segment) -> Bool {
        guard segment.elementCount == 9 else { return false }
        for element in 2...3 {
            let mark = segment.marks[element]
            guard (2...15).contains(mark.byteCount), mark.classes & ~ElementMark.plain == 0 else {
                return false
            }
        }
        return segment.range(4).count == 8
            && CalendarCheck.isDate(segment.bytes, segment.range(4))
            && CalendarCheck.isTime(segment.bytes, segment.range(5)) && segment.text(7) == "X"
    }

    mutating func add(_ error: String) {
        if !result.errors.contains(error) && result.errors.count < 5 { result.errors.append(error) }
    }

    /// Ends the group; without values where its GE did not come.
    mutating func finish(count: String?, number: String?) {
        let received = result.sets.count + uncheckedCount
        result.included = received
        if let count, let number {
            if number != result.controlNumber { add("4") }
            if InterchangeSink.isCount(count, received) {
                result.included = received
            } else {
                add("5")
                let isNumber =
                    (1...6).contains(count.utf8.count)
                    && count.utf8.allSatisfy { (0x30...0x39).contains($0) }
                result.included = isNumber ? Int(count) ?? received : received
            }
        } else {
            add("3")
        }
        let accepted = result.sets.count { $0.code == "A" }
        let isRejected = !result.errors.isEmpty || accepted == 0
        result.accepted = isRejected ? 0 : accepted
        result.code = isRejected ? "R" : accepted < received ? "P" : "A"
    }
}
