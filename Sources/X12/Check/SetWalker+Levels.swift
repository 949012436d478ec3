extension SetWalker {
    /// What is wrong with the numbers of a level that just began: its own, by which levels are
    /// counted from 1, and that of the level that it stands in.
    ///
    /// One wrong number is one fault: the levels after it may go on from it, or as if it were
    /// right; after a level that did not come, they go on from the number that the next one has.
    ///
    /// - Parameter depth: the frame of the level.
    mutating func levelIssues(
        _ segment: borrowing X12Segment, _ depth: Int
    ) -> [ElementIssue] {
        levelCount &+= 1
        let own = CalendarCheck.number(segment.bytes, segment.range(1)).flatMap {
            Int32(exactly: $0)
        }
        var wrong: [ElementIssue] = []
        if let own, isLevelMissed || own == levelNumber &+ 1 {
            levelCount = own
        } else if !segment.range(1).isEmpty && own != levelCount {
            wrong.append(levelIssue(1, "628", segment))
        }
        isLevelMissed = false
        levelNumber = own ?? levelCount
        frames[depth].level = levelCount
        frames[depth].levelNumber = levelNumber
        frames[depth].hasLevels = segment.packed(4) == Packed.code("1")
        var outer = depth - 1
        while outer >= 0 && frames[outer].level == 0 { outer -= 1 }
        let above = segment.range(2)
        if outer >= 0 && frames[outer].level > 0 && !above.isEmpty {
            let number = CalendarCheck.number(segment.bytes, above)
            if number != Int(frames[outer].level) && number != Int(frames[outer].levelNumber) {
                wrong.append(levelIssue(2, "734", segment))
            }
        }
        return wrong
    }

    private func levelIssue(
        _ position: Int, _ reference: String, _ segment: borrowing X12Segment
    ) -> ElementIssue {
        ElementIssue(
            position: position, reference: reference, code: "I12",
            badValue: elementCheck.badValue(segment, segment.range(position)))
    }

    /// Whether a segment is the HL once more that came right before it.
    mutating func isDoubledLevel(_ segment: borrowing X12Segment) -> Bool {
        let depth = frameCount - 1
        guard frames[depth].level > 0, isFresh(depth),
            CalendarCheck.number(segment.bytes, segment.range(1))
                == Int(frames[depth].levelNumber)
        else { return false }
        return matches(Int(frames[depth].start), segment)
    }

    /// Whether a frame ends at its own header once more, with several things missing: the header
    /// came twice.
    func isHeaderDoubled(_ depth: Int, _ offender: UInt32) -> Bool {
        let frame = frames[depth]
        let header = grammar.nodes[Int(frame.start)]
        let loop = grammar.loops[Int(frame.loop)]
        return depth > 0 && header.id == offender && header.keyCount == 0
            && loop.requiredEnd - loop.requiredStart > 2 && isFresh(depth)
    }

    /// Whether nothing of a frame came but its header.
    func isFresh(_ depth: Int) -> Bool {
        let loop = grammar.loops[Int(frames[depth].loop)]
        return (1..<max(Int(loop.end - loop.start), 1)).allSatisfy {
            counts[frames[depth].countBase + $0] == 0
        }
    }

    /// Takes an HL whose code no table knows as the level below the one that it names.
    mutating func mistakenLevel(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        let above = segment.range(2)
        let number = CalendarCheck.number(segment.bytes, above)
        for depth in (0..<frameCount).reversed() {
            let frame = frames[depth]
            let isNamed =
                above.isEmpty
                ? depth == 0
                : frame.level > 0
                    && (number == Int(frame.level) || number == Int(frame.levelNumber))
            guard isNamed else { continue }
            if let node = free(segment, depth, where: { _ in true }) {
                accept(depth, node, segment, position)
                return true
            }
        }
        return false
    }
}
