/// The last runs that ended, the dead ones aside.
///
/// Most of them are gone again before anybody asks: so they stand in the order in which they ended,
/// and come into the map, whose digest they are a part of, only when it is asked for (`settle`).
public struct FinishedRuns: Sendable {
    /// How many stay.
    public static let countMax = 1_000

    /// Those that were settled; every other one ended after them.
    private(set) var map = BucketedMap<RunState>(bucketCount: 64, leafCount: 64)
    /// The numbers of those in the map, by when they ended; the first `settledHead` are gone.
    private var settled: [UInt64] = []
    private var settledHead = 0
    /// Those that ended since.
    ///
    /// Where there are `countMax`, the oldest stands at `recentHead`, and the one that ends next
    /// takes its place.
    private var recent: [RunState] = []
    private var recentHead = 0
    /// Whether the oldest was taken out, and its place waits for the next.
    private var hasHole = false

    init() {}

    /// Runs whose map was loaded from a snapshot.
    ///
    /// - Complexity: O(n log n).
    init(loaded map: consuming BucketedMap<RunState>) {
        var ended: [(run: UInt64, lastSequence: UInt64)] = []
        map.forEach { ended.append(($0.run, $0.lastSequence)) }
        ended.sort { $0.lastSequence < $1.lastSequence }
        settled = ended.map(\.run)
        self.map = map
    }

    /// How many there are.
    public var count: Int { map.count + recent.count }

    /// A run by its number.
    ///
    /// - Complexity: O(1) for one that is settled, else O(n).
    public subscript(_ number: UInt64) -> RunState? {
        map[number] ?? recent.first { $0.run == number }
    }

    /// Every run, in no order that means anything.
    public func forEach<Failure: Error>(
        _ body: (RunState) throws(Failure) -> Void
    ) throws(Failure) {
        try map.forEach(body)
        for run in recent { try body(run) }
    }

    /// Takes the oldest out where there are as many as may stay; else gives an empty one.
    ///
    /// - Complexity: O(1).
    mutating func takeOldest() -> RunState {
        var oldest = RunState()
        guard count == Self.countMax else { return oldest }
        if map.count == 0 {
            swap(&oldest, &recent[recentHead])
            hasHole = true
            return oldest
        }
        if let settled = map.remove(settled[settledHead]) { oldest = settled }
        settledHead += 1
        if settledHead > Self.countMax {
            settled.removeFirst(settledHead)
            settledHead = 0
        }
        return oldest
    }

    /// Adds a run that has just ended, for which `takeOldest` has made room; what is in `run` then
    /// says nothing any more.
    ///
    /// - Complexity: O(1).
    mutating func add(_ run: inout RunState) {
        guard hasHole else {
            recent.append(run)
            return
        }
        swap(&run, &recent[recentHead])
        recentHead = recentHead + 1 == Self.countMax ? 0 : recentHead + 1
        hasHole = false
    }

    /// Puts all into the map.
    ///
    /// - Complexity: O(those that ended since the last time).
    mutating func settle() {
        for run in recent[recentHead...] + recent[..<recentHead] {
            settled.append(run.run)
            map.insert(run)
        }
        recent.removeAll(keepingCapacity: true)
        recentHead = 0
    }

    /// The digests of the map's buckets, all settled.
    mutating func bucketDigests() -> [[UInt8]] {
        settle()
        return map.bucketDigests()
    }

    /// A map of all of them.
    ///
    /// - Complexity: O(those that are not settled).
    var settledMap: BucketedMap<RunState> {
        var copy = self
        copy.settle()
        return copy.map
    }
}
