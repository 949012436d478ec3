/// A table that is made once and stays for as long as the process: reading it counts no references.
///
/// The grammars are made once and are read for every segment; an array's count of references is a
/// good part of what a segment costs.
@safe struct FixedTable<Element: BitwiseCopyable>: @unchecked Sendable {
    // Sendable: the memory is written before the value exists, and never after.
    private let base: UnsafePointer<Element>
    let count: Int

    /// A table with the elements of an array.
    init(_ elements: [Element]) {
        // Safe: it is initialised here for all of `count`, and never freed.
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(elements.count, 1))
        _ = unsafe memory.initialize(from: elements)
        unsafe base = UnsafePointer(memory.baseAddress!)
        count = elements.count
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        // One comparison: an index below 0 is a large one so.
        let isHeld = UInt(bitPattern: index) < UInt(bitPattern: count)
        precondition(isHeld, "an index of a grammar's table")
        // Safe: within `count`, by the line above.
        return unsafe base[index]
    }
}
