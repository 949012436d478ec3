import Events

/// What a reader that knows only the events makes of a log.
struct ExchangeLogReader {
    private struct Number: Hashable {
        let allocator: UInt64
        let generation: UInt64
        let number: UInt64
    }

    private(set) var problems: [String] = []
    private(set) var waiting: Set<UInt64> = []
    private(set) var published = 0
    private var fileOfOutcome: [UInt64: UInt64] = [:]
    private var live: [UInt64: FileGrouped] = [:]
    private var numbers: [UInt64: [Number]] = [:]
    private var ended: Set<Number> = []
    private var issued: Set<Number> = []

    /// Numbers of files of which nobody said what became of them.
    var openNumbers: [String] {
        numbers.values.joined().filter { !ended.contains($0) }.map { "\($0)" }
    }

    mutating func take(_ event: Event) {
        let sequence = event.envelope.sequence
        switch event.payload {
        case is OutcomeReceived: waiting.insert(sequence)
        case let grouped as FileGrouped: group(grouped, sequence)
        case let numbers as ControlNumbersIssued: issue(numbers)
        case let e as ControlNumbersPersisted: end(e.allocator, e.generation, e.first, e.count)
        case let e as ControlNumbersFailed: end(e.allocator, e.generation, e.first, e.count)
        case let assembled as FileAssembled: expect(assembled.file, "assembled")
        case let told as FilePublished:
            expect(told.file, "published")
            published += 1
            live[told.file] = nil
        case let failed as FileFailed where failed.isGivenUp:
            expect(failed.file, "given up")
            live[failed.file] = nil
        case let aside as FileQuarantined where aside.file != 0:
            expect(aside.file, "set aside")
            live[aside.file] = nil
        default: break
        }
    }

    private mutating func expect(_ file: UInt64, _ what: String) {
        if live[file] == nil { problems.append("file \(file) is \(what) and not open") }
    }

    private mutating func group(_ grouped: FileGrouped, _ file: UInt64) {
        live[file] = grouped
        if grouped.outcomes.isEmpty { problems.append("file \(file) is empty") }
        for outcome in grouped.outcomes {
            if waiting.remove(outcome) == nil {
                problems.append("outcome \(outcome) of \(file) did not wait")
            }
            if let other = fileOfOutcome.updateValue(file, forKey: outcome) {
                problems.append("outcome \(outcome) is in \(other) and \(file)")
            }
        }
    }

    private mutating func issue(_ event: ControlNumbersIssued) {
        guard let file = UInt64(event.file) else { return }
        for number in event.first..<(event.first + event.count) {
            let number = Number(
                allocator: event.allocator, generation: event.generation, number: number)
            if !issued.insert(number).inserted { problems.append("\(number) is given out twice") }
            numbers[file, default: []].append(number)
        }
    }

    private mutating func end(
        _ allocator: UInt64, _ generation: UInt64, _ first: UInt64, _ count: UInt64
    ) {
        for number in first..<(first + count) {
            let number = Number(allocator: allocator, generation: generation, number: number)
            if !ended.insert(number).inserted { problems.append("\(number) ended twice") }
        }
    }
}
