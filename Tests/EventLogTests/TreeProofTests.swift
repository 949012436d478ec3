import DaybookTestSupport
import EventLog
import Testing

@Suite struct TreeProofTests {
    static let countMax = 70
    static let tree = TreeReference(count: countMax)
    static let roots = (0...countMax).map { tree.root(0..<$0) }

    @Test("the root of every size is the one of RFC 6962's definition")
    func roots() throws {
        for size in 0...Self.countMax {
            var source = ReferenceSource(Self.tree)
            #expect(
                try TreeProver.root(treeSize: UInt64(size), source: &source) == Self.roots[size])
            #expect(source.requestCount == size.nonzeroBitCount)
        }
    }

    @Test("every inclusion proof is RFC 6962's, leads to the root, and bears no change")
    func inclusion() throws {
        for size in 1...Self.countMax {
            for index in 0..<size {
                var source = ReferenceSource(Self.tree)
                let proof = try TreeProver.inclusion(
                    index: UInt64(index), treeSize: UInt64(size), source: &source)
                #expect(proof.path == Self.tree.path(index, 0..<size), "\(index) of \(size)")
                let leaf = Self.tree.leaves[index]
                #expect(proof.root(ofLeaf: leaf) == Self.roots[size])
                for path in Self.changes(of: proof.path) {
                    let changed = InclusionProof(
                        index: proof.index, treeSize: proof.treeSize, path: path)
                    let root = changed.root(ofLeaf: leaf)
                    #expect(root != Self.roots[size], "\(index) of \(size)")
                    if path.count != proof.path.count { #expect(root == nil) }
                }
                #expect(proof.root(ofLeaf: Self.flipped(leaf)) != Self.roots[size])
            }
        }
    }

    @Test("an inclusion proof holds for no other index and no other size")
    func inclusionNeighbours() throws {
        for size in 1...Self.countMax {
            for index in 0..<size {
                let path = Self.tree.path(index, 0..<size)
                let leaf = Self.tree.leaves[index]
                for otherIndex in [index - 1, index + 1, index ^ 1, index + size]
                where otherIndex >= 0 {
                    let proof = InclusionProof(
                        index: UInt64(otherIndex), treeSize: UInt64(size), path: path)
                    let root = proof.root(ofLeaf: leaf)
                    if otherIndex != index { #expect(root != Self.roots[size]) }
                    if otherIndex >= size { #expect(root == nil) }
                }
                for otherSize in [size - 1, size + 1] where otherSize <= Self.countMax {
                    let proof = InclusionProof(
                        index: UInt64(index), treeSize: UInt64(otherSize), path: path)
                    #expect(proof.root(ofLeaf: leaf) != Self.roots[otherSize])
                }
            }
        }
    }

    @Test("every consistency proof is RFC 6962's, is accepted, and bears no change")
    func consistency() throws {
        for new in 0...Self.countMax {
            for old in 0...new {
                var source = ReferenceSource(Self.tree)
                let proof = try TreeProver.consistency(
                    old: UInt64(old), new: UInt64(new), source: &source)
                let expected = old == 0 || old == new ? [] : Self.tree.proof(old, new)
                #expect(proof.path == expected, "\(old) to \(new)")
                let oldRoot = Self.roots[old]
                let newRoot = Self.roots[new]
                #expect(proof.verify(oldRoot: oldRoot, newRoot: newRoot), "\(old) to \(new)")
                #expect(!proof.verify(oldRoot: Self.flipped(oldRoot), newRoot: newRoot))
                if old > 0 {
                    // An empty tree says nothing about the newer one.
                    #expect(!proof.verify(oldRoot: oldRoot, newRoot: Self.flipped(newRoot)))
                }
                for path in Self.changes(of: proof.path) {
                    let changed = ConsistencyProof(
                        oldSize: proof.oldSize, newSize: proof.newSize, path: path)
                    #expect(
                        !changed.verify(oldRoot: oldRoot, newRoot: newRoot), "\(old) to \(new)")
                }
            }
        }
    }

    @Test("a consistency proof holds for no other sizes")
    func consistencyNeighbours() {
        for new in 1...Self.countMax {
            for old in 1..<max(new, 2) where old < new {
                let path = Self.tree.proof(old, new)
                for otherOld in max(0, old - 1)...(old + 1) {
                    for otherNew in (new - 1)...min(new + 1, Self.countMax)
                    where (otherOld, otherNew) != (old, new) {
                        let proof = ConsistencyProof(
                            oldSize: UInt64(otherOld), newSize: UInt64(otherNew), path: path)
                        #expect(
                            !proof.verify(
                                oldRoot: Self.roots[otherOld], newRoot: Self.roots[otherNew]),
                            "\(old) to \(new) as \(otherOld) to \(otherNew)")
                    }
                }
            }
        }
    }

    @Test("a proof that ends below the root that its size needs is refused, though the hashes fit")
    func tooShort() {
        for new in 2...Self.countMax {
            for old in 1..<new {
                let path = Self.tree.proof(old, new)
                for claimed in new...Self.countMax
                where Self.tree.proof(old, claimed).count != path.count {
                    let proof = ConsistencyProof(
                        oldSize: UInt64(old), newSize: UInt64(claimed), path: path)
                    #expect(
                        !proof.verify(oldRoot: Self.roots[old], newRoot: Self.roots[new]),
                        "\(old) to \(new) as to \(claimed)")
                }
            }
        }
    }

    @Test("a consistency proof whose older tree is the larger is refused")
    func consistencyBackwards() {
        for path in [[], Self.tree.proof(3, 7)] {
            let proof = ConsistencyProof(oldSize: 7, newSize: 3, path: path)
            #expect(!proof.verify(oldRoot: Self.roots[7], newRoot: Self.roots[3]))
        }
    }

    @Test("the empty tree has one root, whatever is said of it")
    func emptyTree() {
        let wrong = Self.roots[1]
        for size in [0, 5] as [UInt64] {
            let proof = ConsistencyProof(oldSize: 0, newSize: size, path: [])
            #expect(!proof.verify(oldRoot: wrong, newRoot: wrong))
        }
        #expect(InclusionProof(index: 0, treeSize: 0, path: []).root(ofLeaf: wrong) == nil)
    }

    @Test("what is not in the tree is not proved, and the error says so")
    func absent() {
        var source = ReferenceSource(Self.tree)
        for index in [5, 6, .max] as [UInt64] {
            #expect(throws: EventLogError(code: .sequenceAbsent)) {
                try TreeProver.inclusion(index: index, treeSize: 5, source: &source)
            }
        }
        #expect(throws: EventLogError(code: .sequenceAbsent)) {
            try TreeProver.consistency(old: 6, new: 5, source: &source)
        }
        #expect(source.requestCount == 0)
    }

    @Test("proofs of trees of up to 2^64 - 1 records are made and checked without overflow")
    func hugeTrees() throws {
        let edges: [UInt64] = [1, 2, 3, 1 << 32, 1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max - 1, .max]
        var sizes = edges
        var random = SeededGenerator(seed: 3)
        for _ in 0..<40 { sizes.append(random.next() >> (random.next() % 64) | 1) }
        for size in sizes {
            var source = UniformSource(size: size)
            let root = try TreeProver.root(treeSize: size, source: &source)
            let indexes = [0, size / 2, size - 1, random.next() % size]
            for index in indexes {
                let proof = try TreeProver.inclusion(index: index, treeSize: size, source: &source)
                #expect(proof.root(ofLeaf: UniformSource.leaf) == root, "\(index) of \(size)")
                #expect(proof.path.count <= 64)
            }
            for old in indexes + edges where old <= size {
                let proof = try TreeProver.consistency(old: old, new: size, source: &source)
                let oldRoot = try TreeProver.root(treeSize: old, source: &source)
                #expect(proof.verify(oldRoot: oldRoot, newRoot: root), "\(old) to \(size)")
                #expect(proof.path.count <= 65)
            }
        }
    }

    @Test("a path of a million hashes is refused at the root")
    func longPaths() {
        let path = [TreeHash](repeating: Self.roots[3], count: 1_000_000)
        for size in [1, 2, .max] as [UInt64] {
            let inclusion = InclusionProof(index: 0, treeSize: size, path: path)
            #expect(inclusion.root(ofLeaf: Self.roots[1]) == nil)
            let consistency = ConsistencyProof(oldSize: 1, newSize: size, path: path)
            #expect(!consistency.verify(oldRoot: Self.roots[1], newRoot: Self.roots[3]))
        }
    }

    /// Every path with one hash removed, added, changed in a bit, or exchanged with its neighbour.
    private static func changes(of path: [TreeHash]) -> [[TreeHash]] {
        var changes: [[TreeHash]] = []
        for place in path.indices {
            var changed = path
            changed.remove(at: place)
            changes.append(changed)
            changed = path
            changed[place] = flipped(path[place])
            changes.append(changed)
            if place > 0 {
                changed = path
                changed.swapAt(place, place - 1)
                changes.append(changed)
            }
        }
        for place in 0...path.count {
            for added in [TreeHash.ofNothing] + path.prefix(1) + path.suffix(1) {
                var changed = path
                changed.insert(added, at: place)
                changes.append(changed)
            }
        }
        return changes
    }

    private static func flipped(_ hash: TreeHash) -> TreeHash {
        var bytes = hash.bytes
        bytes[31] ^= 1
        return TreeHash(bytes: bytes) ?? hash
    }
}
