extension SetWalker {
    /// Takes a segment that stands nowhere from the cursor on.
    mutating func mismatch(
        _ segment: borrowing X12Segment, _ position: Int, _ exceeded: (depth: Int, node: Int)?
    ) {
        let id = Packed.text(segment.id)
        if let exceeded {
            let loop = grammar.nodes[exceeded.node].loop
            let own = Int(frames[exceeded.depth].loop)
            report(id, position, loop >= 0 ? Int(loop) : own, loop >= 0 ? "4" : "5")
            guard loop >= 0 else { return }
            // A header that only came twice begins nothing.
            let inner = exceeded.depth + 1
            if inner == frameCount - 1 && frames[inner].loop == loop && isFresh(inner) { return }
            accept(exceeded.depth, exceeded.node, segment, position, isChecked: false)
            return
        }
        if preceded(segment, position) || late(segment, position, isDue: true)
            || swapped(segment, position) || reguess(segment, position)
            || implied(segment, position) || late(segment, position, isDue: false)
            || mistaken(segment, position)
        {
            return
        }
        if let closed, closed.place.position == position - 1, closed.issue < issues.count,
            grammar.nodes[closed.node].id == segment.id, matches(closed.node, segment)
        {
            // Its loop was closed one segment too early.
            turn(closed)
            self.closed = nil
            let own = Int(grammar.nodes[closed.node].loop)
            return checkElements(
                segment, own >= 0 ? Int(grammar.loops[own].start) : closed.node,
                loop: max(own, Int(frames[frameCount - 1].loop)), position: position)
        }
        let text = segment.text(0)
        let code =
            grammar.segmentIDs.number(segment.id) >= 0 || Packed.isEnvelope(segment.id)
            ? "2" : knownIDs.contains(segment.id) ? "6" : "1"
        let innermost = max(frameCount - 1, 0)
        if code == "2" && frameCount > 0 && issues.count < Self.issueCountMax {
            stray = Stray(
                frame: frames[innermost].serial, id: segment.id, issue: issues.count,
                value: elementCheck.badValue(segment, segment.range(1)))
        }
        report(Self.reportable(text), position, Int(frames[innermost].loop), code)
    }

    /// A segment id as IK301 can repeat it.
    static func reportable(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { !X12Delimiters.isUsable($0) && $0 != 0x20 }
        return isPlain && (2...3).contains(text.utf8.count) ? text : "ZZZ"
    }

    /// Takes a segment that stands before the cursor.
    ///
    /// - Parameter isDue: only one that was reported missing.
    private mutating func late(
        _ segment: borrowing X12Segment, _ position: Int, isDue: Bool
    ) -> Bool {
        for depth in (0..<frameCount).reversed() {
            let frame = frames[depth]
            let loop = grammar.loops[Int(frame.loop)]
            for node in Int(loop.start + 1)..<max(Int(frame.cursor), Int(loop.start + 1))
            where grammar.nodes[node].id == segment.id && matches(node, segment) {
                let count = counts[frame.countBase + node - Int(loop.start)]
                guard count < grammar.nodes[node].useCountMax else { continue }
                let isPending = pending.contains { $0.frame == frame.serial && $0.node == node }
                guard isPending || !isDue else { continue }
                while frameCount - 1 > depth { pop(position, segment.id) }
                if let index = pending.firstIndex(where: {
                    $0.frame == frame.serial && $0.node == node
                }) {
                    turn(pending.remove(at: index))
                } else {
                    disorder(depth, node, segment, position)
                }
                enter(depth, node, segment, position, isChecked: true)
                return true
            }
            // It closes no loop that still misses something.
            if !isDue && !isComplete(depth, upTo: loop.end) { return false }
        }
        return false
    }

    /// Takes a segment that changed places with the one before it, which is its neighbour in the
    /// table too.
    private mutating func swapped(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        let depth = frameCount - 1
        let frame = frames[depth]
        guard frame.cursor > frame.start + 1 else { return false }
        let before = grammar.nodes[Int(frame.cursor) - 1].group
        guard before > frame.start, before < frame.cursor else { return false }
        for node in Int(before)..<Int(frame.cursor)
        where grammar.nodes[node].id == segment.id && matches(node, segment)
            && counts[frame.countBase + node - Int(frame.start)] == 0
        {
            disorder(depth, node, segment, position)
            enter(depth, node, segment, position, isChecked: true)
            return true
        }
        return false
    }

    /// Reports that a segment came too late: the one before it, where that alone came too early.
    private mutating func disorder(
        _ depth: Int, _ node: Int, _ segment: borrowing X12Segment, _ position: Int
    ) {
        let frame = frames[depth]
        let group = grammar.nodes[node].group
        var came: [Int] = []
        for later in node..<Int(grammar.loops[Int(frame.loop)].end)
        where grammar.nodes[later].group > group
            && counts[frame.countBase + later - Int(frame.start)] > 0
        {
            came.append(later)
        }
        if came.count == 1, grammar.nodes[came[0]].loop < 0,
            places[frame.countBase + came[0] - Int(frame.start)].position == position - 1
        {
            let place = places[frame.countBase + came[0] - Int(frame.start)]
            report(
                Packed.text(grammar.nodes[came[0]].id), position - 1, Int(frame.loop), "7",
                at: place.offset)
        } else {
            let inner = grammar.nodes[node].loop
            report(
                Packed.text(segment.id), position, inner >= 0 ? Int(inner) : Int(frame.loop), "7")
        }
    }

    /// Turns a missing segment into one that was out of sequence: the one that came before it.
    mutating func turn(_ missing: Pending) {
        guard missing.issue < issues.count else { return }
        let offender = Packed.text(missing.offender)
        let isTold = issues.contains {
            $0.position == missing.place.position && $0.code == "7" && $0.segmentID == offender
        }
        issues[missing.issue].segmentID = offender
        issues[missing.issue].position = missing.place.position
        issues[missing.issue].offset = missing.place.offset
        issues[missing.issue].code = isTold ? "" : "7"
    }

    /// Takes a segment whose loop's header did not come.
    private mutating func implied(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        guard let place = headerless(segment) else { return false }
        report(
            Packed.text(grammar.nodes[place.node].id), position,
            Int(grammar.nodes[place.node].loop), "3")
        let issue = issues.count - 1
        open(place, segment, position)
        if frameCount - 1 == place.depth + 1 {
            guess = Guess(
                position: position, id: segment.id, depth: place.depth + 1, node: place.node,
                issue: issue, isMissing: true)
        }
        step(segment, position)
        return true
    }

    /// Opens a loop whose header did not come.
    mutating func open(
        _ place: (depth: Int, node: Int), _ segment: borrowing X12Segment, _ position: Int
    ) {
        accept(place.depth, place.node, segment, position, isChecked: false)
        guard grammar.nodes[place.node].id == Packed.hl else { return }
        frames[frameCount - 1].level = -1
        isLevelMissed = true
    }

    /// Where a loop stands that has a segment, and whose header did not come: one in which it must
    /// stand, else one in which it may.
    func headerless(_ segment: borrowing X12Segment) -> (depth: Int, node: Int)? {
        headerless(segment, isRequired: true) ?? headerless(segment, isRequired: false)
    }

    private func headerless(
        _ segment: borrowing X12Segment, isRequired: Bool
    ) -> (depth: Int, node: Int)? {
        for depth in (0..<frameCount).reversed() {
            let frame = frames[depth]
            let loop = grammar.loops[Int(frame.loop)]
            for node in Int(frame.cursor)..<Int(loop.end) where grammar.nodes[node].loop >= 0 {
                let body = grammar.loops[Int(grammar.nodes[node].loop)]
                let holds = (Int(body.start + 1)..<Int(body.end)).contains {
                    grammar.nodes[$0].id == segment.id && !grammar.nodes[$0].takesAnyQualifier
                        && (grammar.nodes[$0].isRequired || !isRequired) && matches($0, segment)
                }
                let count = counts[frame.countBase + node - Int(loop.start)]
                if holds && count < grammar.nodes[node].useCountMax
                    && isComplete(depth, upTo: grammar.nodes[node].group)
                {
                    return (depth, node)
                }
            }
            if !isComplete(depth, upTo: loop.end) { return nil }
        }
        return nil
    }

    /// Whether all that must stand before `limit` in a frame has come.
    private func isComplete(_ depth: Int, upTo limit: Int32) -> Bool {
        let frame = frames[depth]
        let loop = grammar.loops[Int(frame.loop)]
        return (Int(frame.requiredNext)..<Int(loop.requiredEnd)).allSatisfy {
            let node = grammar.required[$0]
            return node >= limit || counts[frame.countBase + Int(node - loop.start)] > 0
        }
    }

    /// Takes a segment whose key is none that the set knows for its id, or none that the node at
    /// which it stands knows: in the innermost loop that has its id from the cursor on.
    private mutating func mistaken(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        var isKnown = false
        for node in 0..<grammar.nodes.count
        where grammar.nodes[node].id == segment.id && !grammar.nodes[node].takesAnyQualifier {
            if matches(node, segment) { isKnown = true }
        }
        if segment.id == Packed.hl && !isKnown && mistakenLevel(segment, position) { return true }
        for depth in (0..<frameCount).reversed() {
            let due = free(segment, depth) {
                $0.isRequired && (!isKnown || $0.isKeyWeak)
            }
            let node = due ?? free(segment, depth) { !isKnown || $0.isKeyWeak }
            guard let node else { continue }
            let issue = issues.count
            accept(depth, node, segment, position)
            if grammar.nodes[node].loop >= 0 && issues.count == issue + 1 {
                guess = Guess(
                    position: position, id: segment.id, depth: depth + 1, node: node,
                    issue: issue, isMissing: false)
            }
            return true
        }
        return false
    }

    /// The first node from the cursor on that has a segment's id and may still come; one that must
    /// stand only where it has not come.
    func free(
        _ segment: borrowing X12Segment, _ depth: Int, where isMeant: (GrammarNode) -> Bool
    ) -> Int? {
        let frame = frames[depth]
        let loop = grammar.loops[Int(frame.loop)]
        for node in Int(frame.cursor)..<Int(loop.end) where grammar.nodes[node].id == segment.id {
            let count = counts[frame.countBase + node - Int(loop.start)]
            if count < grammar.nodes[node].useCountMax && isMeant(grammar.nodes[node]) {
                return node
            }
        }
        return nil
    }
}
