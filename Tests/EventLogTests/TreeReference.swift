import EventLog

/// RFC 6962 section 2.1 word by word, over leaves in memory: slow, recursive, and plainly right.
struct TreeReference {
    let leaves: [TreeHash]

    init(leaves: [TreeHash]) { self.leaves = leaves }

    /// A tree over the records `record 0`, `record 1` and so on.
    init(count: Int) {
        leaves = (0..<count).map { Self.leaf(Array("record \($0)".utf8)) }
    }

    static func leaf(_ record: [UInt8]) -> TreeHash { TreeHash.leaf(record.span.bytes) }

    /// MTH(D[range]).
    func root(_ range: Range<Int>) -> TreeHash {
        if range.isEmpty { return TreeHash.ofNothing }
        if range.count == 1 { return leaves[range.lowerBound] }
        let middle = range.lowerBound + Self.split(range.count)
        return TreeHash.node(
            root(range.lowerBound..<middle), root(middle..<range.upperBound))
    }

    /// PATH(index, D[range]).
    func path(_ index: Int, _ range: Range<Int>) -> [TreeHash] {
        if range.count == 1 { return [] }
        let middle = range.lowerBound + Self.split(range.count)
        let left = range.lowerBound..<middle
        let right = middle..<range.upperBound
        return index < Self.split(range.count)
            ? path(index, left) + [root(right)]
            : path(index - left.count, right) + [root(left)]
    }

    /// PROOF(count, D[0..<newCount]), for 0 < count < newCount.
    func proof(_ count: Int, _ newCount: Int) -> [TreeHash] {
        subproof(count, 0..<newCount, true)
    }

    /// SUBPROOF(count, D[range], isWhole).
    private func subproof(_ count: Int, _ range: Range<Int>, _ isWhole: Bool) -> [TreeHash] {
        if count == range.count { return isWhole ? [] : [root(range)] }
        let middle = range.lowerBound + Self.split(range.count)
        let left = range.lowerBound..<middle
        let right = middle..<range.upperBound
        return count <= left.count
            ? subproof(count, left, isWhole) + [root(right)]
            : subproof(count - left.count, right, false) + [root(left)]
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }
}

/// Complete subtrees of a reference tree; anything else that is asked for is an error.
struct ReferenceSource: TreeSource {
    let tree: TreeReference
    /// How often a hash was asked for.
    var requestCount = 0

    init(_ tree: TreeReference) { self.tree = tree }

    mutating func hash(level: Int, index: UInt64) throws(EventLogError) -> TreeHash {
        requestCount += 1
        guard level < 32, index < 1 << 32, Int(index + 1) << level <= tree.leaves.count else {
            throw EventLogError(code: .sequenceAbsent)
        }
        return tree.root((Int(index) << level)..<(Int(index + 1) << level))
    }
}

/// A tree of any size whose leaves are all the same: a subtree's root depends on its height alone.
struct UniformSource: TreeSource {
    static let leaf = TreeReference.leaf(Array("the same".utf8))
    let size: UInt64
    private let roots: [TreeHash]

    init(size: UInt64) {
        self.size = size
        var roots = [Self.leaf]
        for level in 0..<63 { roots.append(TreeHash.node(roots[level], roots[level])) }
        self.roots = roots
    }

    mutating func hash(level: Int, index: UInt64) throws(EventLogError) -> TreeHash {
        // The number of complete subtrees of this height.
        guard level <= 63, index < size >> UInt64(level) else {
            throw EventLogError(code: .sequenceAbsent)
        }
        return roots[level]
    }
}
