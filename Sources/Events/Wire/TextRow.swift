/// Several texts in one array: one allocation for a value, instead of one for each of its texts.
///
/// Eight bytes for each text say where it stands behind them, in UTF-8. A text that outgrows its
/// place is put at the end; what it leaves behind stays until the array has to grow, when the texts
/// are put together again. A row of empty texts is an empty array.
public struct TextRow: Sendable, Equatable {
    /// Room for texts that are set later, in bytes, where the array is made anew.
    private static let spareByteCount = 64

    /// The header, texts, and room for more; nothing in it counts where `end` is 0.
    private var bytes: [UInt8] = []
    private let textCount: Int32
    /// Where the last text ends; 0 for a row of empty texts.
    private var end: Int32 = 0

    /// A row of empty texts.
    public init(count: Int) { textCount = Int32(count) }

    private var count: Int { Int(textCount) }
    private var headerByteCount: Int { 8 * count }
    private var isEmpty: Bool { end == 0 }

    /// Where a text stands; the row must not be empty.
    @inline(__always)
    private func range(_ index: Int) -> Range<Int> {
        precondition(index < count && end > 0, "a row has the texts that it was made for")
        // Safe: a row that is not empty has its header in the array, all of which is initialised.
        let place = unsafe bytes.span.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: 8 * index, as: UInt64.self)
        let start = Int(place >> 32)
        return start..<(start + Int(place & 0xFFFF_FFFF))
    }

    @inline(__always)
    private mutating func setRange(_ index: Int, _ range: Range<Int>) {
        let place = UInt64(range.lowerBound) << 32 | UInt64(range.count)
        // Safe: as in `range`.
        unsafe bytes.withUnsafeMutableBytes { header in
            unsafe header.storeBytes(of: place, toByteOffset: 8 * index, as: UInt64.self)
        }
    }

    /// Whether a text is empty.
    public func isEmpty(_ index: Int) -> Bool { isEmpty || range(index).isEmpty }

    /// The bytes of a text.
    public func content(_ index: Int) -> [UInt8] {
        isEmpty ? [] : Array(bytes[range(index)])
    }

    /// A text.
    ///
    /// - Complexity: O(its bytes).
    public subscript(_ index: Int) -> String {
        get { isEmpty ? "" : String(decoding: bytes[range(index)], as: UTF8.self) }
        set {
            var text = newValue
            text.withUTF8 { buffer in
                // Safe: the buffer's bytes are initialised, and the span stays in the closure.
                let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
                set(index, span, 0, span.byteCount)
            }
        }
    }

    /// Sets all texts to what stands in ranges of `source`, valid UTF-8, with room for more.
    ///
    /// All of the source is copied, in one piece, into the memory that the row has, where that is
    /// large enough.
    ///
    /// - Parameter spare: room for texts that are set later, in bytes.
    public mutating func fill(from source: RawSpan, _ ranges: Span<FieldRange>, spare: Int) {
        let (count, header) = (count, headerByteCount)
        precondition(count == ranges.count, "there is a range for each text of the row")
        let wanted = header + source.byteCount + spare
        if bytes.count < wanted { bytes = [UInt8](repeating: 0, count: (wanted + 63) & ~63) }
        end = Int32(header + source.byteCount)
        // Safe: the array has room for the header and the source.
        unsafe bytes.withUnsafeMutableBytes { all in
            for index in 0..<count {
                let range = ranges[index]
                precondition(range.offset + range.byteCount <= source.byteCount)
                unsafe all.storeBytes(
                    of: range.behind(header).packed, toByteOffset: 8 * index, as: UInt64.self)
            }
            unsafe source.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: all[header...]).copyMemory(from: $0)
            }
        }
    }

    /// Sets a text to bytes that are valid UTF-8.
    ///
    /// - Complexity: O(`byteCount`), and O(all texts) where the array has to grow.
    public mutating func set(_ index: Int, _ source: RawSpan, _ offset: Int, _ byteCount: Int) {
        if byteCount == 0 {
            if !isEmpty(index) { setRange(index, headerByteCount..<headerByteCount) }
            return
        }
        if isEmpty { gather(room: byteCount) }
        let part = source.extracting(offset..<(offset + byteCount))
        var start = range(index).lowerBound
        if byteCount > range(index).count {
            if Int(end) + byteCount > bytes.count {
                setRange(index, headerByteCount..<headerByteCount)
                gather(room: byteCount)
            }
            start = Int(end)
            end += Int32(byteCount)
        }
        let place = UInt64(start) << 32 | UInt64(byteCount)
        // Safe: the array has its header, and room for `byteCount` bytes at `start`.
        unsafe bytes.withUnsafeMutableBytes { all in
            unsafe all.storeBytes(of: place, toByteOffset: 8 * index, as: UInt64.self)
            unsafe part.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: all[start...]).copyMemory(from: $0)
            }
        }
    }

    /// Puts the texts together, in an array with room for so many bytes more.
    private mutating func gather(room: Int) {
        let old = self
        var byteCount = headerByteCount + room + Self.spareByteCount
        if !old.isEmpty { for index in 0..<count { byteCount += old.range(index).count } }
        bytes = [UInt8](repeating: 0, count: byteCount)
        end = Int32(headerByteCount)
        for index in 0..<count {
            let text = old.isEmpty ? 0..<0 : old.range(index)
            let start = Int(end)
            bytes.replaceSubrange(start..<(start + text.count), with: old.bytes[text])
            end += Int32(text.count)
            setRange(index, start..<Int(end))
        }
    }

    /// Runs `body` over the bytes of a text, in place.
    func withContent<Result>(
        _ index: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let range = isEmpty ? 0..<0 : range(index)
        // Safe: the range lies in the array, and the buffer does not outlive the closure.
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe body(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// Whether a text has exactly these bytes.
    package func isText(_ index: Int, _ other: RawSpan) -> Bool {
        // Safe: every byte of the array is initialised, and the range lies in it.
        isEmpty
            ? other.isEmpty : unsafe bytes.span.bytes.extracting(range(index)).isSame(as: other)
    }

    /// Whether two rows have the same texts.
    public static func == (a: TextRow, b: TextRow) -> Bool {
        guard a.count == b.count else { return false }
        return (0..<a.count).allSatisfy { index in
            // Safe: as in `isText`.
            b.isEmpty
                ? a.isEmpty(index)
                : unsafe a.isText(index, b.bytes.span.bytes.extracting(b.range(index)))
        }
    }
}

/// Where something stands in a record.
public struct FieldRange: Sendable {
    /// The offset, and below it in 32 bits the byte count.
    fileprivate let packed: UInt64

    /// Where it starts.
    public var offset: Int { Int(packed >> 32) }
    /// How many bytes it has.
    public var byteCount: Int { Int(packed & 0xFFFF_FFFF) }

    /// An empty range.
    public init() { packed = 0 }

    /// A range within the first 4 GiB.
    public init(_ range: (offset: Int, byteCount: Int)) {
        packed = UInt64(range.offset) << 32 | UInt64(range.byteCount)
    }

    private init(packed: UInt64) { self.packed = packed }

    /// The same range behind so many bytes more.
    fileprivate func behind(_ byteCount: Int) -> FieldRange {
        FieldRange(packed: packed + UInt64(byteCount) << 32)
    }
}
