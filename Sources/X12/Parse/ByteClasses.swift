/// The class of every byte under an interchange's delimiters, one bit of `ByteClass` for each kind.
///
/// The table has memory of its own: as a part of a value it was copied for each segment.
@safe struct ByteClasses: ~Copyable {
    private let table: UnsafeMutablePointer<UInt8>

    /// The classes under the usual delimiters.
    init() {
        // Safe: it is initialised for all its 256 bytes, and freed by `deinit` alone.
        unsafe table = .allocate(capacity: 256)
        unsafe table.initialize(repeating: 0, count: 256)
        use(X12Delimiters())
    }

    deinit {
        // Safe: allocated by `init`, and nobody else holds it.
        unsafe table.deallocate()
    }

    /// Goes by other delimiters from now on.
    mutating func use(_ delimiters: X12Delimiters) {
        // Safe: the array has one class for each of 256 bytes.
        for (byte, kind) in ByteClass.array(delimiters).enumerated() { unsafe table[byte] = kind }
    }

    /// The table: 256 classes, by the byte.
    var span: Span<UInt8> {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            // Safe: all of them are initialised, and live as long as this value.
            let span = unsafe Span(_unsafeStart: table, count: 256)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    subscript(byte: UInt8) -> UInt8 {
        @inline(__always)
        get { span[Int(byte)] }
    }

    /// Marks what stands from the start of a range up to a byte of one of the kinds that end it,
    /// or to the end of the range.
    @inline(__always)
    func mark(_ bytes: Span<UInt8>, _ range: Range<Int>, until ending: UInt8 = 0) -> ElementMark {
        var kinds: UInt8 = 0
        var tail: UInt64 = 0
        var place = range.lowerBound
        while place < range.upperBound {
            let byte = bytes[place]
            let kind = self[byte]
            if kind & ending != 0 { break }
            kinds |= kind
            tail = tail << 8 | UInt64(byte)
            place += 1
        }
        return ElementMark(
            start: UInt32(range.lowerBound), byteCount: UInt32(place - range.lowerBound),
            classes: kinds, tail: tail)
    }
}
