import Events
import Projections

/// Control numbers: given out once, for ever.
extension EngineCore {
    /// Carries out what is asked of control numbers.
    mutating func control(_ command: ControlNumberCommand, tenant: String) throws {
        self.tenant = tenant
        switch command {
        case .issue(let requests, let who): try issue(requests, who)
        case .persist(let numbers, let file, let who): try persist(numbers, file, who)
        case .fail(let numbers, let reason, let who): try failNumbers(numbers, reason, who)
        case .explain(let numbers, let reason, let who): try explain(numbers, reason, who)
        case .reset(let name, let next, let reason, let who):
            try reset(name, to: next, reason, who)
        case .resend(let numbers, let file, let reason, let who):
            try resend(numbers, file, reason, who)
        }
    }

    /// Makes the index of names, passes numbers that a loss may have taken, and watches gaps.
    mutating func takeUpControlNumbers() throws {
        state.control.allocators.forEach {
            controlAllocators[ScheduleKey($0.tenant, $0.name)] = $0.allocator
        }
        for allocator in state.control.allocators.sorted()
        where allocator.originOrdinal < state.status.originOrdinal {
            tenant = allocator.tenant
            try passLost(allocator)
        }
        tenant = "default"
        if !controlAllocators.isEmpty { watchControlNumbers() }
    }

    // MARK: given out

    /// Gives out all numbers of a request as one decision; the same request key gets the same
    /// numbers.
    private mutating func issue(_ requests: [NumberRequest], _ who: Authority) throws {
        guard (1...NumberRequest.itemsMax).contains(requests.count) else {
            throw Rejection(
                .invalid,
                "a request asks for 1 to \(NumberRequest.itemsMax) items, not \(requests.count)")
        }
        if !who.request.isEmpty,
            let known = state.control.requests.answer(
                tenant: tenant, request: who.request, at: now)
        {
            return try answerAgain(known, requests)
        }
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        if let name = exhausted(by: requests) { return try refuseRollover(name) }
        authority = who
        var cause: UInt64 = 0
        var given: [IssuedNumbers] = []
        for (item, request) in requests.enumerated() {
            let allocator = try allocator(request.allocator)
            var event = ControlNumbersIssued()
            event.partner = request.partner
            event.transactionType = request.transactionType
            event.file = request.file
            event.item = UInt64(item)
            try giveOut(request.count, of: allocator, event, &given, cause: &cause)
            try warnNearLimit(allocator)
        }
        reply(given)
    }

    /// Answers a request with what its key was given before.
    private mutating func answerAgain(
        _ known: ControlRequest, _ requests: [NumberRequest]
    ) throws {
        var numbers: [IssuedNumbers] = []
        for part in known.parts {
            guard let allocator = state.control.allocators[part.allocator] else { continue }
            numbers.append(
                IssuedNumbers(
                    allocator: allocator.name, generation: part.generation, first: part.first,
                    count: part.count, item: part.item))
        }
        let isSame =
            known.parts.last?.item == UInt64(requests.count - 1)
            && requests.enumerated().allSatisfy { item, request in
                let parts = numbers.filter { $0.item == UInt64(item) }
                return parts.allSatisfy { $0.allocator == request.allocator }
                    && parts.reduce(0) { $0 + $1.count } == request.count
            }
        let isSameFile = known.parts.allSatisfy { part in
            // What is persisted has no file here any more.
            let range = state.control.range(
                of: part.first, allocator: part.allocator, generation: part.generation)
            guard let range, requests.indices.contains(Int(part.item)) else { return true }
            return range.file == requests[Int(part.item)].file
        }
        guard isSame else {
            throw Rejection(
                .conflict,
                "the request key was used for other numbers before; take another key")
        }
        guard isSameFile else {
            throw Rejection(
                .conflict, "the request key was used for another file before; take another key")
        }
        reply(numbers)
    }

    /// The allocator of a name, made now where it is new.
    mutating func allocator(_ name: String) throws -> UInt64 {
        let key = ScheduleKey(tenant, name)
        if let known = controlAllocators[key] { return known }
        var created = ControlAllocatorCreated()
        created.allocator = state.nextSequence
        created.name = name
        created.start = numberRules.of(name).start
        let ordinal = state.status.originOrdinal
        // What was lost may have created it, too, and given numbers out.
        created.originOrdinal = ordinal > 0 ? ordinal - 1 : 0
        try emit(created)
        if controlAllocators.isEmpty { watchControlNumbers() }
        controlAllocators[key] = created.allocator
        if ordinal > 0, let made = state.control.allocators[created.allocator] {
            try passLost(made)
        }
        return created.allocator
    }

    /// Gives numbers out of an allocator that has enough, in the next generation where it wraps.
    ///
    /// - Parameter given: what was given out is added to it.
    /// - Parameter cause: the first event of the request; 0 before it.
    mutating func giveOut(
        _ count: UInt64, of allocator: UInt64, _ template: ControlNumbersIssued,
        _ given: inout [IssuedNumbers], cause: inout UInt64
    ) throws {
        var left = count
        while left > 0 {
            guard let place = state.control.standing(of: allocator) else { return }
            let rule = numberRules.of(place.name)
            if place.next > rule.max {
                try wrap(allocator, place, to: rule.start)
                continue
            }
            var event = template
            event.allocator = allocator
            event.name = place.name
            event.generation = place.generation
            event.first = place.next
            event.count = min(left, rule.max - place.next + 1)
            let sequence = try emit(event, cause: cause)
            if cause == 0 { cause = sequence }
            left -= event.count
            given.append(
                IssuedNumbers(
                    allocator: place.name, generation: event.generation, first: event.first,
                    count: event.count, item: template.item))
        }
    }

    private mutating func wrap(
        _ number: UInt64, _ allocator: ControlNumbers.Standing, to start: UInt64
    ) throws {
        var wrapped = ControlAllocatorWrapped()
        wrapped.allocator = number
        wrapped.name = allocator.name
        wrapped.generation = allocator.generation + 1
        wrapped.next = start
        wrapped.reason = "number \(allocator.next - 1) was given out, and the allocator wraps"
        try emit(wrapped)
        try clearLimitAlerts(allocator.name, "generation \(wrapped.generation) began")
    }

    // MARK: the end of the numbers

    /// The first allocator that has too few numbers left for a request; nil where none has.
    func exhausted(by requests: [NumberRequest]) -> String? {
        if requests.count == 1 {
            return isEnough(requests[0].allocator, requests[0].count)
                ? nil : requests[0].allocator
        }
        var wanted: [String: UInt64] = [:]
        for request in requests { wanted[request.allocator, default: 0] += request.count }
        return requests.first { !isEnough($0.allocator, wanted[$0.allocator] ?? 0) }?.allocator
    }

    private func isEnough(_ name: String, _ count: UInt64) -> Bool {
        let rule = numberRules.of(name)
        let known = controlAllocators[ScheduleKey(tenant, name)]
        let next =
            known.flatMap { state.control.standing(of: $0)?.next }
            ?? rule.start
            + (state.status.originOrdinal > 0 ? settings.controlNumbers.lossSkip : 0)
        let left = next <= rule.max ? rule.max - next + 1 : 0
        if left >= count { return true }
        return rule.wraps && count - left <= rule.max - min(rule.start, rule.max)
    }

    /// Refuses numbers that there are not, with an alert at the first time.
    mutating func refuseRollover(_ name: String) throws {
        let rejection = rollover(name)
        guard try tellRollover(name) else { throw rejection }
        refuse(rejection)
    }

    private func rollover(_ name: String) -> Rejection {
        Rejection(
            .rolloverRequired,
            "\(name) has too few numbers left: its last is \(numberRules.of(name).max)"
                + ". Agree on a new start with the partner, then: daybook control reset '\(name)'")
    }

    /// Raises the alert of an allocator that has too few numbers left, where none is open.
    ///
    /// - Returns: whether it did.
    @discardableResult
    mutating func tellRollover(_ name: String) throws -> Bool {
        let isTold = state.alerts.sorted().contains {
            $0.kind == Self.rolloverKind && $0.subject == name && $0.tenant == tenant
        }
        if isTold { return false }
        try raise(
            about: name, kind: Self.rolloverKind, severity: "critical", rollover(name).message)
        return true
    }

    /// Says at 90 and at 95 percent of the last number how long the rest lasts.
    mutating func warnNearLimit(_ number: UInt64) throws {
        guard let place = state.control.standing(of: number), place.warned < 95,
            isNearLimit(place), let allocator = state.control.allocators[number]
        else { return }
        let rule = numberRules.of(allocator.name)
        var event = ControlAllocatorNearLimit()
        event.allocator = number
        event.name = allocator.name
        event.generation = allocator.generation
        event.last = allocator.next - 1
        event.percent = Self.percent(event.last, rule)
        event.remaining = rule.max - event.last
        event.perDay = allocator.perDay(now: now)
        event.daysLeft = event.perDay == 0 ? 0 : event.remaining / event.perDay
        let asker = authority
        authority = .engine
        try emit(event)
        try clearLimitAlerts(allocator.name, "a later warning takes its place")
        let severity = rule.wraps ? "low" : event.percent >= 95 ? "high" : "medium"
        try raise(
            about: allocator.name, kind: Self.limitKind, severity: severity,
            "\(allocator.name) has reached \(event.last), \(event.percent) % of "
                + (rule.start > 1 ? "\(rule.start) to \(rule.max): " : "\(rule.max): ")
                + "\(Counted.are(event.remaining, "number")) left, for "
                + "\(Counted.text(event.daysLeft, "day")) at "
                + "\(event.perDay) a day; then "
                + (rule.wraps ? "it wraps to \(rule.start)" : "no more are given out"))
        authority = asker
    }

    /// Whether an allocator has passed a mark of which nobody was told.
    private func isNearLimit(_ allocator: ControlNumbers.Standing) -> Bool {
        Self.percent(allocator.next - 1, numberRules.of(allocator.name)) > allocator.warned
    }

    /// 95, 90 or 0: how much of an allocator's range was used, as far as people are warned.
    private static func percent(
        _ last: UInt64, _ rule: (start: UInt64, max: UInt64, wraps: Bool)
    ) -> UInt64 {
        let used = ControlNumberRules.used(last, from: rule.start)
        let all = ControlNumberRules.used(rule.max, from: rule.start)
        return used * 100 >= all * 95 ? 95 : used * 100 >= all * 90 ? 90 : 0
    }

    mutating func clearLimitAlerts(_ name: String, _ reason: String) throws {
        for alert in state.alerts.sorted()
        where (alert.kind == Self.limitKind || alert.kind == Self.rolloverKind)
            && alert.subject == name && alert.tenant == tenant
        {
            try clear(alert, reason)
        }
    }

    static let limitKind = "controlNumberLimit"
    static let rolloverKind = "ROLLOVER_REQUIRED"

    // MARK: after a loss

    /// Passes as many numbers as records that were lost may have given out, as a documented gap.
    private mutating func passLost(_ allocator: ControlAllocatorState) throws {
        let asker = authority
        authority = .engine
        defer { authority = asker }
        let rule = numberRules.of(allocator.name)
        let left = allocator.next <= rule.max ? rule.max - allocator.next + 1 : 0
        let skip =
            rule.wraps
            ? settings.controlNumbers.lossSkip
            : min(
                left, settings.controlNumbers.lossSkip)
        guard skip > 0 else { return }
        var event = ControlNumbersIssued()
        event.purpose = "lossSkip"
        event.originOrdinal = state.status.originOrdinal
        var cause: UInt64 = 0
        var passed: [IssuedNumbers] = []
        try giveOut(skip, of: allocator.allocator, event, &passed, cause: &cause)
        for range in passed {
            var explained = ControlNumbersExplained()
            explained.allocator = allocator.allocator
            explained.name = allocator.name
            explained.generation = range.generation
            explained.first = range.first
            explained.count = range.count
            explained.explanation =
                "passed: records of the log were lost (loss \(event.originOrdinal)), "
                + "which may have given these numbers out"
            try emit(explained, cause: cause)
        }
    }
}
