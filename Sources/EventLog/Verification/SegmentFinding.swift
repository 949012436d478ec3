/// What reading every byte of one segment found, by itself: how it continues the one before is for
/// `LogJoin` to say.
struct SegmentFinding: Sendable {
    let name: SequenceNumber
    /// The form that was read, and that counts: the active one where both stand.
    var main: FormFinding
    /// The sealed form beside an active one.
    var second: FormFinding?
    /// What the index is to the sealed form that was read; nil where none was.
    var index: IndexFinding?
}

/// What reading one file of a segment found.
struct FormFinding: Sendable {
    /// Something that is wrong with it.
    struct Fault: Error, Hashable, Sendable {
        var code: Verdict.Code
        var detail: String
    }

    /// What the segment states of its beginning.
    struct Start: Sendable {
        var identity: LogIdentity
        var term: UInt64
        var frontier: TreeFrontier
    }

    /// Why its beginning is not good.
    enum Unopened: Error, Sendable {
        case fault(Fault)
        /// A bad header, and nothing but zeros: a torn roll, where it is the last segment.
        case blank(Fault)

        var fault: Fault {
            switch self {
            case .fault(let fault), .blank(let fault): fault
            }
        }
    }

    let isSealed: Bool
    /// The file, relative to the data folder.
    let path: String
    /// The beginning, or why there is none.
    var start: Result<Start, Unopened>
    /// What is wrong behind the good records.
    var fault: Fault?
    /// What is torn at the end.
    var torn: String?
    /// The tree behind the last good batch or frame.
    var end = TreeFrontier()
    /// The highest term.
    var term: UInt64 = 0
    var heads: [TreeHead] = []
    var subtrees: [TileSubtree] = []

    init(isSealed: Bool, path: String, start: Result<Start, Unopened>) {
        self.isSealed = isSealed
        self.path = path
        self.start = start
        if case .success(let start) = start {
            end = start.frontier
            term = start.term
        }
    }

    /// Takes over what the tree came to.
    mutating func take(_ tree: GrowingTree) {
        end = tree.frontier
        heads = tree.heads
        subtrees = tree.subtrees
    }
}

extension FormFinding.Fault {
    /// A problem of a file, under the code that docs/format/tree.md gives it.
    init(_ problem: SegmentScan.Unreadable, isSealed: Bool) {
        switch problem {
        case .tornRoll(let detail):
            self.init(code: .segmentDamaged, detail: detail)
        case .damaged(let detail, let offset):
            let code: Verdict.Code = isSealed ? .sealInvalid : .segmentDamaged
            self.init(code: code, detail: "\(detail), at offset \(offset)")
        case .foreign(let detail, let offset):
            self.init(code: .segmentForeign, detail: "\(detail), at offset \(offset)")
        }
    }

    init(_ error: DiskError, isSealed: Bool) {
        self.init(
            code: isSealed ? .sealInvalid : .segmentDamaged, detail: "it cannot be read: \(error)")
    }
}
