import Events
import Projections

/// What becomes of control numbers that were given out.
extension EngineCore {
    /// More ranges than this in one act are refused, and more events are not written for one.
    static let controlRangesMax = 1_000
    private static let controlEventsMax = 5_000

    /// Numbers of an act, found.
    private struct Named {
        var allocator: ControlAllocatorState
        var generation: UInt64
        var first: UInt64
        var end: UInt64
    }

    /// A piece of them in one state; nil for a file that was written.
    private struct Piece {
        var named: Named
        var first: UInt64
        var end: UInt64
        var range: NumberRange?

        var text: String {
            "\(named.allocator.name) \(first)\(end - first > 1 ? " to \(end - 1)" : "")"
        }
    }

    mutating func persist(_ numbers: [IssuedNumbers], _ file: String, _ who: Authority) throws {
        let pieces = try pieces(numbers).filter { $0.range != nil }
        authority = who
        for piece in Self.joined(pieces) {
            var event = ControlNumbersPersisted()
            event.allocator = piece.named.allocator.allocator
            event.name = piece.named.allocator.name
            event.generation = piece.named.generation
            event.first = piece.first
            event.count = piece.end - piece.first
            event.file = file
            try emit(event)
        }
        let count = pieces.reduce(0) { $0 + $1.end - $1.first }
        let told = counted(count, "number", one: "is", many: "are")
        reply(count == 0 ? "all were persisted before" : "\(told) persisted")
    }

    mutating func failNumbers(
        _ numbers: [IssuedNumbers], _ reason: String, _ who: Authority
    ) throws {
        guard !reason.isEmpty else {
            throw Rejection(.invalid, "field 'reason': why were the numbers not used?")
        }
        let all = try pieces(numbers)
        if let written = all.first(where: { $0.range == nil }) {
            throw Rejection(
                .conflict, "\(written.text): its file was persisted, so it did not fail")
        }
        let pieces = all.filter { $0.range?.isOpen == true }
        authority = who
        for piece in Self.joined(pieces) {
            var event = ControlNumbersFailed()
            event.allocator = piece.named.allocator.allocator
            event.name = piece.named.allocator.name
            event.generation = piece.named.generation
            event.first = piece.first
            event.count = piece.end - piece.first
            event.reason = reason
            try emit(event)
        }
        let count = pieces.reduce(0) { $0 + $1.end - $1.first }
        reply(
            count == 0
                ? "all were known to be missing before"
                : "\(counted(count, "number")) failed: a gap with this cause")
    }

    mutating func explain(_ numbers: [IssuedNumbers], _ reason: String, _ who: Authority) throws {
        guard !reason.isEmpty else {
            throw Rejection(.invalid, "an explanation needs a reason: why are they missing?")
        }
        let pieces = try pieces(numbers)
        if let written = pieces.first(where: { $0.range == nil }) {
            throw Rejection(
                .conflict, "\(written.text): its file was persisted, so nothing is missing")
        }
        authority = who
        for piece in Self.joined(pieces) {
            var event = ControlNumbersExplained()
            event.allocator = piece.named.allocator.allocator
            event.name = piece.named.allocator.name
            event.generation = piece.named.generation
            event.first = piece.first
            event.count = piece.end - piece.first
            event.explanation = reason
            try emit(event)
        }
        let count = pieces.reduce(0) { $0 + $1.end - $1.first }
        reply("\(counted(count, "number", one: "is", many: "are")) explained")
    }

    mutating func resend(
        _ numbers: [IssuedNumbers], _ file: String, _ reason: String, _ who: Authority
    ) throws {
        guard !file.isEmpty, !reason.isEmpty else {
            throw Rejection(.invalid, "a file is sent again with its name, and a reason")
        }
        let pieces = try pieces(numbers)
        if let missing = pieces.first(where: { $0.range != nil }) {
            throw Rejection(
                .conflict,
                "\(missing.text): no file with it was persisted, so none can be sent again; "
                    + "daybook control gaps says what is known of it")
        }
        authority = who
        for piece in Self.joined(pieces) {
            var event = ControlNumbersResent()
            event.allocator = piece.named.allocator.allocator
            event.name = piece.named.allocator.name
            event.generation = piece.named.generation
            event.first = piece.first
            event.count = piece.end - piece.first
            event.file = file
            event.reason = reason
            try emit(event)
        }
        reply("'\(file)' is sent again under its own numbers")
    }

    mutating func reset(
        _ name: String, to next: UInt64, _ reason: String, _ who: Authority
    ) throws {
        guard !reason.isEmpty else { throw Rejection(.invalid, "a reset needs a reason") }
        let allocator = try resettable(name)
        let rule = numberRules.of(name)
        let next = next == 0 ? rule.start : next
        guard (1...rule.max).contains(next) else {
            throw Rejection(.invalid, "field 'next' is a number from 1 to \(rule.max)")
        }
        authority = who
        var event = ControlAllocatorReset()
        event.allocator = allocator.allocator
        event.name = name
        event.generation = allocator.generation + 1
        event.next = next
        event.reason = reason
        event.lastIssued = allocator.next > allocator.first ? allocator.next - 1 : 0
        try emit(event)
        try clearLimitAlerts(name, "generation \(event.generation) began at \(next)")
        reply("\(name) gives out \(next) next, in generation \(event.generation)")
    }

    /// The allocator that is to be reset: also one that could not begin, for all of its numbers may
    /// have been given out by records that were lost.
    private mutating func resettable(_ name: String) throws -> ControlAllocatorState {
        let isRefused = state.alerts.sorted().contains {
            $0.kind == Self.rolloverKind && $0.subject == name && $0.tenant == tenant
        }
        if isRefused, controlAllocators[ScheduleKey(tenant, name)] == nil {
            _ = try allocator(name)
        }
        return try known(allocator: name)
    }

    // MARK: what was named

    /// Those ranges whose generation is still known.
    func known(_ numbers: [IssuedNumbers]) -> [IssuedNumbers] {
        numbers.filter { (try? pieces([$0])) != nil }
    }

    /// Those numbers of which nobody said anything yet.
    func open(_ numbers: [IssuedNumbers]) -> [IssuedNumbers] {
        known(numbers).flatMap { range in
            ((try? pieces([range])) ?? []).filter { $0.range?.isOpen == true }.map {
                IssuedNumbers(
                    allocator: range.allocator, generation: range.generation, first: $0.first,
                    count: $0.end - $0.first)
            }
        }
    }

    private func known(allocator name: String) throws(Rejection) -> ControlAllocatorState {
        guard let number = controlAllocators[ScheduleKey(tenant, name)],
            let allocator = state.control.allocators[number]
        else {
            throw Rejection(
                .notFound,
                "there is no allocator '\(name)': daybook control list shows those that there are")
        }
        return allocator
    }

    private func named(_ numbers: IssuedNumbers) throws(Rejection) -> Named {
        let allocator = try known(allocator: numbers.allocator)
        let generation = numbers.generation == 0 ? allocator.generation : numbers.generation
        guard (1...NumberRequest.countMax).contains(numbers.count),
            numbers.first <= ControlAllocatorState.numberMax
        else {
            throw Rejection(
                .invalid, "field 'count' is a number from 1 to \(NumberRequest.countMax)")
        }
        guard let bounds = allocator.bounds(of: generation) else {
            throw Rejection(
                .notFound, "\(numbers.allocator) has no generation \(generation)")
        }
        let end = numbers.first + numbers.count
        guard bounds.lowerBound <= numbers.first, end <= bounds.upperBound else {
            throw Rejection(
                .conflict,
                "\(numbers.allocator) has not given out \(numbers.first)"
                    + (numbers.count > 1 ? " to \(end - 1)" : "")
                    + " in generation \(generation)")
        }
        return Named(
            allocator: allocator, generation: generation, first: numbers.first, end: end)
    }

    /// The numbers of an act in pieces of one state each, in order, each number once.
    private func pieces(_ numbers: [IssuedNumbers]) throws(Rejection) -> [Piece] {
        guard (1...Self.controlRangesMax).contains(numbers.count) else {
            throw Rejection(
                .invalid,
                "an act names 1 to \(Self.controlRangesMax) ranges of numbers, "
                    + "not \(numbers.count)")
        }
        var all: [Named] = []
        for range in numbers { all.append(try named(range)) }
        all.sort {
            ($0.allocator.allocator, $0.generation, $0.first)
                < ($1.allocator.allocator, $1.generation, $1.first)
        }
        var pieces: [Piece] = []
        for (index, named) in all.enumerated() {
            var next = named.first
            if index > 0, all[index - 1].allocator.allocator == named.allocator.allocator,
                all[index - 1].generation == named.generation
            {
                next = max(next, pieces.last?.end ?? 0)
            }
            state.control.forEachRange(
                allocator: named.allocator.allocator, generation: named.generation, from: next,
                before: named.end
            ) { range in
                if range.first > next {
                    pieces.append(Piece(named: named, first: next, end: range.first))
                }
                pieces.append(
                    Piece(named: named, first: range.first, end: range.end, range: range))
                next = range.end
            }
            if next < named.end {
                pieces.append(Piece(named: named, first: next, end: named.end))
            }
        }
        guard pieces.count <= Self.controlEventsMax else {
            throw Rejection(
                .invalid,
                "that would be \(pieces.count) events; name fewer numbers in one request")
        }
        return pieces
    }

    /// Pieces that follow each other, as one.
    private static func joined(_ pieces: [Piece]) -> [Piece] {
        var joined: [Piece] = []
        for piece in pieces {
            if let last = joined.last, last.end == piece.first,
                last.named.allocator.allocator == piece.named.allocator.allocator,
                last.named.generation == piece.named.generation
            {
                joined[joined.count - 1].end = piece.end
            } else {
                joined.append(piece)
            }
        }
        return joined
    }
}
