/// Finds the elements of one segment after another, and holds where they stand.
///
/// One byte costs one load from a table of classes. The marks and the table have memory of their
/// own: as parts of a value they were copied for each segment.
@safe struct SegmentScanner: ~Copyable {
    private let marks: UnsafeMutablePointer<ElementMark>
    private let classes: UnsafeMutablePointer<UInt8>
    private var terminator: UInt8 = 0
    /// How many elements the last segment has.
    private(set) var elementCount = 0

    init() {
        // Safe: both are initialised for their whole capacity, and freed by `deinit` alone.
        unsafe marks = .allocate(capacity: X12Segment.elementCountMax)
        unsafe marks.initialize(repeating: ElementMark(), count: X12Segment.elementCountMax)
        unsafe classes = .allocate(capacity: 256)
        unsafe classes.initialize(repeating: 0, count: 256)
        use(X12Delimiters())
    }

    deinit {
        // Safe: allocated by `init`, and nobody else holds them.
        unsafe marks.deallocate()
        unsafe classes.deallocate()
    }

    /// Goes by other delimiters from now on.
    mutating func use(_ delimiters: X12Delimiters) {
        terminator = delimiters.terminator
        let table = ByteClass.array(delimiters)
        // Safe: 256 bytes were allocated.
        for byte in 0..<256 { unsafe classes[byte] = table[byte] }
    }

    /// The marks of the last segment.
    var span: Span<ElementMark> {
        @_lifetime(borrow self)
        get {
            let count = X12Segment.elementCountMax
            // Safe: all of them are initialised, and live as long as this value.
            let span = unsafe Span(_unsafeStart: marks, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Gives the last segment to a sink.
    ///
    /// - Returns: whether it is IEA.
    @inline(__always)
    func give<Sink: X12Sink & ~Copyable>(
        _ bytes: Span<UInt8>, offset: Int, number: Int, to sink: inout Sink
    ) -> Bool {
        let segment = X12Segment(
            bytes: bytes, marks: span, elementCount: elementCount, offset: offset, number: number)
        sink.segment(segment)
        return segment.id == Packed.iea
    }

    /// Marks the elements from `start` up to the terminator, or to `limit` where there is none.
    ///
    /// - Returns: where the terminator stands, or `limit`.
    @inline(__always)
    mutating func scan(_ bytes: Span<UInt8>, _ start: Int, _ limit: Int) -> Int {
        precondition(start >= 0 && start <= limit && limit <= bytes.count, "a place in the bytes")
        // Safe: `place` stays below `limit`, a byte is an index of the table's 256, and marks are
        // only written below their capacity.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var place = start
            var from = start
            var kinds: UInt8 = 0
            var count = 0
            while place < limit {
                let byte = unsafe buffer.baseAddress.unsafelyUnwrapped[place]
                let kind = unsafe classes[Int(byte)]
                if kind & ByteClass.delimiter == 0 {
                    kinds |= kind
                    place &+= 1
                    continue
                }
                if count < X12Segment.elementCountMax {
                    unsafe marks[count] = ElementMark(
                        start: UInt32(truncatingIfNeeded: from &- start),
                        byteCount: UInt32(truncatingIfNeeded: place &- from), classes: kinds)
                }
                count &+= 1
                if byte == terminator { break }
                kinds = 0
                // No overflow: `place` is below `limit`, which is a count of bytes.
                place &+= 1
                from = place
            }
            elementCount = count
            return place
        }
    }
}
