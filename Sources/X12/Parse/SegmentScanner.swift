/// Finds the elements of one segment after another, and holds where they stand.
///
/// One byte costs one load from a table of classes. The marks have memory of their own: as a part
/// of a value they were copied for each segment.
@safe struct SegmentScanner: ~Copyable {
    private let marks: UnsafeMutablePointer<ElementMark>
    private var classes = ByteClasses()
    private var terminator: UInt8 = 0
    /// How many elements the last segment has.
    private(set) var elementCount = 0

    init() {
        // Safe: they are initialised for their whole capacity, and freed by `deinit` alone.
        unsafe marks = .allocate(capacity: X12Segment.elementCountMax)
        unsafe marks.initialize(repeating: ElementMark(), count: X12Segment.elementCountMax)
        use(X12Delimiters())
    }

    deinit {
        // Safe: allocated by `init`, and nobody else holds them.
        unsafe marks.deallocate()
    }

    /// Goes by other delimiters from now on.
    mutating func use(_ delimiters: X12Delimiters) {
        terminator = delimiters.terminator
        classes.use(delimiters)
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
        let (count, end) = mark(bytes, start, limit)
        elementCount = count
        return end
    }

    @inline(__always)
    private func mark(
        _ bytes: Span<UInt8>, _ start: Int, _ limit: Int
    ) -> (elementCount: Int, end: Int) {
        precondition(start >= 0 && start <= limit && limit <= bytes.count, "a place in the bytes")
        // Locals stay in registers: what is written to the marks might be fields of this value.
        // Safe: a copy of the address of memory that this value owns, used in this call alone.
        let marks = unsafe marks
        let classes = classes.span
        let terminator = terminator
        // Safe: `place` stays below `end`, and marks are only written below their capacity.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return (0, limit) }
            let first = unsafe base + start
            let end = unsafe base + limit
            var place = unsafe first
            var count = 0
            var from = unsafe first
            var kinds: UInt8 = 0
            var tail: UInt64 = 0
            while unsafe place != end {
                let byte = unsafe place.pointee
                let kind = classes[Int(byte)]
                if kind & ByteClass.delimiter == 0 {
                    kinds |= kind
                    tail = tail << 8 | UInt64(byte)
                    unsafe place += 1
                    continue
                }
                if count < X12Segment.elementCountMax {
                    unsafe marks[count] = ElementMark(
                        start: UInt32(truncatingIfNeeded: from - first),
                        byteCount: UInt32(truncatingIfNeeded: place - from), classes: kinds,
                        tail: tail)
                }
                // No overflow: there are as many bytes at least.
                count &+= 1
                if byte == terminator { return unsafe (count, place - base) }
                unsafe place += 1
                unsafe from = place
                kinds = 0
                tail = 0
            }
            return (count, limit)
        }
    }
}
