import Timetable

/// Schedules that were decided lately, made ready, by the sequence of their definition.
///
/// It has two generations: what is asked for moves to the younger one, and when that is full the
/// older one goes. So what is asked for often stays, and memory is bounded.
///
/// - Complexity: O(1); at most twice `generationCountMax` schedules of 2 KB or so. Making one
///   ready anew costs ten times what deciding one of its occurrences does.
struct ScheduleCache: Sendable {
    static let generationCountMax = 65_536

    private var young: [UInt64: CompiledSchedule] = [:]
    private var old: [UInt64: CompiledSchedule] = [:]

    /// How many schedules are kept.
    var count: Int { young.count + old.count }

    /// The schedule of a definition, if it is kept.
    mutating func schedule(_ definition: UInt64) -> CompiledSchedule? {
        if let known = young[definition] { return known }
        guard let known = old.removeValue(forKey: definition) else { return nil }
        insert(known)
        return known
    }

    /// Keeps a schedule.
    mutating func insert(_ schedule: CompiledSchedule) {
        if young.count >= Self.generationCountMax {
            old = young
            young = [:]
        }
        young[schedule.definitionSequence] = schedule
    }
}

/// Triggers by their text: thousands of schedules have the same cadence.
struct TriggerCache: Sendable {
    /// More than the minutes of a week; an entry has some 150 bytes.
    static let countMax = 16_384

    private var known: [String: Trigger] = [:]

    /// How many triggers are kept.
    var count: Int { known.count }

    /// The trigger of a cron expression, or where `every` is not empty, of an interval.
    ///
    /// - Throws: `TimetableError` where the text is neither.
    mutating func trigger(
        _ cadence: String, _ every: String
    ) throws(TimetableError) -> Trigger {
        // No text is both: an interval begins with a digit and has no space.
        let text = every.isEmpty ? cadence : every
        if let trigger = known[text], trigger.isInterval == !every.isEmpty { return trigger }
        let made: Trigger
        if every.isEmpty {
            made = .cron(try CronExpression(parsing: cadence))
        } else {
            made = .every(try Interval(parsing: every))
        }
        if known.count >= Self.countMax { known.removeAll(keepingCapacity: true) }
        known[text] = made
        return made
    }
}

extension Trigger {
    fileprivate var isInterval: Bool {
        if case .every = self { true } else { false }
    }
}

/// A number for each tenant, so that a timer of 24 bytes can name one.
struct TenantNumbers: Sendable {
    private var names: [String] = []
    private var numbers: [String: UInt16] = [:]

    /// The number of a tenant, given to it when it is first asked for.
    ///
    /// - Throws: a rejection for more than 65,536 tenants.
    mutating func number(_ tenant: String) throws(Rejection) -> UInt16 {
        if let known = numbers[tenant] { return known }
        guard let number = UInt16(exactly: names.count) else {
            throw Rejection(
                .invalid,
                "tenant '\(tenant)' is one too many: an engine holds 65,536 of them; "
                    + "give it an engine and a log of its own")
        }
        names.append(tenant)
        numbers[tenant] = number
        return number
    }

    /// The tenant of a number that was given.
    subscript(_ number: UInt16) -> String { names[Int(number)] }
}
