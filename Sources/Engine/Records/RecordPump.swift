import EventLog
import Events
import Projections

/// Follows the log and hands its lines to a sink, so that a crash at any step leaves neither a gap
/// nor a line twice without a mark.
///
/// It blocks, and belongs to one thread. Nothing is asked of the engine: it lags behind where the
/// sink is slow, and what waits is in the log. In memory are the lines of one batch of the log.
///
/// Why nothing is lost or doubled:
/// - The position says `next`: each terminal event before it has its line. It is stored after the
///   sink took the lines.
/// - A sink that is exact (files) says by its last line what it has; the position is only where to
///   begin. Lines that it has are not made again.
/// - Any other sink is given lines only after the position says durably that they are being sent
///   (`sending`). A start marks those again; so is what a sink may have kept of a failed write.
package final class RecordPump {
    /// What a step did.
    package enum Progress: Equatable {
        /// There may be more to do.
        case worked
        /// All that may be read was read and written.
        case idle
    }

    /// The log and where it lies.
    package struct Source: Sendable {
        /// The log's identity.
        package var log: LogIdentity
        /// The data folder.
        package var folder: String
        /// What it lies on.
        package var disk: any Disk
        /// How much of the log is read.
        package var trust: LogReader.Trust
        /// How many records it held when this began.
        package var end: UInt64

        /// A log.
        package init(
            log: LogIdentity, folder: String, disk: any Disk, trust: LogReader.Trust, end: UInt64
        ) {
            self.log = log
            self.folder = folder
            self.disk = disk
            self.trust = trust
            self.end = end
        }
    }

    private let source: Source
    private let lineCountMax: Int
    private var sink: any RecordSink
    private var hasBegun = false
    private var reader: LogReader?
    private var lines: RunRecordLines
    /// Lines that were made and not written.
    private var ready: [RunRecordLine] = []
    private var readyStart = 0
    /// Terminal events before it need no line.
    private var firstWanted: UInt64 = 0
    /// What was read, for when the reader has to begin anew.
    private var read: (next: UInt64, foldFrom: UInt64) = (0, 0)
    /// What the sink has, as it will be stored.
    private var position: RecordPosition
    private var stored: RecordPosition?
    /// Lines to this sequence may have gone out.
    private var mayHaveArrived: UInt64?
    private var writeCount = 0
    /// What is wrong with what an earlier life left, to be told once.
    package private(set) var remark: String?

    /// So many lines go out at once.
    package static let lineCountMax = 500
    /// So many bytes go out at once, or one line.
    static let byteCountMax = 256 << 10
    /// An exact sink's position is stored after so many writes.
    private static let writesBetweenPositions = 16
    /// The position is stored when the reading has gone so many records beyond it.
    private static let recordsBetweenPositions: UInt64 = 65_536

    /// A pump that has not begun; `step` begins.
    ///
    /// - Parameter lineCountMax: so many lines go out at once.
    package init(_ source: Source, sink: any RecordSink, lineCountMax: Int = lineCountMax) {
        self.source = source
        self.lineCountMax = lineCountMax
        self.sink = sink
        position = RecordPosition(log: "\(source.log)", next: 0, foldFrom: 0)
        lines = Self.lines(source)
    }

    private static func lines(_ source: Source) -> RunRecordLines {
        RunRecordLines(
            log: source.log, folder: source.folder, disk: source.disk, trust: source.trust)
    }

    /// The sequence after the last record that was read.
    package var next: UInt64 { max(read.next, lines.next) }

    /// Writes lines that are ready, or reads the next batch of the log.
    ///
    /// - Throws: `RecordFailure`, `DiskError`, `EventLogError`, `ProjectionError`: nothing is lost,
    ///   and the next call tries again.
    package func step(
        givesUp: @escaping @Sendable () -> Bool = { false }
    ) throws -> Progress {
        if !hasBegun { try begin() }
        if readyStart < ready.count {
            try writeReady(givesUp)
            return .worked
        }
        do {
            if try readBatch() { return .worked }
        } catch {
            beginReadingAnew()
            throw error
        }
        try storeWhereIdle()
        return .idle
    }

    /// Stores the position and lets go of everything.
    package func finish() throws {
        defer {
            reader = nil
            sink.end()
        }
        if hasBegun && position != stored { try store() }
    }

    // MARK: the beginning

    private func begin() throws {
        try RecordPosition.makeFolder(data: source.folder, disk: source.disk)
        let loaded = try RecordPosition.load(sink.name, data: source.folder, disk: source.disk)
        let last = try sink.begin(log: source.log)
        var known: RecordPosition?
        if case .found(let found) = loaded, found.log == "\(source.log)" { known = found }
        if sink.isExact {
            beginExactly(last, known)
        } else if let known {
            go(on: known.next, foldFrom: known.foldFrom, last: known.last)
            mayHaveArrived = known.sending
        } else if loaded == .damaged {
            remark =
                "the position of the run records is damaged, so all of them go out again, marked"
            mayHaveArrived = lastKnown
        }
        if firstWanted > source.end {
            remark =
                "the run records go to sequence \(firstWanted - 1), and the log ends before "
                + "\(source.end): it is an older copy. New lines take up those sequences again"
            go(on: source.end, foldFrom: 0, last: nil)
            mayHaveArrived = nil
        }
        stored = known
        beginReadingAnew()
        hasBegun = true
    }

    /// The last record that the log held when this began.
    private var lastKnown: UInt64? { source.end == 0 ? nil : source.end - 1 }

    /// By the last line that the sink has, and by the position only where that goes with it.
    private func beginExactly(_ last: UInt64?, _ known: RecordPosition?) {
        if let last {
            let isLost = known?.last.map { $0 > last } ?? (known == nil)
            if let known, !isLost {
                go(on: max(last + 1, known.next), foldFrom: known.foldFrom, last: last)
            } else {
                go(on: last + 1, foldFrom: 0, last: last)
            }
        } else if let known {
            go(on: known.next, foldFrom: known.foldFrom, last: known.last)
            // Its files were taken away, perhaps with more than the position says.
            if known.last != nil { mayHaveArrived = lastKnown }
        }
    }

    private func go(on next: UInt64, foldFrom: UInt64, last: UInt64?) {
        firstWanted = next
        position.next = next
        position.foldFrom = foldFrom
        position.last = last
        read = (next, foldFrom)
    }

    // MARK: reading

    /// Reads from where the runs that are open began; what was made of it already is not made
    /// again.
    private func beginReadingAnew() {
        reader = nil
        lines = Self.lines(source)
        firstWanted = max(firstWanted, read.next)
    }

    /// Reads a batch; false at the end of what may be read.
    private func readBatch() throws -> Bool {
        if reader == nil {
            var opened = try LogReader.open(
                folder: source.folder, disk: source.disk, trust: source.trust)
            let first = SequenceNumber(read.foldFrom)
            if first > opened.position { try opened.seek(to: first) }
            reader = consume opened
        }
        guard try reader?.nextBatch() != nil else { return false }
        ready.removeAll(keepingCapacity: true)
        readyStart = 0
        try reader?.forEachRecord { sequence, bytes in
            let line = try lines.take(
                bytes, sequence: sequence.rawValue, isWanted: sequence.rawValue >= firstWanted)
            guard let line else { return }
            ready.append(line)
            read = (line.sequence + 1, line.foldFrom)
        }
        if lines.next >= read.next { read = (lines.next, lines.foldFrom) }
        return true
    }

    // MARK: writing

    private func writeReady(_ givesUp: @escaping @Sendable () -> Bool) throws {
        var chunk: [OutgoingLine] = []
        var byteCount = 0
        for line in ready[readyStart...].prefix(lineCountMax) {
            byteCount += line.json.utf8.count
            if !chunk.isEmpty && byteCount > Self.byteCountMax { break }
            let isRepeat = mayHaveArrived.map { line.sequence <= $0 } ?? false
            chunk.append(OutgoingLine(line: line, isRepeat: isRepeat))
        }
        guard let last = chunk.last?.line else { return }
        if !sink.isExact {
            position.sending = max(last.sequence, mayHaveArrived ?? 0)
            if position != stored { try store() }
        }
        do throws(RecordFailure) {
            try sink.write(chunk, givesUp: givesUp)
        } catch {
            if error.mayHaveArrived {
                mayHaveArrived = max(mayHaveArrived ?? 0, last.sequence)
            }
            throw error
        }
        readyStart += chunk.count
        writeCount += 1
        position.next = last.sequence + 1
        position.foldFrom = last.foldFrom
        position.last = last.sequence
        if sink.isExact && writeCount % Self.writesBetweenPositions == 0 { try store() }
    }

    private func storeWhereIdle() throws {
        let isFar = read.next > (stored?.next ?? 0) + Self.recordsBetweenPositions
        // What is not being sent any more must not be marked by the next start.
        let isSending = position.sending != nil
        position.next = max(position.next, read.next)
        position.foldFrom = read.foldFrom
        if let sending = position.sending, sending < position.next { position.sending = nil }
        if isFar || isSending && position.sending == nil { try store() }
    }

    private func store() throws {
        try position.store(sink.name, data: source.folder, disk: source.disk)
        stored = position
    }
}
