extension SetWalker {
    /// A loop that was opened without its own header: the header was missing, or had a wrong key.
    ///
    /// What comes next may show that it was another loop, or that the header only came late.
    struct Guess {
        /// The segment's position, and its id.
        var position: Int
        var id: UInt32
        /// The loop's frame, and its node in the frame around.
        var depth: Int
        var node: Int
        /// The issue that was reported.
        var issue: Int
        var isMissing: Bool
    }

    /// Takes the header of a loop that was opened by the segment right before it: that segment was
    /// out of sequence, and the header is not missing.
    mutating func settle(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        guard let guess, guess.position == position - 1, guess.isMissing,
            guess.issue < issues.count,
            frameCount - 1 == guess.depth || frameCount - 2 == guess.depth
        else { return false }
        let header = Int(frames[guess.depth].start)
        guard grammar.nodes[header].id == segment.id, matches(header, segment) else {
            return false
        }
        self.guess = nil
        issues[guess.issue].segmentID = Packed.text(guess.id)
        issues[guess.issue].code = "7"
        isLevelMissed = false
        checkElements(
            segment, header, loop: Int(frames[guess.depth].loop), position: position,
            levels: segment.id == Packed.hl ? levelIssues(segment, guess.depth) : [])
        return true
    }

    /// Takes a segment that shows the last guess to be wrong: it stands in another loop whose
    /// header did not come.
    mutating func reguess(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        guard let last = guess, last.position == position - 1, last.issue < issues.count,
            frameCount - 1 == last.depth
        else { return false }
        let counted = countCount
        let parent = frames[last.depth - 1]
        let index = parent.countBase + last.node - Int(parent.start)
        frameCount = last.depth
        countCount = frames[last.depth].countBase
        counts[index] -= 1
        guess = nil
        if let place = headerless(segment),
            last.isMissing || grammar.nodes[place.node].id == grammar.nodes[last.node].id
        {
            if last.isMissing {
                issues[last.issue].segmentID = Packed.text(grammar.nodes[place.node].id)
                issues[last.issue].loop = grammar.name(
                    ofLoop: Int(grammar.nodes[place.node].loop))
            }
            open(place, segment, position)
            if last.isMissing { count(last.id) }
            step(segment, position)
            return true
        }
        frameCount = last.depth + 1
        countCount = counted
        counts[index] += 1
        return false
    }

    /// Counts the segment before in the innermost frame.
    private mutating func count(_ id: UInt32) {
        let frame = frames[frameCount - 1]
        let end = Int(grammar.loops[Int(frame.loop)].end)
        let node = (Int(frame.start + 1)..<max(end, Int(frame.start + 1))).first {
            grammar.nodes[$0].id == id && grammar.nodes[$0].loop < 0
        }
        if let node { counts[frame.countBase + node - Int(frame.start)] += 1 }
    }

    /// Takes a segment of the frame around, where the innermost loop's header came right before it
    /// and should have come after it.
    mutating func preceded(_ segment: borrowing X12Segment, _ position: Int) -> Bool {
        let depth = frameCount - 2
        guard depth >= 0, isFresh(depth + 1) else { return false }
        let frame = frames[depth]
        let inner = frames[depth + 1]
        guard frame.cursor > frame.start + 1 else { return false }
        // Where a level is announced, what can stand in it shows that its HL did not come.
        let isLevelDue =
            frame.hasLevels
            && headerless(segment).map {
                $0.depth == depth && grammar.nodes[$0.node].id == Packed.hl
            } ?? false
        for node in Int(frame.start + 1)..<Int(frame.cursor)
        where grammar.nodes[node].id == segment.id && matches(node, segment) {
            let index = frame.countBase + node - Int(frame.start)
            guard counts[index] < grammar.nodes[node].useCountMax else { continue }
            if counts[index] == 0 { places[index] = Place(position: position, offset: offset) }
            counts[index] += 1
            let header = Packed.text(grammar.nodes[Int(inner.start)].id)
            if let late = pending.firstIndex(where: {
                $0.frame == frame.serial && $0.node == node
            }) {
                turn(pending.remove(at: late))
            } else if isLevelDue {
                counts[index] -= 1
                return false
            } else {
                report(header, position - 1, Int(inner.loop), "7")
            }
            let own = grammar.nodes[node].loop
            checkElements(
                segment, own >= 0 ? Int(grammar.loops[Int(own)].start) : node,
                loop: own >= 0 ? Int(own) : Int(frame.loop), position: position)
            return true
        }
        return false
    }
}
