/// The segment ids of a set, each with a small number.
///
/// It is a table of twice as many slots or more, searched from the slot that an id falls on.
struct SegmentIDTable: Sendable {
    /// How many ids there are: their numbers are 0 up to it.
    let count: Int
    private let slots: FixedTable<Slot>
    private let mask: UInt32

    private struct Slot {
        /// 0 where the slot is free, which no id of a set is.
        var id: UInt32 = 0
        var number: Int32 = 0
    }

    /// A table of these ids; those that come twice are held once, and 0 is not.
    init(_ ids: [UInt32]) {
        var seen: Set<UInt32> = [0]
        let distinct = ids.filter { seen.insert($0).inserted }
        var slotCount = 16
        while slotCount < 2 * distinct.count { slotCount *= 2 }
        count = distinct.count
        mask = UInt32(slotCount - 1)
        var slots = [Slot](repeating: Slot(), count: slotCount)
        for (number, id) in distinct.enumerated() {
            var place = Int(Self.hash(id) & mask)
            while slots[place].id != 0 { place = (place + 1) & Int(mask) }
            slots[place] = Slot(id: id, number: Int32(number))
        }
        self.slots = FixedTable(slots)
    }

    /// The number of an id; below 0 where the set has no such segment.
    @inline(__always)
    func number(_ id: UInt32) -> Int {
        var place = Self.hash(id) & mask
        while true {
            let slot = slots[Int(place)]
            if slot.id == 0 { return -1 }
            if slot.id == id { return Int(slot.number) }
            // The mask keeps it below the count of slots.
            place = (place &+ 1) & mask
        }
    }

    /// Spreads ids; what overflows is not needed.
    @inline(__always)
    private static func hash(_ id: UInt32) -> UInt32 { (id &* 0x9E37_79B1) >> 20 }
}
