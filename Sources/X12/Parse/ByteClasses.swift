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
        get {
            // Safe: every byte is below 256.
            unsafe table[Int(byte)]
        }
    }

    /// The classes of some bytes together, up to the first byte of a kind that ends them.
    ///
    /// - Returns: the classes, and where that byte stands, or the range ends.
    @inline(__always)
    func gather(
        _ bytes: Span<UInt8>, _ range: Range<Int>, until ending: UInt8
    ) -> (classes: UInt8, end: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a place in the bytes")
        let limit = range.upperBound
        // Safe: `place` stays below `limit`, which is within the bytes.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var place = range.lowerBound
            var classes: UInt8 = 0
            while place < limit {
                let kind = self[unsafe buffer.baseAddress.unsafelyUnwrapped[place]]
                if kind & ending != 0 { break }
                classes |= kind
                // No overflow: it is below a count of bytes.
                place &+= 1
            }
            return (classes, place)
        }
    }
}
