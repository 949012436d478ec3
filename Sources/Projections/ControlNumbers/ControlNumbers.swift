import Events

/// Control numbers: the allocators, what is open or missing of what they gave out, and the requests
/// that would be answered the same again.
///
/// Numbers whose file was written are in no map: a number below `next` that stands in no page was
/// persisted. What is kept follows from what is open and missing, not from what was ever given out.
public struct ControlNumbers: Sendable {
    /// The allocators, by number.
    public internal(set) var allocators = BucketedMap<ControlAllocatorState>(bucketCount: 64)
    /// What is open or missing.
    public internal(set) var pages = BucketedMap<NumberPage>(bucketCount: 64, leafCount: 16)
    /// The requests that are remembered.
    public internal(set) var requests = ControlRequests()

    /// No allocators.
    init() {}

    /// What was loaded from a snapshot.
    init(
        _ allocators: consuming BucketedMap<ControlAllocatorState>,
        _ pages: consuming BucketedMap<NumberPage>,
        _ requests: consuming BucketedMap<ControlRequest>
    ) {
        self.allocators = allocators
        self.pages = pages
        self.requests = ControlRequests(loaded: requests)
    }

    /// The names of its projections, in order.
    static let names = ["control-numbers", "control-ranges", "control-requests"]

    /// How many entries there are together.
    var entryCount: Int { allocators.count + pages.count + requests.count }

    /// The digests of what is not empty, in the order of the names.
    mutating func digests() -> [ProjectionDigest] {
        var digests: [ProjectionDigest] = []
        if allocators.count > 0 { digests.append(allocatorsDigest()) }
        if pages.count > 0 { digests.append(pagesDigest()) }
        if requests.count > 0 { digests.append(requestsDigest()) }
        return digests
    }

    /// The digests of all three, empty ones too.
    mutating func allDigests() -> [ProjectionDigest] {
        [allocatorsDigest(), pagesDigest(), requestsDigest()]
    }

    private mutating func allocatorsDigest() -> ProjectionDigest {
        StateDigest.projection(Self.names[0], 1, allocators.bucketDigests())
    }

    private mutating func pagesDigest() -> ProjectionDigest {
        StateDigest.projection(Self.names[1], 1, pages.bucketDigests())
    }

    private mutating func requestsDigest() -> ProjectionDigest {
        StateDigest.projection(Self.names[2], 1, requests.bucketDigests())
    }

    /// Shows what is not empty, in the order of the names.
    func visit<V: ProjectionVisitor>(_ visitor: inout V) throws(V.Failure) {
        if allocators.count > 0 { try visitor.visit(Self.names[0], allocators) }
        if pages.count > 0 { try visitor.visit(Self.names[1], pages) }
        if requests.count > 0 { try visitor.visit(Self.names[2], requests.map) }
    }

    /// Where a number stands that an allocator gave out.
    ///
    /// - Returns: nil for a number whose file was written, and for one that was never given out
    ///   (`ControlAllocatorState.bounds` tells which).
    /// - Complexity: O(log ranges of a page).
    public func range(
        of number: UInt64, allocator: UInt64, generation: UInt64
    ) -> NumberRange? {
        let key = NumberPageKey(
            allocator: allocator, generation: generation, page: number / NumberPage.size)
        guard let page = pages[key] else { return nil }
        let index = page.index(after: number)
        guard index < page.ranges.count, page.ranges[index].first <= number else { return nil }
        return page.ranges[index]
    }

    /// Runs `body` over what is open or missing from one number to before another, in order, cut at
    /// both.
    ///
    /// - Complexity: O(numbers / `NumberPage.size` + ranges).
    public func forEachRange(
        allocator: UInt64, generation: UInt64, from first: UInt64, before end: UInt64,
        _ body: (NumberRange) -> Void
    ) {
        guard first < end else { return }
        for page in (first / NumberPage.size)...((end - 1) / NumberPage.size) {
            let key = NumberPageKey(allocator: allocator, generation: generation, page: page)
            guard let page = pages[key] else { continue }
            for range in page.ranges where range.end > first && range.first < end {
                body(range.part(max(range.first, first), min(range.end, end)))
            }
        }
    }

    /// Where an allocator stands: as much as giving out a number needs, without a copy of the rest.
    public struct Standing: Sendable {
        /// The allocator's name.
        public let name: String
        /// The present generation.
        public let generation: UInt64
        /// The number that is given out next.
        public let next: UInt64
        /// The last warning in this generation, in percent.
        public let warned: UInt64
    }

    /// Where an allocator stands; nil where there is none.
    ///
    /// - Complexity: O(1).
    public func standing(of allocator: UInt64) -> Standing? {
        guard let place = allocators.place(of: allocator) else { return nil }
        return Standing(
            name: allocators[place].name, generation: allocators[place].generation,
            next: allocators[place].next, warned: allocators[place].warned)
    }

    /// Adds numbers that were given out, page by page.
    mutating func add(_ issued: NumberRange, allocator: UInt64, generation: UInt64) {
        var rest = issued
        while rest.count > 0 {
            let number = rest.first / NumberPage.size
            let end = min(rest.end, (number + 1) * NumberPage.size)
            let key = NumberPageKey(allocator: allocator, generation: generation, page: number)
            let piece = rest.part(rest.first, end)
            if pages.modify(key, { $0.add(piece) }) == nil {
                var page = NumberPage()
                page.allocator = allocator
                page.generation = generation
                page.page = number
                page.ranges = [piece]
                pages.insert(page)
            }
            rest = rest.part(end, rest.end)
        }
    }

    /// Changes numbers that are open or missing, or takes them away.
    ///
    /// - Returns: how many of them were open and missing; nil where one is neither.
    mutating func change(
        allocator: UInt64, generation: UInt64, first: UInt64, count: UInt64,
        _ change: (inout NumberRange) -> Bool
    ) -> (open: UInt64, missing: UInt64)? {
        var sum: (open: UInt64, missing: UInt64) = (0, 0)
        var next = first
        while next < first + count {
            let number = next / NumberPage.size
            let end = min(first + count, (number + 1) * NumberPage.size)
            let key = NumberPageKey(allocator: allocator, generation: generation, page: number)
            guard let place = pages.place(of: key),
                let changed = pages[place].change(next, end, change)
            else { return nil }
            if pages[place].ranges.isEmpty { _ = pages.remove(at: place) }
            sum = (sum.open + changed.open, sum.missing + changed.missing)
            next = end
        }
        return sum
    }
}

extension ControlNumbers {
    /// The allocators by name; only those that gave numbers out for a partner and a transaction
    /// type, where these are not empty.
    ///
    /// - Complexity: O(n log n) for n allocators.
    public func allocators(partner: String, transactionType: String) -> [ControlAllocatorState] {
        var all: [ControlAllocatorState] = []
        allocators.forEach { allocator in
            let isWanted =
                partner.isEmpty && transactionType.isEmpty
                || allocator.uses.contains { use in
                    (partner.isEmpty || use.partner == partner)
                        && (transactionType.isEmpty || use.transactionType == transactionType)
                }
            if isWanted { all.append(allocator) }
        }
        return all.sorted {
            $0.name == $1.name ? $0.tenant < $1.tenant : $0.name < $1.name
        }
    }
}
