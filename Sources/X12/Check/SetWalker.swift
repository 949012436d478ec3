/// Walks the segments of one set through its grammar, and notes what is wrong.
///
/// It holds a frame for each loop that is open and a count for each node of those loops, so memory
/// is bounded by the grammar. The cursor of a frame is the group that the last segment was of:
///
/// 1. a segment that stands at the cursor or after it, in the innermost loop where it does, is
///    accepted; what was passed over and must stand is missing;
/// 2. else, one that was met as often as it may is too many (5; 4 for a loop);
/// 3. else, where it was reported missing, the segment that came too early is out of sequence (7);
/// 4. else, one that changed places with its neighbour is out of sequence, or its neighbour is (7);
/// 5. else, one that stands in a loop whose header did not come, with nothing else missing before
///    it, opens the loop, and the header is missing; and any other that stands before the cursor is
///    out of sequence itself (7);
/// 6. else, it is one of its id that the innermost loop allows, and its key is wrong, where no
///    table knows the key or the one that stands there has no neighbours that differ by it;
/// 7. else, it is unexpected (2), of another set (6), or unknown (1).
struct SetWalker: ~Copyable {
    /// How many issues of a set are held; a 999 with more helps nobody.
    static let issueCountMax = 1_000

    /// How deep loops may stand in one another, and how many nodes those loops may have.
    static let depthMax = 16
    static let nodeCountMax = 512
    /// How many bytes the number of a claim or inquiry may have.
    static let unitByteCountMax = 50

    var grammar: Grammar
    let knownIDs: Set<UInt32>
    var elementCheck: ElementCheck
    var frames = FixedMemory(repeating: Frame(), count: depthMax)
    var frameCount = 0
    var counts = FixedMemory<Int32>(repeating: 0, count: nodeCountMax)
    /// Where a node of those that were counted came first.
    var places = FixedMemory(repeating: Place(), count: nodeCountMax)
    var countCount = 0
    var serial: Int32 = 0
    var pending: [Pending] = []
    /// What was missing last in a loop that was closed.
    var closed: Pending?
    /// Where the present segment starts, in bytes.
    var offset = 0
    var issues: [SegmentIssue] = []
    /// How many issues more there were.
    var droppedIssueCount = 0
    /// How many HL segments came, or should have.
    var levelCount: Int32 = 0
    /// The number of the last one.
    var levelNumber: Int32 = 0
    /// Whether the last one did not come.
    var isLevelMissed = false
    /// What was unexpected last.
    var stray: Stray?
    /// The loop that was opened last without its header.
    var guess: Guess?
    /// The claim or inquiry that the segments belong to.
    var unitKind = UnitKind.claim
    var unit = FixedMemory<UInt8>(repeating: 0, count: unitByteCountMax)
    var unitByteCount = 0

    struct Frame {
        var loop: Int32 = 0
        /// The loop's first node.
        var start: Int32 = 0
        var cursor: Int32 = 0
        /// Where the next node that must stand is listed, and which it is; none where too large.
        var requiredNext: Int32 = 0
        var requiredNode = Int32.max
        var countBase = 0
        var serial: Int32 = 0
        /// The count of HLs at the one that it began with; 0 where it began with none, below 0
        /// where that did not come.
        var level: Int32 = 0
        /// The number that this HL has.
        var levelNumber: Int32 = 0
        /// Whether this HL says that levels stand in it.
        var hasLevels = false
    }

    /// A segment's position in the set, and where it starts, in bytes.
    struct Place {
        var position = 0
        var offset = 0
    }

    /// A segment that was unexpected: it may be one that is missing, with a wrong key.
    struct Stray {
        var frame: Int32
        var id: UInt32
        var issue: Int
        /// Its first element.
        var value: String?
    }

    /// A segment that was reported missing, which may yet turn out to be late.
    struct Pending {
        var frame: Int32
        var node: Int
        var issue: Int
        var offender: UInt32
        /// Where the offender stands.
        var place: Place
    }

    init(_ grammar: Grammar, knownIDs: Set<UInt32>) {
        self.grammar = grammar
        self.knownIDs = knownIDs
        elementCheck = ElementCheck(grammar)
    }

    /// Goes by other delimiters from now on.
    mutating func use(_ delimiters: X12Delimiters) { elementCheck.classes.use(delimiters) }

    /// Whether anything was wrong.
    var hasIssues: Bool { !issues.isEmpty || droppedIssueCount > 0 }

    /// Begins a set with its ST segment.
    mutating func begin(_ grammar: Grammar, _ segment: borrowing X12Segment) {
        self.grammar = grammar
        elementCheck.grammar = grammar
        frameCount = 0
        countCount = 0
        unitByteCount = 0
        levelCount = 0
        levelNumber = 0
        isLevelMissed = false
        stray = nil
        closed = nil
        guess = nil
        pending.removeAll(keepingCapacity: true)
        issues = []
        droppedIssueCount = 0
        push(0)
        offset = segment.offset
        checkElements(segment, 0, loop: 0, position: 1)
        // ST02 is judged with the envelope.
        if !issues.isEmpty {
            issues[0].elements.removeAll { $0.position == 2 }
            if issues[0].elements.isEmpty { issues = [] }
        }
    }

    /// Takes the next segment.
    mutating func step(_ segment: borrowing X12Segment, _ position: Int) {
        offset = segment.offset
        if guess != nil && settle(segment, position) { return }
        if segment.id == Packed.hl && isDoubledLevel(segment) {
            return report("HL", position, Int(frames[frameCount - 1].loop), "5")
        }
        var exceeded: (depth: Int, node: Int)?
        let id = grammar.segmentIDs.number(segment.id)
        var depth = id < 0 ? -1 : frameCount - 1
        while depth >= 0 {
            let frame = frames[depth]
            let row = grammar.candidates(ofLoop: frame.loop, id: id)
            let key = row.end > row.start ? Self.key(row.place, segment) : 0
            var index = Int(row.start)
            while index < Int(row.end) {
                let candidate = grammar.candidates[index]
                index += 1
                guard candidate.key == key || candidate.key == 0, candidate.node >= frame.cursor
                else { continue }
                let node = Int(candidate.node)
                let count = counts[frame.countBase + node - Int(frame.start)]
                if count < grammar.nodes[node].useCountMax {
                    return accept(depth, node, segment, position)
                }
                if exceeded == nil { exceeded = (depth, node) }
            }
            depth -= 1
        }
        mismatch(segment, position, exceeded)
    }

    /// Takes the end of the set, whose SE stands at `position`.
    mutating func finish(_ position: Int, offset: Int) {
        self.offset = offset
        while frameCount > 0 { pop(position, Packed.se) }
        // What was missing is found out late.
        issues = issues.filter { !$0.code.isEmpty }.enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }

    // MARK: frames

    mutating func push(_ loop: Int) {
        let layout = grammar.loops[loop]
        serial &+= 1
        frames[frameCount] = Frame(
            loop: Int32(truncatingIfNeeded: loop), start: layout.start, cursor: layout.start + 1,
            requiredNext: layout.requiredStart,
            requiredNode: requiredNode(layout.requiredStart, layout), countBase: countCount,
            serial: serial)
        frameCount += 1
        counts[countCount] = 1
        let end = countCount + Int(layout.end - layout.start)
        counts.fill((countCount + 1)..<max(end, countCount + 1), with: 0)
        countCount = end
    }

    mutating func pop(_ position: Int, _ offender: UInt32) {
        let depth = frameCount - 1
        requireUp(to: .max, depth, position, offender)
        frameCount = depth
        countCount = frames[depth].countBase
        if !pending.isEmpty { forget(frames[depth].serial) }
    }

    /// What a closed loop misses cannot come late any more, but right after what closed it.
    private mutating func forget(_ frame: Int32) {
        closed = pending.last { $0.frame == frame }
        pending.removeAll { $0.frame == frame }
    }

    /// The node that is listed at a place among those of a loop that must stand.
    @inline(__always)
    private func requiredNode(_ next: Int32, _ loop: GrammarLoop) -> Int32 {
        next < loop.requiredEnd ? grammar.required[Int(next)] : .max
    }

    /// Reports what must stand before `limit` in a frame and did not come.
    @inline(__always)
    mutating func requireUp(
        to limit: Int32, _ depth: Int, _ position: Int, _ offender: UInt32
    ) {
        if frames[depth].requiredNode < limit { require(limit, depth, position, offender) }
    }

    private mutating func require(
        _ limit: Int32, _ depth: Int, _ position: Int, _ offender: UInt32
    ) {
        let frame = frames[depth]
        let loop = grammar.loops[Int(frame.loop)]
        if limit == .max && isHeaderDoubled(depth, offender) {
            return report(Packed.text(offender), position, Int(frame.loop), "5")
        }
        var (next, node) = (frame.requiredNext, frame.requiredNode)
        while node < limit {
            if counts[frame.countBase + Int(node - frame.start)] == 0 {
                missing(Int(node), frame, position, offender)
            }
            next += 1
            node = requiredNode(next, loop)
        }
        frames[depth].requiredNext = next
        frames[depth].requiredNode = node
    }

    mutating func missing(
        _ node: Int, _ frame: Frame, _ position: Int, _ offender: UInt32
    ) {
        let layout = grammar.nodes[node]
        let present = Place(position: position, offset: offset)
        if let stray, stray.frame == frame.serial, stray.id == layout.id, layout.loop < 0,
            layout.keyCount > 0, layout.keyPlace.component == 0
        {
            // It came, with a wrong key.
            self.stray = nil
            let element = Int(layout.elementStart) + Int(layout.keyPlace.element) - 1
            let reference = grammar.references[Int(grammar.elements[element].reference)]
            issues[stray.issue].code = "8"
            issues[stray.issue].elements = [
                ElementIssue(
                    position: Int(layout.keyPlace.element), reference: reference, code: "7",
                    badValue: stray.value)
            ]
            return
        }
        // Where it should have been: before what of its group comes after it.
        var place = present
        for later in (node + 1)..<max(Int(grammar.loops[Int(frame.loop)].end), node + 1)
        where grammar.nodes[later].group == layout.group {
            let index = frame.countBase + later - Int(frame.start)
            if counts[index] > 0 && places[index].position < place.position {
                place = places[index]
            }
        }
        let loop = layout.loop >= 0 ? layout.loop : frame.loop
        pending.append(
            Pending(
                frame: frame.serial, node: node, issue: issues.count, offender: offender,
                place: present))
        report(Packed.text(layout.id), place.position, Int(loop), "3", at: place.offset)
    }

    /// Reports a fault of a segment.
    ///
    /// - Parameter offset: where what stands at the position starts; default: the present segment.
    mutating func report(
        _ id: String, _ position: Int, _ loop: Int, _ code: String, at offset: Int? = nil
    ) {
        report(
            SegmentIssue(
                segmentID: id, position: position, loop: grammar.name(ofLoop: loop), code: code),
            at: offset)
    }

    mutating func report(_ issue: SegmentIssue, at offset: Int? = nil) {
        guard issues.count < Self.issueCountMax else {
            droppedIssueCount += 1
            return
        }
        var issue = issue
        issue.offset = offset ?? self.offset
        if unitByteCount > 0 {
            let bytes = (0..<unitByteCount).map { unit[$0] }
            issue.unit = BusinessUnit(
                name: unitKind.rawValue, value: String(decoding: bytes, as: UTF8.self))
        }
        issues.append(issue)
    }

    // MARK: matching

    /// Whether a segment that has the id of a node has its key too.
    func matches(_ node: Int, _ segment: borrowing X12Segment) -> Bool {
        let layout = grammar.nodes[node]
        if layout.keyCount == 0 { return true }
        let key = Self.key(layout.keyPlace, segment)
        return (layout.keyStart..<(layout.keyStart + layout.keyCount)).contains {
            grammar.keys[Int($0)] == key
        }
    }

    /// What tells a segment from others of its id, packed.
    @inline(__always)
    static func key(_ place: KeyPlace, _ segment: borrowing X12Segment) -> UInt64 {
        let index = Int(place.element)
        if place.component == 0 { return segment.packed(index) }
        var key: UInt64 = 0
        for byte in segment.range(index) {
            if X12Delimiters.isUsable(segment.bytes[byte]) { break }
            // More than eight bytes are no key.
            guard key >> 56 == 0 else { return 0 }
            key = key << 8 | UInt64(segment.bytes[byte])
        }
        return key
    }

    @inline(__always)
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
    @inline(__always)
    mutating func enter(
        _ depth: Int, _ node: Int, _ segment: borrowing X12Segment, _ position: Int,
        isChecked: Bool
    ) {
        let index = frames[depth].countBase + node - Int(frames[depth].start)
        if counts[index] == 0 { places[index] = Place(position: position, offset: offset) }
        counts[index] += 1
        noteUnit(segment)
        let inner = Int(grammar.nodes[node].loop)
        var place = (node: node, loop: Int(frames[depth].loop))
        if inner >= 0 {
            push(inner)
            place = (Int(grammar.loops[inner].start), inner)
            if isChecked && segment.id == Packed.hl {
                return checkElements(
                    segment, place.node, loop: place.loop, position: position,
                    levels: levelIssues(segment, frameCount - 1))
            }
        }
        if isChecked { checkElements(segment, place.node, loop: place.loop, position: position) }
    }

    /// Checks the elements of a segment against a node.
    ///
    /// - Parameter levels: what is wrong with the numbers of an HL.
    @inline(__always)
    mutating func checkElements(
        _ segment: borrowing X12Segment, _ node: Int, loop: Int, position: Int,
        levels: [ElementIssue] = []
    ) {
        if elementCheck.areRight(segment, node) && levels.isEmpty { return }
        var found = elementCheck.issues(segment, node)
        // A number is not judged by a level that is not the right one.
        for level in levels.reversed()
        where !found.contains(where: { $0.position == 3 || $0.position == level.position }) {
            let next = found.firstIndex { $0.position > level.position }
            found.insert(level, at: next ?? found.count)
        }
        guard !found.isEmpty else { return }
        report(
            SegmentIssue(
                segmentID: Packed.text(segment.id), position: position,
                loop: grammar.name(ofLoop: loop), code: "8", elements: found))
    }
}
