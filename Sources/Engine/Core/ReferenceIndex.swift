/// The definitions of each customer's reference, by a hash of tenant and reference.
///
/// Half a million schedules may have one each: an entry is two numbers. Whoever looks checks what
/// he finds, for hashes may be equal and definitions may be gone; those go now and then (`sweep`).
///
/// - Complexity: O(1) to add, O(those found) to look.
struct ReferenceIndex: Sendable {
    /// One definition for each hash, which is all that most have.
    private var first: [Int: UInt64] = [:]
    private var others: [Int: [UInt64]] = [:]
    private var sweepCount = ReferenceIndex.sweepCountMin

    private static let sweepCountMin = 1_024

    /// How many hashes there are.
    var count: Int { first.count }

    private static func hash(_ tenant: String, _ reference: String) -> Int {
        var hasher = Hasher()
        hasher.combine(tenant)
        hasher.combine(reference)
        return hasher.finalize()
    }

    /// Notes that a definition has a reference; an empty one is none.
    mutating func add(_ tenant: String, _ reference: String, definition: UInt64) {
        if reference.isEmpty { return }
        let hash = Self.hash(tenant, reference)
        guard let known = first[hash] else {
            first[hash] = definition
            return
        }
        if known != definition { others[hash, default: []].append(definition) }
    }

    /// The definitions that may have a reference, oldest first.
    func definitions(_ tenant: String, _ reference: String) -> [UInt64] {
        let hash = Self.hash(tenant, reference)
        guard let known = first[hash] else { return [] }
        return Set([known] + (others[hash] ?? [])).sorted()
    }

    /// Drops definitions that are no more, where there are twice as many as the last time.
    ///
    /// - Complexity: O(n), so O(1) for each that was added.
    mutating func sweep(_ isThere: (UInt64) -> Bool) {
        guard first.count + others.count > sweepCount else { return }
        for (hash, definition) in first {
            let rest = (others[hash] ?? []).filter(isThere)
            if isThere(definition) {
                others[hash] = rest.isEmpty ? nil : rest
            } else {
                first[hash] = rest.first
                others[hash] = rest.count > 1 ? Array(rest.dropFirst()) : nil
            }
        }
        sweepCount = max(Self.sweepCountMin, 2 * (first.count + others.count))
    }
}
