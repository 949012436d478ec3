/// What notes, keys, checkpoints and proofs are made of: lines, decimal numbers, big-endian
/// integers.
enum NoteText {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let plus = UInt8(ascii: "+")

    /// The number that these ASCII digits are; nil where there are none, where a zero stands in
    /// front, or where it does not fit 64 bits.
    static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard let first = digits.first, digits.count <= 20 else { return nil }
        if first == UInt8(ascii: "0") && digits.count > 1 { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (ten, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = ten.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            if overflow || sumOverflow { return nil }
            number = sum
        }
        return number
    }

    /// The integer's bytes, the highest first.
    static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        stride(from: Value.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: value >> Value($0))
        }
    }

    /// The integer that these bytes are, the highest first; there are at most as many as it has.
    static func integer<Value: FixedWidthInteger>(
        _ bytes: ArraySlice<UInt8>, as type: Value.Type = Value.self
    ) -> Value {
        bytes.reduce(0) { $0 << 8 | Value($1) }
    }

    /// Checks what C2SP signed-note asks of a whole note: its size, UTF-8, and no ASCII control
    /// character but the newline.
    static func check(_ bytes: [UInt8], byteCountMax: Int, _ code: NoteError.Code)
        throws(NoteError)
    {
        guard bytes.count <= byteCountMax else {
            throw NoteError(
                .noteTooLarge,
                "\(bytes.count) bytes; at most \(byteCountMax) are read. Check that this is the "
                    + "right file")
        }
        var line = 1
        for byte in bytes {
            if byte == newline {
                line += 1
            } else if byte < space {
                throw NoteError(
                    code, line: line,
                    "a control character; only newlines are allowed. Take the file as it was "
                        + "made, without any conversion")
            }
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw NoteError(
                code,
                "the bytes are not UTF-8; take the file as it was made, without any conversion"
            )
        }
    }
}

/// Goes through bytes line by line; a line ends with a newline, which is not part of it.
struct LineCursor {
    private let bytes: [UInt8]
    /// Where the next line starts.
    private(set) var offset: Int
    /// The number of the next line, as messages count it.
    private(set) var line: Int

    /// A cursor at `offset`, where line number `line` starts.
    init(_ bytes: [UInt8], offset: Int = 0, line: Int = 1) {
        self.bytes = bytes
        self.offset = offset
        self.line = line
    }

    var isAtEnd: Bool { offset == bytes.count }

    /// The next line; nil at the end, or where what is left has no newline.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = bytes[offset...].firstIndex(of: NoteText.newline) else { return nil }
        defer {
            offset = end + 1
            line += 1
        }
        return bytes[offset..<end]
    }
}
