/// Walks the segments of one set through its grammar, and notes what is wrong.
///
/// It holds a frame for each loop that is open and a count for each node of those loops, so memory
/// is bounded by the grammar. The cursor of a frame is the group that the last segment was of:
///
/// 1. a segment that stands at the cursor or after it, in the innermost loop where it does, is
///    accepted; what was passed over and must stand is missing;
/// 2. else, one that was met as often as it may is too many (5; 4 for a loop);
/// 3. else, where it was reported missing, the segment that came too early is out of sequence (7);
/// 4. else, one that stands in a loop whose header did not come, with nothing else missing before
///    it, opens the loop, and the header is missing; and any other that stands before the cursor is
///    out of sequence itself (7);
/// 5. else, one whose key no table knows is the first that its id allows, and the key is wrong;
/// 6. else, it is unexpected (2), of another set (6), or unknown (1).
struct SetWalker {
    /// How many issues of a set are held; a 999 with more helps nobody.
    static let issueCountMax = 1_000

    /// How deep loops may stand in one another, and how many nodes those loops may have.
    static let depthMax = 16
    static let nodeCountMax = 512

    var grammar: Grammar
    let knownIDs: Set<UInt32>
    /// The classes of bytes under the interchange's delimiters.
    var table: [UInt8]
    // Arrays of a fixed size: as parts of the value they were copied for each look at them.
    var frames = [Frame](repeating: Frame(), count: depthMax)
    var frameCount = 0
    var counts = [Int32](repeating: 0, count: nodeCountMax)
    var countCount = 0
    var serial: Int32 = 0
    var pending: [Pending] = []
    /// Where the present segment starts, in bytes.
    var offset = 0
    var issues: [SegmentIssue] = []
    /// How many issues more there were.
    var droppedIssueCount = 0
    /// How many HL segments came.
    var levelCount = 0
    /// The claim or inquiry that the segments belong to.
    var unitName = ""
    var unit = [UInt8](repeating: 0, count: 50)
    var unitByteCount = 0

    struct Frame {
        var loop: Int32 = 0
        var cursor: Int32 = 0
        var requiredNext: Int32 = 0
        var countBase = 0
        var serial: Int32 = 0
        /// The number of the HL that it began with; 0 where it began with none.
        var level = 0
    }

    /// A segment that was reported missing, which may yet turn out to be late.
    struct Pending {
        var frame: Int32
        var node: Int
        var issue: Int
        var offender: UInt32
    }

    init(_ grammar: Grammar, knownIDs: Set<UInt32>) {
        self.grammar = grammar
        self.knownIDs = knownIDs
        table = ByteClass.array(X12Delimiters())
    }

    /// Goes by other delimiters from now on.
    mutating func use(_ delimiters: X12Delimiters) { table = ByteClass.array(delimiters) }

    /// Whether anything was wrong.
    var hasIssues: Bool { !issues.isEmpty || droppedIssueCount > 0 }

    /// Begins a set with its ST segment.
    mutating func begin(_ grammar: Grammar, _ segment: borrowing X12Segment) {
        self.grammar = grammar
        frameCount = 0
        countCount = 0
        unitByteCount = 0
        levelCount = 0
        pending.removeAll(keepingCapacity: true)
        issues = []
        droppedIssueCount = 0
        push(0)
        offset = segment.offset
        checkElements(segment, 0, loop: 0, position: 1)
    }

    /// Takes the next segment.
    mutating func step(_ segment: borrowing X12Segment, _ position: Int) {
        let id = segment.id
        offset = segment.offset
        var exceeded: (depth: Int, node: Int)?
        var depth = frameCount - 1
        let bit = Grammar.bit(id)
        let nodeIDs = grammar.nodeIDs
        while depth >= 0 {
            let frame = frames[depth]
            let loop = grammar.loops[Int(frame.loop)]
            var node = Int(frame.cursor)
            let end = Int(loop.end)
            // Most loops that are left hold no such segment any more.
            if node < end && grammar.later[node] & bit == 0 { node = end }
            while node < end {
                if nodeIDs[node] == id, matches(node, segment) {
                    let count = counts[frame.countBase + node - Int(loop.start)]
                    if count < grammar.nodes[node].useCountMax {
                        return accept(depth, node, segment, position)
                    }
                    if exceeded == nil { exceeded = (depth, node) }
                }
                node += 1
            }
            depth -= 1
        }
        mismatch(segment, position, exceeded)
    }

    /// Takes the end of the set, whose SE stands at `position`.
    mutating func finish(_ position: Int, offset: Int) {
        self.offset = offset
        while frameCount > 0 { pop(position, Packed.se) }
        if !issues.isEmpty { issues.removeAll { $0.code.isEmpty } }
    }

    // MARK: frames

    mutating func push(_ loop: Int) {
        let layout = grammar.loops[loop]
        serial &+= 1
        frames[frameCount] = Frame(
            loop: Int32(loop), cursor: layout.start + 1, requiredNext: layout.requiredStart,
            countBase: countCount, serial: serial)
        frameCount += 1
        counts[countCount] = 1
        let end = countCount + Int(layout.end - layout.start)
        for index in (countCount + 1)..<max(end, countCount + 1) { counts[index] = 0 }
        countCount = end
    }

    mutating func pop(_ position: Int, _ offender: UInt32) {
        let depth = frameCount - 1
        requireUp(to: grammar.loops[Int(frames[depth].loop)].end, depth, position, offender)
        let frame = frames[depth]
        frameCount -= 1
        countCount = frame.countBase
        if !pending.isEmpty { pending.removeAll { $0.frame == frame.serial } }
    }

    /// Reports what must stand before `limit` in a frame and did not come.
    mutating func requireUp(
        to limit: Int32, _ depth: Int, _ position: Int, _ offender: UInt32
    ) {
        let frame = frames[depth]
        let loop = grammar.loops[Int(frame.loop)]
        var next = frame.requiredNext
        while next < loop.requiredEnd {
            let node = grammar.required[Int(next)]
            guard node < limit else { break }
            if counts[frame.countBase + Int(node - loop.start)] == 0 {
                missing(Int(node), frame, position, offender)
            }
            next += 1
        }
        frames[depth].requiredNext = next
    }

    mutating func missing(
        _ node: Int, _ frame: Frame, _ position: Int, _ offender: UInt32
    ) {
        let layout = grammar.nodes[node]
        let loop = layout.loop >= 0 ? layout.loop : frame.loop
        pending.append(
            Pending(frame: frame.serial, node: node, issue: issues.count, offender: offender))
        report(Packed.text(layout.id), position, Int(loop), "3")
    }

    mutating func report(_ id: String, _ position: Int, _ loop: Int, _ code: String) {
        report(
            SegmentIssue(
                segmentID: id, position: position, loop: grammar.name(ofLoop: loop), code: code))
    }

    mutating func report(_ issue: SegmentIssue) {
        guard issues.count < Self.issueCountMax else {
            droppedIssueCount += 1
            return
        }
        var issue = issue
        issue.offset = offset
        if unitByteCount > 0 {
            let bytes = (0..<unitByteCount).map { unit[$0] }
            issue.unit = BusinessUnit(
                name: unitName, value: String(decoding: bytes, as: UTF8.self))
        }
        issues.append(issue)
    }

    // MARK: matching

    @inline(__always)
    func matches(_ node: Int, _ segment: borrowing X12Segment) -> Bool {
        let layout = grammar.nodes[node]
        if layout.keyCount == 0 { return true }
        let key = key(layout, segment)
        for index in layout.keyStart..<(layout.keyStart + layout.keyCount)
        where grammar.codes[Int(index)] == key { return true }
        return false
    }

    func key(_ layout: GrammarNode, _ segment: borrowing X12Segment) -> UInt64 {
        let range = segment.range(Int(layout.keyElement))
        if layout.keyComponent == 0 { return X12Segment.packed(segment.bytes, range) }
        // Only first components are keys.
        var end = range.lowerBound
        while end < range.upperBound && classIsPlain(segment.bytes[end]) { end += 1 }
        return X12Segment.packed(segment.bytes, range.lowerBound..<end)
    }

    /// Whether a byte can be part of a code.
    func classIsPlain(_ byte: UInt8) -> Bool { !X12Delimiters.isUsable(byte) }

    mutating func accept(
        _ depth: Int, _ node: Int, _ segment: borrowing X12Segment, _ position: Int,
        isChecked: Bool = true
    ) {
        while frameCount - 1 > depth { pop(position, segment.id) }
        let layout = grammar.nodes[node]
        if layout.group > frames[depth].cursor {
            requireUp(to: layout.group, depth, position, segment.id)
            frames[depth].cursor = layout.group
        }
        enter(depth, node, segment, position, isChecked: isChecked)
    }

    /// Counts a node of a frame, opens its loop, and checks the segment's elements.
    mutating func enter(
        _ depth: Int, _ node: Int, _ segment: borrowing X12Segment, _ position: Int,
        isChecked: Bool
    ) {
        let layout = grammar.nodes[node]
        let loop = Int(frames[depth].loop)
        counts[frames[depth].countBase + node - Int(grammar.loops[loop].start)] += 1
        noteUnit(segment)
        guard layout.loop >= 0 else {
            if isChecked { checkElements(segment, node, loop: loop, position: position) }
            return
        }
        let inner = Int(layout.loop)
        push(inner)
        if segment.id == Packed.hl { checkLevel(segment, inner, position) }
        if isChecked {
            let header = Int(grammar.loops[inner].start)
            checkElements(segment, header, loop: inner, position: position)
        }
    }

    /// Checks that levels are numbered from 1, and that each names the level that it stands in.
    mutating func checkLevel(
        _ segment: borrowing X12Segment, _ loop: Int, _ position: Int
    ) {
        levelCount += 1
        frames[frameCount - 1].level = levelCount
        var parent = 0
        var depth = frameCount - 2
        while depth >= 0 && parent == 0 {
            parent = frames[depth].level
            depth -= 1
        }
        let (number, above) = (segment.range(1), segment.range(2))
        var wrong: [ElementIssue] = []
        if !number.isEmpty && CalendarCheck.number(segment.bytes, number) != levelCount {
            wrong.append(ElementIssue(position: 1, reference: "628", code: "I12"))
        }
        if !above.isEmpty && parent > 0
            && CalendarCheck.number(segment.bytes, above) != parent
        {
            wrong.append(ElementIssue(position: 2, reference: "734", code: "I12"))
        }
        guard !wrong.isEmpty else { return }
        for index in wrong.indices {
            wrong[index].badValue = badValue(segment, segment.range(wrong[index].position))
        }
        report(
            SegmentIssue(
                segmentID: "HL", position: position, loop: grammar.name(ofLoop: loop), code: "8",
                elements: wrong))
    }

    /// Remembers what a claim or an inquiry is known by.
    @inline(__always)
    mutating func noteUnit(_ segment: borrowing X12Segment) {
        switch segment.id {
        case Packed.clm: hold("CLM01", segment, 1)
        case Packed.trn: hold("TRN02", segment, 2)
        case Packed.hl, Packed.ins: unitByteCount = 0
        case Packed.ref where segment.packed(1) == Packed.subscriber:
            if grammar.setID == "834" { hold("SUBSCRIBER NUMBER REF02", segment, 2) }
        default: break
        }
    }

    mutating func hold(_ name: String, _ segment: borrowing X12Segment, _ element: Int) {
        let range = segment.range(element)
        unitByteCount = 0
        guard element < segment.heldCount, range.count <= 50,
            segment.marks[element].classes & ~ElementMark.plain == 0
        else { return }
        for (index, place) in range.enumerated() { unit[index] = segment.bytes[place] }
        unitName = name
        unitByteCount = range.count
    }
}
