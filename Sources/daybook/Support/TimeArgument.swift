import ArgumentParser
import Events
import Timetable

/// Moments and sequences as they are given on the command line.
enum TimeArgument {
    /// The end of a range.
    enum Edge {
        case first
        case last
    }

    /// A sequence or a moment.
    enum Bound {
        case sequence(UInt64)
        case time(Int64)
    }

    /// Reads a point in time with its offset, or a date: that whole day in UTC, so that it stands
    /// for its first microsecond where a range begins and for its last where it ends.
    ///
    /// - Returns: µs since 1970 UTC.
    static func moment(_ text: String, _ edge: Edge) throws -> Int64 {
        switch try value(text) {
        case .instant(let instant): return instant.microseconds
        case .date(let date):
            let day: Int64 = 86_400_000_000
            let start = Int64(date.daysSinceEpoch) * day
            return edge == .first ? start : start + day - 1
        case .local:
            throw ValidationError(
                "it names no point in time; add Z or an offset, as in \(example)")
        }
    }

    /// Reads a sequence (digits alone) or a moment, for the end of a range.
    static func bound(_ text: String) throws -> Bound {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return .time(try moment(text, .last))
        }
        guard let sequence = UInt64(text) else {
            throw ValidationError("a sequence is at most \(UInt64.max)")
        }
        return .sequence(sequence)
    }

    /// Reads a point in time; what has no offset is read on a zone's clock.
    ///
    /// A date is its midnight. Of a time that happens twice the first is meant, and for one that a
    /// clock change leaves out, the end of the gap.
    static func instant(_ text: String, in zone: Zone) throws -> Instant {
        switch try value(text) {
        case .instant(let instant): instant
        case .date(let date): resolve(CivilDateTime(date: date, time: .midnight), in: zone)
        case .local(let local): resolve(local, in: zone)
        }
    }

    /// Reads a time of day, `HH:MM` or `HH:MM:SS`.
    static func timeOfDay(_ text: String) throws(CommandFailure) -> CivilTime {
        let isPlain = text.utf8.allSatisfy { (0x30...0x3A).contains($0) }
        guard isPlain, case .local(let local)? = try? ISO8601.parse("2000-01-01T" + text) else {
            throw .misuse("--time: '\(text)' is no time of day. Write it as in 17:00 or 17:00:30.")
        }
        return local.time
    }

    private static let example = "2026-03-29, or 2026-03-29T03:00:00+02:00"

    private static func value(_ text: String) throws -> ISO8601.Value {
        do throws(TimetableError) { return try ISO8601.parse(text) } catch {
            throw ValidationError(error.message)
        }
    }

    private static func resolve(_ local: CivilDateTime, in zone: Zone) -> Instant {
        switch zone.resolve(local) {
        case .unique(let instant): instant
        case .gap(_, _, let end): end
        case .overlap(let first, _): first
        }
    }
}
