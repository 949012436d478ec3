/// Lays out little-endian integers and hashes one behind the other.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        for shift in 0..<(Value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(truncatingIfNeeded: 8 * shift)))
        }
    }

    mutating func append(_ identity: LogIdentity) {
        append(identity.low)
        append(identity.high)
    }

    mutating func append(_ hashes: [TreeHash]) {
        for hash in hashes { bytes += hash.bytes }
    }

    mutating func append(_ more: [UInt8]) { bytes += more }

    mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }
}

extension [UInt8] {
    /// The CRC-32C of the bytes from `start` on.
    func checksum(from start: Int = 0) -> UInt32 {
        // Safe: the bytes of an array, which lives to the end of the call.
        Checksum.crc32c(unsafe span.bytes.extracting(start..<count))
    }

    /// The CRC-32C of some of the bytes, continuing `seed`.
    func checksum(of range: Range<Int>, seed: UInt32 = 0) -> UInt32 {
        // Safe: the bytes of an array, which lives to the end of the call.
        Checksum.crc32c(unsafe span.bytes.extracting(range), seed: seed)
    }
}
