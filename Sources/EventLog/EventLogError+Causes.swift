import SystemPackage

// One factory for each cause, so that the words are in one place.

extension EventLogError {
    /// A disk call failed where nothing is left in doubt.
    init(disk error: DiskError) {
        switch error.errno {
        case .noSpace, .diskQuotaExceeded:
            self.init(
                .noSpace,
                "\(error.operation) of \(error.path) found no space left. "
                    + "Free some, or extend the file system, then try again.",
                segment: error.path, cause: error.errno)
        default:
            self.init(
                .inputOutput,
                "\(error.operation) of \(error.path) failed: \(error.errno). "
                    + "Check the disk and the folder's permissions, then try again.",
                segment: error.path, cause: error.errno)
        }
    }

    static func recordTooLarge(byteCount: UInt64, index: Int) -> EventLogError {
        EventLogError(
            .recordTooLarge,
            "record \(index) of the decision has \(byteCount) bytes; at most "
                + "\(LogFormat.recordByteCountMax) are allowed. Split it, or keep it in a file."
        )
    }

    static func decisionTooLarge(byteCount: Int, limit: Int) -> EventLogError {
        EventLogError(
            .decisionTooLarge,
            "the decision has \(byteCount) bytes; one write holds at most \(limit). "
                + "Stage its records, and end them with one that applies them.")
    }

    static func decisionMalformed(_ detail: String) -> EventLogError {
        EventLogError(
            .decisionMalformed,
            "the decision is not a row of length-delimited records: \(detail). "
                + "This is a fault in the caller's encoder.")
    }

    static func queueFull(_ detail: String) -> EventLogError {
        EventLogError(
            .queueFull,
            "the log's queue is full (\(detail)). Append again once some is durable."
        )
    }

    static let closed = EventLogError(
        .closed, "the log was closed. Open it again to append.")

    static func outcomeUnknown(_ cause: EventLogError) -> EventLogError {
        EventLogError(
            .outcomeUnknown,
            "the outcome of the append is unknown, since writing the log failed: \(cause.message) "
                + "Stop, and open the log again: recovery says what is durable.",
            segment: cause.segment, offset: cause.offset, cause: cause.cause)
    }

    static func locked(path: String, holder: String) -> EventLogError {
        EventLogError(
            .locked,
            "\(path) is held by another writer (\(holder.isEmpty ? "unnamed" : holder)). "
                + "Stop that one first; one log has one writer.")
    }

    static func noLog(folder: String) -> EventLogError {
        EventLogError(
            .noLog,
            "\(folder) holds no log. Name the data folder of an engine, or start one there.")
    }

    static func damaged(_ detail: String, segment: String, offset: Int) -> EventLogError {
        EventLogError(
            .damaged,
            "\(segment) is damaged at offset \(offset): \(detail). "
                + "Restore this segment from a copy, then try again.",
            segment: segment, offset: offset)
    }

    static func foreign(_ detail: String, segment: String, offset: Int) -> EventLogError {
        EventLogError(
            .foreignOrMissing,
            "\(segment) does not belong here, at offset \(offset): \(detail). "
                + "Put the right segment in its place, from a copy, then try again.",
            segment: segment, offset: offset)
    }
}
