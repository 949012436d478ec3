/// Memory of a fixed size that its owner writes in place.
///
/// An array asks for each write whether it is shared, and as a part of a value it is copied for
/// each look at it; this has one owner and does neither.
@safe struct FixedMemory<Element: BitwiseCopyable>: ~Copyable {
    private let base: UnsafeMutablePointer<Element>
    let count: Int

    /// Memory for `count` elements, all alike.
    init(repeating element: Element, count: Int) {
        // Safe: it is initialised here for all of `count`, and freed by `deinit` alone.
        unsafe base = .allocate(capacity: count)
        unsafe base.initialize(repeating: element, count: count)
        self.count = count
    }

    deinit {
        // Safe: allocated by `init`, and nobody else holds it.
        unsafe base.deallocate()
    }

    subscript(index: Int) -> Element {
        @inline(__always)
        get {
            precondition(has(index), "an index of fixed memory")
            // Safe: within `count`, by the line above.
            return unsafe base[index]
        }
        @inline(__always)
        _modify {
            precondition(has(index), "an index of fixed memory")
            // Safe: within `count`, by the line above.
            yield unsafe &base[index]
        }
    }

    /// Whether there is such a place; one comparison, since an index below 0 is a large one so.
    @inline(__always)
    private func has(_ index: Int) -> Bool { UInt(bitPattern: index) < UInt(bitPattern: count) }

    /// Writes the same element to a range of places.
    @inline(__always)
    mutating func fill(_ range: Range<Int>, with element: Element) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of fixed memory")
        // Safe: within `count`, by the line above.
        unsafe (base + range.lowerBound).update(repeating: element, count: range.count)
    }
}
