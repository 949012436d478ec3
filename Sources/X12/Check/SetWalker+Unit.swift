extension SetWalker {
    /// What a piece of business is known by: element CTX01-1.
    enum UnitKind: String {
        case claim = "CLM01"
        case trace = "TRN02"
        case subscriber = "SUBSCRIBER NUMBER REF02"
    }

    /// Remembers what a claim or an inquiry is known by.
    @inline(__always)
    mutating func noteUnit(_ segment: borrowing X12Segment) {
        switch segment.id {
        case Packed.clm: hold(.claim, segment, 1)
        case Packed.trn: hold(.trace, segment, 2)
        case Packed.hl, Packed.ins: unitByteCount = 0
        case Packed.ref where segment.packed(1) == Packed.subscriber:
            if grammar.setID == "834" { hold(.subscriber, segment, 2) }
        default: break
        }
    }

    mutating func hold(_ kind: UnitKind, _ segment: borrowing X12Segment, _ element: Int) {
        let range = segment.range(element)
        unitByteCount = 0
        guard element < segment.heldCount, range.count <= Self.unitByteCountMax,
            segment.marks[element].classes & ~ElementMark.plain == 0
        else { return }
        for index in 0..<range.count { unit[index] = segment.bytes[range.lowerBound + index] }
        unitKind = kind
        unitByteCount = range.count
    }
}
