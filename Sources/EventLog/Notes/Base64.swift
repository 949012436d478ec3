/// Base 64 of RFC 4648 section 4, and nothing else: the standard alphabet, padding where it is due,
/// no bits behind the last byte, no white space.
///
/// So every sequence of bytes has exactly one text, and what was signed cannot be written in two
/// ways.
package enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    private static let noValue: UInt8 = 0xFF

    /// The value of each byte as a digit.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: noValue, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// The text of these bytes, as ASCII.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var offset = 0
        while offset < bytes.count {
            let count = min(3, bytes.count - offset)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes[offset + index]) : 0)
            }
            for index in 0..<4 {
                let digit = digits[Int(group >> UInt32(18 - 6 * index) & 0x3F)]
                text.append(index <= count ? digit : padding)
            }
            offset += 3
        }
        return text
    }

    /// The bytes of a text; nil unless it is exactly what `encode` gives for some bytes.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var offset = text.startIndex
        while offset < text.endIndex {
            var digitCount = 4
            if offset + 4 == text.endIndex {
                if text[offset + 3] == padding { digitCount = text[offset + 2] == padding ? 2 : 3 }
            }
            var group: UInt32 = 0
            for index in 0..<digitCount {
                let value = values[Int(text[offset + index])]
                if value == noValue { return nil }
                group |= UInt32(value) << UInt32(18 - 6 * index)
            }
            // Bits behind the last byte must be zero, or a second text would mean the same bytes.
            let byteCount = digitCount - 1
            if group & (0xFF_FFFF >> UInt32(8 * byteCount)) != 0 { return nil }
            for index in 0..<byteCount {
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index)))
            }
            offset += 4
        }
        return bytes
    }
}
