import Events

/// Numbers, one after the other, that were given out and are missing; or that are still open.
public struct ControlGap: Sendable, Equatable {
    /// What became of numbers.
    public enum Status: String, Sendable {
        /// They were given out lately; their file may still be written.
        case open
        /// Their file should have been written by now.
        case notPersisted
        /// Their file failed.
        case failed
        /// Some failed, and of the others nobody knows.
        case mixed
        /// Somebody explained that they are missing.
        case explained
    }

    /// How many numbers are missing in a row.
    public enum Severity: String, Sendable, Comparable {
        /// One.
        case minor
        /// Two to five.
        case moderate
        /// More.
        case critical

        public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int { self == .minor ? 0 : self == .moderate ? 1 : 2 }
    }

    /// The allocator.
    public var allocator: UInt64
    /// Its tenant.
    public var tenant: String
    /// Its name.
    public var name: String
    /// The generation.
    public var generation: UInt64
    /// The first number.
    public var first: UInt64
    /// The number after the last.
    public var end: UInt64
    /// What became of them.
    public var status: Status
    /// Since when: the first was given out then, or failed, µs.
    public var since: Int64
    /// The sequence of the event that gave the first out.
    public var sequence: UInt64
    /// Their partners, in the order of the numbers; of each list here the first `namedMax`.
    public var partners: [String] = []
    /// Their transaction types.
    public var transactionTypes: [String] = []
    /// The files that they were for.
    public var files: [String] = []
    /// Why files failed.
    public var reasons: [String] = []
    /// The explanation; empty where there is none.
    public var explanation = ""
    /// By whom.
    public var explainedBy = ""
    /// With which ticket.
    public var ticket = ""
    /// When, µs.
    public var explainedAt: Int64 = 0

    /// How many different partners, types, files and reasons of a gap are named.
    public static let namedMax = 5

    /// How many numbers it is.
    public var count: UInt64 { end - first }

    /// How bad that is.
    public var severity: Severity {
        switch count {
        case ...1: .minor
        case 2...5: .moderate
        default: .critical
        }
    }

    /// Whether nobody knows why, or nobody has said that it is all right.
    public var isUnexplained: Bool { status != .explained && status != .open }

    /// Whether it comes before another: the worse, then the older, then by name and number.
    func precedes(_ other: ControlGap) -> Bool {
        if severity != other.severity { return severity > other.severity }
        if since != other.since { return since < other.since }
        if allocator != other.allocator { return allocator < other.allocator }
        return (generation, first) < (other.generation, other.first)
    }

    /// Takes the next range, where both are one gap.
    fileprivate mutating func take(_ range: NumberRange, _ next: Status) -> Bool {
        guard range.first == end else { return false }
        switch (status, next) {
        case (.open, .open): break
        case (.explained, .explained):
            guard let gap = range.gap.first, gap.explanation == explanation,
                gap.explainedBy == explainedBy, gap.ticket == ticket
            else { return false }
        case (.notPersisted, .notPersisted), (.failed, .failed), (.mixed, .failed),
            (.mixed, .notPersisted):
            break
        case (.failed, .notPersisted), (.notPersisted, .failed): status = .mixed
        default: return false
        }
        end = range.end
        since = min(since, Self.since(range, next))
        note(range)
        return true
    }

    fileprivate static func since(_ range: NumberRange, _ status: Status) -> Int64 {
        status == .failed ? range.gap.first?.failedAt ?? range.issuedAt : range.issuedAt
    }

    fileprivate mutating func note(_ range: NumberRange) {
        Self.name(range.partner, in: &partners)
        Self.name(range.transactionType, in: &transactionTypes)
        Self.name(range.file, in: &files)
        if let gap = range.gap.first { Self.name(gap.reason, in: &reasons) }
    }

    private static func name(_ text: String, in list: inout [String]) {
        if text.isEmpty || list.last == text || list.count >= namedMax { return }
        if !list.contains(text) { list.append(text) }
    }
}

/// Which gaps are asked for.
public struct ControlGapQuery: Sendable {
    /// The moment, µs.
    public var now: Int64
    /// Numbers that were given out longer ago than this, µs, and not written, are missing.
    public var persistWithin: Int64
    /// Only those that began at this moment or later, µs.
    public var since: Int64 = 0
    /// Only those of this partner; empty for all.
    public var partner = ""
    /// Only those of this transaction type; empty for all.
    public var transactionType = ""
    /// Whether explained ones are wanted.
    public var includesExplained = true
    /// Whether numbers are wanted whose file may still be written.
    public var includesOpen = false

    /// All that are missing at a moment.
    public init(now: Int64, persistWithin: Int64) {
        self.now = now
        self.persistWithin = persistWithin
    }

    fileprivate func status(_ range: NumberRange) -> ControlGap.Status {
        guard let gap = range.gap.first else {
            return now - range.issuedAt >= persistWithin ? .notPersisted : .open
        }
        return gap.explainedAt != 0 ? .explained : .failed
    }

    private func wants(_ range: NumberRange, _ status: ControlGap.Status) -> Bool {
        if status == .open && !includesOpen || status == .explained && !includesExplained {
            return false
        }
        return true
    }

    private func isOfThese(_ range: NumberRange) -> Bool {
        (partner.isEmpty || range.partner == partner)
            && (transactionType.isEmpty || range.transactionType == transactionType)
    }

    /// The gaps among some allocators and pages, worst first, then oldest.
    ///
    /// - Complexity: O(ranges + g log g) for g gaps.
    public func gaps(in control: ControlNumbers) -> [ControlGap] {
        var pages: [NumberPage] = []
        pages.reserveCapacity(control.pages.count)
        control.pages.forEach { pages.append($0) }
        pages.sort {
            ($0.allocator, $0.generation, $0.page) < ($1.allocator, $1.generation, $1.page)
        }
        var found: [ControlGap] = []
        var open: ControlGap?
        var isOfThese = false
        var known: ControlAllocatorState?
        func close() {
            if let gap = open, isOfThese, gap.since >= since { found.append(gap) }
            open = nil
        }
        for page in pages {
            if page.allocator != known?.allocator {
                close()
                known = control.allocators[page.allocator]
            } else if open?.generation != page.generation {
                close()
            }
            guard let allocator = known else { continue }
            for index in page.ranges.indices {
                let status = status(page.ranges[index])
                guard wants(page.ranges[index], status) else {
                    close()
                    continue
                }
                let matches = self.isOfThese(page.ranges[index])
                if open?.take(page.ranges[index], status) == true {
                    isOfThese = isOfThese || matches
                    continue
                }
                close()
                isOfThese = matches
                open = gap(page.ranges[index], status, allocator, page.generation)
            }
        }
        close()
        return found.sorted { $0.precedes($1) }
    }

    private func gap(
        _ range: NumberRange, _ status: ControlGap.Status, _ allocator: ControlAllocatorState,
        _ generation: UInt64
    ) -> ControlGap {
        var gap = ControlGap(
            allocator: allocator.allocator, tenant: allocator.tenant, name: allocator.name,
            generation: generation, first: range.first, end: range.end, status: status,
            since: ControlGap.since(range, status), sequence: range.sequence)
        gap.note(range)
        if status == .explained, let known = range.gap.first {
            gap.explanation = known.explanation
            gap.explainedBy = known.explainedBy
            gap.ticket = known.ticket
            gap.explainedAt = known.explainedAt
        }
        return gap
    }
}
