import CChecksum

/// CRC-32C (Castagnoli; RFC 3720 section B.4).
public enum Checksum {
    /// Continues `seed` (0 to begin) over `bytes`.
    public static func crc32c(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        // Safe: C reads exactly these bytes, within the closure.
        unsafe bytes.withUnsafeBytes { unsafe daybook_crc32c(seed, $0.baseAddress, $0.count) }
    }
}
