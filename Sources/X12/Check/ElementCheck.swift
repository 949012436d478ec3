extension ElementMark {
    /// Classes of bytes that text may hold.
    static let plain = ByteClass.digit | ByteClass.minus | ByteClass.dot | ByteClass.printable
}

/// What is wrong with a value, as element 621 says it.
enum ElementFault: String {
    case short = "4"
    case long = "5"
    case invalid = "6"
    case code = "7"
    case date = "8"
    case time = "9"
    case tooManyParts = "13"
    case unused = "I10"
}

extension SetWalker {
    /// Checks the elements of a segment against a node.
    @inline(__always)
    mutating func checkElements(
        _ segment: borrowing X12Segment, _ node: Int, loop: Int, position: Int
    ) {
        let layout = grammar.nodes[node]
        let defined = Int(layout.elementCount)
        let held = min(segment.heldCount - 1, defined)
        var present: UInt64 = 0
        var isDoubtful = segment.elementCount - 1 > defined
        var index = 0
        let start = Int(layout.elementStart)
        while index < held {
            let mark = segment.marks[index + 1]
            if mark.byteCount != 0 {
                present |= 1 &<< UInt64(truncatingIfNeeded: index)
                if !isPlainlyRight(segment, mark, start + index) {
                    isDoubtful = isDoubtful || !isRight(segment, index, start + index)
                }
            }
            index += 1
        }
        if layout.requiredMask & ~present != 0 { isDoubtful = true }
        if layout.relationCount > 0 && !isDoubtful {
            for relation in layout.relationStart..<(layout.relationStart + layout.relationCount)
            where !Self.holds(grammar.relations[Int(relation)], present) {
                isDoubtful = true
                break
            }
        }
        if isDoubtful {
            reportElements(segment, node, loop: loop, position: position, present)
        }
    }

    /// Whether the classes of its bytes, its length and its code show that a value is right.
    ///
    /// - Parameter index: the element's, in the grammar.
    @inline(__always)
    private func isPlainlyRight(
        _ segment: borrowing X12Segment, _ mark: ElementMark, _ index: Int
    ) -> Bool {
        let element = grammar.elements[index]
        guard mark.classes & element.doubtful == 0,
            mark.byteCount >= UInt32(element.byteCountMin),
            mark.byteCount <= UInt32(element.byteCountMax)
        else { return false }
        return !element.codes.isLimited
            || element.codes.holds(segment.packed(mark), slots: grammar.codeSlots)
    }

    /// Whether an element that the quick check doubts is right all the same.
    ///
    /// - Parameter place: the element's index in the grammar.
    private func isRight(_ segment: borrowing X12Segment, _ index: Int, _ place: Int) -> Bool {
        let element = grammar.elements[place]
        let range = segment.range(index + 1)
        let classes = segment.marks[index + 1].classes
        if element.isUnused { return false }
        let separators = ByteClass.component | ByteClass.repetition
        if classes & separators == 0 && element.kind != .composite {
            return fault(segment, range, classes, element, before: index) == nil
        }
        // Repetitions are rare; without them a composite is checked where it stands.
        guard element.kind == .composite, classes & ByteClass.repetition == 0 else {
            var issues: [ElementIssue] = []
            parts(segment, index, element, &issues)
            return issues.isEmpty
        }
        return isRightComposite(segment, range, element)
    }

    /// Whether a composite's components are right, without noting what is not.
    private func isRightComposite(
        _ segment: borrowing X12Segment, _ range: Range<Int>, _ element: GrammarElement
    ) -> Bool {
        var start = range.lowerBound
        var before = start..<start
        var number = 0
        var classes: UInt8 = 0
        var place = start
        while place <= range.upperBound {
            let kind =
                place < range.upperBound ? table[Int(segment.bytes[place])] : ByteClass.component
            if kind != ByteClass.component {
                classes |= kind
                place += 1
                continue
            }
            guard number < Int(element.componentCount) else { return false }
            let component = grammar.elements[Int(element.componentStart) + number]
            let part = start..<place
            if part.isEmpty {
                if component.isRequired { return false }
            } else if !isPlainlyRight(
                segment,
                ElementMark(
                    start: UInt32(part.lowerBound), byteCount: UInt32(part.count), classes: classes),
                Int(element.componentStart) + number)
            {
                guard fault(segment, part, classes, component, format: before) == nil else {
                    return false
                }
            }
            before = part
            number += 1
            place += 1
            start = place
            classes = 0
        }
        while number < Int(element.componentCount) {
            if grammar.elements[Int(element.componentStart) + number].isRequired { return false }
            number += 1
        }
        return true
    }

    /// Finds every fault of a segment's elements, and reports them as one issue.
    private mutating func reportElements(
        _ segment: borrowing X12Segment, _ node: Int, loop: Int, position: Int, _ present: UInt64
    ) {
        let layout = grammar.nodes[node]
        let defined = Int(layout.elementCount)
        var found: [ElementIssue] = []
        for index in 0..<defined {
            let element = grammar.elements[Int(layout.elementStart) + index]
            let reference = grammar.references[Int(element.reference)]
            if present >> UInt64(index) & 1 == 0 {
                if element.isRequired {
                    found.append(ElementIssue(position: index + 1, reference: reference, code: "1"))
                }
            } else if element.isUnused {
                found.append(
                    ElementIssue(
                        position: index + 1, reference: reference, code: "I10",
                        badValue: badValue(segment, segment.range(index + 1))))
            } else {
                parts(segment, index, element, &found)
            }
        }
        for relation in layout.relationStart..<(layout.relationStart + layout.relationCount) {
            let relation = grammar.relations[Int(relation)]
            guard !Self.holds(relation, present) else { continue }
            addRelation(relation, layout, present, &found)
        }
        if segment.elementCount - 1 > defined {
            found.append(ElementIssue(position: defined + 1, reference: "", code: "3"))
        }
        guard !found.isEmpty else { return }
        // One fault an element is enough, and they stand in the order of the elements.
        var told: [ElementIssue] = []
        for issue in found.sorted(by: { $0.position < $1.position })
        where !told.contains(where: {
            $0.position == issue.position && $0.component == issue.component
                && $0.repetition == issue.repetition
        }) {
            told.append(issue)
        }
        report(
            SegmentIssue(
                segmentID: Packed.text(segment.id), position: position,
                loop: grammar.name(ofLoop: loop), code: "8", elements: told))
    }

    // MARK: relations

    @inline(__always)
    static func holds(_ relation: GrammarRelation, _ present: UInt64) -> Bool {
        let there = present & relation.mask
        let isFirst = present >> UInt64(relation.first - 1) & 1 == 1
        switch relation.kind {
        case .pair: return there == 0 || there == relation.mask
        case .atLeastOne: return there != 0
        case .atMostOne: return there & (there &- 1) == 0
        case .conditional: return !isFirst || there == relation.mask
        case .listConditional: return !isFirst || there != 1 << UInt64(relation.first - 1)
        }
    }

    private func addRelation(
        _ relation: GrammarRelation, _ layout: GrammarNode, _ present: UInt64,
        _ found: inout [ElementIssue]
    ) {
        let members = (0..<Int(layout.elementCount)).filter {
            relation.mask >> UInt64($0) & 1 == 1
        }
        let there = members.filter { present >> UInt64($0) & 1 == 1 }
        let absent = members.filter { present >> UInt64($0) & 1 == 0 }
        let blamed: [Int]
        switch relation.kind {
        case .pair, .conditional: blamed = absent
        case .atLeastOne, .listConditional: blamed = Array(absent.prefix(1))
        case .atMostOne: blamed = Array(there.dropFirst())
        }
        for index in blamed {
            let element = grammar.elements[Int(layout.elementStart) + index]
            found.append(
                ElementIssue(
                    position: index + 1, reference: grammar.references[Int(element.reference)],
                    code: relation.kind == .atMostOne ? "10" : "2",
                    trigger: there.first.map { $0 + 1 }))
        }
    }

    // MARK: one element

    /// Checks the repetitions and components of an element.
    private func parts(
        _ segment: borrowing X12Segment, _ index: Int, _ element: GrammarElement,
        _ found: inout [ElementIssue]
    ) {
        let position = index + 1
        let reference = grammar.references[Int(element.reference)]
        let range = segment.range(position)
        let classes = segment.marks[position].classes
        var repetitions = [range]
        if classes & ByteClass.repetition != 0 {
            repetitions = split(segment, range, at: ByteClass.repetition)
            guard repetitions.count <= Int(element.repeatCountMax) else {
                found.append(ElementIssue(position: position, reference: reference, code: "12"))
                return
            }
        }
        for (number, part) in repetitions.enumerated() {
            let repetition = number > 0 ? number + 1 : nil
            let before = found.count
            if element.kind == .composite {
                components(segment, part, element, position, &found)
            } else if self.classes(segment, part) & ByteClass.component != 0 {
                found.append(ElementIssue(position: position, reference: reference, code: "13"))
            } else if let fault = fault(
                segment, part, self.classes(segment, part), element, before: index)
            {
                found.append(
                    ElementIssue(
                        position: position, reference: reference, code: fault.rawValue,
                        badValue: fault == .invalid ? nil : badValue(segment, part)))
            }
            for place in before..<found.count { found[place].repetition = repetition }
        }
    }

    private func components(
        _ segment: borrowing X12Segment, _ range: Range<Int>, _ element: GrammarElement,
        _ position: Int, _ found: inout [ElementIssue]
    ) {
        let parts = split(segment, range, at: ByteClass.component)
        if parts.count > Int(element.componentCount) {
            found.append(
                ElementIssue(
                    position: position, reference: grammar.references[Int(element.reference)],
                    code: "13"))
            return
        }
        for number in 0..<Int(element.componentCount) {
            let component = grammar.elements[Int(element.componentStart) + number]
            let part = number < parts.count ? parts[number] : 0..<0
            var issue = ElementIssue(
                position: position, component: number + 1,
                reference: grammar.references[Int(component.reference)], code: "1")
            if part.isEmpty {
                // After a component that is wrong, what follows may stand in it.
                if component.isRequired && found.last?.position != position { found.append(issue) }
                continue
            }
            let format = number > 0 && number - 1 < parts.count ? parts[number - 1] : 0..<0
            guard
                let fault = fault(
                    segment, part, classes(segment, part), component, format: format)
            else { continue }
            issue = ElementIssue(
                position: position, component: number + 1, reference: issue.reference,
                code: fault.rawValue,
                badValue: fault == .invalid ? nil : badValue(segment, part))
            found.append(issue)
        }
    }

    private func split(
        _ segment: borrowing X12Segment, _ range: Range<Int>, at separator: UInt8
    ) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for place in range where byteClass(segment.bytes[place]) == separator {
            parts.append(start..<place)
            start = place + 1
        }
        parts.append(start..<range.upperBound)
        return parts
    }

    private func byteClass(_ byte: UInt8) -> UInt8 { table[Int(byte)] }

    private func classes(_ segment: borrowing X12Segment, _ range: Range<Int>) -> UInt8 {
        var classes: UInt8 = 0
        for place in range { classes |= table[Int(segment.bytes[place])] }
        return classes
    }

    func badValue(_ segment: borrowing X12Segment, _ range: Range<Int>) -> String? {
        let separators = ByteClass.component | ByteClass.repetition
        guard classes(segment, range) & (ByteClass.invalid | separators) == 0 else { return nil }
        return segment.text(range.lowerBound..<min(range.upperBound, range.lowerBound + 99))
    }

    private func fault(
        _ segment: borrowing X12Segment, _ range: Range<Int>, _ classes: UInt8,
        _ element: GrammarElement, before index: Int
    ) -> ElementFault? {
        fault(
            segment, range, classes, element,
            format: element.kind == .formatted ? segment.range(index) : 0..<0)
    }

    /// What is wrong with a value.
    private func fault(
        _ segment: borrowing X12Segment, _ range: Range<Int>, _ classes: UInt8,
        _ element: GrammarElement, format: Range<Int>
    ) -> ElementFault? {
        if element.isUnused { return .unused }
        if classes & ByteClass.invalid != 0 { return .invalid }
        if classes & (ByteClass.component | ByteClass.repetition) != 0 { return .tooManyParts }
        let bytes = segment.bytes
        switch element.kind {
        case .date: return CalendarCheck.isDate(bytes, range) ? nil : .date
        case .time:
            if range.count < Int(element.byteCountMin) { return .short }
            if range.count > Int(element.byteCountMax) { return .long }
            return CalendarCheck.isTime(bytes, range) ? nil : .time
        case .integer, .decimal:
            let isInteger = element.kind == .integer
            guard let digits = CalendarCheck.digitCount(bytes, range, isInteger: isInteger) else {
                return .invalid
            }
            if digits < Int(element.byteCountMin) { return .short }
            if digits > Int(element.byteCountMax) { return .long }
        case .text, .formatted, .composite:
            if range.count < Int(element.byteCountMin) { return .short }
            if range.count > Int(element.byteCountMax) { return .long }
        }
        if element.codes.isLimited,
            !element.codes.holds(X12Segment.packed(bytes, range), slots: grammar.codeSlots)
        {
            return .code
        }
        if element.kind == .formatted {
            return CalendarCheck.fault(bytes, range, format: X12Segment.packed(bytes, format))
        }
        return nil
    }
}
