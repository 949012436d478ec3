extension TriggerSet {
    /// What makes a schedule fire, and what keeps it from it, in sentences, in a zone.
    public func explained(in zone: Zone) -> [String] {
        var lines = triggers.map(\.explained)
        for exclusion in exclusions {
            switch exclusion {
            case .trigger(let trigger): lines.append("Not together with this: \(trigger.explained)")
            case .dates(let first, let last):
                lines.append(
                    first == last ? "Not on \(first)." : "Not from \(first) through \(last).")
            }
        }
        if let roll {
            lines.append(
                "Where that is no business day of \(roll.calendar.name): \(roll.convention).")
        }
        if let startsAt { lines.append("Not before \(zone.string(startsAt)).") }
        if let endsAt { lines.append("Not after \(zone.string(endsAt)).") }
        if let runsMax { lines.append("At most \(runsMax) runs.") }
        if let jitter, jitter.microseconds > 0 {
            lines.append(
                "Each run starts \(Words.duration(microseconds: jitter.microseconds)) after its "
                    + "scheduled time.")
        }
        return lines
    }
}
