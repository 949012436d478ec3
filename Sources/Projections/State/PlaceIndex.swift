/// Finds the places of entries by the hashes of their keys: open addressing with linear probing,
/// eight bytes a cell, at most three quarters full.
///
/// A cell holds the upper half of the hash beside the place, so that an entry is looked at only
/// where its key is very likely the one that is sought.
struct PlaceIndex: Sendable {
    /// Zero where it is free; else the upper 32 bits of a hash, and below them a place plus one.
    private var cells: [UInt64] = []
    private var mask = 0
    private(set) var count = 0

    init() {}

    /// The first cell for a hash: its lower bits, so that they are not those which a cell keeps.
    @inline(__always)
    private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & mask }

    /// The place of a key with this hash that `isIt` confirms, or nil.
    @inline(__always)
    func place(_ hash: UInt64, isIt: (Int) -> Bool) -> Int? {
        guard count > 0 else { return nil }
        var cell = home(hash)
        let tag = hash >> 32
        while true {
            let value = cells[cell]
            if value == 0 { return nil }
            if value >> 32 == tag {
                let place = Int(value & 0xFFFF_FFFF) - 1
                if isIt(place) { return place }
            }
            cell = (cell + 1) & mask
        }
    }

    /// Whether it has to grow before a place is added.
    var isFull: Bool { 4 * (count + 1) > 3 * cells.count }

    /// Adds a place whose key is not there yet; it must not be full.
    mutating func add(_ place: Int, _ hash: UInt64) {
        put(place, hash)
        count += 1
    }

    private mutating func put(_ place: Int, _ hash: UInt64) {
        var cell = home(hash)
        while cells[cell] != 0 { cell = (cell + 1) & mask }
        cells[cell] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(place + 1)
    }

    /// Makes room for so many places, before any is there.
    mutating func reserve(_ placeCount: Int) {
        var cellCount = 16
        while 4 * placeCount > 3 * cellCount { cellCount *= 2 }
        cells = Array(repeating: 0, count: cellCount)
        mask = cellCount - 1
    }

    /// Doubles the table; `hashOf` gives the hash of a place that is there.
    mutating func grow(_ hashOf: (Int) -> UInt64) {
        let old = cells
        cells = Array(repeating: 0, count: max(16, 2 * old.count))
        mask = cells.count - 1
        for value in old where value != 0 {
            let place = Int(value & 0xFFFF_FFFF) - 1
            put(place, hashOf(place))
        }
    }

    /// Takes a place out, and moves what stood behind it so that no search ends too early.
    mutating func remove(_ place: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        var hole = home(hash)
        while Int(cells[hole] & 0xFFFF_FFFF) - 1 != place {
            guard cells[hole] != 0 else { return }
            hole = (hole + 1) & mask
        }
        var cell = hole
        while true {
            cell = (cell + 1) & mask
            let value = cells[cell]
            if value == 0 { break }
            let wanted = home(hashOf(Int(value & 0xFFFF_FFFF) - 1))
            // It may move into the hole unless its home lies between the hole and itself.
            if (cell - wanted) & mask >= (cell - hole) & mask {
                cells[hole] = value
                hole = cell
            }
        }
        cells[hole] = 0
        count -= 1
    }
}
