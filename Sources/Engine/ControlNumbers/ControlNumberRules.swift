import Projections

/// What an allocator of control numbers keeps to.
public struct ControlNumberRules: Sendable, Equatable {
    /// The first number of a generation.
    public var start: UInt64 = 1
    /// The last one.
    public var max = ControlAllocatorState.numberMax
    /// Whether the next generation begins by itself after the last number; else numbers are refused
    /// until a person resets.
    public var wraps = false
    /// How many numbers are skipped after records of the log were lost, so that a lost number is
    /// not given out twice.
    public var lossSkip: UInt64 = 1_000
    /// How long a number may be without an outcome, µs; then it counts as missing.
    public var persistWithin: Int64 = 600_000_000
    /// Allocators that keep to something else; the first whose pattern matches counts.
    public var exceptions: [Exception] = []

    /// The defaults.
    public init() {}

    /// What some allocators keep to instead.
    public struct Exception: Sendable, Equatable {
        /// Names of allocators; `*` stands for any text.
        public var pattern: String
        /// The first number of a generation.
        public var start: UInt64?
        /// The last one.
        public var max: UInt64?
        /// Whether it wraps.
        public var wraps: Bool?

        /// An exception that changes nothing yet.
        public init(pattern: String) { self.pattern = pattern }

        /// Whether an allocator is one of these.
        ///
        /// - Complexity: O(bytes of both), whatever the pattern.
        func matches(_ name: String) -> Bool {
            let (pattern, text) = (Array(pattern.utf8), Array(name.utf8))
            var (p, t) = (0, 0)
            var (star, mark) = (-1, 0)
            while t < text.count {
                if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                    (star, mark) = (p, t)
                    p += 1
                } else if p < pattern.count, pattern[p] == text[t] {
                    (p, t) = (p + 1, t + 1)
                } else if star >= 0 {
                    mark += 1
                    (p, t) = (star + 1, mark)
                } else {
                    return false
                }
            }
            return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
        }
    }

    /// How many numbers of a range were used, where `last` is the last of them.
    public static func used(_ last: UInt64, from start: UInt64) -> UInt64 {
        last < start ? 0 : last - start + 1
    }

    /// What one allocator keeps to: its first number, its last one, and whether it wraps.
    public func of(_ name: String) -> (start: UInt64, max: UInt64, wraps: Bool) {
        if exceptions.isEmpty { return (min(start, self.max), self.max, wraps) }
        let found = exceptions.first { $0.matches(name) }
        let last = found?.max ?? self.max
        return (min(found?.start ?? start, last), last, found?.wraps ?? wraps)
    }
}
