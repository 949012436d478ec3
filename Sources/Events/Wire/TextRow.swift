/// Several texts in one array: one allocation for a value, instead of one for each of its texts.
///
/// Eight bytes for each text say where it stands behind them, in UTF-8. A text that outgrows its
/// place is put at the end; what it leaves behind stays until the array has to grow, when the texts
/// are put together again. A row of empty texts is an empty array.
public struct TextRow: Sendable, Equatable {
    /// Room for texts that are set later, in bytes, where the array is made anew.
    private static let spareByteCount = 64

    private var bytes: [UInt8] = []
    private let count: Int

    /// A row of empty texts.
    public init(count: Int) { self.count = count }

    private var headerByteCount: Int { 8 * count }

    /// Where a text stands; the row must not be empty.
    @inline(__always)
    private func range(_ index: Int) -> Range<Int> {
        precondition(index < count, "a row has the texts that it was made for")
        // Safe: the header is in an array that is not empty, and all its bytes are initialised.
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
    public func isEmpty(_ index: Int) -> Bool { bytes.isEmpty || range(index).isEmpty }

    /// The bytes of a text.
    public func content(_ index: Int) -> [UInt8] {
        bytes.isEmpty ? [] : Array(bytes[range(index)])
    }

    /// A text.
    ///
    /// - Complexity: O(its bytes).
    public subscript(_ index: Int) -> String {
        get { bytes.isEmpty ? "" : String(decoding: bytes[range(index)], as: UTF8.self) }
        set {
            var text = newValue
            text.withUTF8 { buffer in
                // Safe: the buffer's bytes are initialised, and the span stays in the closure.
                let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
                set(index, span, 0, span.byteCount)
            }
        }
    }

    /// A row whose texts stand in ranges of `source`, with room for more.
    ///
    /// What lies between them is copied with them, in one piece: so they should stand together.
    ///
    /// - Parameter ranges: offset and byte count of the first texts, valid UTF-8 within `source`;
    ///   the others, of `count` in all, are empty.
    /// - Parameter spare: room for texts that are set later, in bytes.
    public init(_ source: RawSpan, _ ranges: Span<FieldRange>, count: Int, spare: Int) {
        precondition(ranges.count <= count, "there are no more texts than the row has")
        self.count = count
        var low = source.byteCount
        var high = 0
        for index in ranges.indices where ranges[index].byteCount > 0 {
            low = min(low, ranges[index].offset)
            high = max(high, ranges[index].offset + ranges[index].byteCount)
        }
        guard low < high else { return }
        let header = 8 * count
        let stretch = source.extracting(low..<high)
        // Safe: `extracting` has checked the stretch; header and stretch are written whole before
        // they are said to be initialised.
        bytes = unsafe stretch.withUnsafeBytes { texts in
            unsafe [UInt8](
                unsafeUninitializedCapacity: header + texts.count + spare
            ) { target, filled in
                let all = UnsafeMutableRawBufferPointer(target)
                for index in ranges.indices {
                    let range = ranges[index]
                    let start = range.byteCount == 0 ? header : range.offset - low + header
                    unsafe all.storeBytes(
                        of: UInt64(start) << 32 | UInt64(range.byteCount),
                        toByteOffset: 8 * index, as: UInt64.self)
                }
                for index in ranges.count..<count {
                    unsafe all.storeBytes(
                        of: UInt64(header) << 32, toByteOffset: 8 * index, as: UInt64.self)
                }
                unsafe UnsafeMutableRawBufferPointer(rebasing: all[header...]).copyMemory(
                    from: texts)
                filled = header + texts.count
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
        if bytes.isEmpty { gather(room: byteCount) }
        let part = source.extracting(offset..<(offset + byteCount))
        let old = range(index)
        if byteCount <= old.count {
            // Safe: both have `byteCount` bytes at least, and the array's are initialised.
            unsafe part.withUnsafeBytes { text in
                unsafe bytes.withUnsafeMutableBytes { all in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: all[old]).copyMemory(from: text)
                }
            }
            setRange(index, old.lowerBound..<(old.lowerBound + byteCount))
            return
        }
        setRange(index, headerByteCount..<headerByteCount)
        if bytes.count + byteCount > bytes.capacity { gather(room: byteCount) }
        let start = bytes.count
        // Safe: the buffer is copied from within the closure.
        unsafe part.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        setRange(index, start..<bytes.count)
    }

    /// Puts the texts together, in an array with room for so many bytes more.
    private mutating func gather(room: Int) {
        let old = self
        var byteCount = headerByteCount + room + Self.spareByteCount
        if !bytes.isEmpty { for index in 0..<count { byteCount += range(index).count } }
        bytes = []
        bytes.reserveCapacity(byteCount)
        bytes.append(contentsOf: repeatElement(0, count: headerByteCount))
        for index in 0..<count {
            let start = bytes.count
            if !old.isEmpty(index) { bytes.append(contentsOf: old.bytes[old.range(index)]) }
            setRange(index, start..<bytes.count)
        }
    }

    /// Runs `body` over the bytes of a text, in place.
    func withContent<Result>(
        _ index: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let range = bytes.isEmpty ? 0..<0 : range(index)
        // Safe: the range lies in the array, and the buffer does not outlive the closure.
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe body(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// Whether a text has exactly these bytes.
    package func isText(_ index: Int, _ other: RawSpan) -> Bool {
        // Safe: every byte of the array is initialised, and the range lies in it.
        bytes.isEmpty
            ? other.isEmpty : unsafe bytes.span.bytes.extracting(range(index)).isSame(as: other)
    }

    /// Whether two rows have the same texts.
    public static func == (a: TextRow, b: TextRow) -> Bool {
        guard a.count == b.count else { return false }
        return (0..<a.count).allSatisfy { index in
            // Safe: as in `isText`.
            b.bytes.isEmpty
                ? a.isEmpty(index)
                : unsafe a.isText(index, b.bytes.span.bytes.extracting(b.range(index)))
        }
    }
}

/// Where something stands in a record.
public struct FieldRange: Sendable {
    /// Where it starts.
    public var offset = 0
    /// How many bytes it has.
    public var byteCount = 0

    /// An empty range.
    public init() {}

    /// A range.
    @inlinable
    public init(_ range: (offset: Int, byteCount: Int)) {
        offset = range.offset
        byteCount = range.byteCount
    }
}
