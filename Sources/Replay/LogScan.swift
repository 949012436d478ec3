import EventLog
import Events

/// Runs over the records of a log in order, in place.
enum LogScan {
    /// Whether to go on.
    enum Step {
        case more
        case stop
    }

    /// Runs `body` over the records from `first` on, until it says stop or the log ends.
    ///
    /// - Returns: whether the end of the log was reached.
    static func run(
        _ folder: DataFolder, from first: UInt64 = 0,
        _ body: (UInt64, RawSpan) throws(ReplayError) -> Step
    ) throws(ReplayError) -> Bool {
        var reader = try folder.reader()
        return try run(&reader, from: first, body)
    }

    /// The same with a reader that is open.
    static func run(
        _ reader: inout LogReader, from first: UInt64,
        _ body: (UInt64, RawSpan) throws(ReplayError) -> Step
    ) throws(ReplayError) -> Bool {
        if first > 0 { try seek(&reader, first) }
        var isStopped = false
        while !isStopped, try next(&reader) {
            try reader.forEachRecord { (sequence, bytes) throws(ReplayError) in
                if isStopped { return }
                if try body(sequence.rawValue, bytes) == .stop { isStopped = true }
            }
        }
        return !isStopped
    }

    /// The same with the reader working ahead on a thread beside this one, where it finds each
    /// record's fields too (`EventFields.note`).
    static func runAhead(
        _ reader: consuming LogReader, from first: UInt64,
        _ body: (UInt64, RawSpan, _ noted: Span<UInt64>) throws(ReplayError) -> Step
    ) throws(ReplayError) -> Bool {
        if first > 0 { try seek(&reader, first) }
        var records = LogReadAhead(reader, noting: EventFields.note)
        var isStopped = false
        while !isStopped, try next(&records) {
            try records.forEachRecord { (sequence, bytes, noted) throws(ReplayError) in
                if isStopped { return }
                if try body(sequence.rawValue, bytes, noted) == .stop { isStopped = true }
            }
        }
        return !isStopped
    }

    private static func next(_ records: inout LogReadAhead) throws(ReplayError) -> Bool {
        do throws(EventLogError) { return try records.nextBlock() } catch {
            throw ReplayError(error)
        }
    }

    private static func seek(_ reader: inout LogReader, _ first: UInt64) throws(ReplayError) {
        do throws(EventLogError) { try reader.seek(to: SequenceNumber(first)) } catch {
            throw ReplayError(error)
        }
    }

    private static func next(_ reader: inout LogReader) throws(ReplayError) -> Bool {
        do throws(EventLogError) { return try reader.nextBatch() != nil } catch {
            throw ReplayError(error)
        }
    }
}

/// The little that a scan needs of every record: its time and its type's number.
struct RecordPeek {
    private(set) var time: Int64 = 0
    /// The payload's field number; 0 where there is none.
    private(set) var payloadNumber = 0

    /// Reads no further than the payload's tag: a writer puts the envelope first.
    ///
    /// A record that is
    /// not well formed after it is found by whoever reads it whole.
    init(_ record: RawSpan, _ sequence: UInt64) throws(ReplayError) {
        do throws(WireError) {
            var cursor = WireCursor(record)
            while let field = try cursor.next() {
                if field.number == 2 && field.wireType == 0 {
                    time = Int64(bitPattern: field.value)
                } else if field.number >= Envelope.payloadNumberMin {
                    payloadNumber = field.number
                    return
                }
            }
        } catch {
            throw .malformed(error, sequence)
        }
    }

    func isOf(_ type: EventType) -> Bool { payloadNumber == type.rawValue }
}

extension ReplayError {
    /// A record is not well formed, though its checksum is right.
    static func malformed(_ error: WireError, _ sequence: UInt64) -> ReplayError {
        ReplayError(
            error.code == .unknownEventType ? .unknownEventType : .notApplicable,
            sequence: sequence, "sequence \(sequence): \(error)")
    }
}

extension Event {
    /// Decodes a record of the log.
    init(_ record: RawSpan, _ sequence: UInt64) throws(ReplayError) {
        do throws(WireError) {
            try self.init(decoding: record.withUnsafeBytes { Array($0) })
        } catch {
            throw .malformed(error, sequence)
        }
    }
}
