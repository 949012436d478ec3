import Events

extension ProjectedState {
    mutating func applyControl(_ type: EventType, _ view: borrowing EventView) throws {
        if type == .controlAllocatorCreated { return try createAllocator(view) }
        guard let place = control.allocators.place(of: view.uint(1)) else {
            throw impossible(view, "there is no allocator \(view.uint(1))")
        }
        switch type {
        case .controlNumbersIssued:
            try issue(place, view)
            try numbersIssued(view)
        case .controlNumbersPersisted, .controlNumbersFailed, .controlNumbersExplained:
            try settle(type, place, view)
        case .controlAllocatorWrapped, .controlAllocatorReset:
            let (generation, next) = (view.uint(3), view.uint(4))
            guard generation == control.allocators[place].generation + 1,
                (1...ControlAllocatorState.numberMax).contains(next)
            else { throw impossible(view, "generation \(generation) does not follow") }
            control.allocators[place].begin(generation, next: next, at: view.time)
        case .controlAllocatorNearLimit: control.allocators[place].warned = view.uint(5)
        default: break  // resent: a fact that no state follows from
        }
    }

    private mutating func createAllocator(_ view: borrowing EventView) throws {
        let number = view.uint(1)
        guard number == view.sequence,
            (1...ControlAllocatorState.numberMax).contains(view.uint(3))
        else { throw impossible(view, "an allocator's number is its event's sequence") }
        var allocator = ControlAllocatorState()
        allocator.allocator = number
        allocator.tenant = try view.tenant
        allocator.name = try view.text(2)
        allocator.generation = 1
        allocator.first = view.uint(3)
        allocator.next = allocator.first
        allocator.createdAt = view.time
        allocator.generationAt = view.time
        allocator.originOrdinal = view.uint(4)
        control.allocators.insert(allocator)
    }

    private mutating func issue(_ place: EntryPlace, _ view: borrowing EventView) throws {
        let (generation, first, count) = (view.uint(3), view.uint(4), view.uint(5))
        let known = (control.allocators[place].generation, control.allocators[place].next)
        guard known == (generation, first), count >= 1,
            first <= ControlAllocatorState.numberMax,
            count <= ControlAllocatorState.numberMax - first + 1
        else {
            throw impossible(view, "number \(first) of generation \(generation) is not next")
        }
        let allocator = view.uint(1)
        let time = view.time
        control.allocators[place].next = first + count
        control.allocators[place].issued += count
        control.allocators[place].open += count
        control.allocators[place].issuedAt = time
        if view.isText(10, "lossSkip") {
            control.allocators[place].originOrdinal = view.uint(11)
        }
        control.allocators[place].count(time) { $0.issued += count }
        var range = NumberRange()
        range.first = first
        range.count = count
        range.issuedAt = time
        range.sequence = view.sequence
        range.partner = try view.text(6)
        range.transactionType = try view.text(7)
        range.file = try view.text(8)
        if !range.partner.isEmpty {
            control.allocators[place].use(range.partner, range.transactionType, count)
        }
        control.add(range, allocator: allocator, generation: generation)
        let request = try view.request
        guard !request.isEmpty else { return }
        var part = ControlRequestPart()
        part.item = view.uint(9)
        part.allocator = allocator
        part.generation = generation
        part.first = first
        part.count = count
        control.requests.note(
            part, tenant: try view.tenant, request: request, sequence: view.sequence,
            cause: view.cause, at: time)
    }

    /// Numbers have an outcome, or an explanation.
    private mutating func settle(
        _ type: EventType, _ place: EntryPlace, _ view: borrowing EventView
    ) throws {
        let (first, count) = (view.uint(4), view.uint(5))
        guard count >= 1, first <= ControlAllocatorState.numberMax,
            count <= ControlAllocatorState.numberMax - first + 1
        else { throw impossible(view, "there are no such numbers") }
        let time = view.time
        let text = try view.text(6)
        let (actor, ticket) = (try view.actor, try view.ticket)
        let changed = control.change(
            allocator: view.uint(1), generation: view.uint(3), first: first, count: count
        ) { range in
            if type == .controlNumbersPersisted { return false }
            var gap = range.gap.first ?? NumberGap()
            if type == .controlNumbersFailed {
                gap.failedAt = time
                gap.reason = text
            } else {
                gap.explainedAt = time
                gap.explanation = text
                gap.explainedBy = actor
                gap.ticket = ticket
            }
            range.gap = [gap]
            return true
        }
        guard let (open, missing) = changed else {
            throw impossible(view, "numbers from \(first) on are neither open nor missing")
        }
        control.allocators[place].open -= open
        if type == .controlNumbersPersisted {
            control.allocators[place].missing -= missing
            control.allocators[place].persisted += count
            control.allocators[place].count(time) { $0.persisted += count }
        } else {
            control.allocators[place].missing += open
            if type == .controlNumbersFailed {
                control.allocators[place].count(time) { $0.failed += count }
            }
        }
    }
}
