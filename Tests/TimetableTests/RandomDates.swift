import Timetable

/// Random EXDATEs and RDATEs of a rule, beside or on its instances.
struct RandomDates: CustomStringConvertible {
    /// One date or time as it is written, and as the oracle takes it.
    struct Time {
        var text: String
        /// A second of UTC, or one of the wall clock.
        var second: Int
        var isUTC: Bool
    }

    private(set) var excluded: [Time] = []
    private(set) var additional: [Time] = []

    /// Makes none in half of the cases.
    init(
        _ instances: [Int], after: Int, through last: Int, _ zone: Zone,
        using random: inout SeededGenerator
    ) {
        guard last > after, Bool.random(using: &random) else { return }
        func time(_ second: Int) -> Time {
            let isUTC = Bool.random(using: &random)
            let local = second + zone.offsetSeconds(at: Instant(seconds: Int64(second)))
            return isUTC
                ? Time(text: Self.text(second) + "Z", second: second, isUTC: true)
                : Time(text: Self.text(local), second: local, isUTC: false)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            if let instance = instances.randomElement(using: &random) {
                excluded.append(time(instance))
            }
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            var second = Int.random(in: after...last, using: &random)
            // Half of them beside a clock change, where there is one.
            if Bool.random(using: &random),
                let change = zone.nextTransition(after: Instant(seconds: Int64(second)))
            {
                second = Int(change.instant.seconds) + Int.random(in: -7200...7200, using: &random)
            }
            additional.append(time(second))
        }
    }

    var description: String { "EXDATE \(excluded.map(\.text)), RDATE \(additional.map(\.text))" }

    /// A second without a zone, such as `19970902T090000`.
    static func text(_ second: Int) -> String {
        ISO8601.utc(Instant(seconds: Int64(second))).filter { $0 != "-" && $0 != ":" && $0 != "Z" }
    }

    /// The instances of a rule together with these dates, in order.
    func applied(
        to instances: [Int], _ oracle: RecurrenceOracle, after: Int, through last: Int
    ) -> [Int] {
        func seconds(_ times: [Time]) -> [Int] {
            times.flatMap { $0.isUTC ? [$0.second] : oracle.seconds($0.second) }
        }
        let all = Set(instances).union(seconds(additional)).subtracting(seconds(excluded))
        return all.filter { $0 > after && $0 <= last }.sorted()
    }
}
