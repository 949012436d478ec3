import Events

/// FNV-1a, 64 bits: stable across processes and machines, unlike Swift's seeded hash.
///
/// It decides in which bucket of a digest an entry is (docs/format/digest.md).
public struct KeyHash {
    /// The hash of what was taken in so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of no bytes.
    public init() {}

    /// Takes in a byte.
    @inline(__always)
    public mutating func take(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3  // FNV multiplies modulo 2^64
    }

    /// Takes in a text's UTF-8 bytes.
    public mutating func take(_ text: String) {
        for byte in text.utf8 { take(byte) }
    }

    /// The hash of a number's eight bytes, the highest first.
    public static func of(_ number: UInt64) -> UInt64 {
        var hash = KeyHash()
        var rest = number.byteSwapped
        for _ in 0..<8 {
            hash.take(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        return hash.value
    }

    /// The hash of a schedule's key: tenant, zero, id.
    public static func of(_ key: ScheduleKey) -> UInt64 {
        var hash = KeyHash()
        hash.take(key.tenant)
        hash.take(0)
        hash.take(key.jobId)
        return hash.value
    }
}

/// The hash by which a map finds an entry: quick, and never written anywhere.
///
/// Numbers and texts come from records, which a stranger does not write; a bad spread would cost
/// time, never truth.
struct PlaceHash {
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    static func of(_ number: UInt64) -> UInt64 {
        var hash = PlaceHash()
        hash.take(number)
        return hash.value
    }

    static func of(_ key: ScheduleKey) -> UInt64 {
        var hash = PlaceHash()
        hash.take(key.tenant)
        hash.take(key.jobId)
        return hash.value
    }

    static func of(_ text: String) -> UInt64 {
        var hash = PlaceHash()
        hash.take(text)
        return hash.value
    }

    /// A step of a multiplication of 64 by 64 bits whose halves are folded.
    @inline(__always)
    mutating func take(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        value = product.high ^ product.low ^ 0x94D0_49BB_1331_11EB
    }

    mutating func take(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            // Safe: the buffer's bytes are initialised, and the span does not outlive the closure.
            let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
            take(bytes, 0, bytes.byteCount)
        }
    }

    /// Takes in a text's length and its bytes, eight at a time.
    @inline(__always)
    mutating func take(_ bytes: RawSpan, _ offset: Int, _ byteCount: Int) {
        take(UInt64(byteCount))
        let text = bytes.extracting(offset..<(offset + byteCount))
        if byteCount >= 8 {
            // The last eight may have been taken in part before: no two texts of a length are
            // taken the same all the same.
            for place in stride(from: 0, to: byteCount - 8, by: 8) { take(text.word(at: place)) }
            take(text.word(at: byteCount - 8))
        } else {
            var rest: UInt64 = 0
            for place in 0..<byteCount {
                // Safe: the place lies before the span's end.
                let byte = unsafe text.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self)
                rest = rest << 8 | UInt64(byte)
            }
            take(rest)
        }
    }
}

extension RawSpan {
    /// The eight bytes at an offset, which all lie in it.
    @inline(__always)
    fileprivate func word(at offset: Int) -> UInt64 {
        // Safe: the only caller asks within the span, and every bit pattern is an integer.
        unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
    }
}
