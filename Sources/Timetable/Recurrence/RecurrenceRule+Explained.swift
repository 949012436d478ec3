/// A recurrence rule in words.
extension RecurrenceRule {
    /// The rule as an English phrase, such as `every month on the last Friday`.
    public var explained: String {
        let unit =
            switch frequency {
            case .secondly: "second"
            case .minutely: "minute"
            case .hourly: "hour"
            case .daily: "day"
            case .weekly: "week"
            case .monthly: "month"
            case .yearly: "year"
            }
        var parts = [interval == 1 ? "every \(unit)" : "every \(interval) \(unit)s"]
        if !months.isEmpty {
            parts.append("in " + Words.ranges(months.sorted()) { Words.monthNames[$0 - 1] })
        }
        if !weekNumbers.isEmpty { parts.append("in week " + numbers(weekNumbers)) }
        if !yearDays.isEmpty { parts.append("on day " + numbers(yearDays) + " of the year") }
        if !monthDays.isEmpty { parts.append("on day " + numbers(monthDays) + " of the month") }
        if !days.isEmpty { parts.append("on " + Words.list(days.map(\.explained))) }
        if !hours.isEmpty { parts.append("at hour " + numbers(hours)) }
        if !minutes.isEmpty { parts.append("at minute " + numbers(minutes)) }
        if !seconds.isEmpty { parts.append("at second " + numbers(seconds)) }
        if !positions.isEmpty {
            parts.append("(of these in each \(unit): number " + numbers(positions) + ")")
        }
        if let count { parts.append(count == 1 ? "once" : "\(count) times") }
        switch until {
        case .date(let date)?: parts.append("until \(date)")
        case .local(let local)?: parts.append("until \(local)")
        case .instant(let instant)?: parts.append("until \(instant)")
        case nil: break
        }
        return parts.joined(separator: " ")
    }

    /// Numbers from the end in words.
    private func numbers(_ values: [Int]) -> String {
        let positive = values.filter { $0 >= 0 }.sorted()
        let negative = values.filter { $0 < 0 }.sorted(by: >).map {
            $0 == -1 ? "the last" : "\(-$0) from the end"
        }
        let first = positive.isEmpty ? [] : [Words.ranges(positive) { String($0) }]
        return Words.list(first + negative)
    }
}

extension RecurrenceRule.Day {
    fileprivate var explained: String {
        switch ordinal {
        case 0: weekday.name
        case -1: "the last \(weekday.name)"
        case ..<0: "the \(Words.ordinal(-ordinal)) \(weekday.name) from the end"
        default: "the \(Words.ordinal(ordinal)) \(weekday.name)"
        }
    }
}
