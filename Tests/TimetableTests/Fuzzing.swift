import Testing

/// Runs `body` for seed after seed; it gives whether the case got past the parser.
///
/// So many cases from seed 0 on; `DAYBOOK_FUZZ_SECONDS` makes it go on for so long instead, and
/// `DAYBOOK_FUZZ_SEED` begin elsewhere.
func fuzz(_ name: String, cases: UInt64, _ body: (UInt64) throws -> Bool) throws {
    let seconds = RecurrencePropertyTests.number("DAYBOOK_FUZZ_SECONDS")
    let first = RecurrencePropertyTests.number("DAYBOOK_FUZZ_SEED") ?? 0
    let end = seconds.map { ContinuousClock.now + .seconds(Int($0)) }
    var seed = first
    var deep: UInt64 = 0
    while end.map({ seed == first || ContinuousClock.now < $0 }) ?? (seed < first + cases) {
        if try body(seed) { deep += 1 }
        seed += 1
    }
    // A fuzzer that never gets past the parser finds nothing beyond it.
    if seed - first > 1000 { #expect(deep > (seed - first) / 500, "\(name): \(deep) deep") }
    if seconds != nil { print("\(name): \(seed - first) cases, \(deep) past the parser") }
}
