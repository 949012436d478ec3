extension ElementCheck {
    /// Every fault of a segment's elements, in their order.
    func issues(_ segment: borrowing X12Segment, _ node: Int) -> [ElementIssue] {
        let layout = grammar.nodes[node]
        let defined = Int(layout.elementCount)
        var present: UInt64 = 0
        for index in 0..<defined where !segment.range(index + 1).isEmpty {
            present |= 1 << UInt64(index)
        }
        var found: [ElementIssue] = []
        for index in 0..<defined {
            let place = Int(layout.elementStart) + index
            let element = grammar.elements[place]
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
                parts(segment, index, place, &found)
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
        // One fault an element is enough, and they stand in the order of the elements.
        var told: [ElementIssue] = []
        for issue in found.sorted(by: { $0.position < $1.position })
        where !told.contains(where: {
            $0.position == issue.position && $0.component == issue.component
                && $0.repetition == issue.repetition
        }) {
            told.append(issue)
        }
        return told
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

    /// Checks the repetitions and components of an element.
    func parts(
        _ segment: borrowing X12Segment, _ index: Int, _ place: Int, _ found: inout [ElementIssue]
    ) {
        let element = grammar.elements[place]
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
            let mark = self.classes.mark(segment.bytes, part)
            if element.kind == .composite {
                components(segment, part, element, position, &found)
            } else if mark.classes & ByteClass.component != 0 {
                found.append(ElementIssue(position: position, reference: reference, code: "13"))
            } else if let fault = fault(segment, mark, place, format: segment.packed(index)) {
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
            let place = Int(element.componentStart) + number
            let component = grammar.elements[place]
            let part = number < parts.count ? parts[number] : 0..<0
            var issue = ElementIssue(
                position: position, component: number + 1,
                reference: grammar.references[Int(component.reference)], code: "1")
            if part.isEmpty {
                // After a component that is wrong, what follows may stand in it.
                if component.isRequired && found.last?.position != position { found.append(issue) }
                continue
            }
            let format =
                number > 0 ? classes.mark(segment.bytes, parts[number - 1]).packed : 0
            let mark = classes.mark(segment.bytes, part)
            guard let fault = fault(segment, mark, place, format: format) else { continue }
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
        for place in range where classes[segment.bytes[place]] == separator {
            parts.append(start..<place)
            start = place + 1
        }
        parts.append(start..<range.upperBound)
        return parts
    }

    func badValue(_ segment: borrowing X12Segment, _ range: Range<Int>) -> String? {
        let separators = ByteClass.component | ByteClass.repetition
        let kinds = classes.mark(segment.bytes, range).classes
        guard kinds & (ByteClass.invalid | separators) == 0 else { return nil }
        return segment.text(range.lowerBound..<min(range.upperBound, range.lowerBound + 99))
    }
}
