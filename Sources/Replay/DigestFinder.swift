import EventLog
import Events

/// Finds the last digest that a log recorded, from its end, segment by segment.
enum DigestFinder {
    /// The sequence of the last `digest recorded` event within the bounds, or nil.
    ///
    /// - Complexity: O(bytes of the segments after it, and of its own), without applying anything.
    static func last(
        _ folder: DataFolder, _ options: Replayer.Options
    ) throws(ReplayError) -> UInt64? {
        var bound = options.untilSequence
        while true {
            guard let start = try segmentStart(folder, holding: bound) else {
                return try find(folder, from: 0, options, before: nil)
            }
            let end = bound.flatMap { $0 == options.untilSequence ? nil : $0 + 1 }
            if let found = try find(folder, from: start, options, before: end) { return found }
            if start == 0 { return nil }
            bound = start - 1
        }
    }

    /// The first sequence of the segment that holds a sequence (nil: of the last segment); nil
    /// where the segment cannot be entered, as one that was cut off while it was made.
    private static func segmentStart(
        _ folder: DataFolder, holding sequence: UInt64?
    ) throws(ReplayError) -> UInt64? {
        var reader = try folder.reader()
        do throws(EventLogError) {
            try reader.seek(to: SequenceNumber(sequence ?? .max - 1))
            return reader.segmentFirstSequence.rawValue
        } catch {
            if error.code == .damaged { return nil }
            if error.code == .sequenceAbsent { return 0 }
            throw ReplayError(error)
        }
    }

    private static func find(
        _ folder: DataFolder, from start: UInt64, _ options: Replayer.Options, before end: UInt64?
    ) throws(ReplayError) -> UInt64? {
        var found: UInt64?
        _ = try LogScan.run(folder, from: start) { (sequence, bytes) throws(ReplayError) in
            if let end, sequence >= end { return .stop }
            if let last = options.untilSequence, sequence > last { return .stop }
            let peek = try RecordPeek(bytes, sequence)
            if let last = options.untilTime, peek.time > last { return .stop }
            if peek.isOf(.digestRecorded) { found = sequence }
            return .more
        }
        return found
    }
}
