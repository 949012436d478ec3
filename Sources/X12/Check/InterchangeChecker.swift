/// Checks interchanges and gathers what each is answered with.
///
/// It is a sink for `X12Parser`, or takes bytes by itself:
///
///     var checker = InterchangeChecker(partners: partners, library: library) { _ in false }
///     checker.consume(bytes.span)
///     for result in checker.finish() { … }
///
/// An interchange with any fault is rejected as a whole (TA1 `R`, no 999). Memory is bounded by the
/// number of sets and by `SetWalker.issueCountMax` issues each.
public struct InterchangeChecker: ~Copyable {
    private var parser = X12Parser()
    private var sink: InterchangeSink

    /// A checker.
    ///
    /// - Parameter isDuplicate: whether an interchange with this key was taken before, inside the
    ///   duplicate window. Repetitions within the bytes are noticed without it.
    /// - Parameter readsAcknowledgments: whether groups of 999s are checked too, and given among
    ///   the groups of a result, though no 999 answers them: what is to be sent is checked so.
    public init(
        partners: X12Partners, library: GrammarLibrary, readsAcknowledgments: Bool = false,
        isDuplicate: @escaping @Sendable (InterchangeKey) -> Bool
    ) {
        sink = InterchangeSink(
            partners: partners, library: library, readsAcknowledgments: readsAcknowledgments,
            isDuplicate: isDuplicate)
    }

    /// Takes the next bytes.
    public mutating func consume(_ bytes: Span<UInt8>) { parser.consume(bytes, into: &sink) }

    /// Ends the bytes, and gives a result for each interchange.
    public mutating func finish() -> [InterchangeResult] {
        parser.finish(into: &sink)
        return sink.results
    }

    /// How many segments were read, ISA among them.
    public var segmentCount: Int { sink.segmentCount }
}

/// The state of checking: which of interchange, group and set are open.
struct InterchangeSink: ~Copyable, X12Sink {
    let partners: X12Partners
    let library: GrammarLibrary
    let readsAcknowledgments: Bool
    let isDuplicate: @Sendable (InterchangeKey) -> Bool
    private(set) var results: [InterchangeResult] = []
    private(set) var segmentCount = 0
    private var seen: Set<InterchangeKey> = []
    /// What holds for the present interchange.
    private var current: X12Partners

    private var header: InterchangeHeader?
    private var fault: InterchangeFault?
    private var isTrailerSeen = false
    private var answerCount = 0
    private var groupCount = 0
    private var groupNumbers: Set<String> = []
    private var groups: [GroupResult] = []
    private var number = 0
    private var group: GroupCheck?
    private var set: SetCheck?
    private var isInSet = false
    /// The present segment's number in its set.
    private var position = 0
    private var walker: SetWalker
    /// Whether the walker goes through the open set.
    private var isWalking = false

    init(
        partners: X12Partners, library: GrammarLibrary, readsAcknowledgments: Bool,
        isDuplicate: @escaping @Sendable (InterchangeKey) -> Bool
    ) {
        self.readsAcknowledgments = readsAcknowledgments
        self.partners = partners
        current = partners
        self.library = library
        self.isDuplicate = isDuplicate
        walker = SetWalker(library.grammars[0], knownIDs: library.knownIDs)
    }

    mutating func begin(_ header: InterchangeHeader) {
        self.header = header
        segmentCount += 1
        number = 1
        isTrailerSeen = false
        answerCount = 0
        groupCount = 0
        groupNumbers = []
        groups = []
        walker.use(header.delimiters)
        let key = InterchangeKey(header)
        current = partners.narrowed(to: key)
        fault = HeaderCheck(partners: current).fault(header)
        if fault == nil {
            if isDuplicate(key) || !seen.insert(key).inserted {
                fault = InterchangeFault(
                    note: "025", offset: header.offset, segment: 1, element: 13)
            }
        }
    }

    mutating func segment(_ segment: borrowing X12Segment) {
        segmentCount += 1
        number += 1
        let id = segment.id
        if isInSet {
            position += 1
            guard Self.endsSet(id) else {
                if isWalking { walker.step(segment, position) }
                return
            }
            closeSet(segment)
            if id == Packed.se { return }
        }
        envelope(segment)
    }

    /// Whether a segment cannot stand in a set.
    @inline(__always)
    private static func endsSet(_ id: UInt32) -> Bool {
        id == Packed.se || id == Packed.st || id == Packed.ge || id == Packed.gs
            || id == Packed.iea
    }

    /// Whether groups of this kind are gone through.
    private func isRead(_ functionalID: String?) -> Bool {
        readsAcknowledgments || functionalID != "FA"
    }

    private mutating func closeSet(_ segment: borrowing X12Segment) {
        guard var closing = set else { return }
        set = nil
        isInSet = false
        if isWalking {
            walker.finish(position, offset: segment.offset)
            closing.result.issues = walker.issues
            closing.result.droppedIssueCount = walker.droppedIssueCount
        }
        closing.finish(segment, position)
        // What is rejected as a whole, or only acknowledges, is counted and not kept.
        if fault != nil || !isRead(group?.result.functionalID) {
            group?.uncheckedCount += 1
        } else {
            group?.result.sets.append(closing.result)
        }
    }

    /// Takes a segment outside any set.
    private mutating func envelope(_ segment: borrowing X12Segment) {
        switch segment.id {
        case Packed.st where group != nil: openSet(segment)
        case Packed.ge where group != nil: closeGroup(segment)
        case Packed.gs:
            if group != nil { closeGroup(segment) }
            openGroup(segment)
        case Packed.iea:
            if group != nil { closeGroup(segment) }
            trailer(segment)
        case Packed.ta1:
            if group != nil || groupCount > 0 {
                note("022", segment)
            } else {
                answerCount += 1
            }
        case Packed.ge, Packed.se: note("022", segment)
        default: note("024", segment)
        }
    }

    /// Notes a fault, unless there is one already.
    private mutating func note(_ note: String, _ segment: borrowing X12Segment) {
        if fault == nil {
            fault = InterchangeFault(note: note, offset: segment.offset, segment: number)
        }
    }

    private mutating func openSet(_ segment: borrowing X12Segment) {
        guard let functionalID = group?.result.functionalID, let version = group?.result.version,
            let isSupported = group?.isSupported
        else { return }
        // A rejected interchange gets no 999, and acknowledgments get none either.
        let isRead = fault == nil && self.isRead(functionalID)
        var check = SetCheck(
            segment,
            group: SetCheck.Group(
                functionalID: functionalID, version: version, isSupported: isSupported),
            partners: current, library: library)
        if isRead, group?.numbers.insert(check.result.controlNumber).inserted == false {
            check.add("23")
        }
        isWalking = false
        if isRead, let grammar = check.grammar {
            walker.begin(grammar, segment)
            isWalking = true
        }
        set = check
        isInSet = true
        position = 1
    }

    private mutating func openGroup(_ segment: borrowing X12Segment) {
        groupCount += 1
        var check = GroupCheck(segment, partners: current)
        if !groupNumbers.insert(check.result.controlNumber).inserted { check.add("19") }
        group = check
    }

    private mutating func closeGroup(_ segment: borrowing X12Segment) {
        guard var closing = group else { return }
        group = nil
        let isTrailer = segment.id == Packed.ge
        closing.finish(
            count: isTrailer ? segment.text(1) : nil, number: isTrailer ? segment.text(2) : nil)
        if fault == nil { groups.append(closing.result) }
    }

    private mutating func trailer(_ segment: borrowing X12Segment) {
        isTrailerSeen = true
        if let header, segment.text(2) != header.controlNumber { note("001", segment) }
        let count = segment.text(1)
        if !Self.isCount(count, groupCount) { note("021", segment) }
        if groupCount == 0 && answerCount == 0 { note("024", segment) }
    }

    /// Whether a text is a number, and this one.
    static func isCount(_ text: String, _ count: Int) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(text) == count
    }

    mutating func end(_ end: InterchangeEnd) {
        guard let header else { return }
        if fault == nil {
            switch end {
            case .trailer: break
            case .endOfBytes(let holdsTrailer):
                fault = InterchangeFault(
                    note: holdsTrailer && number == 1 ? "022" : "023", offset: header.offset,
                    segment: number)
            case .nextHeader:
                fault = InterchangeFault(note: "022", offset: header.offset, segment: number)
            case .segmentTooLong(let offset):
                fault = InterchangeFault(note: "022", offset: offset, segment: number)
            }
        }
        var result = InterchangeResult(header: header, fault: fault)
        result.isQuarantined = header.irregular != nil
        result.ta1 = answer(header)
        if fault == nil {
            let answered = groups.filter { isRead($0.functionalID) }
            if !answered.isEmpty { result.groups = answered }
        }
        results.append(result)
        self.header = nil
        group = nil
        set = nil
        isInSet = false
        groups = []
    }

    /// The TA1 that is due: never for an interchange that only brings TA1s.
    private func answer(_ header: InterchangeHeader) -> TA1Content? {
        if answerCount > 0 && groupCount == 0 { return nil }
        let policy = current.senders[InterchangeKey(header).sender] ?? .asRequested
        guard policy != .never, header.isAnswerable else { return nil }
        if fault == nil && policy == .asRequested && header.elements[13] != "1" { return nil }
        return TA1Content(
            controlNumber: header.controlNumber, date: header.elements[8],
            time: header.elements[9], code: fault == nil ? "A" : "R", note: fault?.note ?? "000")
    }

    mutating func unreadable(offset: Int) {
        var result = InterchangeResult()
        result.isQuarantined = true
        result.fault = InterchangeFault(note: "022", offset: offset, segment: 0)
        results.append(result)
    }
}
