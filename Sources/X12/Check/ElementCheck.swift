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

/// The check of a segment's elements against a node of a grammar.
///
/// Nearly every segment is right, so that is found out first, without noting anything
/// (`areRight`); only for one that is not are its faults gathered (`issues`).
struct ElementCheck: ~Copyable {
    var grammar: Grammar
    /// The classes of bytes under the interchange's delimiters.
    var classes = ByteClasses()

    init(_ grammar: Grammar) { self.grammar = grammar }

    /// Whether nothing is wrong with the elements.
    ///
    /// - Complexity: O(elements), and O(bytes) for dates, composites and what looks odd.
    func areRight(_ segment: borrowing X12Segment, _ node: Int) -> Bool {
        let layout = grammar.nodes[node]
        let defined = Int(layout.elementCount)
        guard segment.elementCount - 1 <= defined else { return false }
        let held = segment.heldCount - 1
        let start = Int(layout.elementStart)
        var present: UInt64 = 0
        var index = 0
        while index < held {
            let mark = segment.marks[index + 1]
            if mark.byteCount != 0 {
                present |= 1 &<< UInt64(truncatingIfNeeded: index)
                guard isPlainlyRight(mark, start + index) || isRight(segment, index, start + index)
                else { return false }
            }
            index += 1
        }
        guard layout.requiredMask & ~present == 0 else { return false }
        var relation = Int(layout.relationStart)
        let end = relation + Int(layout.relationCount)
        while relation < end {
            guard Self.holds(grammar.relations[relation], present) else { return false }
            relation += 1
        }
        return true
    }

    /// Whether the classes of its bytes, its length and its code show that a value is right.
    ///
    /// - Parameter index: the element's, in the grammar.
    @inline(__always)
    private func isPlainlyRight(_ mark: ElementMark, _ index: Int) -> Bool {
        let element = grammar.elements[index]
        guard mark.classes & element.doubtful == 0,
            mark.byteCount >= UInt32(element.byteCountMin),
            mark.byteCount <= UInt32(element.byteCountMax)
        else { return false }
        return !element.codes.isLimited
            || element.codes.holds(mark.packed, slots: grammar.codeSlots)
    }

    /// Whether an element that the quick check doubts is right all the same.
    ///
    /// - Parameter place: the element's index in the grammar.
    private func isRight(_ segment: borrowing X12Segment, _ index: Int, _ place: Int) -> Bool {
        if grammar.elements[place].isUnused { return false }
        let mark = segment.marks[index + 1]
        let isComposite = grammar.elements[place].kind == .composite
        // Repetitions are rare; without them an element is checked where it stands.
        if mark.classes & ByteClass.repetition != 0
            || (mark.classes & ByteClass.component != 0 && !isComposite)
        {
            var issues: [ElementIssue] = []
            parts(segment, index, place, &issues)
            return issues.isEmpty
        }
        if isComposite { return isRightComposite(segment, mark.range, place) }
        return fault(segment, mark, place, format: segment.packed(index)) == nil
    }

    /// Whether a composite's components are right, without noting what is not.
    private func isRightComposite(
        _ segment: borrowing X12Segment, _ range: Range<Int>, _ place: Int
    ) -> Bool {
        let element = grammar.elements[place]
        var component = Int(element.componentStart)
        let end = component + Int(element.componentCount)
        let endMin = component + Int(element.componentCountMin)
        var start = range.lowerBound
        var before: UInt64 = 0
        while start <= range.upperBound {
            guard component < end else { return false }
            let mark = classes.mark(
                segment.bytes, start..<range.upperBound, until: ByteClass.component)
            if mark.byteCount == 0 {
                if grammar.elements[component].isRequired { return false }
            } else {
                guard
                    isPlainlyRight(mark, component)
                        || fault(segment, mark, component, format: before) == nil
                else { return false }
            }
            before = mark.packed
            component += 1
            start += Int(mark.byteCount) + 1
        }
        return component >= endMin
    }

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

    /// What is wrong with a value.
    ///
    /// - Parameters:
    ///   - place: the index of its element or component in the grammar.
    ///   - format: the element or component before it, packed, which may name its format.
    func fault(
        _ segment: borrowing X12Segment, _ mark: ElementMark, _ place: Int, format: UInt64
    ) -> ElementFault? {
        let element = grammar.elements[place]
        if element.isUnused { return .unused }
        if mark.classes & ByteClass.invalid != 0 { return .invalid }
        let separators = ByteClass.component | ByteClass.repetition
        if mark.classes & separators != 0 { return .tooManyParts }
        let (bytes, range) = (segment.bytes, mark.range)
        switch element.kind {
        case .date:
            let isWhole = range.count == Int(element.byteCountMax)
            return isWhole && CalendarCheck.isDate(bytes, range) ? nil : .date
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
            !element.codes.holds(mark.packed, slots: grammar.codeSlots)
        {
            return .code
        }
        if element.kind == .formatted {
            return CalendarCheck.fault(bytes, range, format: format)
        }
        return nil
    }
}
