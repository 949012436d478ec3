import Glibc

// Integers on disk are little-endian and may stand anywhere: the one place that loads and stores
// them. RawSpan checks the bounds of each access itself.

extension RawSpan {
    /// The integer of type `type` at `offset`.
    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Value.Type = Value.self
    ) -> Value {
        // Safe: the span checks the bounds, and every bit pattern is an integer.
        Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Whether every byte is zero.
    func isAllZero() -> Bool {
        if byteCount == 0 { return true }
        if load(0, as: UInt8.self) != 0 { return false }
        // Each byte equals the one before it, and the first is zero. memcmp is vectorised.
        // Safe: both ranges lie within the buffer.
        return unsafe withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return true }
            return unsafe memcmp(base, base + 1, buffer.count - 1) == 0
        }
    }

    /// Whether some 512-byte sector of these bytes, which start at a sector, holds only zeros.
    ///
    /// The last sector counts too when it is only begun.
    func hasAllZeroSector() -> Bool {
        var offset = 0
        while offset < byteCount {
            let end = Swift.min(offset + LogFormat.sectorByteCount, byteCount)
            if extracting(offset..<end).isAllZero() { return true }
            offset = end
        }
        return false
    }

    /// The bytes as an array.
    func copied() -> [UInt8] {
        // Safe: the buffer is read within the closure only.
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}

extension MutableRawSpan {
    /// Stores an integer at `offset`.
    @inline(__always)
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int)
    {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
}
