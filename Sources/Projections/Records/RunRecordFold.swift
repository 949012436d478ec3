import Events

/// The fold behind run records: from the events of a log, in order, what became of each run.
///
/// Of a run that is open it keeps the records that its line will be made of, as bytes and without
/// their parameters: about 300 bytes a run that waits. It may start anywhere; of a run that was
/// open there, it then knows only what follows, and `RunRecord.isWhole` says so.
///
/// No engine stages a run's event: only definitions, calendars and blackouts are staged. One that
/// is all the same is refused, for whether it counts is said later.
package struct RunRecordFold: Sendable {
    /// The records of each open run, each with its length before it.
    private var open: [UInt64: [UInt8]] = [:]
    /// The numbers of open runs, ascending, and of some that ended since.
    private var order: [UInt64] = []
    private var orderStart = 0
    private var writer = WireWriter()

    /// A fold that knows of no run.
    package init() {}

    /// How many runs are open.
    package var openCount: Int { open.count }

    /// The number of the oldest open run, which is the sequence of its first event; nil for none.
    package var oldestRun: UInt64? { orderStart < order.count ? order[orderStart] : nil }

    /// Takes in a record.
    ///
    /// - Returns: what became of the run or the occurrences, where this event ended them.
    /// - Throws: `ProjectionError` where the record is not well formed, or a staged event of a run.
    package mutating func take(
        _ record: RawSpan, sequence: UInt64
    ) throws(ProjectionError) -> RunRecord? {
        var isStaged = false
        do throws(WireError) {
            let fields = try EventFields(record)
            let view = fields.view
            guard let type = view.type else { return nil }
            if view.stage == 0 { return try take(type, view) }
            isStaged = (72...111).contains(type.rawValue)
        } catch {
            throw ProjectionError(error, sequence: sequence)
        }
        guard !isStaged else {
            throw ProjectionError(
                .impossible, sequence: sequence,
                "it is a run's event and belongs to a stage, which no engine writes")
        }
        return nil
    }

    private mutating func take(
        _ type: EventType, _ view: borrowing EventView
    ) throws(WireError) -> RunRecord? {
        switch type {
        case .runDue:
            try begin(view)
        case .runDispatched, .runStarted, .runFailed, .runRetryScheduled, .runLate, .runSlaMissed,
            .runCancelRequested, .dependencySatisfied, .dependencyFailed:
            keep(view)
        case .runSucceeded: return try end(.succeeded, view)
        case .runDead: return try end(.dead, view)
        case .runCancelled: return try end(.cancelled, view)
        case .runSkipped: return try end(.skipped, view)
        case .runMissed: return try end(.missed, view)
        default: break  // nothing of it stands in a line
        }
        return nil
    }

    private mutating func begin(_ view: borrowing EventView) throws(WireError) {
        let number = view.uint(1)
        writer.removeAll()
        if view.has(14) {
            // The parameters are most of it, and stand in no line.
            // Safe: the bytes are copied before the span ends.
            var event = try Event(decoding: unsafe view.bytes.withUnsafeBytes { unsafe Array($0) })
            if var due = event.payload as? RunDue {
                due.parameters = []
                event.payload = due
            }
            event.writeDelimited(to: &writer)
            open[number] = Array(writer.bytes)
        } else {
            open[number] = delimited(view)
        }
        order.append(number)
        if order.count > 2 * open.count + 1_024 { tidy() }
    }

    private mutating func delimited(_ view: borrowing EventView) -> [UInt8] {
        writer.removeAll()
        writer.varint(UInt64(view.bytes.byteCount))
        // Safe: the bytes are copied before the span ends.
        let copy = unsafe view.bytes.withUnsafeBytes { unsafe Array($0) }
        return writer.bytes + copy
    }

    private mutating func keep(_ view: borrowing EventView) {
        let bytes = delimited(view)
        open[view.uint(1)]?.append(contentsOf: bytes)
    }

    private mutating func end(
        _ status: RunStatus, _ view: borrowing EventView
    ) throws(WireError) -> RunRecord {
        let number = view.uint(1)
        var record = RunRecord()
        if let pieces = open.removeValue(forKey: number) {
            try Self.apply(pieces, to: &record)
            while orderStart < order.count, open[order[orderStart]] == nil { orderStart += 1 }
        } else if number != 0 {
            record.run = number
            record.isWhole = false
        }
        try record.end(status, view)
        return record
    }

    private static func apply(
        _ pieces: [UInt8], to record: inout RunRecord
    ) throws(WireError) {
        // Safe: every byte of the array is initialised.
        let bytes = unsafe pieces.span.bytes
        var offset = 0
        while offset < bytes.byteCount {
            var byteCount = 0
            var shift = 0
            var byte: UInt8
            repeat {
                byte = pieces[offset]
                byteCount |= Int(byte & 0x7F) << shift
                shift += 7
                offset += 1
            } while byte >= 0x80
            let fields = try EventFields(bytes.extracting(offset..<(offset + byteCount)))
            let view = fields.view
            if let type = view.type { try record.apply(type, view) }
            offset += byteCount
        }
    }

    /// Forgets the numbers of runs that ended.
    private mutating func tidy() {
        order.removeAll { open[$0] == nil }
        orderStart = 0
    }
}
