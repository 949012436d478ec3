/// The checks of an ISA segment, in the order of its elements but for the version, which says what
/// the others mean.
struct HeaderCheck {
    let partners: X12Partners

    /// The first fault of a header.
    func fault(_ header: InterchangeHeader) -> InterchangeFault? {
        if let irregular = header.irregular {
            let notes = [9: "014", 10: "015", 11: "016", 12: "017", 13: "018"]
            return fault(header, notes[irregular] ?? "022", irregular)
        }
        if !partners.versions.contains(header.elements[11]) { return fault(header, "017", 12) }
        return access(header) ?? parties(header) ?? values(header) ?? delimiters(header)
    }

    private func fault(
        _ header: InterchangeHeader, _ note: String, _ element: Int
    ) -> InterchangeFault {
        InterchangeFault(note: note, offset: header.offset, segment: 1, element: element)
    }

    private func access(_ header: InterchangeHeader) -> InterchangeFault? {
        let elements = header.elements
        if !partners.authorizations.contains(elements[0]) { return fault(header, "010", 1) }
        if isFaulty(elements[1], isNeeded: elements[0] != "00") { return fault(header, "011", 2) }
        if !partners.securities.contains(elements[2]) { return fault(header, "012", 3) }
        if isFaulty(elements[3], isNeeded: elements[2] != "00") { return fault(header, "013", 4) }
        return nil
    }

    /// Whether it holds what cannot be printed, or nothing where something is due.
    private func isFaulty(_ text: String, isNeeded: Bool) -> Bool {
        let bytes = text.utf8
        return !bytes.allSatisfy { (0x20..<0x7F).contains($0) }
            || (isNeeded && bytes.allSatisfy { $0 == 0x20 })
    }

    private func parties(_ header: InterchangeHeader) -> InterchangeFault? {
        let key = InterchangeKey(header)
        if !X12Partners.qualifiers.contains(key.sender.qualifier) { return fault(header, "005", 5) }
        if partners.senders[key.sender] == nil {
            let isOther = partners.senders.keys.contains { $0.id == key.sender.id }
            return isOther ? fault(header, "005", 5) : fault(header, "006", 6)
        }
        // Ids stand at the left.
        if header.elements[5].utf8.first == 0x20 { return fault(header, "006", 6) }
        if !X12Partners.qualifiers.contains(key.receiver.qualifier) {
            return fault(header, "007", 7)
        }
        if header.elements[7].utf8.first == 0x20 { return fault(header, "008", 8) }
        if key.receiver != partners.own {
            return key.receiver.id == partners.own.id
                ? fault(header, "007", 7) : fault(header, "009", 8)
        }
        return nil
    }

    private func values(_ header: InterchangeHeader) -> InterchangeFault? {
        let date = Array(header.elements[8].utf8)
        let time = Array(header.elements[9].utf8)
        if !CalendarCheck.isDate(date.span, date.indices) { return fault(header, "014", 9) }
        if !CalendarCheck.isTime(time.span, time.indices) { return fault(header, "015", 10) }
        let delimiters = header.delimiters
        let repetition = delimiters.repetition
        if !Self.isDelimiter(repetition) || repetition == delimiters.element
            || repetition == delimiters.terminator
        {
            return fault(header, "016", 11)
        }
        let number = header.controlNumber.utf8
        if !number.allSatisfy({ (0x30...0x39).contains($0) }) || number.allSatisfy({ $0 == 0x30 }) {
            return fault(header, "018", 13)
        }
        if header.elements[13] != "0" && header.elements[13] != "1" {
            return fault(header, "019", 14)
        }
        if !partners.usages.contains(header.elements[14]) { return fault(header, "020", 15) }
        return nil
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        X12Delimiters.isUsable(byte) && byte != 0 && byte < 0x80
    }

    private func delimiters(_ header: InterchangeHeader) -> InterchangeFault? {
        let delimiters = header.delimiters
        if !Self.isDelimiter(delimiters.element) { return fault(header, "026", 1) }
        let component = delimiters.component
        if !Self.isDelimiter(component) || component == delimiters.element
            || component == delimiters.repetition
        {
            return fault(header, "027", 16)
        }
        let terminator = delimiters.terminator
        if !Self.isDelimiter(terminator) || terminator == delimiters.element
            || terminator == component
        {
            return fault(header, "004", 16)
        }
        return nil
    }
}
