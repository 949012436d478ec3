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
            if loop >= 0 {
                accept(exceeded.depth, exceeded.node, segment, position, isChecked: false)
            }
            return
        }
        if late(segment, position, isDue: true) || implied(segment, position)
            || late(segment, position, isDue: false) || mistaken(segment, position)
        {
            return
        }
        let text = segment.text(0)
        let code =
            grammar.segmentIDs.number(segment.id) >= 0 || Packed.isEnvelope(segment.id)
            ? "2" : knownIDs.contains(segment.id) ? "6" : "1"
        let loop = frameCount > 0 ? Int(frames[frameCount - 1].loop) : 0
        report(Self.reportable(text), position, loop, code)
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
            guard loop.start + 1 < frame.cursor else { continue }
            for node in Int(loop.start + 1)..<Int(frame.cursor)
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
                    let inner = grammar.nodes[node].loop
                    report(
                        Packed.text(segment.id), position,
                        inner >= 0 ? Int(inner) : Int(frame.loop), "7")
                }
                enter(depth, node, segment, position, isChecked: true)
                return true
            }
        }
        return false
    }

    /// Turns a missing segment into one that was out of sequence: the one that came before it.
    private mutating func turn(_ missing: Pending) {
        guard missing.issue < issues.count else { return }
        let offender = Packed.text(missing.offender)
        let position = issues[missing.issue].position
        let isTold = issues.contains {
            $0.position == position && $0.code == "7" && $0.segmentID == offender
        }
        issues[missing.issue].segmentID = offender
        issues[missing.issue].code = isTold ? "" : "7"
    }

    /// Takes a segment whose loop's header did not come.
    private mutating func implied(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        for depth in (0..<frameCount).reversed() {
            let frame = frames[depth]
            let loop = grammar.loops[Int(frame.loop)]
            for node in Int(frame.cursor)..<Int(loop.end) where grammar.nodes[node].loop >= 0 {
                let inner = Int(grammar.nodes[node].loop)
                let body = grammar.loops[inner]
                let holds = (Int(body.start + 1)..<Int(body.end)).contains {
                    grammar.nodes[$0].id == segment.id && matches($0, segment)
                }
                let count = counts[frame.countBase + node - Int(loop.start)]
                guard holds, count < grammar.nodes[node].useCountMax,
                    isComplete(depth, upTo: grammar.nodes[node].group)
                else { continue }
                report(Packed.text(grammar.nodes[node].id), position, inner, "3")
                accept(depth, node, segment, position, isChecked: false)
                step(segment, position)
                return true
            }
            if !isComplete(depth, upTo: loop.end) { return false }
        }
        return false
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

    /// Takes a segment whose key is none that the set knows for its id.
    private mutating func mistaken(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        for node in 0..<grammar.nodes.count
        where grammar.nodes[node].id == segment.id && matches(node, segment) { return false }
        for depth in (0..<frameCount).reversed() {
            let frame = frames[depth]
            let loop = grammar.loops[Int(frame.loop)]
            for node in Int(frame.cursor)..<Int(loop.end)
            where grammar.nodes[node].id == segment.id {
                let count = counts[frame.countBase + node - Int(loop.start)]
                guard count < grammar.nodes[node].useCountMax else { continue }
                accept(depth, node, segment, position)
                return true
            }
        }
        return false
    }
}
