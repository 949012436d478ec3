extension EventLogError {
    /// A segment that cannot be read, as an error.
    init(_ problem: SegmentScan.Unreadable, path: String) {
        switch problem {
        case .tornRoll(let detail): self = .damaged(detail, segment: path, offset: 0)
        case .damaged(let detail, let offset):
            self = .damaged(detail, segment: path, offset: offset)
        case .foreign(let detail, let offset):
            self = .foreign(detail, segment: path, offset: offset)
        }
    }

    static func indexTooLarge(segment: String) -> EventLogError {
        EventLogError(
            .noSpace,
            "the index of \(segment) would have more than \(LogFormat.indexByteCountMax) bytes. "
                + "It is left out, and the segment is searched whole: choose smaller segments.",
            segment: segment)
    }

    static func notSealable(_ detail: String, segment: String) -> EventLogError {
        EventLogError(
            .sequenceAbsent,
            "\(segment) cannot be sealed: \(detail). Only a segment that another one follows is.",
            segment: segment)
    }

    static func noMemory(segment: String) -> EventLogError {
        EventLogError(
            .inputOutput,
            "\(segment) cannot be sealed: there is no memory for it. Try again later.",
            segment: segment, cause: .noMemory)
    }
}
