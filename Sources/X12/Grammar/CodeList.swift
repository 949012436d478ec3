/// Where the codes of an element stand among the code slots of a grammar.
///
/// A list has a power of two of slots, at least two for each code, so that a value is looked for in
/// one or two of them however long the list is. A free slot is 0, which no code is.
struct CodeList {
    var start: Int32 = 0
    /// One less than the count of slots; below 0 where the element may hold any value.
    var mask: Int32 = -1

    /// Whether only some values may stand.
    @inline(__always)
    var isLimited: Bool { mask >= 0 }

    /// The slot where a value is looked for first; what overflows is not needed.
    @inline(__always)
    private func slot(_ value: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    }

    /// Adds a list of packed codes to the slots, and gives where it stands.
    static func add(_ codes: [UInt64], to slots: inout [UInt64]) -> CodeList {
        var slotCount = 2
        while slotCount < 2 * codes.count { slotCount *= 2 }
        let list = CodeList(start: Int32(slots.count), mask: Int32(slotCount - 1))
        slots += [UInt64](repeating: 0, count: slotCount)
        for code in codes where !list.holds(code, slots: { slots[$0] }) {
            var slot = list.slot(code)
            while slots[Int(list.start + slot)] != 0 { slot = (slot + 1) & list.mask }
            slots[Int(list.start + slot)] = code
        }
        return list
    }

    /// Whether a packed value is one of the codes.
    @inline(__always)
    func holds(_ value: UInt64, slots: FixedTable<UInt64>) -> Bool {
        holds(value) { slots[$0] }
    }

    @inline(__always)
    private func holds(_ value: UInt64, slots: (Int) -> UInt64) -> Bool {
        var slot = slot(value)
        while true {
            // The mask keeps it within the list's slots.
            let code = slots(Int(start &+ slot))
            if code == 0 { return false }
            if code == value { return true }
            slot = (slot &+ 1) & mask
        }
    }
}
