import Crypto
import Events

/// The canonical digest of a state: one hash for each projection, and one over them.
///
/// The same log gives the same digest on any machine, however it was batched
/// (`docs/format/digest.md` has it to the byte).
public struct StateDigest: Sendable, Equatable {
    /// The state after this sequence; nil for an empty log.
    public let sequence: UInt64?
    /// Each projection, in the order of their names.
    public let projections: [ProjectionDigest]
    /// SHA-256 over all of them.
    public let total: [UInt8]

    init(sequence: UInt64?, projections: [ProjectionDigest]) {
        self.sequence = sequence
        self.projections = projections
        var hash = SHA256()
        for projection in projections {
            hash.update(data: StateDigest.header(projection.name, projection.version))
            hash.update(data: projection.digest)
        }
        self.total = Array(hash.finalize())
    }

    /// Lower-case hex of the total.
    public var hex: String { JSONText.hex(total) }

    static func header(_ name: String, _ version: UInt64) -> [UInt8] {
        var bytes = Array(name.utf8)
        bytes.append(0)
        return bytes + (0..<8).map { UInt8(truncatingIfNeeded: version >> (8 * $0)) }
    }

    static func projection(
        _ name: String, _ version: UInt64, _ buckets: [[UInt8]]
    ) -> ProjectionDigest {
        var hash = SHA256()
        hash.update(data: header(name, version))
        var digest = ProjectionDigest()
        digest.name = name
        digest.version = version
        for bucket in buckets {
            hash.update(data: bucket)
            digest.buckets += bucket.prefix(8)
        }
        digest.digest = Array(hash.finalize())
        return digest
    }
}

/// How two digests of the same sequence compare, projection by projection.
public enum DigestComparison: Sendable, Equatable {
    /// Every projection of both is the same.
    case same
    /// These differ (with the buckets that do); the rest are the same or not comparable.
    case different([Difference])
    /// None differs, and these stand on one side only or in another version.
    case notComparable([String])

    /// One projection that differs.
    public struct Difference: Sendable, Equatable {
        /// The projection's name.
        public let projection: String
        /// The buckets that differ, by number.
        public let buckets: [Int]
    }

    /// Compares a recorded digest with a computed one.
    public static func of(
        _ recorded: [ProjectionDigest], _ computed: [ProjectionDigest]
    ) -> DigestComparison {
        let (different, apart) = parts(recorded, computed)
        if !different.isEmpty { return .different(different) }
        return apart.isEmpty ? .same : .notComparable(apart)
    }

    /// The projections that differ, and those that cannot be compared, each by name.
    public static func parts(
        _ recorded: [ProjectionDigest], _ computed: [ProjectionDigest]
    ) -> (different: [Difference], notComparable: [String]) {
        var different: [Difference] = []
        var apart: [String] = []
        let byName = Dictionary(computed.map { ($0.name, $0) }) { a, _ in a }
        for one in recorded {
            guard let other = byName[one.name] else {
                apart.append("\(one.name) (only recorded)")
                continue
            }
            guard one.version == other.version else {
                apart.append("\(one.name) (version \(one.version) and \(other.version))")
                continue
            }
            if one.digest != other.digest {
                let count = max(one.buckets.count, other.buckets.count) / 8
                let buckets = (0..<count).filter { bucket in
                    one.buckets.dropFirst(bucket * 8).prefix(8)
                        != other.buckets.dropFirst(bucket * 8).prefix(8)
                }
                different.append(Difference(projection: one.name, buckets: buckets))
            }
        }
        let names = Set(recorded.map(\.name))
        for other in computed where !names.contains(other.name) {
            apart.append("\(other.name) (only here)")
        }
        return (different, apart)
    }
}
