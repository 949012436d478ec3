import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// How long a fuzzer goes on, and from which seed.
///
/// By itself a fixed number of cases, the same each time. `DAYBOOK_FUZZ_SECONDS` makes each fuzzer
/// go on for so long; `DAYBOOK_FUZZ_SEED` begins elsewhere, and alone with a budget of 0 seconds
/// runs that one case again.
struct FuzzBudget {
    let seconds: Int?
    let first: UInt64
    let caseCount: UInt64

    init(cases: UInt64) {
        seconds = Self.number("DAYBOOK_FUZZ_SECONDS").map { Int($0) }
        first = Self.number("DAYBOOK_FUZZ_SEED") ?? 0
        caseCount = cases
    }

    /// Runs `body` for seed after seed.
    ///
    /// - Parameter body: gives whether the case got past the first checks; what it throws names the
    ///   seed, and ends the run.
    func run(_ name: String, _ body: (UInt64) throws -> Bool) throws {
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var seed = first
        var deep: UInt64 = 0
        while end.map({ seed == first || ContinuousClock.now < $0 }) ?? (seed < first + caseCount) {
            do {
                if try body(seed) { deep += 1 }
            } catch {
                Issue.record("\(name): DAYBOOK_FUZZ_SEED=\(seed): \(error)")
                return
            }
            seed += 1
        }
        // A fuzzer that never gets past the first check finds nothing.
        if seed - first > 1_000 { #expect(deep > (seed - first) / 500, "\(name): \(deep) deep") }
        if seconds != nil { print("\(name): \(seed - first) cases, \(deep) past the first checks") }
    }

    /// A number from the environment.
    static func number(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}

/// What a fuzzer found.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    /// Throws unless `condition` holds.
    static func unless(_ condition: Bool, _ what: @autoclosure () -> String) throws(FuzzFinding) {
        if !condition { throw FuzzFinding(description: what()) }
    }
}
